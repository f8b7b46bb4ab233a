// The commit stage: a ring of slots in the order of ops, drained from its head by whoever makes the
// head ready. The drainer is the only writer of the framebuffer and of the event ring.
//
// A slot goes empty -> pending -> ready -> empty; a deferred one waits until it is the head, and is
// then decoded straight into its target: what is too large for scratch, what draws over pixels that
// it must see (ClearCodec, alpha), and decoded H.264 pictures.
// Threads: BeginPush, EndPush, AtHead, head_slots by the lane; Drain by any thread.
// Blocking: none. The drain stops at a slot that is not ready: whoever makes it ready calls Drain.
// It stops at a closed framebuffer gate and at a full event ring: whoever opens that calls GoOn.
#ifndef MULLION_ENGINE_COMMIT_H_
#define MULLION_ENGINE_COMMIT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/bitmap_cache.h"
#include "engine/key_queue.h"
#include "engine/op.h"
#include "engine/output.h"
#include "engine/pipeline.h"
#include "engine/region.h"
#include "engine/scratch.h"
#include "engine/signal.h"

namespace mullion {

enum class SlotState : uint8_t { kEmpty, kPending, kDeferred, kReady };

struct Slot final : public Task {
  void Run() override;  // decodes; see engine/decode.cc

  Op op;
  Scratch scratch;
  bool direct = false;       // decoded straight into the target
  bool deferred = false;     // is decoded when it is the head
  size_t waiting_bytes = 0;  // of a buffer that no op before it lies in
  size_t step = 0;           // how far a commit came that had to stop midway
  KeyQueue* key = nullptr;   // entered, and not left yet
  Slot* key_next = nullptr;  // the queue's link
  Pipeline* pipeline = nullptr;
  std::atomic<SlotState> state{SlotState::kEmpty};

  // Publishes the result and commits what can be committed. The slot must not be touched
  // afterwards.
  void Complete();
  // True when the slot is the head, and what it draws on may be written from now on: an op whose
  // decoding was begun aside may go on there. While it is pending.
  bool MayDecodeDirectNow();
  // A first half is done (H.264): the second waits until the slot is the head.
  void Defer();

 private:
  void LeaveKey();
};

class CommitRing {
 public:
  static constexpr size_t kSlots = 128;

  explicit CommitRing(Pipeline* pipeline);

  // The next slot to fill, or null when the ring is full: then Lane::Notify follows a commit.
  Slot* BeginPush();
  // True when all ops before the next one are committed.
  bool AtHead() const { return head_.load(std::memory_order_seq_cst) == tail_; }
  // True when all ops before this one, which is pending, are committed.
  bool IsHead(const Slot& slot) const {
    return &slots_[head_.load(std::memory_order_acquire) % kSlots] == &slot;
  }
  void EndPush();
  size_t size() const { return pushed_.load(std::memory_order_relaxed); }

  // While the framebuffer is held, or in the committer.
  const std::vector<std::shared_ptr<Surface>>& surfaces() const { return output_.surfaces(); }
  // What the op draws on. Not null for surfaces, unless there is no memory. At the head only.
  PixelView TargetOf(const Op& op);

  // So much may be committed on a thread that is not to do the engine's work: about 50 us of
  // copying.
  static constexpr int64_t kHerePx = 128 * 1024;

  // Commits what can be committed, on this thread. From anywhere.
  void Drain();
  // The same on a pool thread.
  void DrainElsewhere();
  // The gate was opened, or the event ring has room again: if the drain stopped there, it goes on.
  // For threads that are not to do the engine's work: what is decoded and small is committed here,
  // since handing it over costs more; the rest on a pool thread.
  void GoOn();
  // The lane could not admit an op: the next commit notifies it.
  void SetLaneBlocked() { lane_blocked_.store(true, std::memory_order_seq_cst); }

 private:
  class DrainTask final : public Task {
   public:
    void Run() override;
    CommitRing* ring = nullptr;
  };

  static constexpr int64_t kNoLimit = INT64_MAX;
  bool DrainWhileRaised(int64_t budget_px = kNoLimit);
  bool DrainOnce(int64_t* budget_px);
  bool IsWithin(const Slot& slot, int64_t* budget_px) const;
  bool LaneMayGoOn() const;
  bool CommitHeadOrStop(Slot& slot);
  bool BeginWrite();
  bool CommitHead(Slot& slot);
  bool CommitDraw(Slot& slot);
  bool CommitTiles(Slot& slot);
  bool CommitFrameEnd(const Slot& slot, uint32_t frame_id);
  bool CommitResize(const Slot& slot);
  // commit_surface.cc: the graphics pipeline
  bool CommitSurfaceOp(const Slot& slot);
  Status Apply(const Op& op);
  Status Fill(const Op& op);
  Status Copy(const Op& op);
  Status ToCache(const Op& op);
  Status FromCache(const Op& op);
  void Drew(const Op& op, const Rect& rect);
  Event* NewEvent(const Slot& slot, EventKind kind);
  void SendEvent();
  bool SendLost(const Slot& slot, const Rect& rect, Status status);

  Pipeline* const pipeline_;
  std::unique_ptr<Slot[]> slots_;
  uint64_t tail_ = 0;  // the lane's
  std::atomic<uint64_t> head_{0};
  std::atomic<size_t> pushed_{0};
  std::atomic<bool> lane_blocked_{false};
  std::atomic<bool> stopped_{false};  // at the gate or at a full event ring
  Signal signal_;
  DrainTask drain_task_;

  // The drainer's:
  Output output_;
  BitmapCache cache_;
  Region region_;  // of the open frame
  bool in_frame_ = false;
  uint64_t frame_start_ns_ = 0;
  uint32_t frame_id_ = 0;  // of the frame that was begun and has not ended
  bool events_sent_ = false;
  bool over_budget_ = false;
  bool held_up_ = false;  // the last try found the gate closed, or the event ring full
  uint64_t frames_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_COMMIT_H_
