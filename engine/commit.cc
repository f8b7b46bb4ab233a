#include "engine/commit.h"

#include <algorithm>
#include <utility>

#include "engine/avc_job.h"
#include "engine/decode.h"
#include "engine/lane.h"
#include "engine/tile_job.h"

namespace mullion {
namespace {

int64_t TilesAside(const Op& op) {
  return static_cast<int64_t>(static_cast<const TileJob*>(op.job.get())->aside_count());
}

}  // namespace

// Before the slot's new state is seen: then its op, and with it the key, may be gone.
void Slot::LeaveKey() {
  if (key == nullptr) return;
  Slot* next = std::exchange(key, nullptr)->Leave();
  // A deferred one begins when it is the head.
  if (next != nullptr && !next->deferred) next->pipeline->Submit(next);
}

void Slot::Complete() {
  CommitRing* ring = pipeline->commit;
  Pipeline* session = pipeline;
  LeaveKey();
  state.store(SlotState::kReady, std::memory_order_release);
  session->Guard([&] { ring->Drain(); });
}

void Slot::Defer() {
  CommitRing* ring = pipeline->commit;
  Pipeline* session = pipeline;
  LeaveKey();
  state.store(SlotState::kDeferred, std::memory_order_release);
  session->Guard([&] { ring->Drain(); });
}

bool Slot::MayDecodeDirectNow() {
  return pipeline->commit->IsHead(*this) && MayDecodeDirect(op) &&
         pipeline->framebuffer.BeginWrite();
}

CommitRing::CommitRing(Pipeline* pipeline)
    : pipeline_(pipeline),
      slots_(std::make_unique<Slot[]>(kSlots)),
      output_(&pipeline->framebuffer) {
  for (size_t i = 0; i < kSlots; ++i) slots_[i].pipeline = pipeline;
  drain_task_.ring = this;
}

Slot* CommitRing::BeginPush() {
  Slot& slot = slots_[tail_ % kSlots];
  if (tail_ - head_.load(std::memory_order_seq_cst) == kSlots) return nullptr;
  return &slot;
}

void CommitRing::EndPush() {
  Metrics& metrics = pipeline_->metrics;
  const size_t waiting = slots_[tail_ % kSlots].waiting_bytes;
  if (waiting > 0) {
    Metrics::Max(metrics.max_waiting_bytes,
                 metrics.waiting_bytes.fetch_add(waiting, std::memory_order_relaxed) + waiting);
  }
  ++tail_;
  Metrics::Max(metrics.max_queued_ops, pushed_.fetch_add(1, std::memory_order_relaxed) + 1);
}

void CommitRing::Drain() {
  if (signal_.Raise() && !DrainWhileRaised()) pipeline_->Submit(&drain_task_);
}

void CommitRing::DrainElsewhere() {
  if (signal_.Raise()) pipeline_->Submit(&drain_task_);
}

void CommitRing::GoOn() {
  if (!stopped_.exchange(false, std::memory_order_acq_rel) || !signal_.Raise()) return;
  const bool alone = pipeline_->pool->workers() == 0;
  // Still raised if something is left: the task goes on where this ends.
  bool done = true;
  pipeline_->Guard([&] { done = DrainWhileRaised(alone ? kNoLimit : kHerePx); });
  if (!done) pipeline_->Submit(&drain_task_);
}

void CommitRing::DrainTask::Run() {
  Pipeline* const pipeline = ring->pipeline_;
  const RunningTask running(pipeline);
  bool done = true;
  pipeline->Guard([&] { done = ring->DrainWhileRaised(); });
  if (!done) pipeline->Submit(this);
}

// False when the budget did not do, or others are to have their turn: then the signal is still
// raised.
bool CommitRing::DrainWhileRaised(int64_t budget_px) {
  bool wake_lane = false;
  bool done = true;
  uint32_t seen;
  do {
    seen = signal_.Begin();
    wake_lane |= DrainOnce(&budget_px);
    done = !over_budget_;
  } while (done && !signal_.End(seen));
  // Not before: an inline lane runs right here, and is to find the ring drained.
  if (wake_lane) pipeline_->lane->Notify();
  return done;
}

// Whether the head, if it is ready, is cheap to commit.
bool CommitRing::IsWithin(const Slot& slot, int64_t* budget_px) const {
  if (*budget_px == kNoLimit) return true;
  const SlotState state = slot.state.load(std::memory_order_acquire);
  if (state != SlotState::kReady) return state != SlotState::kDeferred;
  const Op& op = slot.op;
  if (op.kind > OpKind::kDisconnect || output_.dirty()) return false;
  if (op.kind != OpKind::kDraw || slot.direct) return true;
  *budget_px -= IsTiles(op) ? TilesAside(op) * 64 * 64 : op.dest.area();
  return *budget_px >= 0;
}

// A lane that was stopped goes on when half of what stopped it is free: each start has its price.
bool CommitRing::LaneMayGoOn() const {
  const size_t left = pushed_.load(std::memory_order_relaxed);
  const Limits& limits = pipeline_->limits;
  const uint64_t scratch = pipeline_->metrics.scratch_bytes.load(std::memory_order_relaxed);
  const uint64_t waiting = pipeline_->metrics.waiting_bytes.load(std::memory_order_relaxed);
  return left == 0 || (left <= kSlots / 2 && scratch <= limits.max_scratch_bytes / 2 &&
                       waiting <= limits.max_waiting_bytes / 2);
}

// True when the lane waits for what was just freed.
bool CommitRing::DrainOnce(int64_t* budget_px) {
  bool wake_lane = false;
  over_budget_ = false;
  uint64_t start_ns = 0;
  for (;;) {
    const uint64_t head = head_.load(std::memory_order_relaxed);
    Slot& slot = slots_[head % kSlots];
    if (pipeline_->stopping.load(std::memory_order_relaxed)) break;
    over_budget_ = !IsWithin(slot, budget_px);
    if (over_budget_ || !CommitHeadOrStop(slot)) break;
    if (!slot.scratch.empty()) {
      pipeline_->metrics.scratch_bytes.fetch_sub(slot.scratch.size(), std::memory_order_relaxed);
      slot.scratch = Scratch();
    }
    if (slot.op.kind == OpKind::kDraw && IsAvc(slot.op))
      pipeline_->avc_ops.fetch_sub(1, std::memory_order_seq_cst);
    slot.op = Op();
    pipeline_->metrics.waiting_bytes.fetch_sub(slot.waiting_bytes, std::memory_order_relaxed);
    slot.direct = slot.deferred = false;
    slot.step = 0;
    slot.state.store(SlotState::kEmpty, std::memory_order_relaxed);
    pushed_.fetch_sub(1, std::memory_order_relaxed);
    head_.store(head + 1, std::memory_order_seq_cst);
    // The flag first: who has set it has pushed all that counts.
    if (lane_blocked_.load(std::memory_order_seq_cst) && LaneMayGoOn()) {
      wake_lane |= lane_blocked_.exchange(false, std::memory_order_seq_cst);
    }
    if (pipeline_->pool->contended()) {
      const uint64_t now_ns = NowNs();
      if (start_ns == 0) start_ns = now_ns;
      over_budget_ = now_ns - start_ns > Pool::kSliceNs;
      if (over_budget_) break;
    }
  }
  if (events_sent_) {
    events_sent_ = false;
    pipeline_->on_events(pipeline_->on_events_context);
  }
  return wake_lane;
}

// Says that the drain stops here, and tries again: what was opened in between did not call GoOn.
// One of the two exchanges of the flag comes after the other, and sees what was done before it.
bool CommitRing::CommitHeadOrStop(Slot& slot) {
  held_up_ = false;
  if (CommitHead(slot)) return true;
  if (!held_up_) return false;
  stopped_.exchange(true, std::memory_order_acq_rel);
  return CommitHead(slot);
}

bool CommitRing::BeginWrite() {
  const bool open = pipeline_->framebuffer.BeginWrite();
  held_up_ |= !open;
  return open;
}

// True when the slot is done; false when the drain has to stop here.
bool CommitRing::CommitHead(Slot& slot) {
  SlotState state = slot.state.load(std::memory_order_acquire);
  if (state == SlotState::kDeferred) {
    if (!BeginWrite()) return false;
    slot.direct = true;
    slot.state.store(SlotState::kPending, std::memory_order_relaxed);
    // Here, where its bytes are hot; idle workers help. It is ready now, or whoever ends last says.
    DecodeSlot(&slot);
    state = slot.state.load(std::memory_order_acquire);
  }
  if (state != SlotState::kReady) return false;
  const Op& op = slot.op;
  switch (op.kind) {
    case OpKind::kDraw:
      return IsTiles(op) ? CommitTiles(slot) : CommitDraw(slot);
    case OpKind::kFrameBegin:
      in_frame_ = true;
      frame_start_ns_ = op.arrival_ns;
      frame_id_ = op.value;
      return true;
    case OpKind::kFrameEnd:
      if (!CommitFrameEnd(slot, op.value)) return false;
      in_frame_ = false;
      if (op.acknowledge) {
        const uint64_t queued = pipeline_->lane->queued_bytes();
        pipeline_->outbox.Acknowledge(
            {op.value, static_cast<uint32_t>(std::min<uint64_t>(queued, UINT32_MAX)),
             frame_start_ns_, op.arrival_ns, NowNs()});
      }
      frame_id_ = 0;
      return true;
    case OpKind::kUpdateEnd:
      return in_frame_ || CommitFrameEnd(slot, 0);
    case OpKind::kResize:
      return CommitResize(slot);
    case OpKind::kLost:
      return SendLost(slot, op.dest, op.status);
    case OpKind::kOpened:
    case OpKind::kFacts:
    case OpKind::kPointer:
    case OpKind::kInfo: {
      const EventKind kind = op.kind == OpKind::kOpened    ? EventKind::kOpened
                             : op.kind == OpKind::kFacts   ? EventKind::kFacts
                             : op.kind == OpKind::kPointer ? EventKind::kPointer
                                                           : EventKind::kInfo;
      Event* event = NewEvent(slot, kind);
      if (event == nullptr) return false;
      event->rect = op.dest;
      event->value = op.value;
      event->pointer_kind = op.pointer_kind;
      event->note = op.note;
      SendEvent();
      return true;
    }
    case OpKind::kDisconnect: {
      // What an unfinished frame has drawn is shown before the end.
      if (!CommitFrameEnd(slot, frame_id_)) return false;
      Event* event = NewEvent(slot, EventKind::kDisconnected);
      if (event == nullptr) return false;
      event->status = op.status;
      event->note = op.note;
      SendEvent();
      return true;
    }
    default:
      return CommitSurfaceOp(slot);
  }
}

PixelView CommitRing::TargetOf(const Op& op) {
  if (!op.surface) return pipeline_->framebuffer.view();
  if (!output_.Ensure(op.surface.get()).ok()) return PixelView();
  return op.surface->view();
}

// `rect` of what the op draws on was drawn.
void CommitRing::Drew(const Op& op, const Rect& rect) {
  if (rect.empty()) return;
  if (op.surface) {
    output_.Drew(op.surface.get(), rect, &region_);
  } else {
    output_.Painted(rect, &region_);
  }
}

bool CommitRing::CommitDraw(Slot& slot) {
  const Op& op = slot.op;
  if (!op.status.ok()) return SendLost(slot, op.dest, op.status);
  if (!slot.direct) {
    if (!BeginWrite()) return false;
    const PixelView target = TargetOf(op);
    if (target.data == nullptr) return SendLost(slot, op.dest, Fail(Err::kLimit, "surface memory"));
    const PixelView decoded = CodedView(op, slot.scratch.data(), target.format);
    Blend(op, decoded.Sub({0, 0, op.dest.w, op.dest.h}), target.Sub(op.dest));
  }
  if (IsAvc(op)) {
    auto* job = static_cast<AvcJob*>(op.job.get());
    job->End();
    job->VisitRegion([&](const Rect& rect) { Drew(op, rect); });
  } else {
    Drew(op, op.dest);
  }
  return true;
}

bool CommitRing::CommitTiles(Slot& slot) {
  const Op& op = slot.op;
  TileJob& job = *static_cast<TileJob*>(op.job.get());
  if (!op.status.ok()) return SendLost(slot, op.dest, op.status);
  if (!slot.direct && !BeginWrite()) return false;
  const PixelView target = TargetOf(op);
  if (target.data == nullptr) return SendLost(slot, op.dest, Fail(Err::kLimit, "surface memory"));
  for (; slot.step < job.tiles.size(); ++slot.step) {
    const TileJob::Tile& tile = job.tiles[slot.step];
    if (!tile.status.ok()) {
      if (!SendLost(slot, Intersect(tile.rect, target.bounds()), tile.status)) return false;
      continue;
    }
    if (!tile.aside) continue;
    const PixelView pixels = TileJob::ScratchView(slot.scratch.data(), slot.step, target.format);
    job.VisitClips(tile, [&](const Rect& part) {
      Blend(op, pixels.Sub({part.x - tile.rect.x, part.y - tile.rect.y, part.w, part.h}),
            target.Sub(part));
    });
  }
  for (const Rect& rect : job.covered) Drew(op, rect);
  return true;
}

bool CommitRing::CommitFrameEnd(const Slot& slot, uint32_t frame_id) {
  if (output_.dirty()) {
    if (!BeginWrite()) return false;
    output_.Compose(&region_);
  }
  if (region_.empty()) {
    pipeline_->framebuffer.EndFrame(false);
    return true;
  }
  Event* event = NewEvent(slot, EventKind::kFrame);
  if (event == nullptr) return false;
  event->rect = region_.bounds();
  event->value = frame_id;
  event->index = frames_++;
  event->latency_ns = NowNs() - slot.op.arrival_ns;
  event->region = region_.Take(pipeline_->bytes);
  pipeline_->metrics.commit.Add(event->latency_ns);
  Metrics::Add(pipeline_->metrics.frames, 1);
  pipeline_->framebuffer.EndFrame(pipeline_->every_frame);
  SendEvent();
  return true;
}

bool CommitRing::CommitResize(const Slot& slot) {
  if (!region_.empty() && !CommitFrameEnd(slot, frame_id_)) return false;
  if (!BeginWrite()) return false;
  Event* event = NewEvent(slot, EventKind::kResized);
  if (event == nullptr) return false;
  event->rect = slot.op.dest;
  event->note = slot.op.note;
  // A surface that finds no memory for its pixels starts anew, black.
  (void)output_.Detach();
  in_frame_ = false;
  frame_id_ = 0;
  // Closed until the controller has prepared the new framebuffer.
  pipeline_->framebuffer.BeginResize();
  SendEvent();
  return true;
}

Event* CommitRing::NewEvent(const Slot& slot, EventKind kind) {
  Event* event = pipeline_->events.BeginPush();
  if (event == nullptr) {
    held_up_ = true;
    return nullptr;
  }
  event->kind = kind;
  event->codec = slot.op.codec;
  event->time_ns = slot.op.time_ns;
  event->status = Ok();
  event->rect = Rect();
  event->note.reset();
  return event;
}

void CommitRing::SendEvent() {
  pipeline_->events.EndPush();
  events_sent_ = true;
}

bool CommitRing::SendLost(const Slot& slot, const Rect& rect, Status status) {
  Event* event = NewEvent(slot, EventKind::kLost);
  if (event == nullptr) return false;
  event->rect = slot.op.surface ? output_.Shown(*slot.op.surface, rect) : rect;
  event->status = status;
  Metrics::Add(pipeline_->metrics.lost, 1);
  // What was lost before decoding, the lane has counted.
  if (slot.op.kind == OpKind::kDraw) pipeline_->counters.Count("lost", CodecName(slot.op.codec));
  if (slot.op.kind > OpKind::kDisconnect) pipeline_->counters.Count("lost", "surface_command");
  SendEvent();
  return true;
}

}  // namespace mullion
