#include "codecs/simd/yuv.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr uint8_t kCanary = 0xA5;

// Planes of exactly the size that the contract lets a kernel read, each its own allocation.
struct Planes {
  std::vector<uint8_t> bytes[3];
  YuvView view;

  Planes(int32_t width, int32_t height) {
    for (int p = 0; p < 3; ++p) {
      const int32_t w = p == 0 ? width : width / 2, h = p == 0 ? height : height / 2;
      bytes[p].assign(static_cast<size_t>(w) * static_cast<size_t>(h), 0);
      view.planes[p] = bytes[p].data();
      view.strides[p] = w;
    }
    view.width_px = width;
    view.height_px = height;
  }
  void Randomise(std::mt19937& random) {
    // Extremes as often as anything else: saturation is where a byte-wise kernel can go wrong.
    static constexpr uint8_t kExtremes[] = {0x00, 0x01, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x9E};
    for (auto& plane : bytes) {
      for (uint8_t& sample : plane) {
        const auto r = random();
        sample = (r & 0x100) != 0 ? static_cast<uint8_t>(r) : kExtremes[r & 7];
      }
    }
  }
};

// The pixels of a part, with a gap of canaries behind each row.
struct Picture {
  std::vector<uint8_t> bytes;
  PixelView view;

  Picture(const Rect& part, PixelFormat format) {
    const size_t stride = static_cast<size_t>(part.w) * 4 + 12;
    bytes.assign(stride * static_cast<size_t>(part.h), kCanary);
    view = {bytes.data(), part.w, part.h, static_cast<ptrdiff_t>(stride), format};
  }
};

PixelFormat FormatOf(int variant) {
  return variant % 2 == 0 ? PixelFormat::kBgrx32 : PixelFormat::kRgbx32;
}

// Parts of every parity and of widths around the lane counts, at both edges of the picture.
std::vector<Rect> Parts(int32_t width, int32_t height) {
  std::vector<Rect> parts;
  for (int32_t w = 1; w <= width; w += w < 40 ? 1 : 13) {
    const int32_t h = 1 + w % 5;
    for (int32_t left = 0; left < 5 && left + w <= width; ++left) {
      parts.push_back({left, (w + left) % 7, w, h});
    }
    parts.push_back({width - w, height - h, w, h});
  }
  parts.push_back({0, 0, width, height});
  return parts;
}

TEST_CASE("every target converts YUV 4:2:0 like the plain twin and writes nothing else") {
  std::mt19937 random(1);
  Planes planes(176, 32);
  planes.Randomise(random);
  int variant = 0;
  for (const Rect& part : Parts(176, 32)) {
    const PixelFormat format = FormatOf(variant++);
    CAPTURE(part.x);
    CAPTURE(part.w);
    Picture expected(part, format);
    ConvertYuv420Reference(planes.view, part, expected.view);
    ForEachSimdTarget([&] {
      Picture actual(part, format);
      ConvertYuv420(planes.view, part, actual.view);
      CHECK(actual.bytes == expected.bytes);
    });
  }
}

TEST_CASE("every target combines both layouts of YUV 4:4:4 like the plain twin") {
  std::mt19937 random(2);
  for (const Yuv444Layout layout : {Yuv444Layout::kV1, Yuv444Layout::kV2}) {
    Planes main(176, 48), aux(176, 48);
    main.Randomise(random);
    aux.Randomise(random);
    int variant = 0;
    for (const Rect& part : Parts(176, 48)) {
      const PixelFormat format = FormatOf(variant++);
      CAPTURE(part.x);
      CAPTURE(part.w);
      Picture expected(part, format);
      ConvertYuv444Reference(layout, main.view, aux.view, part, expected.view);
      ForEachSimdTarget([&] {
        Picture actual(part, format);
        ConvertYuv444(layout, main.view, aux.view, part, actual.view);
        CHECK(actual.bytes == expected.bytes);
      });
    }
  }
}

TEST_CASE("every triple of Y, U and V converts like the plain twin") {
  // 256 lumas in a row, each twice; chroma runs over all values of U against a grid of V.
  Planes planes(512, 2);
  for (size_t i = 0; i < 1024; ++i) planes.bytes[0][i] = static_cast<uint8_t>(i / 2);
  const Rect part = {0, 0, 512, 2};
  Picture expected(part, PixelFormat::kBgrx32), actual(part, PixelFormat::kBgrx32);
  ForEachSimdTarget([&] {
    bool same = true;
    for (int u = 0; u < 256; ++u) {
      for (int v = 0; v < 256; v += (v % 16 == 0 || v % 16 == 15 ? 1 : 7)) {
        std::fill(planes.bytes[1].begin(), planes.bytes[1].end(), static_cast<uint8_t>(u));
        std::fill(planes.bytes[2].begin(), planes.bytes[2].end(), static_cast<uint8_t>(v));
        ConvertYuv420Reference(planes.view, part, expected.view);
        ConvertYuv420(planes.view, part, actual.view);
        same = same && actual.bytes == expected.bytes;
      }
    }
    CHECK(same);
  });
}

TEST_CASE("the colours of MS-RDPEGFX 3.3.8.3.1 by hand") {
  struct Colour {
    uint8_t y, u, v, blue, green, red;
  };
  for (const Colour& c : {Colour{0, 128, 128, 0, 0, 0},
                          {255, 128, 128, 255, 255, 255},
                          {128, 0, 0, 0, 212, 0},
                          {54, 99, 255, 0, 0, 254},
                          {100, 129, 127, 102, 100, 98}}) {
    Planes planes(16, 2);
    std::fill(planes.bytes[0].begin(), planes.bytes[0].end(), c.y);
    std::fill(planes.bytes[1].begin(), planes.bytes[1].end(), c.u);
    std::fill(planes.bytes[2].begin(), planes.bytes[2].end(), c.v);
    Picture picture({0, 0, 16, 2}, PixelFormat::kBgrx32);
    ConvertYuv420(planes.view, {0, 0, 16, 2}, picture.view);
    CHECK(int{picture.bytes[0]} == c.blue);
    CHECK(int{picture.bytes[1]} == c.green);
    CHECK(int{picture.bytes[2]} == c.red);
    CHECK(picture.bytes[3] == 0xFF);
  }
}

}  // namespace
}  // namespace mullion
