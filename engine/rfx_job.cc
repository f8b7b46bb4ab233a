#include "engine/rfx_job.h"

#include "codecs/image/remotefx.h"

namespace mullion {

Status RfxJob::Prepare(const Rect& origin, const Rect& bounds) {
  // Each tile is held against each rectangle of its region; hostile lists must not cost seconds.
  for (const RfxTileSet& set : message.tile_sets) {
    if (static_cast<uint64_t>(set.rect_count) * set.tile_count > kMaxTileRectPairs) {
      return Fail(Err::kLimit, "numRects");
    }
  }
  const Rect visible = Intersect(origin, bounds);
  clips.reserve(message.rects.size());
  for (const Rect& rect : message.rects) {
    clips.push_back(Intersect({origin.x + rect.x, origin.y + rect.y, rect.w, rect.h}, visible));
  }
  covered.resize(clips.size());
  for (uint32_t s = 0; s < message.tile_sets.size(); ++s) {
    const RfxTileSet& set = message.tile_sets[s];
    for (uint32_t i = set.first_tile; i < set.first_tile + set.tile_count; ++i) {
      const RfxTile& rfx = message.tiles[i];
      Tile tile;
      tile.index = i;
      tile.set = s;
      tile.first_clip = set.first_rect;
      tile.clip_count = set.rect_count;
      tile.rect = {origin.x + rfx.x_idx * kTilePx, origin.y + rfx.y_idx * kTilePx, kTilePx,
                   kTilePx};
      Cover(&tile);
      if (!tile.drawn) continue;
      if (tiles.size() == MaxTiles(bounds)) return Fail(Err::kLimit, "numTiles");
      tiles.push_back(tile);
    }
  }
  FindOverlaps();
  return Ok();
}

Status RfxJob::DecodeTile(const Tile& tile, const PixelView* dst) {
  const RfxTileSet& set = message.tile_sets[tile.set];
  return DecodeRfxTile(set.entropy, message.Quants(set), message.tiles[tile.index], *dst);
}

void RfxJob::Recycle() {
  Clear();
  Forget(&message.tile_sets);
  Forget(&message.rects);
  Forget(&message.quants);
  Forget(&message.tiles);
  home_->Give(this);
}

}  // namespace mullion
