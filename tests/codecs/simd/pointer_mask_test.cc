#include "codecs/simd/pointer_mask.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr int32_t kMaxSide = 45;

// Masks and pixels of exactly their size, so that sanitizers see what lies outside.
struct Masked {
  std::vector<uint8_t> mask;
  std::vector<uint32_t> words;  // a margin of one on the right
  int32_t width, height;
  bool bottom_up;
  ptrdiff_t mask_stride;

  Masked(std::mt19937& random, int32_t w, int32_t h)
      : words(static_cast<size_t>((w + 1) * h)), width(w), height(h), bottom_up(random() % 2 == 0) {
    mask_stride = (w + 15) / 16 * 2;
    mask.resize(static_cast<size_t>(mask_stride * h));
    for (uint8_t& byte : mask) {
      const auto kind = random() % 4;
      byte = static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 0xFF : random());
    }
    constexpr uint32_t kWords[] = {kPointerBlack, kPointerWhite, 0, 0x00FFFFFF, 0xFF000001};
    for (uint32_t& word : words) {
      const auto kind = random() % 6;
      word = kind == 5 ? static_cast<uint32_t>(random()) : kWords[kind];
    }
  }

  const uint8_t* first_row() const {
    return mask.data() + (bottom_up ? mask_stride * (height - 1) : 0);
  }
  ptrdiff_t stride() const { return bottom_up ? -mask_stride : mask_stride; }

  // The pixels after `act`.
  template <typename Act>
  std::vector<uint32_t> After(const Act& act) const {
    std::vector<uint32_t> out = words;
    act(first_row(), stride(),
        PixelView{reinterpret_cast<uint8_t*>(out.data()), width, height, ptrdiff_t{width + 1} * 4,
                  PixelFormat::kBgrx32});
    return out;
  }
};

TEST_CASE("pointer masks: every target does what the plain twins do, and nothing outside") {
  std::mt19937 random(1);
  for (int32_t width = 0; width <= kMaxSide; ++width) {
    const auto height = static_cast<int32_t>(1 + random() % 5);
    const Masked masked(random, width, height);
    const auto expanded = masked.After(ExpandBitsReference);
    const auto applied = masked.After(ApplyAndMaskReference);
    for (int32_t y = 0; y < height; ++y) {
      const auto margin = static_cast<size_t>(y * (width + 1) + width);
      REQUIRE(expanded[margin] == masked.words[margin]);
      REQUIRE(applied[margin] == masked.words[margin]);
    }
    ForEachSimdTarget([&] {
      CAPTURE(width);
      CHECK(masked.After(ExpandBits) == expanded);
      CHECK(masked.After(ApplyAndMask) == applied);
    });
  }
}

}  // namespace
}  // namespace mullion
