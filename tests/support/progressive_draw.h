// Draws a parsed Progressive stream as a client does: every tile, clipped to the union of the
// stream's regions and to the surface.
#ifndef MULLION_TESTS_SUPPORT_PROGRESSIVE_DRAW_H_
#define MULLION_TESTS_SUPPORT_PROGRESSIVE_DRAW_H_

#include "codecs/image/progressive.h"

namespace mullion {

// Returns the first failure; the other tiles are drawn all the same.
inline Status DrawProgressive(const ProgressiveMessage& message, ProgressiveSurface* surface,
                              const PixelView& dst) {
  Status first;
  uint8_t pixels[64 * 64 * 4];
  const PixelView scratch = {pixels, 64, 64, 256, dst.format};
  for (const ProgressiveRegion& region : message.regions) {
    for (const ProgressiveTile& tile : message.Tiles(region)) {
      const Status status = surface->DecodeTile(message, region, tile, scratch);
      if (!status.ok()) {
        if (first.ok()) first = status;
        continue;
      }
      const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
      for (const Rect& rect : message.rects) {
        const Rect r = Intersect(Intersect(rect, place), dst.bounds());
        if (r.empty()) continue;
        CopyPixels(scratch.Sub({r.x - place.x, r.y - place.y, r.w, r.h}), dst.Sub(r));
      }
    }
  }
  return first;
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_PROGRESSIVE_DRAW_H_
