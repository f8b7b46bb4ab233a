// Merging of colour planes with Highway.
//
// Memory traffic per pixel: 3 or 4 bytes in (first-level cache, for tiles), 4 out; the interleaving
// store is the work, two levels of byte unpacking. AYCoCg stays in bytes as well: with c the signed
// halved chroma and y the luma, clamp(y + c) to 0..255 is (y - 128) + c in saturating signed bytes,
// + 128 again. T = Y - Cg needs nine bits and a sign, so R and B are taken in 16-bit lanes.
// A row's rest is done by one more vector that ends at the row's end and writes a few pixels again.
#include "codecs/simd/plane_merge.h"

#include "codecs/simd/prefetch_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/plane_merge.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "codecs/simd/store_pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void MergePlanesKernel(const ColourPlanes& planes, const PixelView& dst) {
  MergePlanesReference(planes, dst);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D8 = hn::ScalableTag<uint8_t>;
using V8 = hn::Vec<D8>;

// One row's inputs.
struct Row {
  const uint8_t* first;
  const uint8_t* second;
  const uint8_t* third;
  const uint8_t* alpha;  // may be null
};

// Samples x / 2 for the vector that starts at pixel x, which is even.
HWY_INLINE V8 LoadDoubled(const uint8_t* samples, size_t x) {
  const D8 d;
  const hn::Half<D8> half;
  const hn::Repartition<uint16_t, D8> d16;
  const auto wide = hn::PromoteTo(d16, hn::LoadU(half, samples + x / 2));
  return hn::BitCast(d, hn::Or(wide, hn::ShiftLeft<8>(wide)));
}

// (sample << shift) as a signed byte, sign-extended later by the caller's promotion.
HWY_INLINE V8 ShiftChroma(V8 samples, int shift) {
  const D8 d;
  const hn::Repartition<uint16_t, D8> d16;
  const auto keep = hn::Set(d, static_cast<uint8_t>(0xFF << shift));
  return hn::And(hn::BitCast(d, hn::ShiftLeftSame(hn::BitCast(d16, samples), shift)), keep);
}

// Half a vector of R and B sums: Y - Cg -+ Co in 16 bits, clamped to bytes.
template <class VHalf>
HWY_INLINE void RedBlue(VHalf luma, VHalf orange, VHalf green, VHalf* red, VHalf* blue) {
  const hn::Half<D8> half;
  const hn::RebindToSigned<hn::Half<D8>> signed_half;
  const hn::Repartition<int16_t, D8> d16;
  const auto y = hn::PromoteTo(d16, luma);
  const auto co = hn::PromoteTo(d16, hn::BitCast(signed_half, orange));
  const auto cg = hn::PromoteTo(d16, hn::BitCast(signed_half, green));
  const auto t = hn::Sub(y, cg);
  *red = hn::DemoteTo(half, hn::Sub(t, co));
  *blue = hn::DemoteTo(half, hn::Add(t, co));
}

template <bool kYCoCg, bool kSubsampled, bool kBgr>
HWY_INLINE void MergeStep(const Row& row, size_t x, int shift, uint8_t* out) {
  const D8 d;
  auto red = hn::LoadU(d, row.first + x);
  auto green = kSubsampled ? LoadDoubled(row.second, x) : hn::LoadU(d, row.second + x);
  auto blue = kSubsampled ? LoadDoubled(row.third, x) : hn::LoadU(d, row.third + x);
  if constexpr (kYCoCg) {
    const auto luma = red;
    const auto co = ShiftChroma(green, shift);
    const auto cg = ShiftChroma(blue, shift);
    const hn::RebindToSigned<D8> ds;
    const auto bias = hn::Set(d, 0x80);
    green = hn::Xor(bias, hn::BitCast(d, hn::SaturatedAdd(hn::BitCast(ds, hn::Xor(luma, bias)),
                                                          hn::BitCast(ds, cg))));
    const hn::Half<D8> half;
    auto red_low = hn::LowerHalf(half, luma), blue_low = red_low;
    auto red_high = red_low, blue_high = red_low;
    RedBlue(hn::LowerHalf(half, luma), hn::LowerHalf(half, co), hn::LowerHalf(half, cg), &red_low,
            &blue_low);
    RedBlue(hn::UpperHalf(half, luma), hn::UpperHalf(half, co), hn::UpperHalf(half, cg), &red_high,
            &blue_high);
    red = hn::Combine(d, red_high, red_low);
    blue = hn::Combine(d, blue_high, blue_low);
  }
  const auto alpha = row.alpha == nullptr ? hn::Set(d, 0xFF) : hn::LoadU(d, row.alpha + x);
  StorePixels(d, kBgr ? blue : red, green, kBgr ? red : blue, alpha, out + 4 * x);
}

template <bool kYCoCg, bool kSubsampled, bool kBgr>
void MergeRows(const ColourPlanes& planes, const PixelView& dst) {
  const size_t lanes = hn::Lanes(D8());
  const size_t width = static_cast<size_t>(dst.width_px);
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const size_t at = static_cast<size_t>(y) * planes.stride_bytes;
    const size_t chroma_at =
        static_cast<size_t>(kSubsampled ? y / 2 : y) * planes.chroma_stride_bytes;
    const Row row = {planes.first + at, planes.second + chroma_at, planes.third + chroma_at,
                     planes.alpha == nullptr ? nullptr : planes.alpha + at};
    uint8_t* out = dst.row(y);
    PrefetchRow(dst, y + kPrefetchRowsAhead);
    size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
      MergeStep<kYCoCg, kSubsampled, kBgr>(row, x, planes.chroma_shift, out);
    }
    if (x == width) continue;
    // Subsampled pairs start at even columns: with an odd width the last column stays for the
    // plain twin.
    const size_t even_width = kSubsampled ? width & ~size_t{1} : width;
    if (x < even_width) {
      MergeStep<kYCoCg, kSubsampled, kBgr>(row, even_width - lanes, planes.chroma_shift, out);
    }
    if (even_width < width) {
      const size_t last = width - 1;
      ColourPlanes one = planes;
      one.first = row.first + last;
      one.second = row.second + last / 2;
      one.third = row.third + last / 2;
      one.alpha = row.alpha == nullptr ? nullptr : row.alpha + last;
      MergePlanesReference(one, dst.Sub({dst.width_px - 1, y, 1, 1}));
    }
  }
}

template <bool kBgr>
void MergeInOrder(const ColourPlanes& planes, const PixelView& dst) {
  if (!planes.ycocg) {
    MergeRows<false, false, kBgr>(planes, dst);
  } else if (planes.subsampled) {
    MergeRows<true, true, kBgr>(planes, dst);
  } else {
    MergeRows<true, false, kBgr>(planes, dst);
  }
}

void MergePlanesKernel(const ColourPlanes& planes, const PixelView& dst) {
  // One more than a vector, so that the even part of an odd width still holds one.
  if (static_cast<size_t>(dst.width_px) < hn::Lanes(D8()) + 1 &&
      static_cast<size_t>(dst.width_px) != hn::Lanes(D8())) {
    MergePlanesReference(planes, dst);
  } else if (dst.format == PixelFormat::kBgrx32) {
    MergeInOrder<true>(planes, dst);
  } else {
    MergeInOrder<false>(planes, dst);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(MergePlanesKernel);

void MergePlanes(const ColourPlanes& planes, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(MergePlanesKernel)(planes, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE
