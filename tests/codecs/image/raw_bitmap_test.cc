#include "codecs/image/raw_bitmap.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "codecs/simd/pixel_expand.h"
#include "tests/support/bitmap_picture.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bitmap_oracle.h"
#endif

namespace mullion {
namespace {

Palette TestPalette() {
  Palette palette;
  for (int i = 0; i < 256; ++i) {
    palette.Set(i, static_cast<uint8_t>(i), static_cast<uint8_t>(3 * i), static_cast<uint8_t>(~i));
  }
  return palette;
}

std::vector<uint8_t> RandomBytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
  return bytes;
}

TEST_CASE("known pixels of every depth come out in both orders") {
  const Palette palette = TestPalette();
  struct {
    int bpp;
    std::vector<uint8_t> in;
    std::vector<uint8_t> bgrx;
  } const cases[] = {
      {8, {5}, {250, 15, 5, 255}},           {15, {0x21, 0x7C}, {8, 8, 255, 255}},
      {16, {0xE1, 0xF8}, {8, 28, 255, 255}}, {24, {1, 2, 3}, {1, 2, 3, 255}},
      {32, {1, 2, 3, 4}, {1, 2, 3, 255}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.bpp);
    for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
      BitmapPicture picture(1, 1, format);
      REQUIRE(DecodeRawBitmap(c.in, c.bpp, &palette, picture.view()).ok());
      std::vector<uint8_t> want = c.bgrx;
      if (format == PixelFormat::kRgbx32) std::swap(want[0], want[2]);
      CHECK(picture.Packed() == want);
      CHECK(picture.CanariesIntact());
    }
  }
}

TEST_CASE("alpha is kept where asked for") {
  const std::vector<uint8_t> in = {1, 2, 3, 4};
  BitmapPicture picture(1, 1);
  REQUIRE(DecodeRawBitmap(in, 32, nullptr, picture.view(), 0, AlphaMode::kKeep).ok());
  CHECK(picture.Packed() == in);
}

TEST_CASE("row padding, missing padding behind the last row, and truncation at every byte") {
  const Palette palette = TestPalette();
  for (const int bpp : {8, 15, 16, 24, 32}) {
    for (const int32_t width : {1, 3, 5, 17, 34}) {
      constexpr int32_t kHeight = 3;
      const size_t row = BitmapRowBytes(width, bpp);
      const size_t stride = PaddedBitmapRowBytes(width, bpp);
      CHECK(stride % 4 == 0);
      CHECK(stride - row < 4);
      const std::vector<uint8_t> all = RandomBytes(stride * kHeight, static_cast<uint32_t>(width));
      BitmapPicture want(width, kHeight);
      ExpandPixelsReference({all.data(), stride, bpp, palette.entries, false}, want.view());
      for (size_t size = 0; size <= all.size(); ++size) {
        const std::vector<uint8_t> in(all.begin(), all.begin() + static_cast<ptrdiff_t>(size));
        BitmapPicture picture(width, kHeight);
        const Status status = DecodeRawBitmap(in, bpp, &palette, picture.view(), stride);
        if (size >= stride * (kHeight - 1) + row) {
          REQUIRE(status.ok());
          REQUIRE(picture.Packed() == want.Packed());
        } else {
          REQUIRE(status.err == Err::kTruncated);
        }
        REQUIRE(picture.CanariesIntact());
      }
    }
  }
}

TEST_CASE("hostile parameters are refused by name") {
  const std::vector<uint8_t> in(64);
  const Palette palette = TestPalette();
  BitmapPicture picture(2, 2);
  PixelView view = picture.view();
  for (const int bpp : {0, 1, 4, 9, 17, 31, 33, -8}) {
    CHECK(DecodeRawBitmap(in, bpp, &palette, view).err == Err::kUnsupported);
  }
  CHECK(std::string(DecodeRawBitmap(in, 8, nullptr, view).field) == "palette");
  CHECK(std::string(DecodeRawBitmap(in, 32, nullptr, view, 7).field) == "stride");
  for (const int32_t bad : {0, -1, INT32_MIN}) {
    view.width_px = bad;
    CHECK(DecodeRawBitmap(in, 32, nullptr, view).err == Err::kMalformed);
    view = picture.view();
    view.height_px = bad;
    CHECK(DecodeRawBitmap(in, 32, nullptr, view).err == Err::kMalformed);
    view = picture.view();
  }
  view.width_px = view.height_px = INT32_MAX;
  CHECK(DecodeRawBitmap(in, 32, nullptr, view).err == Err::kTruncated);
  CHECK(DecodeRawBitmap(in, 32, nullptr, view, SIZE_MAX).err == Err::kTruncated);
  CHECK(DecodeRawBitmap({}, 32, nullptr, picture.view()).err == Err::kTruncated);
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("raw bitmaps equal libfreerdp2's") {
  oracle::BitmapOracle peer;
  const Palette palette = TestPalette();
  for (const int bpp : {8, 15, 16, 24, 32}) {
    for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
      for (const int32_t width : {1, 7, 64, 101}) {
        CAPTURE(bpp);
        CAPTURE(width);
        const size_t stride = PaddedBitmapRowBytes(width, bpp);
        const std::vector<uint8_t> in = RandomBytes(stride * 5, static_cast<uint32_t>(bpp));
        BitmapPicture ours(width, 5, format), theirs(width, 5, format);
        REQUIRE(DecodeRawBitmap(in, bpp, &palette, ours.view(), stride).ok());
        REQUIRE(peer.CopyRaw(in, bpp, &palette, stride, theirs.view()));
        CHECK(ours.Packed() == theirs.Packed());
      }
    }
  }
}
#endif

}  // namespace
}  // namespace mullion
