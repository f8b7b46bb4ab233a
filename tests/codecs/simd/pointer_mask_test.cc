#include "codecs/simd/pointer_mask.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr int32_t kMaxSide = 67;
constexpr uint32_t kCanary = 0xB5B5B5B5;

// Masks and pixels of exactly their size, so that sanitizers see what lies outside.
struct Masked {
  std::vector<uint8_t> and_mask, xor_mask;  // one bit a pixel
  std::vector<uint32_t> words;              // a margin of one on the right
  int32_t width, height;
  bool bottom_up;
  ptrdiff_t mask_stride;

  Masked(std::mt19937& random, int32_t w, int32_t h)
      : words(static_cast<size_t>((w + 1) * h)), width(w), height(h), bottom_up(random() % 2 == 0) {
    mask_stride = (w + 15) / 16 * 2;
    for (std::vector<uint8_t>* mask : {&and_mask, &xor_mask}) {
      mask->resize(static_cast<size_t>(mask_stride * h));
      for (uint8_t& byte : *mask) {
        const auto kind = random() % 4;
        byte = static_cast<uint8_t>(kind == 0 ? 0 : kind == 1 ? 0xFF : random());
      }
    }
    constexpr uint32_t kWords[] = {kPointerBlack, kPointerWhite, 0, 0x00FFFFFF, 0xFF000001};
    for (uint32_t& word : words) {
      const auto kind = random() % 6;
      word = kind == 5 ? static_cast<uint32_t>(random()) : kWords[kind];
    }
  }

  PointerRows Rows(const void* first, ptrdiff_t stride) const {
    const auto* bytes = static_cast<const uint8_t*>(first);
    if (!bottom_up) return {bytes, stride};
    return {bytes + stride * (height - 1), -stride};
  }
  PixelView View(std::vector<uint32_t>& out) const {
    const PixelView view = {reinterpret_cast<uint8_t*>(out.data()), width, height,
                            ptrdiff_t{width + 1} * 4, PixelFormat::kBgrx32};
    return bottom_up ? view.Flipped() : view;
  }
  PointerRows and_rows() const { return Rows(and_mask.data(), mask_stride); }

  // The words after `act`, in place.
  template <typename Act>
  std::vector<uint32_t> InPlace(const Act& act) const {
    std::vector<uint32_t> out = words;
    const PixelView view = View(out);
    act(and_rows(), PointerRows{view.data, view.stride_bytes}, view);
    return out;
  }
  // A picture of canaries after `act` from the words, or from the bits.
  template <typename Act>
  std::vector<uint32_t> FromWords(const Act& act) const {
    std::vector<uint32_t> out(words.size(), kCanary);
    act(and_rows(), Rows(words.data(), ptrdiff_t{width + 1} * 4), View(out));
    return out;
  }
  template <typename Act>
  std::vector<uint32_t> FromBits(const Act& act) const {
    std::vector<uint32_t> out(words.size(), kCanary);
    act(and_rows(), Rows(xor_mask.data(), mask_stride), View(out));
    return out;
  }
  // Each row's word of the margin.
  std::vector<uint32_t> Margin(const std::vector<uint32_t>& out) const {
    std::vector<uint32_t> margin;
    for (int32_t y = 0; y < height; ++y) {
      margin.push_back(out[static_cast<size_t>(y * (width + 1) + width)]);
    }
    return margin;
  }
};

TEST_CASE("pointer masks: every target does what the plain twins do, and nothing outside") {
  std::mt19937 random(1);
  for (int32_t width = 0; width <= kMaxSide; ++width) {
    for (int32_t height = 1; height <= 5; ++height) {
      const Masked masked(random, width, height);
      const auto in_place = masked.InPlace(ApplyAndMaskReference);
      const auto from_words = masked.FromWords(ApplyAndMaskReference);
      const auto from_bits = masked.FromBits(ApplyAndMaskToBitsReference);
      const std::vector<uint32_t> canaries(static_cast<size_t>(height), kCanary);
      REQUIRE(masked.Margin(in_place) == masked.Margin(masked.words));
      REQUIRE(masked.Margin(from_words) == canaries);
      REQUIRE(masked.Margin(from_bits) == canaries);
      ForEachSimdTarget([&] {
        CAPTURE(width);
        CAPTURE(height);
        CHECK(masked.InPlace(ApplyAndMask) == in_place);
        CHECK(masked.FromWords(ApplyAndMask) == from_words);
        CHECK(masked.FromBits(ApplyAndMaskToBits) == from_bits);
      });
    }
  }
}

}  // namespace
}  // namespace mullion
