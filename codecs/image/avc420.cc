#include "codecs/image/avc420.h"

namespace mullion {

Status ClipAvcRegion(const Rect& surface, std::vector<Rect>* region) {
  int64_t area = 0;
  size_t kept = 0;
  for (const Rect& rect : *region) {
    const Rect clipped = Intersect(rect, surface);
    if (clipped.empty()) continue;
    area += clipped.area();
    (*region)[kept++] = clipped;
  }
  region->resize(kept);
  return area > 4 * surface.area() ? Fail(Err::kLimit, "regionRects") : Ok();
}

void DrawAvc420(const AvcPicture& picture, std::span<const Rect> region, const Rect& part,
                const PixelView& surface) {
  const YuvView& view = picture.view();
  const Rect clip = Intersect(part, Intersect(view.bounds(), surface.bounds()));
  for (const Rect& rect : region) {
    const Rect r = Intersect(rect, clip);
    if (!r.empty()) ConvertYuv420(view, r, surface.Sub(r));
  }
}

}  // namespace mullion
