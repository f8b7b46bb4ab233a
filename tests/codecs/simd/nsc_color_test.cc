#include "codecs/simd/nsc_color.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr uint8_t kCanary = 0xA5;

struct Case {
  int32_t width, height;
  int shift;
  bool subsampled, alpha, rgb;
};

// Planes of exactly the size that the contract lets a kernel read.
struct Planes {
  std::vector<uint8_t> luma, orange, green, alpha;
  NscPlanes view;

  Planes(const Case& c, std::mt19937& random) {
    const size_t w = static_cast<size_t>(c.width), h = static_cast<size_t>(c.height);
    const size_t cw = c.subsampled ? (w + 1) / 2 : w, ch = c.subsampled ? (h + 1) / 2 : h;
    // Extremes as often as anything else: saturation is where a byte-wise kernel can go wrong.
    const auto sample = [&] {
      static constexpr uint8_t kExtremes[] = {0x00, 0x01, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x40};
      const auto r = random();
      return (r & 0x100) != 0 ? static_cast<uint8_t>(r) : kExtremes[r & 7];
    };
    for (size_t i = 0; i < w * h; ++i) luma.push_back(sample());
    for (size_t i = 0; i < cw * ch; ++i) orange.push_back(sample());
    for (size_t i = 0; i < cw * ch; ++i) green.push_back(sample());
    if (c.alpha) {
      for (size_t i = 0; i < w * h; ++i) alpha.push_back(sample());
    }
    view = {luma.data(), orange.data(), green.data(), c.alpha ? alpha.data() : nullptr, w, cw,
            w,           c.shift,       c.subsampled};
  }
};

// `height` rows with a gap of canaries behind each.
struct Picture {
  static constexpr size_t kGap = 12;
  std::vector<uint8_t> bytes;
  PixelView view;

  explicit Picture(const Case& c) {
    const size_t stride = static_cast<size_t>(c.width) * 4 + kGap;
    bytes.assign(stride * static_cast<size_t>(c.height), kCanary);
    view = {bytes.data(), c.width, c.height, static_cast<ptrdiff_t>(stride),
            c.rgb ? PixelFormat::kRgbx32 : PixelFormat::kBgrx32};
  }
};

TEST_CASE("every target converts like the plain twin and writes nothing else") {
  std::mt19937 random(1);
  std::vector<Case> cases;
  for (int32_t width = 1; width <= 140; width += width < 70 ? 1 : 9) {
    for (int variant = 0; variant < 8; ++variant) {
      cases.push_back({width, 1 + (width + variant) % 4, (width + variant) % 7, (variant & 1) != 0,
                       (variant & 2) != 0, (variant & 4) != 0});
    }
  }
  for (int shift = 0; shift < 7; ++shift) {
    cases.push_back({256, 65, shift, false, false, false});
    cases.push_back({255, 65, shift, true, false, false});
  }
  for (const Case& c : cases) {
    CAPTURE(c.width);
    CAPTURE(c.height);
    CAPTURE(c.shift);
    CAPTURE(c.subsampled);
    const Planes planes(c, random);
    Picture expected(c);
    ConvertNscPlanesReference(planes.view, expected.view);
    ForEachSimdTarget([&] {
      Picture actual(c);
      ConvertNscPlanes(planes.view, actual.view);
      CHECK(actual.bytes == expected.bytes);
    });
  }
}

TEST_CASE("every triple of luma and chroma converts like the plain twin") {
  // 256 lumas in a row; chroma runs over all pairs of a coarse grid that has the extremes.
  std::vector<uint8_t> luma(256), orange(256), green(256);
  for (size_t i = 0; i < 256; ++i) luma[i] = static_cast<uint8_t>(i);
  const Case c = {256, 1, 0, false, false, false};
  NscPlanes planes{luma.data(), orange.data(), green.data(), nullptr, 256, 256, 256, 0, false};
  Picture expected(c), actual(c);
  ForEachSimdTarget([&] {
    bool same = true;
    for (int co = 0; co < 256; co += (co % 16 == 0 || co % 16 == 15 ? 1 : 7)) {
      for (int cg = 0; cg < 256; cg += (cg % 16 == 0 || cg % 16 == 15 ? 1 : 7)) {
        orange.assign(256, static_cast<uint8_t>(co));
        green.assign(256, static_cast<uint8_t>(cg));
        planes.orange = orange.data();
        planes.green = green.data();
        ConvertNscPlanesReference(planes, expected.view);
        ConvertNscPlanes(planes, actual.view);
        same = same && actual.bytes == expected.bytes;
      }
    }
    CHECK(same);
  });
}

TEST_CASE("a flipped view is written bottom-up") {
  std::mt19937 random(2);
  const Case c = {37, 5, 2, true, true, false};
  const Planes planes(c, random);
  Picture upright(c), flipped(c);
  ConvertNscPlanes(planes.view, upright.view);
  ConvertNscPlanes(planes.view, flipped.view.Flipped());
  for (int32_t y = 0; y < c.height; ++y) {
    CHECK(std::memcmp(upright.view.row(y), flipped.view.row(c.height - 1 - y),
                      static_cast<size_t>(c.width) * 4) == 0);
  }
}

}  // namespace
}  // namespace mullion
