#include "codecs/image/avc.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
}

#include "codecs/base/source_allocator.h"
#include "codecs/wire/h264.h"

namespace mullion {
namespace {

constexpr char kField[] = "avc420EncodedBitstream";

// Above AV_LOG_TRACE whatever a message's own level is, so that libavcodec's default callback
// drops it unless the process asked for more than there is.
constexpr int kSilent = AV_LOG_TRACE + 1;

struct FreeContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;
// What the planes of a picture lie in.
struct Buffers {
  AVBufferRef* of_planes[AV_NUM_DATA_POINTERS] = {};

  Buffers() = default;
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;
  ~Buffers() {
    for (AVBufferRef*& buffer : of_planes) av_buffer_unref(&buffer);
  }
};

// As much of a packet's memory is kept for the next one. Few are larger.
constexpr size_t kKeptPacketBytes = size_t{128} << 10;

bool IsYuv420(int format) { return format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P; }

Status CheckSequence(ByteView nal, int64_t max_picture_px) {
  H264Sequence sequence;
  MULLION_TRY(ParseH264Sequence(nal, &sequence));
  if (sequence.chroma_format != 1) return Fail(Err::kUnsupported, "chroma_format_idc");
  if (sequence.bit_depth != 8) return Fail(Err::kUnsupported, "bit_depth_luma_minus8");
  if (sequence.area_px() > static_cast<uint64_t>(max_picture_px)) {
    return Fail(Err::kLimit, "pic_width_in_mbs_minus1");
  }
  return Ok();
}

// Refuses what libavcodec would allocate in vain, or print about in spite of log_level_offset:
// pictures that are too large, and an IDR picture behind another picture in one frame.
Status CheckUnits(ByteView annex_b, int64_t max_picture_px) {
  H264NalUnits units(annex_b);
  ByteView nal;
  bool has_slice = false;
  while (units.Next(&nal)) {
    Status status;
    if (H264NalType(nal) == kH264SequenceParameterSet) {
      status = CheckSequence(nal, max_picture_px);
    } else if (has_slice && H264StartsIdrPicture(nal)) {
      status = Fail(Err::kMalformed, "first_mb_in_slice");
    }
    has_slice = has_slice || H264IsSlice(nal);
    status.offset += static_cast<uint32_t>(nal.data() - annex_b.data());
    MULLION_TRY(status);
  }
  return Ok();
}

}  // namespace

struct AvcDecoder::Context {
  std::unique_ptr<AVCodecContext, FreeContext> codec;
  std::unique_ptr<AVPacket, FreePacket> packet;
  Frame frame, next;

  Status Open();
  Status Send(ByteView annex_b);
  Status Receive();  // to `frame`
};

Status AvcDecoder::Context::Open() {
  const AVCodec* h264 = avcodec_find_decoder(AV_CODEC_ID_H264);
  if (h264 == nullptr) return Fail(Err::kUnsupported, kField);
  codec.reset(avcodec_alloc_context3(h264));
  packet.reset(av_packet_alloc());
  frame.reset(av_frame_alloc());
  next.reset(av_frame_alloc());
  if (!codec || !packet || !frame || !next) throw std::bad_alloc();
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_LOW_DELAY;
  codec->apply_cropping = 0;
  codec->log_level_offset = kSilent;
  return avcodec_open2(codec.get(), h264, nullptr) < 0 ? Fail(Err::kInternal, kField) : Ok();
}

Status AvcDecoder::Context::Send(ByteView annex_b) {
  // The decoder reads ahead: its packets have padding behind them.
  const size_t size = annex_b.size() + AV_INPUT_BUFFER_PADDING_SIZE;
  if (packet->buf == nullptr || packet->buf->size < size || !av_buffer_is_writable(packet->buf)) {
    av_packet_unref(packet.get());
    packet->buf = av_buffer_alloc(std::max(size, kKeptPacketBytes));
    if (packet->buf == nullptr) throw std::bad_alloc();
  }
  packet->data = packet->buf->data;
  packet->size = static_cast<int>(annex_b.size());
  std::memcpy(packet->data, annex_b.data(), annex_b.size());
  std::memset(packet->data + annex_b.size(), 0, AV_INPUT_BUFFER_PADDING_SIZE);
  const int code = avcodec_send_packet(codec.get(), packet.get());
  if (packet->buf->size > kKeptPacketBytes) av_packet_unref(packet.get());
  if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (code == AVERROR_PATCHWELCOME) return Fail(Err::kUnsupported, kField);
  return code < 0 ? Fail(Err::kMalformed, kField) : Ok();
}

// The last picture that stands ready; there is at most one per packet, as nothing is reordered.
Status AvcDecoder::Context::Receive() {
  av_frame_unref(frame.get());
  for (;;) {
    const int code = avcodec_receive_frame(codec.get(), next.get());
    if (code == AVERROR(EAGAIN)) break;
    if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (code < 0) return Fail(Err::kMalformed, kField);
    std::swap(frame, next);
  }
  return frame->buf[0] == nullptr ? Fail(Err::kState, kField) : Ok();
}

bool AvcDecoder::Available() { return avcodec_find_decoder(AV_CODEC_ID_H264) != nullptr; }

AvcDecoder::AvcDecoder(int64_t max_picture_px, BytesSource* source)
    : max_picture_px_(max_picture_px), source_(source) {}
AvcDecoder::~AvcDecoder() = default;
AvcDecoder::AvcDecoder(AvcDecoder&&) noexcept = default;
AvcDecoder& AvcDecoder::operator=(AvcDecoder&&) noexcept = default;

Status AvcDecoder::Decode(ByteView annex_b, AvcPicture* out) {
  *out = AvcPicture();
  if (annex_b.empty()) return Fail(Err::kTruncated, kField);
  constexpr size_t kMaxBytes = std::numeric_limits<int>::max() - AV_INPUT_BUFFER_PADDING_SIZE;
  if (annex_b.size() > kMaxBytes) return Fail(Err::kLimit, kField);
  MULLION_TRY(CheckUnits(annex_b, max_picture_px_));
  if (context_ == nullptr) {
    auto context = std::make_unique<Context>();
    MULLION_TRY(context->Open());
    context_ = std::move(context);
  }
  MULLION_TRY(context_->Send(annex_b));
  MULLION_TRY(context_->Receive());
  AVFrame* const frame = context_->frame.get();
  auto buffers = MakeShared<Buffers>(source_);
  std::swap(buffers->of_planes, frame->buf);
  if (frame->decode_error_flags != 0) return Fail(Err::kMalformed, kField);
  // CheckUnits() saw to these; what follows relies on them.
  if (!IsYuv420(frame->format) || frame->width % 16 != 0 || frame->height % 16 != 0) {
    return Fail(Err::kInternal, kField);
  }
  YuvView view;
  for (int p = 0; p < 3; ++p) {
    view.planes[p] = frame->data[p];
    view.strides[p] = frame->linesize[p];
  }
  view.width_px = frame->width;
  view.height_px = frame->height;
  *out = AvcPicture(view, std::move(buffers));
  return Ok();
}

size_t AvcDecoder::memory_bytes() const {
  if (context_ == nullptr) return 0;
  const AVCodecContext& codec = *context_->codec;
  // Per picture: 1.5 bytes per pixel, and motion vectors, about 0.6 more. References, the picture
  // in work, and one that waits in libavcodec's pool.
  const size_t pictures = static_cast<size_t>(codec.refs) + 2;
  const size_t px =
      static_cast<size_t>(codec.coded_width) * static_cast<size_t>(codec.coded_height);
  return pictures * px * 21 / 10;
}

}  // namespace mullion
