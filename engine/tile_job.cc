#include "engine/tile_job.h"

#include <algorithm>

#include "engine/commit.h"

namespace mullion {

void TileJob::Clear() {
  Forget(&clips);
  Forget(&covered);
  Forget(&tiles);
  Forget(&places_);
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

void TileJob::SetTarget(const PixelView& target) {
  target_ = target;
  direct_.store(true, std::memory_order_relaxed);
}

void TileJob::SetAside(uint8_t* scratch, PixelFormat format) {
  scratch_ = scratch;
  scratch_format_ = format;
  direct_.store(false, std::memory_order_relaxed);
  aside_count_.store(0, std::memory_order_relaxed);
}

// Copying costs, and is done by one thread alone: as little as possible is decoded aside.
bool TileJob::DecodesAside() {
  if (direct_.load(std::memory_order_acquire)) return false;
  // Where tiles may overlap, those that were decoded aside must not be copied over later ones.
  if (serial || !slot()->MayDecodeDirectNow()) return true;
  std::lock_guard lock(direct_mutex_);
  if (direct_.load(std::memory_order_relaxed)) return false;
  target_ = slot()->pipeline->commit->TargetOf(slot()->op);
  if (target_.data == nullptr) return true;
  direct_.store(true, std::memory_order_release);
  return false;
}

void TileJob::RunPart(size_t index) {
  Tile& tile = tiles[index];
  if (!tile.drawn) {
    tile.status = DecodeTile(tile, nullptr);
    return;
  }
  tile.aside = DecodesAside();
  if (tile.aside) {
    aside_count_.fetch_add(1, std::memory_order_relaxed);
    const PixelView target = ScratchView(scratch_, index, scratch_format_);
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
