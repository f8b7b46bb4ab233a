#include "engine/lane.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/commit.h"
#include "engine/decode.h"

namespace mullion {
namespace {

// Below this many pixels a decode is cheaper than handing it to another thread.
constexpr int64_t kHandOffPx = 1024;
// With fewer coded bytes behind it, the lane had nothing else to do in the meantime.
constexpr size_t kHandOffBytesBehind = 8192;

// Decoded H.264 frames of one session that wait for their turn, each with its pictures.
constexpr int kMaxAvcAhead = 3;

// The queue of those that the op must not overtake in decoding.
KeyQueue* KeyOf(const Op& op) {
  if (IsAvc(op)) return &op.surface->avc_key;
  const bool tiles = op.codec == CodecId::kProgressive || op.kind == OpKind::kForgetTiles;
  return tiles ? &op.surface->progressive_key : nullptr;
}

}  // namespace

Lane::Lane(Pipeline* pipeline, CommitRing* commit)
    : pipeline_(pipeline), commit_(commit), unpacker_(pipeline) {}

bool Lane::Push(Packet&& packet, bool here) {
  // A stopped session swallows its bytes: nobody may wait for it.
  if (pipeline_->stopping.load(std::memory_order_relaxed)) return true;
  const size_t bytes = packet.bytes.size();
  Packet* slot = nullptr;
  // Twice: the second look comes after the flag, so that a pop in between is not missed.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const uint64_t queued = queued_bytes_.load(std::memory_order_seq_cst);
    // One packet always fits, however small the limit.
    if (queued == 0 || queued + bytes <= pipeline_->limits.max_queued_bytes) {
      slot = packets_.BeginPush();
    }
    if (slot != nullptr) break;
    producer_waits_.store(true, std::memory_order_seq_cst);
  }
  if (slot == nullptr) return false;
  producer_waits_.store(false, std::memory_order_relaxed);
  queued_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  Metrics::Add(pipeline_->metrics.packets, 1);
  Metrics::Add(pipeline_->metrics.bytes_in, bytes);
  if (pipeline_->tasks.load(std::memory_order_relaxed) == 0) pipeline_->turn.Begin(NowNs());
  *slot = std::move(packet);
  packets_.EndPush();
  Metrics::Max(pipeline_->metrics.max_queued_packets, packets_.size());
  // Not while events wait: the frame that is told first keeps what comes behind it from being
  // drawn.
  if (here && queued_bytes_.load(std::memory_order_relaxed) <= kHereBytes &&
      pipeline_->events.size() == 0) {
    RunHere();
  } else {
    Notify();
  }
  return true;
}

void Lane::Notify() {
  if (signal_.Raise()) pipeline_->Submit(this);
}

void Lane::RunHere() {
  if (pipeline_->pool->workers() == 0) return Notify();
  if (!signal_.Raise()) return;
  pipeline_->tasks.fetch_add(1, std::memory_order_relaxed);
  here_ = true;
  Run();
}

void Lane::Run() {
  Pipeline* const pipeline = pipeline_;
  const RunningTask running(pipeline);
  for (;;) {
    const uint32_t seen = signal_.Begin();
    Progress progress = Progress::kEmpty;
    if (!pipeline->stopping.load(std::memory_order_acquire)) {
      pipeline->Guard([&] { progress = Work(); });
    }
    const bool here = std::exchange(here_, false);
    if (progress != Progress::kMore) {
      if (signal_.End(seen)) break;
      if (!here) continue;
    }
    pipeline->Submit(this);  // still raised: nobody else does
    break;
  }
}

Lane::Progress Lane::Work() {
  if (stalled_) {
    if (!Admit(*stalled_)) return Progress::kBlocked;
    stalled_.reset();
  }
  const uint64_t start = NowNs();
  const auto make_room = [&] {
    return (here_ || pipeline_->pool->contended()) && NowNs() - start > Pool::kSliceNs;
  };
  for (int packets = 0;;) {
    Op op;
    while (unpacker_.Next(&op)) {
      if (!Admit(op)) {
        stalled_.emplace(std::move(op));
        return Progress::kBlocked;
      }
      op = Op();
      if (make_room()) return Progress::kMore;
    }
    if (packets == kPacketsPerRun || make_room()) return Progress::kMore;
    Packet* front = packets_.Front();
    if (front == nullptr) return Progress::kEmpty;
    Packet packet;
    PopPacket(&packet);
    ++packets;
    unpacker_.Begin(std::move(packet));
  }
}

void Lane::PopPacket(Packet* packet) {
  Packet* front = packets_.Front();
  *packet = std::move(*front);
  *front = Packet();
  packets_.Pop();
  queued_bytes_.fetch_sub(packet->bytes.size(), std::memory_order_seq_cst);
  if (producer_waits_.load(std::memory_order_seq_cst) && HasRoom() &&
      producer_waits_.exchange(false, std::memory_order_seq_cst) && on_space_ != nullptr) {
    on_space_(on_space_context_);
  }
}

// A producer that waits goes on when half of the queue is free: waking it for each packet costs
// more than the packet.
bool Lane::HasRoom() const {
  return queued_bytes_.load(std::memory_order_seq_cst) <= pipeline_->limits.max_queued_bytes / 2 &&
         packets_.size() <= kPackets / 2;
}

bool Lane::Admit(Op& op) {
  if (TryAdmit(op)) return true;
  // Say that we wait, then look again: what freed the way in between did not notify us.
  commit_->SetLaneBlocked();
  return TryAdmit(op);
}

bool Lane::TryAdmit(Op& op) {
  if (pipeline_->resize_pending.load(std::memory_order_seq_cst)) return false;
  Slot* slot = commit_->BeginPush();
  if (slot == nullptr) return false;
  const void* buffer = op.payload.buffer();
  slot->waiting_bytes = buffer == last_buffer_ ? 0 : op.payload.buffer_size();
  if (op.note != nullptr && op.note->pointer != nullptr) {
    slot->waiting_bytes += op.note->pointer->bgra.size();
  }
  const uint64_t waiting = pipeline_->metrics.waiting_bytes.load(std::memory_order_seq_cst);
  if (waiting + slot->waiting_bytes > pipeline_->limits.max_waiting_bytes && !commit_->AtHead()) {
    return false;
  }
  const bool decodes = op.kind == OpKind::kDraw || op.kind == OpKind::kForgetTiles;
  if (!(decodes ? AdmitDraw(op, slot) : AdmitOther(op, slot))) return false;
  if (buffer != nullptr) last_buffer_ = buffer;
  return true;
}

bool Lane::AdmitOther(Op& op, Slot* slot) {
  const bool elsewhere = here_ && op.paints_px > CommitRing::kHerePx;
  if (op.kind == OpKind::kResize) pipeline_->resize_pending.store(true, std::memory_order_seq_cst);
  slot->op = std::move(op);
  commit_->EndPush();
  slot->state.store(SlotState::kReady, std::memory_order_release);
  elsewhere ? commit_->DrainElsewhere() : commit_->Drain();
  return true;
}

bool Lane::AdmitDraw(Op& op, Slot* slot) {
  Metrics& metrics = pipeline_->metrics;
  const bool decodes = op.kind == OpKind::kDraw;
  const size_t scratch_bytes = decodes ? ScratchBytes(op) : 0;
  const uint64_t in_use = metrics.scratch_bytes.load(std::memory_order_seq_cst);
  const bool direct = decodes && MayDecodeDirect(op);
  bool deferred = false;
  if (decodes && IsAvc(op)) {
    // Decoded ahead, drawn at the head.
    if (pipeline_->avc_ops.load(std::memory_order_seq_cst) >= kMaxAvcAhead) return false;
    pipeline_->avc_ops.fetch_add(1, std::memory_order_relaxed);
  } else if (decodes && MustDecodeAtHead(op)) {
    deferred = true;
  } else if (direct && commit_->AtHead() && pipeline_->framebuffer.BeginWrite()) {
    slot->direct = true;
  } else if (in_use + scratch_bytes <= pipeline_->limits.max_scratch_bytes ||
             (!direct && in_use == 0)) {
    // The size is bounded by the desktop's (see Unpacker), so even a single large op is.
    if (scratch_bytes > 0 && !AcquireScratch(scratch_bytes, slot)) {
      op.kind = OpKind::kLost;
      op.status = Fail(Err::kLimit, "scratch memory");
      return TryAdmit(op);
    }
  } else if (direct && (!op.job || commit_->AtHead())) {
    deferred = true;  // the gate is closed
  } else {
    return false;
  }

  int64_t pixels = 0;
  if (decodes) {
    Metrics::Add(metrics.ops, 1);
    pixels = static_cast<int64_t>(op.coded_width_px) * op.coded_height_px;
    if (IsTiles(op)) {
      pixels = static_cast<int64_t>(op.job->part_count()) * 64 * 64;
      Metrics::Add(metrics.tiles, op.job->part_count());
    }
    Metrics::Add(metrics.pixels, static_cast<uint64_t>(pixels));
  }
  // Few bytes may mean many pixels.
  const bool elsewhere = here_ && pixels + op.paints_px > CommitRing::kHerePx;
  slot->op = std::move(op);
  slot->deferred = deferred;
  slot->key = KeyOf(slot->op);
  const bool fans_out = IsTiles(slot->op) && slot->op.job->part_count() >= kTilesPerHelper;
  if (deferred) {
    // It is in its key's queue before the committer may find it.
    commit_->EndPush();
    if (slot->key != nullptr) (void)slot->key->Enter(slot);
    slot->state.store(SlotState::kDeferred, std::memory_order_release);
    elsewhere ? commit_->DrainElsewhere() : commit_->Drain();
    return true;
  }
  slot->state.store(SlotState::kPending, std::memory_order_release);
  commit_->EndPush();
  if (slot->key != nullptr && !slot->key->Enter(slot)) return true;  // who leaves starts it
  // Many tiles fan out by themselves; few, or a single picture, are handed over whole.
  if (IsAvc(slot->op) ? here_ || pipeline_->pool->idle() > 0
                      : elsewhere || (!fans_out && WorthHandingOff(pixels))) {
    pipeline_->Submit(slot);
  } else {
    DecodeSlot(slot);
  }
  return true;
}

// A worker that has to be woken costs as much as a small picture; one that finds the next picture
// waiting costs nothing. So pictures are handed over when many come, and one ahead per worker.
bool Lane::WorthHandingOff(int64_t pixels) const {
  const Pool& pool = *pipeline_->pool;
  if (pixels < kHandOffPx || !pool.hungry() || (pool.workers() == 1 && !here_)) return false;
  return queued_bytes_.load(std::memory_order_relaxed) + unpacker_.bytes_behind() >=
         kHandOffBytesBehind;
}

bool Lane::AcquireScratch(size_t bytes, Slot* slot) {
  Metrics& metrics = pipeline_->metrics;
  try {
    slot->scratch = pipeline_->scratch->Acquire(bytes);
  } catch (const std::bad_alloc&) {
    return false;
  }
  const uint64_t now =
      metrics.scratch_bytes.fetch_add(slot->scratch.size(), std::memory_order_relaxed) +
      slot->scratch.size();
  Metrics::Max(metrics.max_scratch_bytes, now);
  return true;
}

}  // namespace mullion
