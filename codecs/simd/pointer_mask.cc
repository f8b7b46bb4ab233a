// The AND masks of pointers with Highway.
//
// Sixteen pixels go with two bytes of a mask: they are spread over the lanes and compared with one
// bit each. One pass: 1 bit to 4 bytes read and 4 bytes written a pixel; most pointers lie in the
// first level, and the operations count. Nothing is skipped where a mask is zero: a branch for that
// is mispredicted at a shape's edges. What is left of a row goes by way of a buffer.
#include "codecs/simd/pointer_mask.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pointer_mask.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "codecs/simd/load_pixels24-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ApplyAndMaskKernel(const PointerRows& and_mask, const PointerRows& src, int src_bits_per_pixel,
                        const PixelView& dst) {
  ApplyAndMaskReference(and_mask, src, src_bits_per_pixel, dst);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kGroupPx = 16;
constexpr size_t kPixelBytes = 4, kGroupMaskBytes = kGroupPx / 8;

using Words = hn::CappedTag<uint32_t, kGroupPx>;

// Each pixel's bit in a group's two bytes, of which the first is the lower one.
HWY_ALIGN constexpr uint32_t kBits[kGroupPx] = {0x80,  0x40,  0x20,   0x10,   0x08,   0x04,
                                                0x02,  0x01,  0x8000, 0x4000, 0x2000, 0x1000,
                                                0x800, 0x400, 0x200,  0x100};

HWY_INLINE uint32_t GroupBits(const uint8_t* mask) {
  uint16_t bits;
  static_assert(sizeof(bits) == kGroupMaskBytes);
  std::memcpy(&bits, mask, sizeof(bits));
  return bits;
}

// True in the lanes of a group's pixels x to x + Lanes whose bit is set.
HWY_INLINE hn::Mask<Words> BitsOf(uint32_t group, size_t x) {
  const Words d;
  return hn::TestBit(hn::Set(d, group), hn::Load(d, kBits + x));
}

// What inverts the screen, in an even row; an odd one has it Xor Flip().
HWY_INLINE hn::Vec<Words> Checks() {
  const Words d;
  const auto one = hn::Set(d, 1);
  const auto is_odd = hn::Eq(hn::And(hn::Iota(d, 0), one), one);
  return hn::IfThenElse(is_odd, hn::Set(d, kPointerBlack), hn::Set(d, kPointerWhite));
}
HWY_INLINE hn::Vec<Words> Flip() { return hn::Set(Words(), kPointerBlack ^ kPointerWhite); }

// `word`, masked in some of its lanes.
HWY_INLINE hn::Vec<Words> MaskWords(hn::Vec<Words> word, hn::Mask<Words> is_masked,
                                    hn::Vec<Words> checks) {
  const Words d;
  const auto masked = hn::IfThenElseZero(is_masked, word);  // 0 is no colour that is looked for
  const auto is_black = hn::Eq(masked, hn::Set(d, kPointerBlack));
  const auto is_white = hn::Eq(masked, hn::Set(d, kPointerWhite));
  return hn::IfThenZeroElse(is_black, hn::IfThenElse(is_white, checks, word));
}

// The depths: the bytes of so many pixels, and Lanes pixels from x on of a group, masked.
struct Source1 {
  static constexpr size_t Bytes(size_t) { return kGroupMaskBytes; }  // of any part of a group

  static HWY_INLINE hn::Vec<Words> Masked(const uint8_t* in, size_t x, hn::Mask<Words> is_masked,
                                          hn::Vec<Words> checks) {
    const Words d;
    const auto if_set = hn::IfThenElse(is_masked, checks, hn::Set(d, kPointerWhite));
    const auto if_clear = hn::IfThenZeroElse(is_masked, hn::Set(d, kPointerBlack));
    return hn::IfThenElse(BitsOf(GroupBits(in), x), if_set, if_clear);
  }
};

struct Source24 {
  static constexpr size_t Bytes(size_t pixels) { return pixels * 3; }

  static HWY_INLINE hn::Vec<Words> Masked(const uint8_t* in, size_t x, hn::Mask<Words> is_masked,
                                          hn::Vec<Words> checks) {
    return MaskWords(LoadPixels24<false>(Words(), in + Bytes(x)), is_masked, checks);
  }
};

struct Source32 {
  static constexpr size_t Bytes(size_t pixels) { return pixels * kPixelBytes; }

  static HWY_INLINE hn::Vec<Words> Masked(const uint8_t* in, size_t x, hn::Mask<Words> is_masked,
                                          hn::Vec<Words> checks) {
    const Words d;
    const hn::Repartition<uint8_t, Words> d8;
    return MaskWords(hn::BitCast(d, hn::LoadU(d8, in + Bytes(x))), is_masked, checks);
  }
};

// `in` may be `out`.
template <class Source>
HWY_INLINE void MaskGroup(const uint8_t* mask, const uint8_t* in, hn::Vec<Words> checks,
                          uint8_t* out) {
  const Words d;
  const hn::Repartition<uint8_t, Words> d8;
  const uint32_t bits = GroupBits(mask);
  for (size_t x = 0; x < kGroupPx; x += hn::Lanes(d)) {
    const auto shown = Source::Masked(in, x, BitsOf(bits, x), checks);
    hn::StoreU(hn::BitCast(d8, shown), d8, out + kPixelBytes * x);
  }
}

template <class Source>
HWY_INLINE void MaskRow(const uint8_t* mask, const uint8_t* in, hn::Vec<Words> checks, uint8_t* out,
                        size_t width) {
  for (; width >= kGroupPx; width -= kGroupPx) {
    MaskGroup<Source>(mask, in, checks, out);
    mask += kGroupMaskBytes;
    in += Source::Bytes(kGroupPx);
    out += kGroupPx * kPixelBytes;
  }
  if (width == 0) return;
  uint8_t rest_in[Source::Bytes(kGroupPx)] = {}, rest_out[kGroupPx * kPixelBytes];
  std::memcpy(rest_in, in, Source::Bytes(width));
  MaskGroup<Source>(mask, rest_in, checks, rest_out);
  std::memcpy(out, rest_out, width * kPixelBytes);
}

template <class Source>
HWY_INLINE void MaskRows(PointerRows and_mask, PointerRows src, PixelView dst) {
  auto checks = Checks();
  for (int32_t y = 0; y < dst.height_px; ++y) {
    MaskRow<Source>(and_mask.row(y), src.row(y), checks, dst.row(y),
                    static_cast<size_t>(dst.width_px));
    checks = hn::Xor(checks, Flip());
  }
}

void ApplyAndMaskKernel(const PointerRows& and_mask, const PointerRows& src, int src_bits_per_pixel,
                        const PixelView& dst) {
  switch (src_bits_per_pixel) {
    case 1:
      return MaskRows<Source1>(and_mask, src, dst);
    case 24:
      return MaskRows<Source24>(and_mask, src, dst);
    default:
      return MaskRows<Source32>(and_mask, src, dst);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(ApplyAndMaskKernel);

void ApplyAndMask(const PointerRows& and_mask, const PointerRows& src, int src_bits_per_pixel,
                  const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(ApplyAndMaskKernel)(and_mask, src, src_bits_per_pixel, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE
