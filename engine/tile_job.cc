#include "engine/tile_job.h"

#include <algorithm>
#include <memory>

#include "codecs/image/remotefx.h"
#include "engine/commit.h"
#include "engine/pipeline.h"

namespace mullion {

TileJobPtr::~TileJobPtr() {
  if (job_ != nullptr) job_->Unref();
}

void TileJob::Unref() {
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

Status TileJob::Prepare(const Rect& origin, const Rect& desktop) {
  // Each tile is held against each rectangle of its region; hostile lists must not cost seconds.
  for (const RfxTileSet& set : message.tile_sets) {
    if (static_cast<uint64_t>(set.rect_count) * set.tile_count > kMaxTileRectPairs) {
      return Fail(Err::kLimit, "numRects");
    }
  }
  const Rect visible = Intersect(origin, desktop);
  clips.reserve(message.rects.size());
  for (const Rect& rect : message.rects) {
    clips.push_back(Intersect({origin.x + rect.x, origin.y + rect.y, rect.w, rect.h}, visible));
  }
  covered.resize(clips.size());
  for (uint32_t s = 0; s < message.tile_sets.size(); ++s) {
    const RfxTileSet& set = message.tile_sets[s];
    for (const RfxTile& rfx : message.Tiles(set)) {
      Tile tile;
      tile.rfx = &rfx;
      tile.set = s;
      tile.rect = {origin.x + rfx.x_idx * kTilePx, origin.y + rfx.y_idx * kTilePx, kTilePx,
                   kTilePx};
      bool drawn = false;
      VisitClipsByIndex(tile, [&](size_t clip, const Rect& part) {
        covered[clip] = Bound(covered[clip], part);
        drawn = true;
      });
      if (drawn) tiles.push_back(tile);
    }
  }
  // Servers send each place once per message; hostile ones need not.
  std::vector<uint32_t> places;
  places.reserve(tiles.size());
  for (const Tile& tile : tiles) {
    places.push_back(static_cast<uint32_t>(tile.rfx->y_idx) << 16 | tile.rfx->x_idx);
  }
  std::sort(places.begin(), places.end());
  overlapping = std::adjacent_find(places.begin(), places.end()) != places.end();
  return Ok();
}

void TileJob::Start(Pipeline* pipeline, Slot* slot, const PixelView& target, bool direct,
                    int helpers) {
  pipeline_ = pipeline;
  slot_ = slot;
  target_ = target;
  direct_ = direct;
  helpers = std::min(helpers, kMaxHelpers);
  // Small runs share the end of the job evenly; a run still amortises the claim.
  chunk_ = overlapping
               ? tiles.size()
               : std::clamp<size_t>(tiles.size() / (8 * static_cast<size_t>(helpers + 1)), 1, 16);
  left_.store(tiles.size(), std::memory_order_relaxed);
  refs_.fetch_add(helpers + 1, std::memory_order_relaxed);
  for (int i = 0; i < helpers; ++i) {
    helpers_[static_cast<size_t>(i)].job = this;
    pipeline->Submit(&helpers_[static_cast<size_t>(i)]);
  }
  Work();
  Unref();
}

void TileJob::Helper::Run() {
  TileJob* mine = job;
  Pipeline* pipeline = mine->pipeline_;
  mine->Work();
  mine->Unref();
  pipeline->TaskEnded();
}

void TileJob::Work() {
  for (;;) {
    const size_t first = next_.fetch_add(chunk_, std::memory_order_relaxed);
    if (first >= tiles.size()) return;
    const size_t last = std::min(first + chunk_, tiles.size());
    const uint64_t begin = NowNs();
    for (size_t i = first; i < last; ++i) DecodeTile(tiles[i], i);
    pipeline_->metrics.decode.Add((NowNs() - begin) / (last - first));
    // The slot, and with it the op's reference, may be gone once the last tile is counted.
    if (left_.fetch_sub(last - first, std::memory_order_acq_rel) == last - first) {
      slot_->Complete();
      return;
    }
  }
}

void TileJob::DecodeTile(Tile& tile, size_t index) {
  const RfxTileSet& set = message.tile_sets[tile.set];
  if (!direct_) {
    PixelView target = target_;
    target.data += index * ScratchPool::kTileBytes;
    tile.status = DecodeRfxTile(set.entropy, message.Quants(set), *tile.rfx, target);
    return;
  }
  bool whole = false;
  VisitClips(tile, [&](const Rect& part) { whole |= part == tile.rect; });
  if (whole) {
    tile.status =
        DecodeRfxTile(set.entropy, message.Quants(set), *tile.rfx, target_.Sub(tile.rect));
    return;
  }
  alignas(64) uint8_t memory[kTilePx * kTilePx * 4];
  const PixelView pixels{memory, kTilePx, kTilePx, kTilePx * 4, target_.format};
  tile.status = DecodeRfxTile(set.entropy, message.Quants(set), *tile.rfx, pixels);
  if (!tile.status.ok()) return;
  VisitClips(tile, [&](const Rect& part) {
    CopyPixels(pixels.Sub({part.x - tile.rect.x, part.y - tile.rect.y, part.w, part.h}),
               target_.Sub(part));
  });
}

}  // namespace mullion
