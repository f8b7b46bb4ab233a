// The masks of pointers with Highway.
//
// Eight pixels go with one byte of the mask: it is spread over the lanes and compared with one bit
// each. What is left of a row is done by the plain twin; pointers are multiples of eight wide.
#include "codecs/simd/pointer_mask.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pointer_mask.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ExpandBitsKernel(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst) {
  ExpandBitsReference(mask, stride_bytes, dst);
}
void ApplyAndMaskKernel(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels) {
  ApplyAndMaskReference(mask, stride_bytes, pixels);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<uint32_t, 8>;

HWY_ALIGN constexpr uint32_t kBits[8] = {0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1};

// True in the lanes of pixels x to x + Lanes whose bit is set in `byte`.
HWY_INLINE hn::Mask<Words> BitsOf(uint8_t byte, size_t x) {
  const Words d;
  return hn::TestBit(hn::Set(d, byte), hn::Load(d, kBits + x));
}

// What is right of the last eight whole pixels.
PixelView Rest(const PixelView& view) {
  const int32_t done = view.width_px & ~7;
  return view.Sub({done, 0, view.width_px - done, view.height_px});
}

void ExpandBitsKernel(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst) {
  const Words d;
  const hn::Repartition<uint8_t, Words> d8;
  const auto black = hn::Set(d, kPointerBlack), white = hn::Set(d, kPointerWhite);
  const auto groups = static_cast<size_t>(dst.width_px / 8);
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const uint8_t* HWY_RESTRICT bits = mask + y * stride_bytes;
    uint8_t* HWY_RESTRICT out = dst.row(y);
    for (size_t group = 0; group < groups; ++group, out += 32) {
      for (size_t x = 0; x < 8; x += hn::Lanes(d)) {
        const auto word = hn::IfThenElse(BitsOf(bits[group], x), white, black);
        hn::StoreU(hn::BitCast(d8, word), d8, out + 4 * x);
      }
    }
  }
  ExpandBitsReference(mask + groups, stride_bytes, Rest(dst));
}

void ApplyAndMaskKernel(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels) {
  const Words d;
  const hn::Repartition<uint8_t, Words> d8;
  const auto black = hn::Set(d, kPointerBlack), white = hn::Set(d, kPointerWhite);
  const auto is_odd = hn::Eq(hn::And(hn::Iota(d, 0), hn::Set(d, 1)), hn::Set(d, 1));
  const auto groups = static_cast<size_t>(pixels.width_px / 8);
  for (int32_t y = 0; y < pixels.height_px; ++y) {
    const uint8_t* HWY_RESTRICT bits = mask + y * stride_bytes;
    uint8_t* HWY_RESTRICT out = pixels.row(y);
    // What inverts the screen.
    const auto checks =
        y % 2 == 0 ? hn::IfThenElse(is_odd, black, white) : hn::IfThenElse(is_odd, white, black);
    for (size_t group = 0; group < groups; ++group, out += 32) {
      if (bits[group] == 0) continue;
      for (size_t x = 0; x < 8; x += hn::Lanes(d)) {
        const auto word = hn::BitCast(d, hn::LoadU(d8, out + 4 * x));
        const auto shown = hn::IfThenZeroElse(hn::Eq(word, black),
                                              hn::IfThenElse(hn::Eq(word, white), checks, word));
        const auto masked = hn::IfThenElse(BitsOf(bits[group], x), shown, word);
        hn::StoreU(hn::BitCast(d8, masked), d8, out + 4 * x);
      }
    }
  }
  // It begins with an even x, as the whole does.
  ApplyAndMaskReference(mask + groups, stride_bytes, Rest(pixels));
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(ExpandBitsKernel);
HWY_EXPORT(ApplyAndMaskKernel);

void ExpandBits(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(ExpandBitsKernel)(mask, stride_bytes, dst);
}

void ApplyAndMask(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels) {
  HWY_DYNAMIC_DISPATCH(ApplyAndMaskKernel)(mask, stride_bytes, pixels);
}

}  // namespace mullion
#endif  // HWY_ONCE
