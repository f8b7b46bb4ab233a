// Bilinear scaling with Highway.
//
// In strips of columns, so that what is needed again stays in the first-level cache and on the
// stack: places and weights of the columns, and two rows of the source, scaled to the strip's width
// with eight more bits a channel. Enlarging, a source row is scaled once and serves several rows
// below. Per pixel of such a row: a load of two neighbours, two multiplications' worth of a vector,
// a store; per pixel of the destination eight multiplications in half a vector.
#include "codecs/simd/pixel_scale.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pixel_scale.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ScaleBilinearKernel(const PixelView& src, const PixelView& dst, const Rect& part) {
  ScaleBilinearReference(src, dst, part);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kStripPx = 128;

struct Strip {
  HWY_ALIGN uint16_t weights[kStripPx][8];  // of the first neighbour's channels, and the second's
  HWY_ALIGN uint16_t rows[2][kStripPx * 4];
  ptrdiff_t offsets[kStripPx];   // of the first neighbours, in bytes
  int32_t cached[2] = {-1, -1};  // the source rows in `rows`
};

// Source row `y` at the strip's width, scaled if it is not there yet.
HWY_INLINE const uint16_t* ScaledRow(const PixelView& src, int32_t y, int32_t width, Strip* strip) {
  uint16_t* out = strip->rows[y & 1];
  if (strip->cached[y & 1] == y) return out;
  strip->cached[y & 1] = y;
  const hn::FixedTag<uint16_t, 8> d;
  const hn::FixedTag<uint16_t, 4> half;
  const hn::FixedTag<uint8_t, 8> d8;
  const uint8_t* row = src.row(y);
  uint8_t twice[8];
  if (src.width_px == 1) {
    std::memcpy(twice, row, 4);
    std::memcpy(twice + 4, row, 4);
    row = twice;
  }
  for (int32_t x = 0; x < width; ++x) {
    const auto pair = hn::PromoteTo(d, hn::LoadU(d8, row + strip->offsets[x]));
    const auto weighted = hn::Mul(pair, hn::Load(d, strip->weights[x]));
    hn::StoreU(hn::Add(hn::LowerHalf(half, weighted), hn::UpperHalf(half, weighted)), half,
               out + ptrdiff_t{x} * 4);
  }
  return out;
}

// (above * (256 - weight) + below * weight + 32768) >> 16 for as many channels as `d` has.
template <class D>
HWY_INLINE void MixStep(D d, const uint16_t* HWY_RESTRICT above, const uint16_t* HWY_RESTRICT below,
                        int32_t weight, bool swap, uint8_t* HWY_RESTRICT out) {
  const hn::Rebind<uint16_t, D> d16;
  const hn::Rebind<uint8_t, D> d8;
  const hn::RebindToSigned<D> signed32;
  const auto first = hn::Set(d, static_cast<uint32_t>(256 - weight));
  const auto second = hn::Set(d, static_cast<uint32_t>(weight));
  const auto a = hn::Mul(hn::PromoteTo(d, hn::LoadU(d16, above)), first);
  const auto b = hn::Mul(hn::PromoteTo(d, hn::LoadU(d16, below)), second);
  auto value = hn::ShiftRight<16>(hn::Add(hn::Add(a, b), hn::Set(d, 32768)));
  if (swap) value = hn::Shuffle0321(hn::Shuffle0123(value));  // 3210, then 2103 from the left
  hn::StoreU(hn::DemoteTo(d8, hn::BitCast(signed32, value)), d8, out);
}

HWY_INLINE void MixRows(const uint16_t* HWY_RESTRICT above, const uint16_t* HWY_RESTRICT below,
                        int32_t weight, bool swap, size_t count, uint8_t* HWY_RESTRICT out) {
  const hn::ScalableTag<uint32_t> wide;
  const hn::FixedTag<uint32_t, 4> pixel;
  size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) {
    MixStep(wide, above + i, below + i, weight, swap, out + i);
  }
  for (; i < count; i += 4) MixStep(pixel, above + i, below + i, weight, swap, out + i);
}

void ScaleBilinearKernel(const PixelView& src, const PixelView& dst, const Rect& part) {
  const bool swap = src.format != dst.format;
  for (int32_t x0 = part.x; x0 < part.right(); x0 += kStripPx) {
    const int32_t width = std::min(kStripPx, part.right() - x0);
    Strip strip;
    for (int32_t x = 0; x < width; ++x) {
      const ScaleSample sample = SampleAt(x0 + x, src.width_px, dst.width_px);
      strip.offsets[x] = ptrdiff_t{sample.first} * 4;
      for (size_t c = 0; c < 4; ++c) {
        strip.weights[x][c] = static_cast<uint16_t>(256 - sample.weight);
        strip.weights[x][c + 4] = static_cast<uint16_t>(sample.weight);
      }
    }
    for (int32_t y = part.y; y < part.bottom(); ++y) {
      const ScaleSample sample = SampleAt(y, src.height_px, dst.height_px);
      const uint16_t* above = ScaledRow(src, sample.first, width, &strip);
      const int32_t second = std::min(sample.first + 1, src.height_px - 1);
      const uint16_t* below = ScaledRow(src, second, width, &strip);
      MixRows(above, below, sample.weight, swap, static_cast<size_t>(width) * 4,
              dst.row(y) + ptrdiff_t{x0} * 4);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(ScaleBilinearKernel);

void ScaleBilinear(const PixelView& src, const PixelView& dst, const Rect& part) {
  HWY_DYNAMIC_DISPATCH(ScaleBilinearKernel)(src, dst, part);
}

}  // namespace mullion
#endif  // HWY_ONCE
