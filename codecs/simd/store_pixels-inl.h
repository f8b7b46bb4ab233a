// Storing of four planes' bytes as pixels; a body for Highway's compilation per target.
//
// Shapes: a whole vector of bytes of each plane in, four vectors of pixels out, first plane first.
// Over-write: none. Threads: pure. Errors: none. Not for HWY_SCALAR.
#if defined(MULLION_CODECS_SIMD_STORE_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULLION_CODECS_SIMD_STORE_PIXELS_INL_H_
#undef MULLION_CODECS_SIMD_STORE_PIXELS_INL_H_
#else
#define MULLION_CODECS_SIMD_STORE_PIXELS_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

// Four planes' bytes to pixels. Interleaving works within blocks of 16 bytes, so the groups of four
// pixels are dealt out to the blocks beforehand: then what leaves is in order, and one permutation
// a plane does the work of two a vector of pixels behind it.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void StorePixels(D d, V v0, V v1, V v2, V v3, uint8_t* HWY_RESTRICT out) {
  const hn::Repartition<uint16_t, D> d16;
  const hn::Repartition<uint32_t, D> d32;
  const size_t lanes = hn::Lanes(d);
  if (lanes > 16) {
    // Block b of vector k of pixels has the group b + k * blocks.
    HWY_ALIGN static constexpr uint32_t kDeal[2][16] = {
        {0, 2, 4, 6, 1, 3, 5, 7}, {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}};
    const auto deal = hn::SetTableIndices(d32, kDeal[lanes == 64 ? 1 : 0]);
    v0 = hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(d32, v0), deal));
    v1 = hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(d32, v1), deal));
    v2 = hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(d32, v2), deal));
    v3 = hn::BitCast(d, hn::TableLookupLanes(hn::BitCast(d32, v3), deal));
  }
  const auto low01 = hn::BitCast(d16, hn::InterleaveLower(d, v0, v1));
  const auto high01 = hn::BitCast(d16, hn::InterleaveUpper(d, v0, v1));
  const auto low23 = hn::BitCast(d16, hn::InterleaveLower(d, v2, v3));
  const auto high23 = hn::BitCast(d16, hn::InterleaveUpper(d, v2, v3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, low01, low23)), d, out);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, low01, low23)), d, out + lanes);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, high01, high23)), d, out + 2 * lanes);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, high01, high23)), d, out + 3 * lanes);
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#endif  // MULLION_CODECS_SIMD_STORE_PIXELS_INL_H_
