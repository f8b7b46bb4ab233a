#include "engine/outbox.h"

#include <algorithm>

#include "codecs/base/byte_writer.h"
#include "codecs/wire/dvc.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/svc.h"
#include "codecs/wire/x224.h"

namespace mullion {
namespace {

// MS-RDPEGFX 2.2.2.21: what takes longer than the field holds is told as 0.
uint16_t Milliseconds(uint64_t from_ns, uint64_t to_ns) {
  const uint64_t ms = to_ns > from_ns ? (to_ns - from_ns) / 1000000 : 0;
  return ms > 0xFFFF ? uint16_t{0} : static_cast<uint16_t>(ms);
}

}  // namespace

void Outbox::SetRoute(uint16_t user, uint16_t channel) {
  std::lock_guard lock(mutex_);
  user_ = user;
  channel_ = channel;
}

void Outbox::Send(ByteView dvc_pdu) {
  std::lock_guard lock(mutex_);
  SendLocked(dvc_pdu);
}

// What a client says here is far below one chunk of 1,600 bytes.
void Outbox::SendLocked(ByteView dvc_pdu) {
  constexpr size_t kChannelHeader = 8;
  if (sink_ == nullptr || channel_ == 0) return;
  const size_t size = kChannelHeader + dvc_pdu.size();
  message_.clear();
  ByteWriter mcs(&message_);
  WriteSendDataRequest(user_, channel_, size, &mcs);
  WriteChannelHeader(static_cast<uint32_t>(dvc_pdu.size()), kChannelFlagFirst | kChannelFlagLast,
                     &mcs);
  mcs.Bytes(dvc_pdu);
  pdu_.clear();
  ByteWriter tpkt(&pdu_);
  WriteX224DataHeader(message_.size(), &tpkt);
  tpkt.Bytes(message_);
  sink_(context_, pdu_.data(), pdu_.size());
}

void Outbox::SendGraphics(const std::vector<uint8_t>& egfx_pdu) {
  std::lock_guard lock(mutex_);
  SendGraphicsLocked(egfx_pdu);
}

void Outbox::SendGraphicsLocked(const std::vector<uint8_t>& egfx_pdu) {
  const uint32_t channel = graphics_channel_;
  if (channel == 0) return;
  std::vector<uint8_t> data;
  ByteWriter writer(&data);
  WriteDvcDataHeader(channel, &writer);
  writer.Bytes(egfx_pdu);
  SendLocked(data);
}

void Outbox::Acknowledge(const Frame& frame) {
  if (sink_ == nullptr) return;
  std::lock_guard lock(mutex_);
  ++frames_;
  if (first_start_ns_ == 0) first_start_ns_ = frame.start_ns;
  const bool suspend = suspend_.load(std::memory_order_relaxed);
  if (suspend && suspended_) return;
  suspended_ = suspend;
  egfx_.clear();
  ByteWriter writer(&egfx_);
  const uint32_t depth = std::min(frame.queued_bytes, kEgfxSuspendFrameAck - 1);
  WriteEgfxFrameAck({.queue_depth = suspend ? kEgfxSuspendFrameAck : depth,
                     .frame_id = frame.id,
                     .total_frames_decoded = frames_},
                    &writer);
  SendGraphicsLocked(egfx_);
  if (!qoe_.load(std::memory_order_relaxed)) return;
  egfx_.clear();
  WriteEgfxQoeFrameAck(
      {.frame_id = frame.id,
       .timestamp_ms = static_cast<uint32_t>((frame.start_ns - first_start_ns_) / 1000000),
       .time_diff_se = Milliseconds(frame.start_ns, frame.end_ns),
       .time_diff_edr = Milliseconds(frame.end_ns, frame.done_ns)},
      &writer);
  SendGraphicsLocked(egfx_);
}

}  // namespace mullion
