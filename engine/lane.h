// The decompression stage of one session: a serial task on the pool that turns packets into ops.
//
// It pops packets, unpacks them (engine/unpack), and admits each op to the commit ring, deciding
// where it is decoded: straight into the framebuffer, into scratch, or later, when it is the head.
// Threads: Notify from anywhere; the rest runs in one lane task at a time.
// Blocking: none. A lane that cannot go on (ring full, scratch quota spent, resize in progress)
// ends its task; what frees the way notifies it.
#ifndef MULLION_ENGINE_LANE_H_
#define MULLION_ENGINE_LANE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "codecs/base/bytes.h"
#include "engine/op.h"
#include "engine/pipeline.h"
#include "engine/ring.h"
#include "engine/signal.h"
#include "engine/unpack.h"

namespace mullion {

class Lane final : public Task {
 public:
  static constexpr size_t kPackets = 256;
  // Packets per task before the lane goes to the back of the pool's queue: fairness.
  static constexpr int kPacketsPerRun = 64;

  Lane(Pipeline* pipeline, CommitRing* commit);

  // A producer that is the controller may do small work itself: waking a worker for it, and being
  // woken for what comes of it, costs more.
  static constexpr uint64_t kHereBytes = 4096;

  // Producer side. Push is false when the ring or its byte limit is full; then, once half of that
  // is free, on_space is called (any thread). `here`: what few queued bytes mean is done on this
  // thread, for at most Pool::kSliceNs.
  bool Push(Packet&& packet, bool here);
  void Notify();
  void RunHere();
  void set_on_space(void (*on_space)(void*), void* context) {
    on_space_ = on_space;
    on_space_context_ = context;
  }
  size_t queued_packets() const { return packets_.size(); }
  uint64_t queued_bytes() const { return queued_bytes_.load(std::memory_order_relaxed); }
  bool idle() const { return signal_.idle(); }

  void Run() override;

 private:
  enum class Progress { kEmpty, kBlocked, kMore };
  Progress Work();
  bool Admit(Op& op);
  bool TryAdmit(Op& op);
  bool AdmitOther(Op& op, Slot* slot);
  bool AdmitDraw(Op& op, Slot* slot);
  bool WorthHandingOff(int64_t pixels) const;
  bool AcquireScratch(size_t bytes, Slot* slot);
  void PopPacket(Packet* packet);
  bool HasRoom() const;

  Pipeline* const pipeline_;
  CommitRing* const commit_;
  SpscRing<Packet> packets_{kPackets};
  std::atomic<uint64_t> queued_bytes_{0};
  std::atomic<bool> producer_waits_{false};
  void (*on_space_)(void*) = nullptr;
  void* on_space_context_ = nullptr;
  Signal signal_;
  Unpacker unpacker_;
  std::optional<Op> stalled_;  // not admitted yet
  // Of the last op that has one: ops of one buffer come one behind the other. That buffer may be
  // gone and another have its address; then the ring was empty, so one buffer at most goes
  // uncounted.
  const void* last_buffer_ = nullptr;
  bool here_ = false;  // this run is on the producer's thread
};

}  // namespace mullion

#endif  // MULLION_ENGINE_LANE_H_
