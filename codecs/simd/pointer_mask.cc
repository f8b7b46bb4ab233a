// The masks of pointers with Highway.
//
// Sixteen pixels go with two bytes of a mask: they are spread over the lanes and compared with one
// bit each. One pass: 4 bytes read and 4 written a pixel, or only written where the pixels are bits
// too. Nothing is skipped where a mask is zero: the branch, mispredicted at the edges of a shape,
// costs more than the work. What is left of a row goes by way of a buffer.
#include "codecs/simd/pointer_mask.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pointer_mask.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ApplyAndMaskKernel(const PointerRows& and_mask, const PointerRows& src, const PixelView& dst) {
  ApplyAndMaskReference(and_mask, src, dst);
}
void ApplyAndMaskToBitsKernel(const PointerRows& and_mask, const PointerRows& src,
                              const PixelView& dst) {
  ApplyAndMaskToBitsReference(and_mask, src, dst);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kGroupPx = 16;

using Words = hn::CappedTag<uint32_t, kGroupPx>;

HWY_ALIGN constexpr uint32_t kBits[kGroupPx] = {
    0x8000, 0x4000, 0x2000, 0x1000, 0x800, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1};

HWY_INLINE uint32_t GroupBits(const uint8_t* row, int32_t x) {
  return static_cast<uint32_t>(row[x / 8] << 8 | row[x / 8 + 1]);
}

// True in the lanes of a group's pixels x to x + Lanes whose bit is set.
HWY_INLINE hn::Mask<Words> BitsOf(uint32_t group, size_t x) {
  const Words d;
  return hn::TestBit(hn::Set(d, group), hn::Load(d, kBits + x));
}

// What inverts the screen, in an even row; the other rows are this Xor Flip().
HWY_INLINE hn::Vec<Words> Checks() {
  const Words d;
  const auto one = hn::Set(d, 1);
  const auto is_odd = hn::Eq(hn::And(hn::Iota(d, 0), one), one);
  return hn::IfThenElse(is_odd, hn::Set(d, kPointerBlack), hn::Set(d, kPointerWhite));
}
HWY_INLINE hn::Vec<Words> Flip() { return hn::Set(Words(), kPointerBlack ^ kPointerWhite); }

// `in` may be `out`.
HWY_INLINE void MaskGroup(uint32_t and_bits, const uint8_t* in, hn::Vec<Words> checks,
                          uint8_t* out) {
  const Words d;
  const hn::Repartition<uint8_t, Words> d8;
  for (size_t x = 0; x < kGroupPx; x += hn::Lanes(d)) {
    const auto word = hn::BitCast(d, hn::LoadU(d8, in + 4 * x));
    const auto is_masked = BitsOf(and_bits, x);
    const auto is_black = hn::And(is_masked, hn::Eq(word, hn::Set(d, kPointerBlack)));
    const auto is_white = hn::And(is_masked, hn::Eq(word, hn::Set(d, kPointerWhite)));
    const auto shown = hn::IfThenZeroElse(is_black, hn::IfThenElse(is_white, checks, word));
    hn::StoreU(hn::BitCast(d8, shown), d8, out + 4 * x);
  }
}

HWY_INLINE void MaskBits(uint32_t and_bits, uint32_t xor_bits, hn::Vec<Words> checks,
                         uint8_t* HWY_RESTRICT out) {
  const Words d;
  const hn::Repartition<uint8_t, Words> d8;
  for (size_t x = 0; x < kGroupPx; x += hn::Lanes(d)) {
    const auto is_masked = BitsOf(and_bits, x);
    const auto if_set = hn::IfThenElse(is_masked, checks, hn::Set(d, kPointerWhite));
    const auto if_clear = hn::IfThenZeroElse(is_masked, hn::Set(d, kPointerBlack));
    const auto shown = hn::IfThenElse(BitsOf(xor_bits, x), if_set, if_clear);
    hn::StoreU(hn::BitCast(d8, shown), d8, out + 4 * x);
  }
}

void ApplyAndMaskKernel(const PointerRows& and_mask, const PointerRows& src, const PixelView& dst) {
  const int32_t whole = dst.width_px & -kGroupPx;
  const auto rest_bytes = static_cast<size_t>(dst.width_px - whole) * 4;
  auto checks = Checks();
  for (int32_t y = 0; y < dst.height_px; ++y, checks = hn::Xor(checks, Flip())) {
    const uint8_t* bits = and_mask.row(y);
    const uint8_t* in = src.row(y);
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < whole; x += kGroupPx, in += kGroupPx * 4, out += kGroupPx * 4) {
      MaskGroup(GroupBits(bits, x), in, checks, out);
    }
    if (rest_bytes == 0) continue;
    uint8_t rest[kGroupPx * 4] = {};
    std::memcpy(rest, in, rest_bytes);
    MaskGroup(GroupBits(bits, whole), rest, checks, rest);
    std::memcpy(out, rest, rest_bytes);
  }
}

void ApplyAndMaskToBitsKernel(const PointerRows& and_mask, const PointerRows& src,
                              const PixelView& dst) {
  const int32_t whole = dst.width_px & -kGroupPx;
  const auto rest_bytes = static_cast<size_t>(dst.width_px - whole) * 4;
  auto checks = Checks();
  for (int32_t y = 0; y < dst.height_px; ++y, checks = hn::Xor(checks, Flip())) {
    const uint8_t* and_bits = and_mask.row(y);
    const uint8_t* xor_bits = src.row(y);
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < whole; x += kGroupPx, out += kGroupPx * 4) {
      MaskBits(GroupBits(and_bits, x), GroupBits(xor_bits, x), checks, out);
    }
    if (rest_bytes == 0) continue;
    uint8_t rest[kGroupPx * 4];
    MaskBits(GroupBits(and_bits, whole), GroupBits(xor_bits, whole), checks, rest);
    std::memcpy(out, rest, rest_bytes);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(ApplyAndMaskKernel);
HWY_EXPORT(ApplyAndMaskToBitsKernel);

void ApplyAndMask(const PointerRows& and_mask, const PointerRows& src, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(ApplyAndMaskKernel)(and_mask, src, dst);
}

void ApplyAndMaskToBits(const PointerRows& and_mask, const PointerRows& src, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(ApplyAndMaskToBitsKernel)(and_mask, src, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE
