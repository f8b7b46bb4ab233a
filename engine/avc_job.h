// One H.264 frame of the graphics pipeline (AVC420, AVC444, AVC444v2): decoded in the order of its
// surface's stream, ahead of its turn, and drawn at its turn, in strips, by as many workers as are
// idle.
//
// Specification: MS-RDPEGFX 2.2.4.4 to 2.2.4.6, 3.3.8.3.
// Threads: Decode by who holds the surface's key; Begin and the parts at the head of the commit
// ring. Ownership: as engine/job.h; holds the decoded pictures until it is recycled.
#ifndef MULLION_ENGINE_AVC_JOB_H_
#define MULLION_ENGINE_AVC_JOB_H_

#include <memory>

#include "codecs/image/avc.h"
#include "codecs/simd/yuv.h"
#include "codecs/wire/avc.h"
#include "engine/job.h"
#include "engine/jobs.h"
#include "engine/op.h"

namespace mullion {

class AvcJob final : public Job {
 public:
  explicit AvcJob(FreeList<AvcJob>* home) : home_(home) {}

  // Takes the stream apart; regions are cut to the surface.
  Status Prepare(CodecId codec, ByteView stream, std::shared_ptr<Surface> surface);
  // H.264 to pictures.
  Status Decode();
  // The pictures' turn has come. part_count() may be 0 then: nothing is to be drawn.
  Status Begin(const PixelView& target, bool keep_alpha);
  void End();

  size_t part_count() const override { return strips_; }
  Rect bounds() const;  // around everything that is drawn
  template <typename Visit>
  void VisitRegion(Visit visit) const {
    for (const Rect& rect : views_.main.region) visit(rect);
    for (const Rect& rect : views_.aux.region) visit(rect);
  }

 protected:
  void RunPart(size_t index) override;
  void Recycle() override;

 private:
  static constexpr int32_t kStripRows = 64;

  void Draw(const Rect& strip) const;

  FreeList<AvcJob>* const home_;
  std::shared_ptr<Surface> surface_;
  CodecId codec_ = CodecId::kAvc420;
  Avc444Stream views_;  // AVC420 is a main view alone
  AvcPicture main_, aux_;
  PixelView target_;
  bool keep_alpha_ = false;
  Rect drawn_;
  size_t strips_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_AVC_JOB_H_
