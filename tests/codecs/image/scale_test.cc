#include "codecs/image/scale.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "codecs/simd/pixel_scale.h"
#include "tests/support/bitmap_picture.h"
#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr std::pair<int32_t, int32_t> kSizes[] = {{1, 1},  {1, 7},   {2, 2},   {3, 1},   {5, 9},
                                                  {17, 4}, {64, 33}, {131, 5}, {300, 41}};

TEST_CASE("scaling equals its plain twin at every size, order and target, and stays inside") {
  ForEachSimdTarget([] {
    for (const auto& [from_w, from_h] : kSizes) {
      for (const auto& [to_w, to_h] : kSizes) {
        for (const bool swap : {false, true}) {
          CAPTURE(from_w);
          CAPTURE(to_w);
          const PixelFormat format = swap ? PixelFormat::kRgbx32 : PixelFormat::kBgrx32;
          BitmapPicture from(from_w, from_h), got(to_w, to_h, format), want(to_w, to_h, format);
          from.FillDesktop(static_cast<uint32_t>(from_w + to_w));
          const PixelView src = to_h % 2 == 0 ? from.view().Flipped() : from.view();
          ScaleBilinear(src, got.view(), got.view().bounds());
          ScaleBilinearReference(src, want.view(), want.view().bounds());
          REQUIRE(got.Packed() == want.Packed());
          REQUIRE(got.CanariesIntact());
        }
      }
    }
  });
}

TEST_CASE("the parts of any division are the pixels of the whole") {
  std::mt19937 random(3);
  for (const auto& [to_w, to_h] : {std::pair{57, 40}, {350, 170}, {211, 30}}) {
    BitmapPicture from(123, 71), whole(to_w, to_h), parts(to_w, to_h);
    from.FillDesktop(2);
    ScalePixels(from.view(), whole.view(), whole.view().bounds());
    std::vector<int32_t> columns = {0, to_w}, rows = {-3, to_h + 9};  // also beyond the edges
    for (int i = 0; i < 6; ++i) {
      columns.push_back(static_cast<int32_t>(random() % static_cast<unsigned>(to_w)));
      rows.push_back(static_cast<int32_t>(random() % static_cast<unsigned>(to_h)));
    }
    std::sort(columns.begin(), columns.end());
    std::sort(rows.begin(), rows.end());
    for (size_t y = 1; y < rows.size(); ++y) {
      for (size_t x = 1; x < columns.size(); ++x) {
        ScalePixels(from.view(), parts.view(),
                    RectFromEdges(columns[x - 1], rows[y - 1], columns[x], rows[y]));
      }
    }
    CHECK(parts.Packed() == whole.Packed());
    CHECK(parts.CanariesIntact());
  }
}

TEST_CASE("the same size is a copy, by either way") {
  BitmapPicture from(97, 31), to(97, 31), scaled(97, 31);
  from.FillDesktop(1);
  ScalePixels(from.view(), to.view(), to.view().bounds());
  CHECK(to.Packed() == from.Packed());
  ScaleBilinear(from.view(), scaled.view(), scaled.view().bounds());
  CHECK(scaled.Packed() == from.Packed());
}

TEST_CASE("a picture of one colour stays so, and twice the width mixes neighbours by quarters") {
  for (const uint8_t level : std::vector<uint8_t>{0, 1, 127, 254, 255}) {
    BitmapPicture from(13, 9), to(40, 4);
    for (int32_t y = 0; y < 9; ++y) std::fill_n(from.view().row(y), 13 * 4, level);
    ScalePixels(from.view(), to.view(), to.view().bounds());
    CHECK(to.Packed() == std::vector<uint8_t>(40 * 4 * 4, level));
  }
  BitmapPicture from(2, 1), to(4, 1);
  std::fill_n(from.view().row(0), 4, uint8_t{0});
  std::fill_n(from.view().row(0) + 4, 4, uint8_t{200});
  ScalePixels(from.view(), to.view(), to.view().bounds());
  const std::vector<uint8_t> got = to.Packed();
  CHECK(got[0] == 0);
  CHECK(got[4] == 50);
  CHECK(got[8] == 150);
  CHECK(got[12] == 200);
}

TEST_CASE("nothing is written for empty views and parts") {
  BitmapPicture from(4, 4), to(8, 8);
  const std::vector<uint8_t> before = to.Packed();
  ScalePixels(from.view(), to.view(), {});
  ScalePixels(from.view(), to.view(), {9, 0, 3, 3});
  ScalePixels(from.view().Sub({1, 1, 0, 2}), to.view(), to.view().bounds());
  ScalePixels(from.view(), {}, {0, 0, 5, 5});
  CHECK(to.Packed() == before);
}

TEST_CASE("ScaledRect holds all that a part of the source touches, and no row or column more") {
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    const auto pick = [&](int32_t n) {
      return static_cast<int32_t>(random() % static_cast<unsigned>(n));
    };
    const int32_t from_w = 1 + pick(40), from_h = 1 + pick(40);
    const int32_t to_w = 1 + pick(60), to_h = 1 + pick(60);
    const Rect changed = {pick(from_w), pick(from_h), 1 + pick(9), 1 + pick(9)};
    BitmapPicture from(from_w, from_h), before(to_w, to_h), after(to_w, to_h);
    for (int32_t y = 0; y < from_h; ++y) std::fill_n(from.view().row(y), from_w * 4, uint8_t{0});
    ScaleBilinear(from.view(), before.view(), before.view().bounds());
    const Rect part = Intersect(changed, from.view().bounds());
    for (int32_t y = part.y; y < part.bottom(); ++y) {
      std::fill_n(from.view().row(y) + part.x * 4, part.w * 4, uint8_t{255});
    }
    ScaleBilinear(from.view(), after.view(), after.view().bounds());
    const Rect scaled = ScaledRect(changed, from.view().bounds(), after.view().bounds());
    Rect touched;
    for (int32_t y = 0; y < to_h; ++y) {
      for (int32_t x = 0; x < to_w; ++x) {
        if (after.view().row(y)[x * 4] != before.view().row(y)[x * 4]) {
          touched = Bound(touched, {x, y, 1, 1});
        }
      }
    }
    CAPTURE(i);
    REQUIRE(Intersect(touched, scaled) == touched);
    // A weight of one 256th of both directions may vanish in rounding; otherwise it is exact.
    if (!touched.empty()) {
      CHECK(scaled.w - touched.w <= 2);
      CHECK(scaled.h - touched.h <= 2);
    }
  }
  CHECK(ScaledRect({}, {0, 0, 5, 5}, {0, 0, 9, 9}) == Rect{});
  CHECK(ScaledRect({0, 0, 5, 5}, {0, 0, 5, 5}, {0, 0, 9, 9}) == Rect{0, 0, 9, 9});
}

}  // namespace
}  // namespace mullion
