// A rectangle of pixels: left, top, width, height; empty when width or height is not positive.
//
// Units: pixels. Threads: a value. Errors: none; all operations are total for any 32-bit input
// whose edges fit 32 bits, which ParseX functions guarantee (wire fields have 16 bits).
#ifndef MULLION_CODECS_BASE_RECT_H_
#define MULLION_CODECS_BASE_RECT_H_

#include <algorithm>
#include <cstdint>

namespace mullion {

struct Rect {
  int32_t x = 0, y = 0, w = 0, h = 0;

  constexpr int32_t right() const { return x + w; }   // exclusive
  constexpr int32_t bottom() const { return y + h; }  // exclusive
  constexpr bool empty() const { return w <= 0 || h <= 0; }
  constexpr int64_t area() const { return empty() ? 0 : static_cast<int64_t>(w) * h; }
  constexpr bool operator==(const Rect&) const = default;
};

constexpr Rect RectFromEdges(int32_t left, int32_t top, int32_t right, int32_t bottom) {
  return {left, top, right - left, bottom - top};
}
constexpr Rect Intersect(const Rect& a, const Rect& b) {
  const Rect r = RectFromEdges(std::max(a.x, b.x), std::max(a.y, b.y),
                               std::min(a.right(), b.right()), std::min(a.bottom(), b.bottom()));
  return r.empty() ? Rect{} : r;
}
// The bounding rectangle of both; an empty one counts for nothing.
constexpr Rect Bound(const Rect& a, const Rect& b) {
  if (a.empty()) return b.empty() ? Rect{} : b;
  if (b.empty()) return a;
  return RectFromEdges(std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.right(), b.right()),
                       std::max(a.bottom(), b.bottom()));
}
constexpr bool Contains(const Rect& outer, const Rect& inner) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.right() <= outer.right() &&
         inner.bottom() <= outer.bottom();
}

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_RECT_H_
