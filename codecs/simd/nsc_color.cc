// Three bytes in (or one and a half), four out: bound by memory, if the arithmetic stays in bytes.
//
// It does: with samples biased to unsigned, saturating subtraction splits a signed difference into
// its positive and its negative part, of which one is zero. So `y + d`, clamped, is an unsigned
// saturating add of the one and subtract of the other, exactly, with no 16-bit lanes. Per pixel
// and channel that is four to six byte operations, 16 to 64 pixels at a time.
#include "codecs/simd/nsc_color.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/nsc_color.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

#include <cstring>

#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/store_pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// Chroma samples of one vector of pixels, shifted and biased by 128.
template <bool kSubsampled, class D, class V = hn::Vec<D>>
HWY_INLINE V BiasedChroma(D d, const uint8_t* HWY_RESTRICT samples, int shift) {
  const hn::Repartition<uint16_t, D> d16;
  const V bias = hn::Set(d, 0x80);
  if constexpr (kSubsampled) {
    const auto wide = hn::PromoteTo(d16, hn::LoadU(hn::Half<D>(), samples));
    const auto low = hn::And(hn::ShiftLeftSame(wide, shift), hn::Set(d16, 0xFF));
    return hn::Xor(hn::BitCast(d, hn::Or(low, hn::ShiftLeft<8>(low))), bias);
  } else {
    const auto keep = hn::Set(d, static_cast<uint8_t>(0xFF << shift));
    const auto pairs = hn::BitCast(d16, hn::LoadU(d, samples));
    return hn::Xor(hn::And(hn::BitCast(d, hn::ShiftLeftSame(pairs, shift)), keep), bias);
  }
}

// One vector of pixels. Reads and writes whole vectors.
template <bool kSubsampled, bool kRgb, class D>
HWY_INLINE void ConvertVector(D d, const uint8_t* HWY_RESTRICT luma,
                              const uint8_t* HWY_RESTRICT orange, const uint8_t* HWY_RESTRICT green,
                              hn::Vec<D> alpha, int shift, uint8_t* HWY_RESTRICT out) {
  const auto zero = hn::Set(d, 0x80);  // a biased 0
  const auto y = hn::LoadU(d, luma);
  const auto co = BiasedChroma<kSubsampled>(d, orange, shift);
  const auto cg = BiasedChroma<kSubsampled>(d, green, shift);
  const auto co_plus = hn::SaturatedSub(co, zero);
  const auto co_minus = hn::SaturatedSub(zero, co);
  const auto cg_plus = hn::SaturatedSub(cg, zero);
  const auto cg_minus = hn::SaturatedSub(zero, cg);
  const auto green_out = hn::SaturatedSub(hn::SaturatedAdd(y, cg_plus), cg_minus);
  const auto red_out =
      hn::SaturatedSub(hn::SaturatedAdd(y, hn::SaturatedSub(co, cg)), hn::SaturatedSub(cg, co));
  // Blue adds -(Co + Cg). The parts to add saturate at 255 only when both chromas are -128, and
  // then there is nothing to subtract and blue is 255 whatever Y is.
  const auto add = hn::SaturatedAdd(co_minus, cg_minus);
  const auto sub = hn::Add(co_plus, cg_plus);
  const auto blue_out =
      hn::SaturatedSub(hn::SaturatedAdd(y, hn::SaturatedSub(add, sub)), hn::SaturatedSub(sub, add));
  if constexpr (kRgb) {
    StorePixels(d, red_out, green_out, blue_out, alpha, out);
  } else {
    StorePixels(d, blue_out, green_out, red_out, alpha, out);
  }
}

template <bool kSubsampled, bool kRgb>
HWY_INLINE void ConvertRows(const NscPlanes& planes, const PixelView& dst) {
  const hn::ScalableTag<uint8_t> d;
  constexpr size_t kMaxLanes = HWY_MAX_BYTES;
  const size_t lanes = hn::Lanes(d);
  const size_t width = static_cast<size_t>(dst.width_px);
  const size_t halve = kSubsampled ? 1 : 0;
  const int shift = planes.chroma_shift;
  const auto opaque = hn::Set(d, 0xFF);
  for (int32_t row = 0; row < dst.height_px; ++row) {
    PrefetchRow(dst, row + kPrefetchRowsAhead);
    const size_t y = static_cast<size_t>(row);
    const uint8_t* luma = planes.luma + y * planes.luma_stride;
    const uint8_t* orange = planes.orange + (y >> halve) * planes.chroma_stride;
    const uint8_t* green = planes.green + (y >> halve) * planes.chroma_stride;
    const uint8_t* alpha =
        planes.alpha == nullptr ? nullptr : planes.alpha + y * planes.alpha_stride;
    uint8_t* out = dst.row(row);
    size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
      const auto a = alpha == nullptr ? opaque : hn::LoadU(d, alpha + x);
      ConvertVector<kSubsampled, kRgb>(d, luma + x, orange + (x >> halve), green + (x >> halve), a,
                                       shift, out + x * 4);
    }
    if (x < width) {
      // The rest of the row goes through buffers that may be read and written whole.
      HWY_ALIGN uint8_t in[4][kMaxLanes];
      HWY_ALIGN uint8_t pixels[4 * kMaxLanes];
      const size_t rest = width - x;
      const size_t rest_chroma = (rest + halve) >> halve;
      std::memset(in, 0, sizeof(in));
      std::memcpy(in[0], luma + x, rest);
      std::memcpy(in[1], orange + (x >> halve), rest_chroma);
      std::memcpy(in[2], green + (x >> halve), rest_chroma);
      if (alpha != nullptr) std::memcpy(in[3], alpha + x, rest);
      const auto a = alpha == nullptr ? opaque : hn::Load(d, in[3]);
      ConvertVector<kSubsampled, kRgb>(d, in[0], in[1], in[2], a, shift, pixels);
      std::memcpy(out + x * 4, pixels, rest * 4);
    }
  }
}

#endif  // HWY_TARGET != HWY_SCALAR

void Convert(const NscPlanes& planes, const PixelView& dst) {
#if HWY_TARGET == HWY_SCALAR
  ConvertNscPlanesReference(planes, dst);
#else
  const bool rgb = dst.format == PixelFormat::kRgbx32;
  if (planes.subsampled) {
    rgb ? ConvertRows<true, true>(planes, dst) : ConvertRows<true, false>(planes, dst);
  } else {
    rgb ? ConvertRows<false, true>(planes, dst) : ConvertRows<false, false>(planes, dst);
  }
#endif
}

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {
HWY_EXPORT(Convert);
void ConvertNscPlanes(const NscPlanes& planes, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(Convert)(planes, dst);
}
}  // namespace mullion
#endif  // HWY_ONCE
