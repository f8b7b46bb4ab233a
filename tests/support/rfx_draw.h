// Draws a parsed RemoteFX message as a client does: every tile clipped to its region (3.1.8.2.6).
#ifndef MULLION_TESTS_SUPPORT_RFX_DRAW_H_
#define MULLION_TESTS_SUPPORT_RFX_DRAW_H_

#include "codecs/image/remotefx.h"

namespace mullion {

// Returns the first failure; the other tiles are drawn all the same.
inline Status DrawRfxMessage(const RfxMessage& message, const PixelView& dst) {
  Status first;
  uint8_t pixels[64 * 64 * 4];
  const PixelView scratch = {pixels, 64, 64, 256, dst.format};
  for (const RfxTileSet& set : message.tile_sets) {
    for (const RfxTile& tile : message.Tiles(set)) {
      const Status status = DecodeRfxTile(set.entropy, message.Quants(set), tile, scratch);
      if (!status.ok()) {
        if (first.ok()) first = status;
        continue;
      }
      const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
      for (const Rect& rect : message.Region(set)) {
        const Rect r = Intersect(Intersect(rect, place), dst.bounds());
        if (r.empty()) continue;
        CopyPixels(scratch.Sub({r.x - place.x, r.y - place.y, r.w, r.h}), dst.Sub(r));
      }
    }
  }
  return first;
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_RFX_DRAW_H_
