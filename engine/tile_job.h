// A job whose parts are 64x64 tiles of one message: RemoteFX (rfx_job.h), Progressive
// (progressive_job.h).
//
// Shapes and units: clips and tiles in pixels of the target (the framebuffer, or a surface), clips
// already cut to it; tiles may stick out. Threads, ownership: as engine/job.h.
// INVARIANT: tiles of a job that is not `serial` do not overlap.
#ifndef MULLION_ENGINE_TILE_JOB_H_
#define MULLION_ENGINE_TILE_JOB_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "engine/job.h"
#include "engine/scratch.h"

namespace mullion {

class TileJob : public Job {
 public:
  static constexpr int32_t kTilePx = 64;
  static constexpr uint64_t kMaxTileRectPairs = uint64_t{1} << 26;
  // Of a message: four passes over all places, and a few more. Each may want scratch memory.
  static constexpr size_t MaxTiles(const Rect& bounds) {
    const auto places = [](int32_t px) { return static_cast<size_t>(px / kTilePx + 2); };
    return 4 * places(bounds.w) * places(bounds.h) + 64;
  }

  struct Tile {
    uint32_t index = 0;  // in the message's list of tiles
    uint32_t set = 0;    // RemoteFX: tile set; Progressive: region
    uint32_t first_clip = 0, clip_count = 0;
    Rect rect;           // where its 64x64 pixels go
    bool drawn = false;  // some clip touches it
    // Written by the worker:
    bool aside = false;  // decoded to scratch, to be copied when the op is committed
    Status status;
  };

  size_t part_count() const override { return tiles.size(); }

  // Where the tiles are decoded to: the target itself; or aside, to scratch memory for all of them.
  // From there the job goes on to the target, tile by tile, once its op is the head of the commit
  // ring and the framebuffer may be written. Before Start().
  void SetTarget(const PixelView& target);
  void SetAside(uint8_t* scratch, PixelFormat format);
  // Tiles that were decoded aside.
  size_t aside_count() const { return aside_count_.load(std::memory_order_relaxed); }

  // Tile `index` in scratch memory.
  static PixelView ScratchView(uint8_t* scratch, size_t index, PixelFormat format) {
    return {scratch + index * ScratchPool::kTileBytes, kTilePx, kTilePx, kTilePx * 4, format};
  }

  // The parts of a tile that are to be drawn.
  template <typename Visit>
  void VisitClips(const Tile& tile, Visit visit) const {
    VisitClipsByIndex(tile, [&](size_t, const Rect& part) { visit(part); });
  }

  std::vector<Rect> clips;    // in pixels of the target, cut to it
  std::vector<Rect> covered;  // by clip: the bounding rectangle of what tiles draw of it
  std::vector<Tile> tiles;

 protected:
  // `dst` is 64x64 pixels, or null: for the tile's state only. Writes nothing on failure.
  virtual Status DecodeTile(const Tile& tile, const PixelView* dst) = 0;
  void RunPart(size_t index) override;
  void Clear();
  // Sets tile->drawn and adds to `covered`.
  void Cover(Tile* tile);
  // Servers send each place once per message; hostile ones need not.
  void FindOverlaps();

 private:
  template <typename Visit>
  void VisitClipsByIndex(const Tile& tile, Visit visit) const {
    for (size_t i = tile.first_clip; i < size_t{tile.first_clip} + tile.clip_count; ++i) {
      const Rect part = Intersect(clips[i], tile.rect);
      if (!part.empty()) visit(i, part);
    }
  }

  bool DecodesAside();

  uint8_t* scratch_ = nullptr;
  PixelFormat scratch_format_ = PixelFormat::kBgrx32;
  std::atomic<bool> direct_{false};  // target_ is known, and may be written
  std::mutex direct_mutex_;          // of who sets it
  PixelView target_;
  std::atomic<size_t> aside_count_{0};
  std::vector<uint64_t> places_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_TILE_JOB_H_
