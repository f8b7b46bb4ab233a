#include "codecs/simd/pointer_mask.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr int32_t kMaxSide = 67;
constexpr uint32_t kCanary = 0xB5B5B5B5;

// Masks and pixels of exactly their size, so that sanitizers see what lies outside.
struct Masked {
  int32_t width, height;
  int bits_per_pixel;
  ptrdiff_t and_stride, src_stride;
  std::vector<uint8_t> and_mask, src;
  bool bottom_up;

  Masked(std::mt19937& random, int32_t w, int32_t h, int bits)
      : width(w),
        height(h),
        bits_per_pixel(bits),
        and_stride((w + 15) / 16 * 2),
        src_stride((w * bits + 15) / 16 * 2),
        and_mask(static_cast<size_t>(and_stride * h)),
        src(static_cast<size_t>(src_stride * h)),
        bottom_up(random() % 2 == 0) {
    for (uint8_t& byte : and_mask) byte = RandomBits(random);
    if (bits == 1) {
      for (uint8_t& byte : src) byte = RandomBits(random);
      return;
    }
    constexpr uint32_t kWords[] = {kPointerBlack, kPointerWhite, 0, 0x00FFFFFF, 0xFF000001};
    for (int32_t y = 0; y < h; ++y) {
      for (int32_t x = 0; x < w; ++x) {
        const auto kind = random() % 6;
        const uint32_t word = kind == 5 ? static_cast<uint32_t>(random()) : kWords[kind];
        std::memcpy(&src[static_cast<size_t>(y * src_stride + x * bits / 8)], &word,
                    static_cast<size_t>(bits / 8));
      }
    }
  }

  static uint8_t RandomBits(std::mt19937& random) {
    const auto kind = random() % 4;
    return static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 0xFF : random());
  }
  PointerRows Rows(const uint8_t* first, ptrdiff_t stride) const {
    if (!bottom_up) return {first, stride};
    return {first + stride * (height - 1), -stride};
  }

  // What `act` makes of a picture of canaries, with a margin of one on the right.
  template <typename Act>
  std::vector<uint32_t> After(const Act& act) const {
    std::vector<uint32_t> out(static_cast<size_t>((width + 1) * height), kCanary);
    act(Rows(and_mask.data(), and_stride), Rows(src.data(), src_stride), bits_per_pixel,
        PixelView{reinterpret_cast<uint8_t*>(out.data()), width, height, ptrdiff_t{width + 1} * 4,
                  PixelFormat::kBgrx32});
    return out;
  }
  // The source, of 32 bits, after `act` in place.
  template <typename Act>
  std::vector<uint8_t> InPlace(const Act& act) const {
    std::vector<uint8_t> out = src;
    const PixelView view = {out.data(), width, height, src_stride, PixelFormat::kBgrx32};
    act(Rows(and_mask.data(), and_stride), PointerRows{out.data(), src_stride}, 32, view);
    return out;
  }
};

TEST_CASE("pointer masks: every target does what the plain twin does, and nothing outside") {
  std::mt19937 random(1);
  for (const int bits : {1, 24, 32}) {
    for (int32_t width = 0; width <= kMaxSide; ++width) {
      CAPTURE(bits);
      CAPTURE(width);
      const auto height = static_cast<int32_t>(1 + random() % 5);
      const Masked masked(random, width, height, bits);
      const auto want = masked.After(ApplyAndMaskReference);
      for (int32_t y = 0; y < height; ++y) {
        REQUIRE(want[static_cast<size_t>(y * (width + 1) + width)] == kCanary);
      }
      ForEachSimdTarget([&] { CHECK(masked.After(ApplyAndMask) == want); });
      if (bits != 32) continue;
      const auto in_place = masked.InPlace(ApplyAndMaskReference);
      ForEachSimdTarget([&] { CHECK(masked.InPlace(ApplyAndMask) == in_place); });
    }
  }
}

}  // namespace
}  // namespace mullion
