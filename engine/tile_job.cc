#include "engine/tile_job.h"

#include <algorithm>

namespace mullion {

void TileJob::Clear() {
  clips.clear();
  covered.clear();
  tiles.clear();
}

void TileJob::Cover(Tile* tile) {
  VisitClipsByIndex(*tile, [&](size_t clip, const Rect& part) {
    covered[clip] = Bound(covered[clip], part);
    tile->drawn = true;
  });
}

void TileJob::FindOverlaps() {
  places_.clear();
  places_.reserve(tiles.size());
  for (const Tile& tile : tiles) {
    places_.push_back(static_cast<uint64_t>(static_cast<uint32_t>(tile.rect.y)) << 32 |
                      static_cast<uint32_t>(tile.rect.x));
  }
  std::sort(places_.begin(), places_.end());
  serial = std::adjacent_find(places_.begin(), places_.end()) != places_.end();
}

void TileJob::RunPart(size_t index) {
  Tile& tile = tiles[index];
  if (!tile.drawn) {
    tile.status = DecodeTile(tile, nullptr);
    return;
  }
  if (!direct_) {
    const PixelView target = ScratchView(target_.data, index, target_.format);
    tile.status = DecodeTile(tile, &target);
    return;
  }
  bool whole = false;
  VisitClips(tile, [&](const Rect& part) { whole |= part == tile.rect; });
  if (whole) {
    const PixelView target = target_.Sub(tile.rect);
    tile.status = DecodeTile(tile, &target);
    return;
  }
  alignas(64) uint8_t memory[kTilePx * kTilePx * 4];
  const PixelView pixels{memory, kTilePx, kTilePx, kTilePx * 4, target_.format};
  tile.status = DecodeTile(tile, &pixels);
  if (!tile.status.ok()) return;
  VisitClips(tile, [&](const Rect& part) {
    CopyPixels(pixels.Sub({part.x - tile.rect.x, part.y - tile.rect.y, part.w, part.h}),
               target_.Sub(part));
  });
}

}  // namespace mullion
