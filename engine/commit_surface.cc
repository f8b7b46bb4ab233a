// The graphics pipeline's half of the commit stage: surfaces, fills, copies and the bitmap cache.
// These ops have no decode work: they run here, in order, straight on the surfaces' pixels.
#include "codecs/image/alpha_bytes.h"
#include "codecs/image/blit.h"
#include "codecs/wire/egfx.h"
#include "engine/commit.h"

namespace mullion {
namespace {

// Where `size` pixels at `point` land on the surface, and which of them.
struct Placed {
  Rect dest;
  Rect source;  // relative to the source's corner
};
Placed Place(const EgfxPoint& point, const Rect& size, const Rect& bounds) {
  const Rect dest = Intersect({point.x, point.y, size.w, size.h}, bounds);
  return {dest, {dest.x - point.x, dest.y - point.y, dest.w, dest.h}};
}

}  // namespace

bool CommitRing::CommitSurfaceOp(const Slot& slot) {
  if (!BeginWrite()) return false;
  const Status status = Apply(slot.op);
  // Outside of frames, an op that drew nothing leaves a whole picture.
  if (!in_frame_ && region_.empty() && !output_.dirty()) pipeline_->framebuffer.EndFrame(false);
  return status.ok() || SendLost(slot, slot.op.dest, status);
}

Status CommitRing::Apply(const Op& op) {
  switch (op.kind) {
    case OpKind::kCreateSurface:
      output_.Add(op.surface);
      return Ok();
    case OpKind::kDeleteSurface:
      output_.Remove(op.surface);
      return Ok();
    case OpKind::kMapToOutput:
      return output_.Map(op.surface.get(), op.dest, &region_);
    case OpKind::kMapToWindow:
      return output_.MapToWindow(op.surface.get());
    case OpKind::kKeepAlpha:
      return output_.KeepAlpha(op.surface.get());
    case OpKind::kAttachOutput:
      return output_.Attach(&region_);
    case OpKind::kFill:
      return Fill(op);
    case OpKind::kCopy:
      return Copy(op);
    case OpKind::kToCache:
      return ToCache(op);
    case OpKind::kFromCache:
      return FromCache(op);
    case OpKind::kEvict:
      cache_.Evict(static_cast<uint16_t>(op.value));
      return Ok();
    case OpKind::kClearCache:
      cache_.Clear();
      return Ok();
    default:
      return Ok();  // kForgetTiles is done by now
  }
}

Status CommitRing::Fill(const Op& op) {
  EgfxSolidFill fill;
  MULLION_TRY(ParseEgfxSolidFill(op.payload.view(), &fill));
  const PixelView target = TargetOf(op);
  if (target.data == nullptr) return Fail(Err::kLimit, "surface memory");
  const uint32_t alpha = op.keep_alpha ? fill.xa : 0xFF;
  const uint32_t pixel = alpha << 24 | uint32_t{fill.r} << 16 | uint32_t{fill.g} << 8 | fill.b;
  for (size_t i = 0; i < fill.rects.size(); ++i) {
    const Rect rect = Intersect(fill.rects[i], target.bounds());
    if (rect.empty()) continue;
    FillPixels(target.Sub(rect), pixel);
    Drew(op, rect);
  }
  return Ok();
}

Status CommitRing::Copy(const Op& op) {
  EgfxSurfaceToSurface copy;
  MULLION_TRY(ParseEgfxSurfaceToSurface(op.payload.view(), &copy));
  const PixelView target = TargetOf(op);
  if (target.data == nullptr || !output_.Ensure(op.source.get()).ok()) {
    return Fail(Err::kLimit, "surface memory");
  }
  const PixelView source = op.source->view().Sub(copy.source);
  for (size_t i = 0; i < copy.points.size(); ++i) {
    const Placed placed = Place(copy.points[i], copy.source, target.bounds());
    if (placed.dest.empty()) continue;
    MovePixels(source.Sub(placed.source), target.Sub(placed.dest));
    if (op.source->alpha && !op.surface->alpha) MakeOpaque(target.Sub(placed.dest));
    Drew(op, placed.dest);
  }
  return Ok();
}

Status CommitRing::ToCache(const Op& op) {
  const PixelView source = TargetOf(op);
  if (source.data == nullptr) return Fail(Err::kLimit, "surface memory");
  PixelView entry;
  MULLION_TRY(
      cache_.Store(static_cast<uint16_t>(op.value), op.dest.w, op.dest.h, source.format, &entry));
  CopyPixels(source.Sub(op.dest), entry);
  if (op.surface->alpha) cache_.SetAlpha(static_cast<uint16_t>(op.value));
  return Ok();
}

Status CommitRing::FromCache(const Op& op) {
  EgfxCacheToSurface copy;
  MULLION_TRY(ParseEgfxCacheToSurface(op.payload.view(), &copy));
  const PixelView target = TargetOf(op);
  if (target.data == nullptr) return Fail(Err::kLimit, "surface memory");
  const PixelView source = cache_.Find(copy.slot);
  const bool opaque = cache_.HasAlpha(copy.slot) && !op.surface->alpha;
  if (source.data == nullptr) return Fail(Err::kState, "cacheSlot");
  for (size_t i = 0; i < copy.points.size(); ++i) {
    const Placed placed = Place(copy.points[i], source.bounds(), target.bounds());
    if (placed.dest.empty()) continue;
    MovePixels(source.Sub(placed.source), target.Sub(placed.dest));
    if (opaque) MakeOpaque(target.Sub(placed.dest));
    Drew(op, placed.dest);
  }
  return Ok();
}

}  // namespace mullion
