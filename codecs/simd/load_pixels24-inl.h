// Loading of 24-bit pixels as 32-bit ones; a body for Highway's compilation per target.
//
// Shapes: Lanes(d) pixels of three bytes in, B, G, R; as many opaque words out, B, G, R, X, or with
// red and blue swapped. Over-read: none. Threads: pure. Errors: none. Not for HWY_SCALAR.
#if defined(MULLION_CODECS_SIMD_LOAD_PIXELS24_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULLION_CODECS_SIMD_LOAD_PIXELS24_INL_H_
#undef MULLION_CODECS_SIMD_LOAD_PIXELS24_INL_H_
#else
#define MULLION_CODECS_SIMD_LOAD_PIXELS24_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

// The pixels fill three quarters of a vector. Two loads of half a vector, which overlap by a
// quarter, bring them without a byte too many; the three words of each four pixels are dealt out to
// their block, then spread within it. PRECONDITION: 4, 8 or 16 lanes.
template <bool kSwapRedBlue, class D>
HWY_INLINE hn::Vec<D> LoadPixels24(D d, const uint8_t* in) {
  const hn::Repartition<uint8_t, D> d8;
  const hn::Half<decltype(d8)> half;
  const size_t lanes = hn::Lanes(d);
  // Of each block's fourth word nothing is used.
  HWY_ALIGN static constexpr uint32_t kDeal[3][16] = {
      {0, 1, 3, 3},
      {0, 1, 2, 2, 3, 6, 7, 7},
      {0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 12, 12, 13, 14, 15, 15}};
  HWY_ALIGN static constexpr uint8_t kSpread[2][16] = {
      {0, 1, 2, 0x80, 3, 4, 5, 0x80, 6, 7, 8, 0x80, 9, 10, 11, 0x80},
      {2, 1, 0, 0x80, 5, 4, 3, 0x80, 8, 7, 6, 0x80, 11, 10, 9, 0x80}};
  const auto deal = hn::SetTableIndices(d, kDeal[lanes == 16 ? 2 : lanes == 8 ? 1 : 0]);
  const auto spread = hn::LoadDup128(d8, kSpread[kSwapRedBlue ? 1 : 0]);
  const auto bytes = hn::Combine(d8, hn::LoadU(half, in + lanes), hn::LoadU(half, in));
  const auto blocks = hn::BitCast(d8, hn::TableLookupLanes(hn::BitCast(d, bytes), deal));
  const auto colours = hn::BitCast(d, hn::TableLookupBytesOr0(blocks, spread));
  return hn::Or(colours, hn::Set(d, 0xFF000000u));
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#endif  // MULLION_CODECS_SIMD_LOAD_PIXELS24_INL_H_
