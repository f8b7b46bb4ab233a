#include "codecs/image/blit.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/support/bitmap_picture.h"

namespace mullion {
namespace {

TEST_CASE("a fill minds the order of the destination's bytes and its edges") {
  for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
    BitmapPicture picture(5, 3, format);
    FillPixels(picture.view(), 0x44332211u);
    CHECK(picture.CanariesIntact());
    const std::vector<uint8_t> packed = picture.Packed();
    for (size_t i = 0; i < packed.size(); i += 4) {
      std::vector<uint8_t> pixel(packed.begin() + static_cast<ptrdiff_t>(i),
                                 packed.begin() + static_cast<ptrdiff_t>(i) + 4);
      if (format == PixelFormat::kRgbx32) std::swap(pixel[0], pixel[2]);
      REQUIRE(pixel == std::vector<uint8_t>{0x11, 0x22, 0x33, 0x44});
    }
  }
}

TEST_CASE("empty views are left alone") {
  BitmapPicture picture(4, 4);
  const std::vector<uint8_t> before = picture.Packed();
  for (const Rect& none : {Rect{1, 1, 0, 2}, Rect{1, 1, 2, 0}}) {
    FillPixels(picture.view().Sub(none), 0);
    MovePixels(picture.view().Sub(none), picture.view().Sub(none));
  }
  FillPixels({}, 0);
  MovePixels({}, {});
  CHECK(picture.Packed() == before);
}

TEST_CASE("a move within one picture, in every direction, equals a move by way of a copy") {
  constexpr Rect kFrom = {7, 11, 21, 9};  // moved by up to its height and more
  for (const bool flipped : {false, true}) {
    for (int32_t dy = -11; dy <= 11; ++dy) {
      for (int32_t dx = -7; dx <= 7; ++dx) {
        CAPTURE(flipped);
        CAPTURE(dx);
        CAPTURE(dy);
        BitmapPicture got(36, 32), want(36, 32);
        got.FillDesktop(5), want.FillDesktop(5);
        const Rect to = {kFrom.x + dx, kFrom.y + dy, kFrom.w, kFrom.h};
        const PixelView view = flipped ? got.view().Flipped() : got.view();
        const PixelView twin = flipped ? want.view().Flipped() : want.view();
        MovePixels(view.Sub(kFrom), view.Sub(to));
        BitmapPicture copy(kFrom.w, kFrom.h);
        CopyPixels(twin.Sub(kFrom), copy.view());
        CopyPixels(copy.view(), twin.Sub(to));
        REQUIRE(got.Packed() == want.Packed());
        REQUIRE(got.CanariesIntact());
      }
    }
  }
}

TEST_CASE("a move to the other order swaps red and blue, keeps alpha, and works upside down") {
  for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
    const PixelFormat other =
        format == PixelFormat::kBgrx32 ? PixelFormat::kRgbx32 : PixelFormat::kBgrx32;
    for (const int32_t width : {1, 5, 16, 33}) {
      for (const int flips : {0, 1, 2, 3}) {
        BitmapPicture from(width, 4, format), to(width, 4, other);
        from.FillDesktop(static_cast<uint32_t>(width));
        const PixelView src = (flips & 1) != 0 ? from.view().Flipped() : from.view();
        const PixelView dst = (flips & 2) != 0 ? to.view().Flipped() : to.view();
        MovePixels(src, dst);
        std::vector<uint8_t> want = BitmapPicture::Packed(src);
        for (size_t i = 0; i < want.size(); i += 4) std::swap(want[i], want[i + 2]);
        REQUIRE(BitmapPicture::Packed(dst) == want);
        REQUIRE(to.CanariesIntact());
      }
    }
  }
}

TEST_CASE("a move between pictures of different strides is a plain copy") {
  BitmapPicture from(19, 7), to(40, 9);
  from.FillDesktop(1);
  MovePixels(from.view(), to.view().Sub({11, 2, 19, 7}));
  CHECK(BitmapPicture::Packed(to.view().Sub({11, 2, 19, 7})) == from.Packed());
  CHECK(to.view().row(2)[10 * 4] == 0xB5);
  CHECK(to.CanariesIntact());
}

}  // namespace
}  // namespace mullion
