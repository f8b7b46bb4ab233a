#include "engine/progressive_job.h"

#include <utility>

#include "engine/surface.h"

namespace mullion {

Status ProgressiveJob::Prepare(std::shared_ptr<Surface> surface) {
  surface_ = std::move(surface);
  if (static_cast<uint64_t>(message.rects.size()) * message.tiles.size() > kMaxTileRectPairs) {
    return Fail(Err::kLimit, "numRects");
  }
  if (message.tiles.size() > MaxTiles(surface_->bounds())) return Fail(Err::kLimit, "numTiles");
  clips.reserve(message.rects.size());
  for (const Rect& rect : message.rects) clips.push_back(Intersect(rect, surface_->bounds()));
  covered.resize(clips.size());
  for (uint32_t r = 0; r < message.regions.size(); ++r) {
    const ProgressiveRegion& region = message.regions[r];
    for (uint32_t i = region.first_tile; i < region.first_tile + region.tile_count; ++i) {
      Tile& tile = tiles.emplace_back();
      tile.index = i;
      tile.set = r;
      tile.clip_count = static_cast<uint32_t>(clips.size());
      tile.rect = {message.tiles[i].x_idx * kTilePx, message.tiles[i].y_idx * kTilePx, kTilePx,
                   kTilePx};
      Cover(&tile);
    }
  }
  FindOverlaps();
  return Ok();
}

Status ProgressiveJob::DecodeTile(const Tile& tile, const PixelView* dst) {
  const ProgressiveRegion& region = message.regions[tile.set];
  const ProgressiveTile& coded = message.tiles[tile.index];
  return dst != nullptr ? surface_->progressive()->DecodeTile(message, region, coded, *dst)
                        : surface_->progressive()->DecodeHiddenTile(message, region, coded);
}

void ProgressiveJob::Recycle() {
  Clear();
  Forget(&message.regions);
  Forget(&message.rects);
  Forget(&message.quants);
  Forget(&message.qualities);
  Forget(&message.tiles);
  surface_.reset();
  home_->Give(this);
}

}  // namespace mullion
