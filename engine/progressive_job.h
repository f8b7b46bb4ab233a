// The tiles of one RemoteFX Progressive stream (MS-RDPEGFX 2.2.4.2), for the state of one surface.
//
// Every tile is decoded, also where no rectangle touches it: later passes refine it. Jobs of one
// surface run one after the other (engine/key_queue.h); the tiles of one job at the same time.
// Threads, ownership: as engine/job.h; shares the surface.
#ifndef MULLION_ENGINE_PROGRESSIVE_JOB_H_
#define MULLION_ENGINE_PROGRESSIVE_JOB_H_

#include <memory>

#include "codecs/wire/progressive.h"
#include "engine/jobs.h"
#include "engine/tile_job.h"

namespace mullion {

class Surface;

class ProgressiveJob final : public TileJob {
 public:
  explicit ProgressiveJob(FreeList<ProgressiveJob>* home) : home_(home) {}

  // Gathers all tiles of `message`, to be drawn on `surface` within the rectangles of all regions.
  Status Prepare(std::shared_ptr<Surface> surface);

  ProgressiveMessage message;

 protected:
  Status DecodeTile(const Tile& tile, const PixelView* dst) override;
  void Recycle() override;

 private:
  FreeList<ProgressiveJob>* const home_;
  std::shared_ptr<Surface> surface_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_PROGRESSIVE_JOB_H_
