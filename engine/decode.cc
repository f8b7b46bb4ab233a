#include "engine/decode.h"

#include <algorithm>

#include "codecs/image/interleaved.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/planar.h"
#include "codecs/image/qoi.h"
#include "codecs/image/raw_bitmap.h"
#include "engine/commit.h"

namespace mullion {
namespace {

// Grow-only working memory of the decoders, one per worker thread: as hot as it gets, and a session
// that decodes nothing owns none.
struct WorkerScratch {
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
  return DecodeNsCodec(op.payload.view(), &Worker().nscodec, WireOrder(op, target));
}
Status DecodeQoiOp(const Op& op, const PixelView& target) {
  return DecodeQoi(op.payload.view(), WireOrder(op, target));
}

struct DecodeRow {
  const char* name;
  Status (*decode)(const Op& op, const PixelView& target);  // null: tiles, see tile_job.cc
  bool writes_nothing_on_failure;
};
constexpr DecodeRow kDecodeTable[kCodecCount] = {
    {"raw", DecodeRaw, true},          {"interleaved", DecodeInterleavedOp, false},
    {"planar", DecodePlanarOp, false}, {"nscodec", DecodeNsCodecOp, true},
    {"remotefx", nullptr, true},       {"qoi", DecodeQoiOp, false},
};

const DecodeRow& RowOf(const Op& op) { return kDecodeTable[static_cast<size_t>(op.codec)]; }

}  // namespace

const char* CodecName(CodecId codec) {
  return codec == CodecId::kOther ? "other" : kDecodeTable[static_cast<size_t>(codec)].name;
}

size_t ScratchBytes(const Op& op) {
  if (op.job) return op.job->tiles.size() * ScratchPool::kTileBytes;
  return static_cast<size_t>(op.coded_width_px) * static_cast<size_t>(op.coded_height_px) * 4;
}

bool MayDecodeDirect(const Op& op) {
  if (!RowOf(op).writes_nothing_on_failure) return false;
  return op.job || (op.dest.w == op.coded_width_px && op.dest.h == op.coded_height_px);
}

PixelView CodedView(const Op& op, uint8_t* data, PixelFormat format) {
  return {data, op.coded_width_px, op.coded_height_px,
          static_cast<ptrdiff_t>(op.coded_width_px) * 4, format};
}

Status DecodeOp(const Op& op, const PixelView& target) { return RowOf(op).decode(op, target); }

void Slot::Run() {
  Pipeline* session = pipeline;
  DecodeSlot(this);
  session->TaskEnded();
}

void DecodeSlot(Slot* slot) {
  Pipeline* pipeline = slot->pipeline;
  Op& op = slot->op;
  if (pipeline->stopping.load(std::memory_order_relaxed)) return;
  const PixelView& framebuffer = pipeline->framebuffer.view();
  if (op.job) {
    const PixelView target =
        slot->direct ? framebuffer
                     : PixelView{slot->scratch.data(), 64, 64, 64 * 4, framebuffer.format};
    const auto tiles = static_cast<int>(op.job->tiles.size());
    // A helper is worth its wake-up from a few tiles on.
    const int helpers = op.job->overlapping ? 0 : std::min(pipeline->pool->idle(), tiles / 4);
    op.job->Start(pipeline, slot, target, slot->direct, helpers);
    return;
  }
  const uint64_t begin = NowNs();
  op.status = DecodeOp(op, slot->direct ? framebuffer.Sub(op.dest)
                                        : CodedView(op, slot->scratch.data(), framebuffer.format));
  pipeline->metrics.decode.Add(NowNs() - begin);
  slot->Complete();
}

}  // namespace mullion
