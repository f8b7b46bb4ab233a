// What the stages of one session share.
//
// Ownership: owned by the Session; pool, scratch, bytes, jobs and limits belong to the Engine and
// outlive it. Threads: each member says who may touch it.
#ifndef MULLION_ENGINE_PIPELINE_H_
#define MULLION_ENGINE_PIPELINE_H_

#include <atomic>
#include <cstdint>
#include <new>

#include "codecs/base/bytes.h"
#include "engine/counters.h"
#include "engine/event.h"
#include "engine/framebuffer.h"
#include "engine/jobs.h"
#include "engine/metrics.h"
#include "engine/outbox.h"
#include "engine/pool.h"
#include "engine/ring.h"
#include "engine/scratch.h"
#include "engine/surface.h"
#include "engine/turn.h"

namespace mullion {

class CommitRing;
class Lane;

// The engine's limits with defaults filled in (mln_limits).
struct Limits {
  uint32_t max_desktop_px = 8192u * 8192u;
  uint32_t max_pdu_bytes = 64u << 20;
  uint32_t max_scratch_bytes = 2u << 20;
  uint32_t max_queued_bytes = 1u << 20;
  uint32_t max_waiting_bytes = 16u << 20;
  uint32_t max_pointer_px = 384;
  uint32_t max_channel_bytes = 16u << 20;
  uint32_t max_surface_bytes = 256u << 20;
  uint32_t max_cache_bytes = 100u << 20;
  uint32_t max_tile_state_bytes = 256u << 20;
  uint32_t max_decoders = 16;
};

struct Pipeline {
  Pool* pool = nullptr;
  ScratchPool* scratch = nullptr;
  BytesSource* bytes = nullptr;
  Jobs* jobs = nullptr;
  Limits limits;
  bool every_frame = true;

  Metrics metrics;          // any thread
  Counters counters;        // any thread
  Framebuffer framebuffer;  // gated
  Outbox outbox;            // each function says
  SurfaceMemory surfaces;   // any thread
  SpscRing<Event> events{64};
  Lane* lane = nullptr;
  CommitRing* commit = nullptr;

  // Called by the committer after it pushed events; any thread, must not block for long.
  void (*on_events)(void* context) = nullptr;
  void* on_events_context = nullptr;

  // Set from the push of a kResize op until the controller has prepared the framebuffer: ops behind
  // it are not admitted, since they need to know its format.
  std::atomic<bool> resize_pending{false};
  std::atomic<bool> stopping{false};
  // H.264 frames that were admitted and are not committed: each holds its pictures.
  std::atomic<int> avc_ops{0};
  // Some stage found no memory: the session has stopped, and its controller is to say so.
  std::atomic<bool> out_of_memory{false};
  // Tasks of this session that were submitted and have not ended: the session must outlive them.
  std::atomic<int> tasks{0};

  Turn turn;  // any thread

  void Submit(Task* task) {
    tasks.fetch_add(1, std::memory_order_relaxed);
    pool->Submit(task, turn.DueNs(NowNs()));
  }
  // Runs a part of a task; nothing that it throws leaves it.
  template <typename Work>
  void Guard(Work work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      StopOutOfMemory();
      on_events(on_events_context);
    }
  }
  void StopOutOfMemory() {
    stopping.store(true, std::memory_order_release);
    out_of_memory.store(true, std::memory_order_release);
  }
};

// Stands in every task's Run(), around all else: the session may be gone behind it.
class RunningTask {
 public:
  explicit RunningTask(Pipeline* pipeline) : pipeline_(pipeline), start_ns_(NowNs()) {}
  ~RunningTask() {
    const uint64_t now_ns = NowNs();
    pipeline_->turn.Charge(now_ns, now_ns - start_ns_);
    pipeline_->tasks.fetch_sub(1, std::memory_order_release);
  }
  RunningTask(const RunningTask&) = delete;
  RunningTask& operator=(const RunningTask&) = delete;

 private:
  Pipeline* const pipeline_;
  const uint64_t start_ns_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_PIPELINE_H_
