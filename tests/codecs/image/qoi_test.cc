#include "codecs/image/qoi.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/support/png_image.h"
#include "tests/support/qoi_encoder.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

struct Canvas {
  std::vector<uint8_t> bytes;
  PixelView view;

  Canvas(int32_t width, int32_t height, PixelFormat format) {
    bytes.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, 0xA5);
    view = {bytes.data(), width, height, ptrdiff_t{width} * 4, format};
  }
};

// Few colours, small steps, runs and noise: every chunk is chosen somewhere.
Canvas MakePicture(int32_t width, int32_t height, uint32_t seed) {
  Canvas canvas(width, height, PixelFormat::kRgbx32);
  std::mt19937 random(seed);
  uint8_t now[4] = {0, 0, 0, 255};
  for (size_t i = 0; i < canvas.bytes.size(); i += 4) {
    const auto kind = random() % 16;
    for (size_t c = 0; c < 4; ++c) {
      const int step = kind < 4 ? int(random() % 4) - 2 : kind < 7 ? int(random() % 40) - 20 : 0;
      if (c < 3 || kind == 8) now[c] = static_cast<uint8_t>(now[c] + step);
      if (kind == 7) now[c] = static_cast<uint8_t>(random());
      if (kind == 9) now[c] = static_cast<uint8_t>(random() % 2 * 255);
    }
    std::memcpy(&canvas.bytes[i], now, 4);
  }
  return canvas;
}

struct Vector {
  const char* name;
  int32_t width, height, channels;
};
constexpr Vector kRaw[] = {
    {"synthetic-1x1-rgba-op", 1, 1, 4},       {"synthetic-1x1-run-of-initial", 1, 1, 4},
    {"synthetic-3ch-with-rgba-op", 2, 1, 3},  {"synthetic-alpha-persists", 4, 1, 4},
    {"synthetic-diff-all64", 64, 1, 3},       {"synthetic-index-initial-zero", 2, 1, 4},
    {"synthetic-luma-wrap", 4, 1, 3},         {"synthetic-noise-rgb-64", 64, 64, 3},
    {"synthetic-noise-rgba-33x17", 33, 17, 4}};

TEST_CASE("vectors with raw pixels decode exactly and fail at every truncation") {
  for (const Vector& v : kRaw) {
    CAPTURE(v.name);
    const auto in = ReadVector(std::string("qoi/") + v.name + ".in.qoi");
    const auto out = ReadVector(std::string("qoi/") + v.name + ".out.bin");
    if (in.empty()) return;
    Canvas rgb(v.width, v.height, PixelFormat::kRgbx32);
    Canvas bgr(v.width, v.height, PixelFormat::kBgrx32);
    REQUIRE(DecodeQoi(in, rgb.view, AlphaMode::kKeep).ok());
    REQUIRE(DecodeQoi(in, bgr.view).ok());
    const size_t channels = static_cast<size_t>(v.channels);
    bool same = true;
    for (size_t i = 0; i * 4 < rgb.bytes.size(); ++i) {
      const uint8_t* want = &out[i * channels];
      same = same && std::memcmp(&rgb.bytes[i * 4], want, channels) == 0;
      same = same && rgb.bytes[i * 4 + 3] == (channels == 4 ? want[3] : 0xFF);
      same = same && bgr.bytes[i * 4] == want[2] && bgr.bytes[i * 4 + 1] == want[1] &&
             bgr.bytes[i * 4 + 2] == want[0] && bgr.bytes[i * 4 + 3] == 0xFF;
    }
    CHECK(same);
    bool all_fail = true;
    for (size_t cut = 0; cut < in.size(); ++cut) {
      const std::vector<uint8_t> exact(in.begin(), in.begin() + static_cast<ptrdiff_t>(cut));
      all_fail = all_fail && !DecodeQoi(exact, rgb.view).ok();
    }
    CHECK(all_fail);
  }
}

TEST_CASE("the test cards decode to their pictures") {
  for (const std::string name : {"qoi/aldanor-testcard", "qoi/aldanor-testcard_rgba"}) {
    const auto in = ReadVector(name + ".in.qoi");
    PngImage want;
    std::string error;
    if (in.empty()) return;
    REQUIRE(ReadPng(MULLION_SOURCE_DIR "/../shared/vectors/" + name + ".out.png", &want, &error));
    Canvas canvas(want.width_px, want.height_px, PixelFormat::kBgrx32);
    REQUIRE(DecodeQoi(in, canvas.view, AlphaMode::kKeep).ok());
    CHECK(canvas.bytes == want.bgra);
  }
}

TEST_CASE("images that the format forbids are refused by field") {
  struct Bad {
    const char* name;
    int32_t width, height;
    const char* field;
  };
  for (const Bad& b : {Bad{"bad-channels", 1, 1, "channels"},
                       {"bad-colourspace", 1, 1, "colorspace"},
                       {"bad-magic", 1, 1, "magic"},
                       {"zero-width", 1, 1, "width"},
                       {"huge", 64, 64, "width"},
                       {"too-short", 1, 1, nullptr},
                       {"truncated-body", 64, 64, "QOI chunk"}}) {
    CAPTURE(b.name);
    const auto in = ReadVector(std::string("qoi/synthetic-") + b.name + ".in.qoi");
    if (in.empty()) return;
    Canvas canvas(b.width, b.height, PixelFormat::kBgrx32);
    const Status status = DecodeQoi(in, canvas.view);
    CHECK_FALSE(status.ok());
    if (b.field != nullptr) CHECK(std::string(status.field) == b.field);
  }
}

TEST_CASE("what the encoder writes comes back in both orders") {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const Canvas source = MakePicture(1 + static_cast<int32_t>(seed) * 3, 40, seed);
    for (const int channels : {3, 4}) {
      const auto coded = EncodeQoi(source.view, channels);
      Canvas rgb(source.view.width_px, 40, PixelFormat::kRgbx32);
      Canvas bgr(source.view.width_px, 40, PixelFormat::kBgrx32);
      REQUIRE(DecodeQoi(coded, rgb.view, AlphaMode::kKeep).ok());
      REQUIRE(DecodeQoi(coded, bgr.view.Flipped(), AlphaMode::kKeep).ok());
      bool same = true;
      for (int32_t y = 0; y < 40; ++y) {
        for (int32_t x = 0; x < source.view.width_px; ++x) {
          const uint8_t* want = source.view.row(y) + x * 4;
          const uint8_t* got = rgb.view.row(y) + x * 4;
          const uint8_t* got_bgr = bgr.view.row(39 - y) + x * 4;
          same = same && std::memcmp(got, want, 3) == 0 &&
                 got[3] == (channels == 4 ? want[3] : 0xFF) && got_bgr[0] == want[2] &&
                 got_bgr[1] == want[1] && got_bgr[2] == want[0];
        }
      }
      CHECK(same);
    }
  }
}

TEST_CASE("changed bytes never reach outside") {
  std::mt19937 random(1);
  const Canvas source = MakePicture(30, 20, 7);
  const auto coded = EncodeQoi(source.view, 4);
  Canvas canvas(30, 20, PixelFormat::kBgrx32);
  for (int round = 0; round < 5000; ++round) {
    auto bad = coded;
    for (int i = 0; i < 4; ++i) bad[14 + random() % (bad.size() - 14)] = uint8_t(random());
    (void)DecodeQoi(bad, canvas.view);
  }
}

}  // namespace
}  // namespace mullion
