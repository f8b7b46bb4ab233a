// The tiles of one RemoteFX message, decoded by as many workers as are idle.
//
// Workers claim runs of tiles with one atomic; whoever finishes the last tile completes the slot.
// Ownership: counted references: the op's, and one per helper task that was submitted. A helper
// that comes late finds nothing left and lets go.
// Threads: Work() from any number of threads at once; everything else from the lane before, or from
// the committer after the work.
// INVARIANT: when several workers may run at once, no two tiles of the job share a pixel.
#ifndef MULLION_ENGINE_TILE_JOB_H_
#define MULLION_ENGINE_TILE_JOB_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "codecs/base/bytes.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/wire/rfx.h"
#include "engine/pool.h"

namespace mullion {

class TileJob;
struct Pipeline;
struct Slot;

class TileJobPtr {
 public:
  TileJobPtr() = default;
  explicit TileJobPtr(TileJob* job) : job_(job) {}
  TileJobPtr(TileJobPtr&& other) noexcept : job_(std::exchange(other.job_, nullptr)) {}
  TileJobPtr& operator=(TileJobPtr&& other) noexcept {
    std::swap(job_, other.job_);
    return *this;
  }
  ~TileJobPtr();
  TileJob* get() const { return job_; }
  TileJob* operator->() const { return job_; }
  explicit operator bool() const { return job_ != nullptr; }

 private:
  TileJob* job_ = nullptr;
};

class TileJob {
 public:
  static constexpr int32_t kTilePx = 64;
  static constexpr int kMaxHelpers = 16;
  static constexpr uint64_t kMaxTileRectPairs = uint64_t{1} << 26;

  struct Tile {
    const RfxTile* rfx = nullptr;
    uint32_t set = 0;  // index in message.tile_sets
    Rect rect;         // where its 64x64 pixels go; may stick out of the desktop
    Status status;     // written by the worker
  };

  // Gathers the tiles of `message` that touch `desktop`, at `origin` (its x and y), with the clip
  // rectangles in desktop pixels; leaves `tiles` empty if nothing is to be drawn.
  Status Prepare(const Rect& origin, const Rect& desktop);

  // Starts the work on this thread and on up to `helpers` others; returns when nothing is left to
  // claim. `target` is the framebuffer when `direct`, otherwise tiles.size() 64x64 tiles, one after
  // the other, from target.data on.
  void Start(Pipeline* pipeline, Slot* slot, const PixelView& target, bool direct, int helpers);

  // The parts of tile `index` that are to be drawn.
  template <typename Visit>
  void VisitClips(const Tile& tile, Visit visit) const {
    VisitClipsByIndex(tile, [&](size_t, const Rect& part) { visit(part); });
  }

  RfxMessage message;
  Bytes payload;              // keeps the message's views alive
  std::vector<Rect> clips;    // message.rects in desktop pixels, cut to the desktop
  std::vector<Rect> covered;  // by clip: the bounding rectangle of what tiles draw of it
  std::vector<Tile> tiles;
  bool overlapping = false;  // tiles share pixels: one worker, in order

 private:
  friend class TileJobPtr;
  class Helper final : public Task {
   public:
    void Run() override;
    TileJob* job = nullptr;
  };

  template <typename Visit>
  void VisitClipsByIndex(const Tile& tile, Visit visit) const {
    const RfxTileSet& set = message.tile_sets[tile.set];
    for (size_t i = set.first_rect; i < size_t{set.first_rect} + set.rect_count; ++i) {
      const Rect part = Intersect(clips[i], tile.rect);
      if (!part.empty()) visit(i, part);
    }
  }
  void Work();
  void DecodeTile(Tile& tile, size_t index);
  void Unref();

  Pipeline* pipeline_ = nullptr;
  Slot* slot_ = nullptr;
  PixelView target_;
  bool direct_ = false;
  size_t chunk_ = 1;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> left_{0};
  std::atomic<int> refs_{1};
  std::array<Helper, kMaxHelpers> helpers_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_TILE_JOB_H_
