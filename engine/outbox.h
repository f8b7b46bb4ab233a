// What a session has to say to its server on dynamic channels: the one edge back of the pipeline.
//
// Shapes: one dynamic channel PDU in; out, to the sink, one whole PDU: TPKT, X.224, MCS send data
// request, channel header (MS-RDPBCGR 2.2.6.1) and the PDU in one chunk.
// Ownership: the sink borrows the bytes for the call.
// Threads: Open before the session's first packet; Send from the lane and the committer: calls of
// one session never overlap, and what is sent first goes first.
// Errors: none. A session that does not answer, or has no channel yet, drops what it is given.
#ifndef MULLION_ENGINE_OUTBOX_H_
#define MULLION_ENGINE_OUTBOX_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/wire/egfx.h"

namespace mullion {

class Outbox {
 public:
  using Sink = void (*)(void* context, const uint8_t* bytes, size_t size);

  void Open(Sink sink, void* context) {
    context_ = context;
    sink_ = sink;
  }
  bool open() const { return sink_ != nullptr; }

  // ---- the lane
  void SetRoute(uint16_t user, uint16_t channel);
  void Send(ByteView dvc_pdu);
  // The graphics channel, to which acknowledgements go; none: 0.
  void SetGraphicsChannel(uint32_t channel_id) { graphics_channel_ = channel_id; }
  void SendGraphics(const std::vector<uint8_t>& egfx_pdu);

  // ---- the committer: a frame is on the screen
  struct Frame {
    uint32_t id = 0;
    uint32_t queued_bytes = 0;  // not yet decoded
    uint64_t start_ns = 0, end_ns = 0, done_ns = 0;
  };
  void Acknowledge(const Frame& frame);

  // ---- any thread
  // Frames are not acknowledged until it is called with false.
  void Suspend(bool suspend) { suspend_.store(suspend, std::memory_order_relaxed); }
  // The server is told how long frames took (capability version 10 and later).
  void SetQoe(bool on) { qoe_.store(on, std::memory_order_relaxed); }

 private:
  void SendLocked(ByteView dvc_pdu);
  void SendGraphicsLocked(const std::vector<uint8_t>& egfx_pdu);

  Sink sink_ = nullptr;
  void* context_ = nullptr;
  std::atomic<uint32_t> graphics_channel_{0};
  std::atomic<bool> suspend_{false};
  std::atomic<bool> qoe_{false};

  std::mutex mutex_;
  uint16_t user_ = 0, channel_ = 0;
  bool suspended_ = false;  // and the server knows
  uint32_t frames_ = 0;
  uint64_t first_start_ns_ = 0;
  std::vector<uint8_t> pdu_, message_, egfx_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_OUTBOX_H_
