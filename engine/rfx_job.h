// The tiles of one RemoteFX message (MS-RDPRFX 2.2.2.3), from surface bits or WIRE_TO_SURFACE_1.
//
// Tiles that no rectangle of their region touches are not decoded: RemoteFX has no state.
// Threads, ownership: as engine/job.h.
#ifndef MULLION_ENGINE_RFX_JOB_H_
#define MULLION_ENGINE_RFX_JOB_H_

#include "codecs/wire/rfx.h"
#include "engine/jobs.h"
#include "engine/tile_job.h"

namespace mullion {

class RfxJob final : public TileJob {
 public:
  explicit RfxJob(FreeList<RfxJob>* home) : home_(home) {}

  // Gathers the tiles of `message` that touch `bounds`, at `origin` (its x and y), with the clip
  // rectangles in the pixels of `bounds`; leaves `tiles` empty if nothing is to be drawn.
  Status Prepare(const Rect& origin, const Rect& bounds);

  RfxMessage message;

 protected:
  Status DecodeTile(const Tile& tile, const PixelView* dst) override;
  void Recycle() override;

 private:
  FreeList<RfxJob>* const home_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_RFX_JOB_H_
