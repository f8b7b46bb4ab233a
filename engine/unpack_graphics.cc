// The drawing half of the unpacker: rectangles and surface commands become kDraw ops.
#include <algorithm>
#include <utility>

#include "codecs/base/source_allocator.h"
#include "codecs/image/pointer_image.h"
#include "codecs/wire/pointer.h"
#include "engine/api/mullion.h"
#include "engine/decode.h"
#include "engine/rfx_job.h"
#include "engine/unpack.h"

namespace mullion {
namespace {

// The most that a session keeps of decoded pointer shapes; what does not fit is shown, not kept.
constexpr size_t kMaxPointers = 256;
constexpr size_t kMaxPointerBytes = size_t{8} << 20;
// As much memory is kept for decoding the next shape. Few are larger than 32 pixels square.
constexpr size_t kKeptPointerBytes = size_t{4} << 10;

const char* PointerName(PointerKind kind) {
  switch (kind) {
    case PointerKind::kHidden:
      return "hidden";
    case PointerKind::kDefault:
      return "default";
    case PointerKind::kPosition:
      return "position";
    case PointerKind::kCached:
      return "cached";
    case PointerKind::kShape:
      return "shape";
    case PointerKind::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace

// One op of the update that is being handed out, if there is one.
bool Unpacker::NextDraw(Op* op) {
  if (update_.bitmap) {
    BitmapRect rect;
    while (update_.bitmap->Next(&rect)) {
      *op = MakeOp(OpKind::kDraw);
      if (BitmapOp(rect, op)) return true;
    }
    const Status status = update_.bitmap->status();
    update_ = Update();
    if (!status.ok()) {
      *op = MakeOp(OpKind::kLost);
      return Lost(op, Rect(), status);
    }
  }
  if (update_.surface) {
    SurfaceCommand command;
    while (update_.surface->Next(&command)) {
      if (command.cmd == SurfaceCmd::kFrameMarker) {
        counters_.Count("update", "frame_marker");
        *op = MakeOp(command.marker.end ? OpKind::kFrameEnd : OpKind::kFrameBegin);
        op->value = command.marker.frame_id;
        return true;
      }
      counters_.Count("update", command.cmd == SurfaceCmd::kSetSurfaceBits ? "set_surface_bits"
                                                                           : "stream_surface_bits");
      *op = MakeOp(OpKind::kDraw);
      if (SurfaceOp(command.bits, op)) return true;
    }
    const Status status = update_.surface->status();
    update_ = Update();
    if (!status.ok()) {
      *op = MakeOp(OpKind::kLost);
      return Lost(op, Rect(), status);
    }
  }
  return false;
}

// Surface commands without a session around them: only RemoteFX channels tell the desktop's size.
void Unpacker::SizeFromSurfaceCommands() {
  SurfaceCommands commands(packet_.bytes.view());
  SurfaceCommand command;
  while (commands.Next(&command)) {
    if (command.cmd == SurfaceCmd::kFrameMarker) continue;
    RfxParser probe;
    RfxMessage message;
    (void)probe.Parse(command.bits.data, &message);  // a failure is told when it is decoded
    if (probe.channel_width() > 0 && probe.channel_height() > 0) {
      return SetDesktop(probe.channel_width(), probe.channel_height());
    }
  }
}

bool Unpacker::BitmapOp(const BitmapRect& rect, Op* op) {
  op->bits_per_pixel = static_cast<uint8_t>(std::min<uint16_t>(rect.bits_per_pixel, 255));
  op->coded_width_px = rect.width_px;
  op->coded_height_px = rect.height_px;
  op->bottom_up = true;
  op->row_padding = true;
  op->codec = !rect.compressed()          ? CodecId::kRaw
              : rect.bits_per_pixel == 32 ? CodecId::kPlanar
                                          : CodecId::kInterleaved;
  if (op->bits_per_pixel == 8) op->palette = palette_;
  op->payload = update_.bytes.SliceOf(rect.data);
  return FinishDraw(op, rect.dest);
}

bool Unpacker::SurfaceOp(const SurfaceBits& bits, Op* op) {
  op->bits_per_pixel = bits.bits_per_pixel;
  op->coded_width_px = bits.width_px;
  op->coded_height_px = bits.height_px;
  op->payload = update_.bytes.SliceOf(bits.data);
  const BitmapCodec codec =
      bits.codec_id == 0 ? BitmapCodec::kNone : follower_.facts().codecs[bits.codec_id];
  // Peers place surface bits by the destination's corner and the coded size; so do servers.
  const Rect dest{bits.dest.x, bits.dest.y, bits.width_px, bits.height_px};
  switch (codec) {
    case BitmapCodec::kNone:
      if (bits.codec_id != 0) break;
      op->codec = CodecId::kRaw;
      op->bottom_up = true;
      if (op->bits_per_pixel == 8) op->palette = palette_;
      return FinishDraw(op, dest);
    case BitmapCodec::kNsCodec:
      op->codec = CodecId::kNsCodec;
      op->bottom_up = true;
      return FinishDraw(op, dest);
    case BitmapCodec::kRemoteFx:
    case BitmapCodec::kImageRemoteFx:
      return SurfaceTiles(bits, op);
    case BitmapCodec::kQoi:
      op->codec = CodecId::kQoi;
      return FinishDraw(op, dest);
    case BitmapCodec::kQoiz: {
      ByteView inflated;
      const auto coded = Rect{0, 0, bits.width_px, bits.height_px}.area();
      const uint64_t max_out = std::min<uint64_t>(static_cast<uint64_t>(coded) * 5 + 64,
                                                  pipeline_->limits.max_pdu_bytes);
      Status status = TooLarge(coded) ? Fail(Err::kLimit, "width") : Ok();
      if (status.ok()) status = zstd_.Inflate(bits.data, max_out, &inflated);
      if (!status.ok()) {
        // Like every history, the stream cannot go on after a hole.
        EndSession(status, false, std::string("zstd stream: ") + status.field);
        return false;
      }
      Metrics::Add(pipeline_->metrics.bytes_inflated, inflated.size());
      counters_.Count("bulk", "zstd");
      op->codec = CodecId::kQoi;
      op->payload = Bytes::Copy(inflated, pipeline_->bytes);
      return FinishDraw(op, dest);
    }
    case BitmapCodec::kIgnore:
      return false;
    case BitmapCodec::kUnknown:
      break;
  }
  counters_.Count("undecoded", std::string("codec_id_").append(std::to_string(bits.codec_id)));
  return Lost(op, Intersect(dest, desktop_), Fail(Err::kUnsupported, "codecID"));
}

bool Unpacker::SurfaceTiles(const SurfaceBits& bits, Op* op) {
  op->codec = CodecId::kRemoteFx;
  const Rect origin{bits.dest.x, bits.dest.y, 0x10000, 0x10000};  // cut to the desktop only
  RfxJob* job = pipeline_->jobs->rfx.Take();
  op->job = JobPtr(job);
  job->payload = op->payload;
  Status status = rfx_.Parse(bits.data, &job->message);
  if (status.ok()) status = job->Prepare(origin, desktop_);
  if (!status.ok()) {
    op->job = JobPtr();
    return Lost(op, Intersect({bits.dest.x, bits.dest.y, bits.width_px, bits.height_px}, desktop_),
                status);
  }
  counters_.Count("codec", CodecName(op->codec));
  if (job->tiles.empty()) return false;
  counters_.Count("tiles", CodecName(op->codec), job->tiles.size());
  return true;
}

// Coded pictures are padded by a few columns; one much larger than the desktop is an attack.
bool Unpacker::TooLarge(int64_t coded_px) const { return coded_px > 2 * desktop_.area() + 65536; }

// Cuts the destination to the desktop, and refuses what only a hostile peer would send. False when
// nothing is to be drawn.
bool Unpacker::FinishDraw(Op* op, const Rect& dest) {
  counters_.Count("codec", CodecName(op->codec));
  const Rect coded{dest.x, dest.y, op->coded_width_px, op->coded_height_px};
  op->dest = Intersect(Intersect(dest, coded), desktop_);
  if (op->dest.empty()) return false;
  if (TooLarge(coded.area())) {
    return Lost(op, op->dest, Fail(Err::kLimit, "bitmapWidth"));
  }
  counters_.Count("tiles", CodecName(op->codec));
  return true;
}

bool Unpacker::Lost(Op* op, const Rect& rect, Status status) {
  counters_.Count("lost", op->codec == CodecId::kOther ? "update" : CodecName(op->codec));
  op->kind = OpKind::kLost;
  op->dest = rect;
  op->status = status;
  return true;
}

void Unpacker::HandlePalette(ByteView body) {
  PaletteUpdate update;
  if (Status status = ParsePalette(body, &update); !status.ok())
    return QueueLost("palette", status);
  auto palette = palette_ ? std::make_shared<Palette>(*palette_) : std::make_shared<Palette>();
  for (int i = 0; i < update.count; ++i) {
    const ByteView rgb = update.entries.subspan(static_cast<size_t>(i) * 3, 3);
    palette->Set(i, rgb[0], rgb[1], rgb[2]);
  }
  palette_ = std::move(palette);
}

void Unpacker::HandlePointer(const PointerUpdate& update) {
  counters_.Count("pointer", PointerName(update.kind));
  Op op = MakeOp(OpKind::kPointer);
  op.value = update.cache_index;
  switch (update.kind) {
    case PointerKind::kUnknown:
      counters_.Count("undecoded", "pointer");
      return;
    case PointerKind::kHidden:
      op.pointer_kind = MLN_POINTER_HIDDEN;
      return Queue(std::move(op));
    case PointerKind::kDefault:
      op.pointer_kind = MLN_POINTER_DEFAULT;
      return Queue(std::move(op));
    case PointerKind::kPosition:
      op.pointer_kind = MLN_POINTER_POSITION;
      op.dest = {update.x, update.y, 0, 0};
      return Queue(std::move(op));
    case PointerKind::kCached:
    case PointerKind::kShape:
      break;
  }
  op.pointer_kind = MLN_POINTER_SHAPE;
  if (update.kind == PointerKind::kCached) {
    if (update.cache_index < pointers_.size()) op.note = pointers_[update.cache_index];
    if (op.note == nullptr) return QueueLost("pointer", Fail(Err::kState, "cacheIndex"));
    return Queue(std::move(op));
  }
  if (Status status = DecodePointer(update, &op.note); !status.ok()) {
    return QueueLost("pointer", status);
  }
  size_t kept = op.note->pointer->bgra.size();
  for (const auto& other : pointers_) kept += other ? other->pointer->bgra.size() : 0;
  if (update.cache_index < kMaxPointers && kept <= kMaxPointerBytes) {
    if (pointers_.size() <= update.cache_index) pointers_.resize(update.cache_index + size_t{1});
    pointers_[update.cache_index] = op.note;
  } else {
    counters_.Count("undecoded", "pointer_cache_full");
  }
  Queue(std::move(op));
}

// To a note that the cache keeps, and every event that shows the shape again.
Status Unpacker::DecodePointer(const PointerUpdate& update, std::shared_ptr<const Note>* note) {
  PointerShape coded;
  coded.width = update.width_px;
  coded.height = update.height_px;
  coded.hot_x = update.x;
  coded.hot_y = update.y;
  coded.xor_bpp = update.xor_bpp;
  coded.xor_mask = update.xor_mask;
  coded.and_mask = update.and_mask;
  coded.palette = palette_.get();
  MULLION_TRY(DecodePointerImage(coded, &pointer_bgra_, pipeline_->limits.max_pointer_px));
  BytesSource* const source = pipeline_->surfaces.tile_source;
  auto image = MakeShared<PointerImage>(source);
  image->width_px = update.width_px;
  image->height_px = update.height_px;
  image->hot_x = update.x;
  image->hot_y = update.y;
  if (!pointer_bgra_.empty()) image->bgra = Bytes::Copy(pointer_bgra_, source);
  if (pointer_bgra_.capacity() > kKeptPointerBytes) pointer_bgra_ = std::vector<uint8_t>();
  auto shape = MakeShared<Note>(source);
  shape->pointer = std::move(image);
  *note = std::move(shape);
  return Ok();
}

}  // namespace mullion
