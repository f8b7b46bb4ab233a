// WIRE_TO_SURFACE_PDU_1 and _2: the codecs of the graphics pipeline (MS-RDPEGFX 2.2.2.1, 2.2.2.2).
#include <algorithm>

#include "engine/avc_job.h"
#include "engine/progressive_job.h"
#include "engine/rfx_job.h"
#include "engine/unpack_egfx.h"

namespace mullion {

bool EgfxUnpacker::WireToSurface1(ByteView body, Op* op) {
  EgfxWireToSurface1 command;
  *op = MakeOp(OpKind::kDraw);
  if (Status status = ParseEgfxWireToSurface1(body, &command); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  SurfaceEntry* entry = Find(command.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "WIRE_TO_SURFACE_1.surfaceId"));
  op->surface = entry->surface;
  Paints(entry, 0, op);
  op->keep_alpha = entry->keeps_alpha;
  op->payload = message_.SliceOf(command.data);
  switch (command.codec) {
    case EgfxCodec::kUncompressed:
      op->codec = CodecId::kRaw;
      op->bits_per_pixel = 32;
      return DrawBitmap(command, op);
    case EgfxCodec::kPlanar:
      op->codec = CodecId::kPlanar;
      return DrawBitmap(command, op);
    case EgfxCodec::kClear:
      op->codec = CodecId::kClear;
      if (!DrawBitmap(command, op)) return false;
      if (op->kind == OpKind::kLost) return true;
      if (clear_ == nullptr) clear_ = std::make_shared<ClearDecoder>();
      op->clear = clear_;
      op->value = std::exchange(clear_restarts_, false) ? 1 : 0;
      return true;
    case EgfxCodec::kAlpha:
      op->codec = CodecId::kAlpha;
      if (!DrawBitmap(command, op)) return false;
      if (op->kind == OpKind::kLost) return true;
      op->keep_alpha = false;  // alpha is what it writes
      return KeepAlphaFirst(op);
    case EgfxCodec::kRemoteFx:
      op->codec = CodecId::kRemoteFx;
      return DrawRemoteFx(command, op);
    case EgfxCodec::kAvc420:
      op->codec = CodecId::kAvc420;
      return DrawAvc(command, op);
    case EgfxCodec::kAvc444:
      op->codec = CodecId::kAvc444;
      return DrawAvc(command, op);
    case EgfxCodec::kAvc444V2:
      op->codec = CodecId::kAvc444V2;
      return DrawAvc(command, op);
    case EgfxCodec::kProgressive:
    case EgfxCodec::kProgressiveV2:
      break;
  }
  counters_.Count("undecoded", std::string("codec_").append(
                                   EgfxCodecName(static_cast<uint16_t>(command.codec))));
  return Lost(op, Intersect(command.dest, entry->surface->bounds()),
              Fail(Err::kUnsupported, "codecId"));
}

// Pictures of the destination's size, top-down.
bool EgfxUnpacker::DrawBitmap(const EgfxWireToSurface1& command, Op* op) {
  counters_.Count("codec", CodecName(op->codec));
  const Rect bounds = op->surface->bounds();
  op->coded_width_px = command.dest.w;
  op->coded_height_px = command.dest.h;
  op->dest = Intersect(command.dest, bounds);
  if (command.dest.area() > 2 * bounds.area() + 65536) {
    return Lost(op, op->dest, Fail(Err::kLimit, "destRect"));
  }
  // ClearCodec keeps a history, whatever is seen of the picture.
  if (op->dest.empty() && (op->codec != CodecId::kClear || command.dest.empty())) return false;
  counters_.Count("tiles", CodecName(op->codec));
  drew_ = true;
  return true;
}

bool EgfxUnpacker::KeepAlphaFirst(Op* op) {
  SurfaceEntry* entry = Find(op->surface->id);
  if (entry->keeps_alpha) return true;
  entry->keeps_alpha = true;
  second_ = std::move(*op);
  *op = MakeOp(OpKind::kKeepAlpha);
  op->surface = second_->surface;
  return true;
}

bool EgfxUnpacker::DrawRemoteFx(const EgfxWireToSurface1& command, Op* op) {
  const Rect bounds = op->surface->bounds();
  const Rect visible = Intersect(command.dest, bounds);
  RfxJob* job = pipeline_->jobs->rfx.Take();
  op->job = JobPtr(job);
  job->payload = op->payload;
  Status status = rfx_.Parse(command.data, &job->message);
  // Rectangles and tiles are relative to the destination's corner, and cut to the surface only.
  const Rect origin = {command.dest.x, command.dest.y, 0x10000, 0x10000};
  if (status.ok()) status = job->Prepare(origin, bounds);
  if (!status.ok()) return Lost(op, visible, status);
  counters_.Count("codec", CodecName(op->codec));
  if (job->tiles.empty()) return false;
  counters_.Count("tiles", CodecName(op->codec), job->tiles.size());
  op->dest = visible;
  drew_ = true;
  return true;
}

// The region rectangles say what is drawn; the destination rectangle is their bound, or nothing.
bool EgfxUnpacker::DrawAvc(const EgfxWireToSurface1& command, Op* op) {
  SurfaceEntry* entry = Find(command.surface_id);
  if (!AvcDecoder::Available()) {
    counters_.Count("undecoded", CodecName(op->codec));
    return Lost(op, Intersect(command.dest, op->surface->bounds()),
                Fail(Err::kUnsupported, "codecId"));
  }
  if (!entry->has_decoder) {
    if (decoders_ == pipeline_->limits.max_decoders) {
      return Lost(op, Intersect(command.dest, op->surface->bounds()),
                  Fail(Err::kLimit, "H.264 decoders"));
    }
    entry->has_decoder = true;
    ++decoders_;
  }
  AvcJob* job = pipeline_->jobs->avc.Take();
  op->job = JobPtr(job);
  job->payload = op->payload;
  if (Status status = job->Prepare(op->codec, command.data, op->surface); !status.ok()) {
    return Lost(op, Intersect(command.dest, op->surface->bounds()), status);
  }
  counters_.Count("codec", CodecName(op->codec));
  counters_.Count("tiles", CodecName(op->codec));
  op->dest = job->bounds();
  op->coded_width_px = op->dest.w;
  op->coded_height_px = op->dest.h;
  drew_ = true;
  return true;
}

bool EgfxUnpacker::WireToSurface2(ByteView body, Op* op) {
  EgfxWireToSurface2 command;
  *op = MakeOp(OpKind::kDraw);
  if (Status status = ParseEgfxWireToSurface2(body, &command); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  SurfaceEntry* entry = Find(command.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "WIRE_TO_SURFACE_2.surfaceId"));
  op->surface = entry->surface;
  Paints(entry, 0, op);
  op->keep_alpha = entry->keeps_alpha;
  op->payload = message_.SliceOf(command.data);
  if (command.codec != EgfxCodec::kProgressive) {
    counters_.Count("undecoded", std::string("codec_").append(
                                     EgfxCodecName(static_cast<uint16_t>(command.codec))));
    return Lost(op, Rect(), Fail(Err::kUnsupported, "codecId"));
  }
  op->codec = CodecId::kProgressive;
  auto context = std::find_if(entry->contexts.begin(), entry->contexts.end(),
                              [&](const Context& known) { return known.id == command.context_id; });
  if (context == entry->contexts.end()) {
    if (entry->contexts.size() == kMaxContexts) {
      return Lost(op, Rect(), Fail(Err::kLimit, "codecContextId"));
    }
    context = entry->contexts.insert(context, Context{command.context_id, {}});
  }
  ProgressiveJob* job = pipeline_->jobs->progressive.Take();
  op->job = JobPtr(job);
  job->payload = op->payload;
  Status status = ParseProgressive(command.data, &context->progressive, &job->message);
  if (status.ok()) status = job->Prepare(entry->surface);
  if (!status.ok()) return Lost(op, entry->surface->bounds(), status);
  for (const ProgressiveRegion& region : job->message.regions) {
    entry->diffing |= region.subband_diffing;
  }
  counters_.Count("codec", CodecName(op->codec));
  if (job->tiles.empty()) return false;
  counters_.Count("tiles", CodecName(op->codec), job->tiles.size());
  op->dest = entry->surface->bounds();
  drew_ = true;
  return true;
}

// Tiles may belong to several contexts, and sub-band differences refer to them for as long as the
// surface lives (3.3.1.2, 3.3.1.3): they are forgotten with the last context, without differences.
bool EgfxUnpacker::DeleteContext(ByteView body, Op* op) {
  EgfxDeleteEncodingContext command;
  *op = MakeOp(OpKind::kForgetTiles);
  if (Status status = ParseEgfxDeleteEncodingContext(body, &command); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  SurfaceEntry* entry = Find(command.surface_id);
  if (entry == nullptr) return false;  // went with its surface
  const size_t erased = std::erase_if(
      entry->contexts, [&](const Context& context) { return context.id == command.context_id; });
  if (erased == 0 || !entry->contexts.empty() || entry->diffing) return false;
  op->surface = entry->surface;
  return true;
}

}  // namespace mullion
