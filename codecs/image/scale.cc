#include "codecs/image/scale.h"

#include "codecs/image/blit.h"
#include "codecs/simd/pixel_scale.h"

namespace mullion {
namespace {

// The first of `dst_size` places for which `reached` holds; places never fall.
template <typename Reached>
int32_t FirstPlace(int32_t src_size, int32_t dst_size, const Reached& reached) {
  int32_t low = 0, high = dst_size;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (reached(SampleAt(middle, src_size, dst_size))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

struct Span {
  int32_t begin, end;  // [begin, end)
};
// The places with a sample among `src`.
Span PlacesOf(Span src, int32_t src_size, int32_t dst_size) {
  const auto last_used_from = [&](const ScaleSample& s) {
    return s.first + (s.weight > 0 ? 1 : 0) >= src.begin;
  };
  const auto first_used_behind = [&](const ScaleSample& s) {
    return s.first + (s.weight == 256 ? 1 : 0) >= src.end;
  };
  return {FirstPlace(src_size, dst_size, last_used_from),
          FirstPlace(src_size, dst_size, first_used_behind)};
}

}  // namespace

void ScalePixels(const PixelView& src, const PixelView& dst, const Rect& dst_part) {
  const Rect part = Intersect(dst_part, dst.bounds());
  if (part.empty() || src.bounds().empty()) return;
  if (src.bounds() == dst.bounds()) {
    MovePixels(src.Sub(part), dst.Sub(part));
  } else {
    ScaleBilinear(src, dst, part);
  }
}

Rect ScaledRect(const Rect& src_part, const Rect& src_bounds, const Rect& dst_bounds) {
  const Rect part = Intersect(src_part, src_bounds);
  if (part.empty()) return {};
  const Span columns = PlacesOf({part.x, part.right()}, src_bounds.w, dst_bounds.w);
  const Span rows = PlacesOf({part.y, part.bottom()}, src_bounds.h, dst_bounds.h);
  const Rect scaled = RectFromEdges(columns.begin, rows.begin, columns.end, rows.end);
  return scaled.empty() ? Rect{} : scaled;
}

}  // namespace mullion
