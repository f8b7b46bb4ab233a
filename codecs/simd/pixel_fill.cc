// Filling with Highway.
//
// Nothing is computed: the stores are the work, and memory's bandwidth is the floor. Both ends of a
// row are done by vectors of their own, which write a few pixels again, so that the others can be
// aligned: a store to two cache lines costs twice. Rows narrower than a vector go four pixels at a
// time in the same way.
#include "codecs/simd/pixel_fill.h"

#include <cstring>

#include "codecs/simd/prefetch_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pixel_fill.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void FillWordsKernel(const PixelView& dst, uint32_t word) { FillWordsReference(dst, word); }

#else

namespace hn = hwy::HWY_NAMESPACE;

// A vector that begins with the row, aligned ones from within it, and one that ends with the row.
// PRECONDITION: width >= Lanes(d).
template <class D>
HWY_INLINE void FillRow(D d, hn::Vec<D> v, uint8_t* HWY_RESTRICT out, size_t width) {
  const size_t lanes = hn::Lanes(d);
  const hn::Repartition<uint8_t, D> d8;
  const auto bytes = hn::BitCast(d8, v);
  hn::StoreU(bytes, d8, out);
  if (width == lanes) return;
  size_t x = lanes - reinterpret_cast<uintptr_t>(out) / 4 % lanes;
  for (; x + lanes <= width; x += lanes) hn::StoreU(bytes, d8, out + 4 * x);
  hn::StoreU(bytes, d8, out + 4 * (width - lanes));
}

void FillWordsKernel(const PixelView& dst, uint32_t word) {
  const hn::ScalableTag<uint32_t> d;
  const hn::CappedTag<uint32_t, 4> narrow;
  const size_t width = dst.width_px > 0 ? static_cast<size_t>(dst.width_px) : 0;
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* out = dst.row(y);
    PrefetchRow(dst, y + kPrefetchRowsAhead);
    if (width >= hn::Lanes(d)) {
      FillRow(d, hn::Set(d, word), out, width);
    } else if (width >= hn::Lanes(narrow)) {
      FillRow(narrow, hn::Set(narrow, word), out, width);
    } else {
      for (size_t x = 0; x < width; ++x) std::memcpy(out + 4 * x, &word, 4);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(FillWordsKernel);

void FillWords(const PixelView& dst, uint32_t word) {
  HWY_DYNAMIC_DISPATCH(FillWordsKernel)(dst, word);
}

}  // namespace mullion
#endif  // HWY_ONCE
