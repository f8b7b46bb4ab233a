// AVC420 and AVC444 drawn with pictures that went through a lossless encoder: exact.
#include "codecs/image/avc444.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "codecs/image/avc420.h"
#include "tests/support/avc_draw.h"
#include "tests/support/avc_encoder.h"
#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr uint8_t kCanary = 0xA5;
constexpr Yuv444Layout kLayouts[] = {Yuv444Layout::kV1, Yuv444Layout::kV2};

struct Surface {
  std::vector<uint8_t> bytes;
  PixelView view;

  Surface(int32_t width, int32_t height) {
    bytes.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, kCanary);
    view = {bytes.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  }
  void CopyFrom(const Surface& other, const Rect& rect) {
    CopyPixels(other.view.Sub(rect), view.Sub(rect));
  }
};

// Pictures behind no decoder, so that the state can be tested without libavcodec.
AvcPicture Wrap(const YuvPicture& picture) {
  auto owned = std::make_shared<YuvPicture>(picture);
  return AvcPicture(owned->view(), owned);
}

YuvPicture Noise444(int32_t width, int32_t height, uint32_t seed) {
  std::mt19937 random(seed);
  YuvPicture picture(width, height, 0);
  picture.Randomise(random);
  return picture;
}

uint8_t Round(double value) {
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : static_cast<int>(value + 0.5));
}

// What a client sees of a 4:4:4 picture that was split: the even pixels' chroma comes back from the
// average, unless that changes little. No layout of views takes part in this.
Surface Expect444(const YuvPicture& picture, int32_t width, int32_t height) {
  Surface surface(width, height);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      int chroma[3] = {};
      for (int c = 1; c <= 2; ++c) {
        chroma[c] = picture.At(c, x, y);
        if (x % 2 != 0 || y % 2 != 0) continue;
        const int others =
            picture.At(c, x + 1, y) + picture.At(c, x, y + 1) + picture.At(c, x + 1, y + 1);
        const int average = (chroma[c] + others) / 4;
        const int reversed = std::max(0, std::min(255, 4 * average - others));
        chroma[c] = std::abs(reversed - average) > 30 ? reversed : average;
      }
      const double luma = picture.At(0, x, y), u = chroma[1] - 128, v = chroma[2] - 128;
      uint8_t* p = surface.view.row(y) + ptrdiff_t{x} * 4;
      p[0] = Round(luma + u * 475 / 256);
      p[1] = Round(luma - u * 48 / 256 - v * 120 / 256);
      p[2] = Round(luma + v * 403 / 256);
      p[3] = 0xFF;
    }
  }
  return surface;
}

// The same without the auxiliary view.
Surface Expect420(const YuvPicture& main, int32_t width, int32_t height) {
  Surface surface(width, height);
  ConvertYuv420Reference(main.view(), surface.view.bounds(), surface.view);
  return surface;
}

TEST_CASE("AVC420 frames are drawn inside of their region, clipped to surface and picture") {
  std::mt19937 random(4);
  YuvPicture picture(64, 48);
  picture.Randomise(random);
  const Surface whole = Expect420(picture, 61, 45);
  const std::vector<Rect> region = {{3, 5, 17, 9}, {32, 0, 40, 3}, {20, 40, 41, 200}};
  Surface expected(61, 45);
  for (const Rect& rect : region) {
    expected.CopyFrom(whole, Intersect(rect, expected.view.bounds()));
  }
  ForEachSimdTarget([&] {
    Surface drawn(61, 45);
    for (int32_t y = 0; y < 45; y += 7) {
      DrawAvc420(Wrap(picture), region, {0, y, 61, 7}, drawn.view);
    }
    CHECK(drawn.bytes == expected.bytes);
  });
  // A picture smaller than the surface covers what it covers.
  Surface large(100, 100), large_expected(100, 100);
  DrawAvc420(Wrap(picture), std::vector<Rect>{{0, 0, 100, 100}}, large.view.bounds(), large.view);
  ConvertYuv420Reference(picture.view(), {0, 0, 64, 48}, large_expected.view.Sub({0, 0, 64, 48}));
  CHECK(large.bytes == large_expected.bytes);
}

TEST_CASE("a region is clipped to the surface, and overlapping without end is refused") {
  std::vector<Rect> region = {{0, 0, 10, 10}, {90, 90, 20, 20}, {100, 0, 5, 5}};
  CHECK(ClipAvcRegion({0, 0, 100, 100}, &region).ok());
  CHECK(region == std::vector<Rect>{{0, 0, 10, 10}, {90, 90, 10, 10}});
  region.assign(4, {0, 0, 65535, 65535});
  CHECK(ClipAvcRegion({0, 0, 100, 100}, &region).ok());
  region.assign(5, {0, 0, 65535, 65535});
  CHECK(ClipAvcRegion({0, 0, 100, 100}, &region).err == Err::kLimit);
}

TEST_CASE("both layouts of AVC444 bring back a picture that was split") {
  // Version 2 halves the auxiliary view, and its chroma planes once more: odd numbers of
  // macroblocks, too.
  for (const int32_t coded_width : {96, 80, 112, 16}) {
    const int32_t width = coded_width - 3;
    const YuvPicture picture = Noise444(coded_width, 80, 1);
    const Surface expected = Expect444(picture, width, 77);
    const std::vector<Rect> all = {{0, 0, width, 77}};
    for (const Yuv444Layout layout : kLayouts) {
      CAPTURE(coded_width);
      CAPTURE(static_cast<int>(layout));
      const AvcViews views = SplitYuv444(layout, picture);
      Avc444Stream stream;
      stream.has_main = stream.has_aux = true;
      stream.main.region = stream.aux.region = all;
      ForEachSimdTarget([&] {
        Avc444State state;
        Surface drawn(width, 77);
        REQUIRE(state.Update(layout, stream, Wrap(views.main), Wrap(views.aux), drawn.view.bounds())
                    .ok());
        for (int32_t y = 0; y < 77; y += 11) state.Draw(stream, {0, y, width, 11}, drawn.view);
        CHECK(drawn.bytes == expected.bytes);
      });
    }
  }
}

TEST_CASE("LC 0, 1 and 2 through the decoder: exact, and nothing outside of the regions") {
  if (!AvcDecoder::Available()) {
    std::printf("skipped: built without libavcodec\n");
    return;
  }
  constexpr int32_t kWidth = 90, kHeight = 75;
  const std::vector<Rect> all = {{0, 0, kWidth, kHeight}};
  for (const Yuv444Layout layout : kLayouts) {
    CAPTURE(static_cast<int>(layout));
    const YuvPicture a = Noise444(96, 80, 2), b = Noise444(96, 80, 3), c = Noise444(96, 80, 4);
    const AvcViews va = SplitYuv444(layout, a), vb = SplitYuv444(layout, b),
                   vc = SplitYuv444(layout, c);
    AvcClient client;
    Surface drawn(kWidth, kHeight), expected(kWidth, kHeight);

    // Chroma before any luma.
    const auto aux_only = WriteAvc444Stream(2, WriteAvc420Stream(all, EncodeAvcPcm(va.aux)));
    CHECK(client.Draw444(layout, aux_only, drawn.view).err == Err::kState);
    CHECK(drawn.bytes == expected.bytes);

    // LC 0, parts of both views: chroma inside of the luma, outside of the luma, and luma alone.
    const std::vector<Rect> luma1 = {{0, 0, kWidth, kHeight}}, chroma1 = {{5, 3, 40, 51}};
    REQUIRE(client
                .Draw444(layout,
                         WriteAvc444Stream(0, WriteAvc420Stream(luma1, EncodeAvcPcm(va.main)),
                                           WriteAvc420Stream(chroma1, EncodeAvcPcm(va.aux))),
                         drawn.view)
                .ok());
    expected = Expect420(va.main, kWidth, kHeight);
    expected.CopyFrom(Expect444(a, kWidth, kHeight), chroma1[0]);
    CHECK(drawn.bytes == expected.bytes);

    // LC 1: luma of two parts. What the main view has outside of them is not to be believed.
    const std::vector<Rect> luma2 = {{8, 16, 32, 20}, {60, 40, 22, 35}};
    REQUIRE(client
                .Draw444(layout,
                         WriteAvc444Stream(1, WriteAvc420Stream(luma2, EncodeAvcPcm(vb.main))),
                         drawn.view)
                .ok());
    for (const Rect& r : luma2) expected.CopyFrom(Expect420(vb.main, kWidth, kHeight), r);
    CHECK(drawn.bytes == expected.bytes);

    // LC 2: chroma for the new luma and for the old.
    const std::vector<Rect> chroma3 = {{8, 16, 32, 20}};
    REQUIRE(client
                .Draw444(layout,
                         WriteAvc444Stream(2, WriteAvc420Stream(chroma3, EncodeAvcPcm(vb.aux))),
                         drawn.view)
                .ok());
    expected.CopyFrom(Expect444(b, kWidth, kHeight), chroma3[0]);
    CHECK(drawn.bytes == expected.bytes);
    const std::vector<Rect> chroma4 = {{0, 60, 58, 15}};
    REQUIRE(client
                .Draw444(layout,
                         WriteAvc444Stream(2, WriteAvc420Stream(chroma4, EncodeAvcPcm(va.aux))),
                         drawn.view)
                .ok());
    expected.CopyFrom(Expect444(a, kWidth, kHeight), chroma4[0]);
    CHECK(drawn.bytes == expected.bytes);
    CHECK(client.state.memory_bytes() == 96 * 80 * 3 / 2);

    // Luma for all again: the planes of our own are no longer the truth.
    REQUIRE(client
                .Draw444(layout,
                         WriteAvc444Stream(1, WriteAvc420Stream(all, EncodeAvcPcm(vc.main))),
                         drawn.view)
                .ok());
    REQUIRE(client
                .Draw444(layout, WriteAvc444Stream(2, WriteAvc420Stream(all, EncodeAvcPcm(vc.aux))),
                         drawn.view)
                .ok());
    CHECK(drawn.bytes == Expect444(c, kWidth, kHeight).bytes);
  }
}

TEST_CASE("views that do not fit together are refused, and the luma stays") {
  const YuvPicture a = Noise444(64, 64, 5);
  const AvcViews views = SplitYuv444(Yuv444Layout::kV2, a);
  const Rect bounds = {0, 0, 64, 64};
  Avc444Stream stream;
  stream.has_main = stream.has_aux = true;
  stream.main.region = stream.aux.region = {bounds};
  Avc444State state;
  const YuvPicture other(80, 64);
  CHECK(state.Update(Yuv444Layout::kV2, stream, Wrap(views.main), Wrap(other), bounds).err ==
        Err::kMalformed);
  CHECK(state.Update(Yuv444Layout::kV2, stream, Wrap(views.main), AvcPicture(), bounds).err ==
        Err::kInternal);
  Surface untouched(64, 64), drawn(64, 64);
  state.Draw(stream, bounds, drawn.view);
  CHECK(drawn.bytes == untouched.bytes);
  REQUIRE(state.Update(Yuv444Layout::kV2, stream, Wrap(views.main), Wrap(views.aux), bounds).ok());
  stream.has_main = false;
  CHECK(state.Update(Yuv444Layout::kV2, stream, AvcPicture(), Wrap(other), bounds).err ==
        Err::kState);
  REQUIRE(state.Update(Yuv444Layout::kV2, stream, AvcPicture(), Wrap(views.aux), bounds).ok());
  state.Draw(stream, bounds, drawn.view);
  CHECK(drawn.bytes == Expect444(a, 64, 64).bytes);
  state.Reset();
  CHECK(state.memory_bytes() == 0);
  CHECK(state.Update(Yuv444Layout::kV2, stream, AvcPicture(), Wrap(views.aux), bounds).err ==
        Err::kState);
}

}  // namespace
}  // namespace mullion
