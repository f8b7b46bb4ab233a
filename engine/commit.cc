#include "engine/commit.h"

#include "engine/decode.h"
#include "engine/lane.h"

namespace mullion {
namespace {

// More rectangles than this in one frame are told as their bounding rectangle.
constexpr size_t kMaxRegion = 1024;

Rect BoundOf(const std::vector<Rect>& region) {
  Rect bounds;
  for (const Rect& rect : region) bounds = Bound(bounds, rect);
  return bounds;
}

}  // namespace

void Slot::Complete() {
  CommitRing* ring = pipeline->commit;
  state.store(SlotState::kReady, std::memory_order_release);
  ring->Drain();
}

CommitRing::CommitRing(Pipeline* pipeline)
    : pipeline_(pipeline), slots_(std::make_unique<Slot[]>(kSlots)) {
  for (size_t i = 0; i < kSlots; ++i) slots_[i].pipeline = pipeline;
  drain_task_.ring = this;
}

Slot* CommitRing::BeginPush() {
  Slot& slot = slots_[tail_ % kSlots];
  if (tail_ - head_.load(std::memory_order_seq_cst) == kSlots) return nullptr;
  return &slot;
}

void CommitRing::EndPush() {
  ++tail_;
  Metrics::Max(pipeline_->metrics.max_queued_ops,
               pushed_.fetch_add(1, std::memory_order_relaxed) + 1);
}

void CommitRing::Drain() {
  if (signal_.Raise()) DrainWhileRaised();
}

void CommitRing::DrainOnPool() {
  if (!signal_.Raise()) return;
  if (pipeline_->pool->workers() == 0) return DrainWhileRaised();
  pipeline_->Submit(&drain_task_);
}

void CommitRing::DrainTask::Run() {
  Pipeline* pipeline = ring->pipeline_;
  ring->DrainWhileRaised();
  pipeline->TaskEnded();
}

void CommitRing::DrainWhileRaised() {
  bool wake_lane = false;
  uint32_t seen;
  do {
    seen = signal_.Begin();
    wake_lane |= DrainOnce();
  } while (!signal_.End(seen));
  // Not before: an inline lane runs right here, and is to find the ring drained.
  if (wake_lane) pipeline_->lane->Notify();
}

// True when the lane waits for what was just freed.
bool CommitRing::DrainOnce() {
  bool wake_lane = false;
  for (;;) {
    const uint64_t head = head_.load(std::memory_order_relaxed);
    Slot& slot = slots_[head % kSlots];
    if (pipeline_->stopping.load(std::memory_order_relaxed) || !CommitHead(slot)) break;
    if (!slot.scratch.empty()) {
      pipeline_->metrics.scratch_bytes.fetch_sub(slot.scratch.size(), std::memory_order_relaxed);
      slot.scratch = Scratch();
    }
    slot.op = Op();
    slot.direct = false;
    slot.step = 0;
    slot.state.store(SlotState::kEmpty, std::memory_order_relaxed);
    pushed_.fetch_sub(1, std::memory_order_relaxed);
    head_.store(head + 1, std::memory_order_seq_cst);
    wake_lane |= lane_blocked_.exchange(false, std::memory_order_seq_cst);
  }
  if (events_sent_) {
    events_sent_ = false;
    pipeline_->on_events(pipeline_->on_events_context);
  }
  return wake_lane;
}

// True when the slot is done; false when the drain has to stop here.
bool CommitRing::CommitHead(Slot& slot) {
  const SlotState state = slot.state.load(std::memory_order_acquire);
  if (state == SlotState::kEmpty || state == SlotState::kPending) return false;
  const Op& op = slot.op;
  if (state == SlotState::kDeferred) {
    if (!pipeline_->framebuffer.BeginWrite()) return false;
    slot.direct = true;
    slot.state.store(SlotState::kPending, std::memory_order_relaxed);
    pipeline_->Submit(&slot);
    return false;
  }
  switch (op.kind) {
    case OpKind::kDraw:
      return op.job ? CommitTiles(slot) : CommitDraw(slot);
    case OpKind::kFrameBegin:
      in_frame_ = true;
      return true;
    case OpKind::kFrameEnd:
      if (!CommitFrameEnd(slot, op.value)) return false;
      in_frame_ = false;
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
      if (!CommitFrameEnd(slot, 0)) return false;
      Event* event = NewEvent(slot, EventKind::kDisconnected);
      if (event == nullptr) return false;
      event->status = op.status;
      event->note = op.note;
      SendEvent();
      return true;
    }
  }
  return true;
}

bool CommitRing::CommitDraw(Slot& slot) {
  const Op& op = slot.op;
  if (!op.status.ok()) return SendLost(slot, op.dest, op.status);
  if (!slot.direct) {
    if (!pipeline_->framebuffer.BeginWrite()) return false;
    const PixelView& target = pipeline_->framebuffer.view();
    const PixelView decoded = CodedView(op, slot.scratch.data(), target.format);
    CopyPixels(decoded.Sub({0, 0, op.dest.w, op.dest.h}), target.Sub(op.dest));
  }
  AddRegion(op.dest);
  return true;
}

bool CommitRing::CommitTiles(Slot& slot) {
  const Op& op = slot.op;
  TileJob& job = *op.job.get();
  if (!slot.direct && !pipeline_->framebuffer.BeginWrite()) return false;
  const PixelView& target = pipeline_->framebuffer.view();
  for (; slot.step < job.tiles.size(); ++slot.step) {
    const TileJob::Tile& tile = job.tiles[slot.step];
    if (!tile.status.ok()) {
      if (!SendLost(slot, Intersect(tile.rect, target.bounds()), tile.status)) return false;
      continue;
    }
    if (slot.direct) continue;
    const PixelView pixels{slot.scratch.data() + slot.step * ScratchPool::kTileBytes,
                           TileJob::kTilePx, TileJob::kTilePx, TileJob::kTilePx * 4, target.format};
    job.VisitClips(tile, [&](const Rect& part) {
      CopyPixels(pixels.Sub({part.x - tile.rect.x, part.y - tile.rect.y, part.w, part.h}),
                 target.Sub(part));
    });
  }
  for (const Rect& rect : job.covered) AddRegion(rect);
  return true;
}

bool CommitRing::CommitFrameEnd(const Slot& slot, uint32_t frame_id) {
  if (region_.empty()) {
    pipeline_->framebuffer.EndFrame(false);
    return true;
  }
  Event* event = NewEvent(slot, EventKind::kFrame);
  if (event == nullptr) return false;
  event->rect = BoundOf(region_);
  event->value = frame_id;
  event->index = frames_++;
  event->latency_ns = NowNs() - slot.op.arrival_ns;
  event->region.clear();
  event->region.swap(region_);
  pipeline_->metrics.commit.Add(event->latency_ns);
  Metrics::Add(pipeline_->metrics.frames, 1);
  pipeline_->framebuffer.EndFrame(pipeline_->every_frame);
  SendEvent();
  return true;
}

bool CommitRing::CommitResize(const Slot& slot) {
  if (!region_.empty() && !CommitFrameEnd(slot, 0)) return false;
  if (!pipeline_->framebuffer.BeginWrite()) return false;
  Event* event = NewEvent(slot, EventKind::kResized);
  if (event == nullptr) return false;
  event->rect = slot.op.dest;
  in_frame_ = false;
  // Closed until the controller has prepared the new framebuffer.
  pipeline_->framebuffer.BeginResize();
  SendEvent();
  return true;
}

Event* CommitRing::NewEvent(const Slot& slot, EventKind kind) {
  Event* event = pipeline_->events.BeginPush();
  if (event == nullptr) return nullptr;
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
  event->rect = rect;
  event->status = status;
  Metrics::Add(pipeline_->metrics.lost, 1);
  // What was lost before decoding, the lane has counted.
  if (slot.op.kind == OpKind::kDraw) pipeline_->counters.Count("lost", CodecName(slot.op.codec));
  SendEvent();
  return true;
}

void CommitRing::AddRegion(const Rect& rect) {
  if (rect.empty()) return;
  if (region_.size() == kMaxRegion) {
    const Rect bounds = BoundOf(region_);
    region_.clear();
    region_.push_back(bounds);
  }
  region_.push_back(rect);
}

}  // namespace mullion
