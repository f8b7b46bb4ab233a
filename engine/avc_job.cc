#include "engine/avc_job.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codecs/image/avc420.h"
#include "engine/surface.h"

namespace mullion {

Status AvcJob::Prepare(CodecId codec, ByteView stream, std::shared_ptr<Surface> surface) {
  codec_ = codec;
  surface_ = std::move(surface);
  if (codec == CodecId::kAvc420) {
    views_.has_main = true;
    views_.has_aux = false;
    views_.aux.Clear();
    MULLION_TRY(ParseAvc420(stream, &views_.main));
  } else {
    MULLION_TRY(ParseAvc444(stream, &views_));
  }
  MULLION_TRY(ClipAvcRegion(surface_->bounds(), &views_.main.region));
  return ClipAvcRegion(surface_->bounds(), &views_.aux.region);
}

Rect AvcJob::bounds() const {
  Rect bounds;
  VisitRegion([&](const Rect& rect) { bounds = Bound(bounds, rect); });
  return bounds;
}

Status AvcJob::Decode() {
  AvcDecoder& decoder = surface_->avc()->decoder;
  Status status;
  if (views_.has_main) status = decoder.Decode(views_.main.bitstream, &main_);
  // The second view refers to the first one's picture or not; it is decoded in any case, so that
  // the frames after it find what they refer to.
  if (views_.has_aux) {
    const Status aux = decoder.Decode(views_.aux.bitstream, &aux_);
    if (status.ok()) status = aux;
  }
  surface_->CountDecoder();
  return status;
}

Status AvcJob::Begin(const PixelView& target, bool keep_alpha) {
  target_ = target;
  keep_alpha_ = keep_alpha;
  strips_ = 0;
  if (codec_ != CodecId::kAvc420) {
    const Yuv444Layout layout = codec_ == CodecId::kAvc444 ? Yuv444Layout::kV1 : Yuv444Layout::kV2;
    MULLION_TRY(surface_->avc()->yuv444.Update(layout, views_, main_, aux_, surface_->bounds()));
  }
  drawn_ = bounds();
  strips_ = static_cast<size_t>((drawn_.h + kStripRows - 1) / kStripRows);
  return Ok();
}

void AvcJob::End() {
  if (codec_ == CodecId::kAvc420) return;
  surface_->avc()->yuv444.EndFrame();
  surface_->CountYuv444();
}

void AvcJob::Draw(const Rect& strip) const {
  if (codec_ == CodecId::kAvc420) {
    DrawAvc420(main_, views_.main.region, strip, target_);
  } else {
    surface_->avc()->yuv444.Draw(views_, strip, target_);
  }
}

void AvcJob::RunPart(size_t index) {
  Rect strip = drawn_;
  strip.y += static_cast<int32_t>(index) * kStripRows;
  strip.h = std::min(kStripRows, drawn_.bottom() - strip.y);
  if (!keep_alpha_) return Draw(strip);
  // Few surfaces keep their alpha: it is put aside and back.
  std::vector<uint8_t> alpha;
  alpha.reserve(static_cast<size_t>(strip.area()));
  const PixelView pixels = target_.Sub(strip);
  for (int32_t y = 0; y < strip.h; ++y) {
    for (int32_t x = 0; x < strip.w; ++x) alpha.push_back(pixels.row(y)[ptrdiff_t{x} * 4 + 3]);
  }
  Draw(strip);
  auto kept = alpha.cbegin();
  for (int32_t y = 0; y < strip.h; ++y) {
    for (int32_t x = 0; x < strip.w; ++x) pixels.row(y)[ptrdiff_t{x} * 4 + 3] = *kept++;
  }
}

void AvcJob::Recycle() {
  main_ = aux_ = AvcPicture();
  Forget(&views_.main.region);
  Forget(&views_.aux.region);
  surface_.reset();
  strips_ = 0;
  home_->Give(this);
}

}  // namespace mullion
