#include "codecs/base/rect.h"

#include <doctest/doctest.h>

#include <vector>

#include "codecs/base/pixel_view.h"

namespace mullion {
namespace {

TEST_CASE("Intersect and Bound agree with counting the points of small rectangles") {
  const auto has = [](const Rect& r, int x, int y) {
    return x >= r.x && x < r.right() && y >= r.y && y < r.bottom();
  };
  std::vector<Rect> rects = {{}, {0, 0, -2, 3}, {-2, -2, 9, 9}};
  for (int x = -1; x <= 2; ++x) {
    for (int w = 0; w <= 3; ++w) rects.push_back({x, -x, w, 4 - w});
  }
  for (const Rect& a : rects) {
    for (const Rect& b : rects) {
      const Rect both = Intersect(a, b);
      const Rect hull = Bound(a, b);
      int64_t common = 0;
      bool contained = true;
      for (int y = -8; y < 12; ++y) {
        for (int x = -8; x < 12; ++x) {
          const bool in_both = has(a, x, y) && has(b, x, y);
          common += in_both;
          CHECK(has(both, x, y) == in_both);
          if (has(a, x, y) || has(b, x, y)) CHECK(has(hull, x, y));
          if (has(b, x, y) && !has(a, x, y)) contained = false;
        }
      }
      CHECK(both.area() == common);
      CHECK(both == Intersect(b, a));
      CHECK(hull == Bound(b, a));
      if (!b.empty()) CHECK(Contains(a, b) == contained);
    }
  }
}

TEST_CASE("Rect of edges and of the largest wire values does not overflow") {
  CHECK(RectFromEdges(3, 4, 10, 20) == Rect{3, 4, 7, 16});
  const Rect wire = {65535, 65535, 65535, 65535};
  CHECK(wire.area() == int64_t{65535} * 65535);
  CHECK(Intersect(wire, {0, 0, 65536, 65536}) == Rect{65535, 65535, 1, 1});
}

TEST_CASE("PixelView's sub-views and flips address the same memory") {
  std::vector<uint8_t> memory(8 * 5 * 4);
  const PixelView view = {memory.data(), 8, 5, 32, PixelFormat::kBgrx32};
  CHECK(view.bounds() == Rect{0, 0, 8, 5});
  const PixelView sub = view.Sub({2, 1, 3, 2});
  CHECK(sub.row(1) == memory.data() + 2 * 32 + 8);
  const PixelView flipped = view.Flipped();
  CHECK(flipped.row(0) == view.row(4));
  CHECK(flipped.row(4) == view.row(0));
  CHECK(flipped.Flipped().data == view.data);
  CHECK(sub.Flipped().row(0) == sub.row(1));
}

TEST_CASE("CopyPixels touches only the rectangle") {
  std::vector<uint8_t> source(4 * 4 * 4, 7);
  std::vector<uint8_t> target(6 * 6 * 4, 1);
  const PixelView from = {source.data(), 4, 4, 16, PixelFormat::kBgrx32};
  const PixelView to = {target.data(), 6, 6, 24, PixelFormat::kBgrx32};
  CopyPixels(from, to.Sub({1, 1, 4, 4}));
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) {
      const bool inside = x >= 1 && x < 5 && y >= 1 && y < 5;
      CHECK(to.row(y)[x * 4] == (inside ? 7 : 1));
    }
  }
}

}  // namespace
}  // namespace mullion
