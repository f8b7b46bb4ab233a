#include "engine/decode.h"

#include <algorithm>

#include "codecs/image/alpha.h"
#include "codecs/image/alpha_bytes.h"
#include "codecs/image/blit.h"
#include "codecs/image/interleaved.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/planar.h"
#include "codecs/image/qoi.h"
#include "codecs/image/raw_bitmap.h"
#include "engine/avc_job.h"
#include "engine/commit.h"
#include "engine/tile_job.h"

namespace mullion {
namespace {

// Working memory of the decoders, one per worker thread: as hot as it gets, and a session that
// decodes nothing owns none. Planar needs little; what an odd picture has made NSCodec's larger
// than kKeepBytes is given back.
struct WorkerScratch {
  static constexpr size_t kKeepBytes = size_t{32} << 20;  // a desktop of 3840 x 2160

  PlanarScratch planar;
  NsCodecScratch nscodec;
};
WorkerScratch& Worker() {
  thread_local WorkerScratch scratch;
  return scratch;
}

// Rows as on the wire: flipped for bottom-up pictures.
PixelView WireOrder(const Op& op, const PixelView& target) {
  return op.bottom_up ? target.Flipped() : target;
}

Status DecodeRaw(const Op& op, const PixelView& target) {
  const size_t stride = op.row_padding ? PaddedBitmapRowBytes(op.coded_width_px, op.bits_per_pixel)
                                       : BitmapRowBytes(op.coded_width_px, op.bits_per_pixel);
  return DecodeRawBitmap(op.payload.view(), op.bits_per_pixel, op.palette.get(),
                         WireOrder(op, target), stride);
}
Status DecodeInterleavedOp(const Op& op, const PixelView& target) {
  return DecodeInterleaved(op.payload.view(), op.bits_per_pixel, op.palette.get(),
                           WireOrder(op, target));
}
Status DecodePlanarOp(const Op& op, const PixelView& target) {
  return DecodePlanar(op.payload.view(), WireOrder(op, target), &Worker().planar);
}
Status DecodeNsCodecOp(const Op& op, const PixelView& target) {
  NsCodecScratch& scratch = Worker().nscodec;
  const Status status = DecodeNsCodec(op.payload.view(), &scratch, WireOrder(op, target));
  if (scratch.capacity_bytes() > WorkerScratch::kKeepBytes) scratch = NsCodecScratch();
  return status;
}
Status DecodeQoiOp(const Op& op, const PixelView& target) {
  return DecodeQoi(op.payload.view(), WireOrder(op, target));
}
Status DecodeClearOp(const Op& op, const PixelView& target) {
  if (op.value != 0) op.clear->Restart();
  return op.clear->Decode(op.payload.view(), target);
}
Status DecodeAlphaOp(const Op& op, const PixelView& target) {
  return DecodeAlpha(op.payload.view(), target);
}

struct DecodeRow {
  const char* name;
  Status (*decode)(const Op& op, const PixelView& target);  // null: the op has a job
  bool writes_nothing_on_failure;
  bool at_head;
};
constexpr DecodeRow kDecodeTable[kCodecCount] = {
    {"raw", DecodeRaw, true, false},
    {"interleaved", DecodeInterleavedOp, false, false},
    {"planar", DecodePlanarOp, true, false},
    {"nscodec", DecodeNsCodecOp, true, false},
    {"remotefx", nullptr, true, false},
    {"qoi", DecodeQoiOp, false, false},
    {"clearcodec", DecodeClearOp, false, true},
    {"alpha", DecodeAlphaOp, false, true},
    {"progressive", nullptr, true, false},
    {"avc420", nullptr, false, true},
    {"avc444", nullptr, false, true},
    {"avc444v2", nullptr, false, true},
};

// Whether a worker is idle does not matter: who is due later makes room (engine/turn.h), and a
// helper that comes too late finds nothing to do.
int TileHelpers(const Pool& pool, size_t tiles) {
  return std::min(std::max(pool.workers() - 1, 0), static_cast<int>(tiles) / kTilesPerHelper);
}

const DecodeRow& RowOf(const Op& op) { return kDecodeTable[static_cast<size_t>(op.codec)]; }

bool WritesNothingOnFailure(const Op& op) {
  if (op.codec == CodecId::kInterleaved) {
    return InterleavedWritesAtEnd(op.bits_per_pixel, op.coded_width_px, op.coded_height_px);
  }
  return RowOf(op).writes_nothing_on_failure;
}

}  // namespace

const char* CodecName(CodecId codec) {
  return codec == CodecId::kOther ? "other" : kDecodeTable[static_cast<size_t>(codec)].name;
}

size_t ScratchBytes(const Op& op) {
  if (op.job) return op.job->part_count() * ScratchPool::kTileBytes;
  return static_cast<size_t>(op.coded_width_px) * static_cast<size_t>(op.coded_height_px) * 4;
}

bool MayDecodeDirect(const Op& op) {
  if (!WritesNothingOnFailure(op) || op.keep_alpha) return false;
  return op.job || (op.dest.w == op.coded_width_px && op.dest.h == op.coded_height_px);
}

bool MustDecodeAtHead(const Op& op) { return RowOf(op).at_head; }

bool IsTiles(const Op& op) {
  return op.codec == CodecId::kRemoteFx || op.codec == CodecId::kProgressive;
}

bool IsAvc(const Op& op) {
  return op.codec == CodecId::kAvc420 || op.codec == CodecId::kAvc444 ||
         op.codec == CodecId::kAvc444V2;
}

void Blend(const Op& op, const PixelView& decoded, const PixelView& target) {
  op.keep_alpha ? CopyColours(decoded, target) : CopyPixels(decoded, target);
}

PixelView CodedView(const Op& op, uint8_t* data, PixelFormat format) {
  return {data, op.coded_width_px, op.coded_height_px,
          static_cast<ptrdiff_t>(op.coded_width_px) * 4, format};
}

Status DecodeOp(const Op& op, const PixelView& target) { return RowOf(op).decode(op, target); }

void Slot::Run() {
  const RunningTask running(pipeline);
  pipeline->Guard([this] { DecodeSlot(this); });
}

namespace {

// Over the pixels that the op must see. By way of a copy where alpha stays, and where a part of the
// picture lies outside.
Status DecodeAtHead(const Op& op, const PixelView& target, ScratchPool* pool) {
  if (!op.keep_alpha && op.dest.w == op.coded_width_px && op.dest.h == op.coded_height_px) {
    return DecodeOp(op, target.Sub(op.dest));
  }
  const Scratch scratch = pool->Acquire(ScratchBytes(op));
  const PixelView coded = CodedView(op, scratch.data(), target.format);
  FillPixels(coded, kBlack);
  const Rect inside = {0, 0, op.dest.w, op.dest.h};
  if (!op.dest.empty()) CopyPixels(target.Sub(op.dest), coded.Sub(inside));
  const Status status = DecodeOp(op, coded);
  if (!op.dest.empty()) Blend(op, coded.Sub(inside), target.Sub(op.dest));
  return status;
}

}  // namespace

void DecodeSlot(Slot* slot) {
  Pipeline* pipeline = slot->pipeline;
  Op& op = slot->op;
  if (pipeline->stopping.load(std::memory_order_relaxed)) return;
  if (op.kind == OpKind::kForgetTiles) {
    op.surface->progressive()->Reset();
    slot->Complete();
    return;
  }
  if (IsAvc(op) && !slot->direct) {
    const uint64_t begin = NowNs();
    op.status = static_cast<AvcJob*>(op.job.get())->Decode();
    pipeline->metrics.decode.Add(NowNs() - begin);
    return op.status.ok() ? slot->Defer() : slot->Complete();
  }
  PixelView target = slot->direct ? pipeline->commit->TargetOf(op) : PixelView();
  if (slot->direct && target.data == nullptr) {
    op.status = Fail(Err::kLimit, "surface memory");
    slot->Complete();
    return;
  }
  const PixelFormat format = pipeline->framebuffer.view().format;
  if (IsAvc(op)) {
    auto* job = static_cast<AvcJob*>(op.job.get());
    op.status = job->Begin(target, op.keep_alpha);
    if (!op.status.ok() || job->part_count() == 0) return slot->Complete();
    const int strips = static_cast<int>(job->part_count());
    return job->Start(pipeline, slot, std::min(pipeline->pool->idle(), strips / 4));
  }
  if (op.job) {
    auto* job = static_cast<TileJob*>(op.job.get());
    slot->direct ? job->SetTarget(target) : job->SetAside(slot->scratch.data(), format);
    // The surface's tiles are made here, by the holder of the key: not by two workers at once.
    if (op.codec == CodecId::kProgressive) (void)op.surface->progressive();
    job->Start(pipeline, slot, TileHelpers(*pipeline->pool, job->part_count()));
    return;
  }
  const uint64_t begin = NowNs();
  if (!slot->direct) {
    op.status = DecodeOp(op, CodedView(op, slot->scratch.data(), format));
  } else if (MustDecodeAtHead(op)) {
    op.status = DecodeAtHead(op, target, pipeline->scratch);
  } else {
    op.status = DecodeOp(op, target.Sub(op.dest));
  }
  pipeline->metrics.decode.Add(NowNs() - begin);
  slot->Complete();
}

}  // namespace mullion
