// The pool on oneTBB: one arena for all sessions of an engine.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <optional>
#include <thread>

#include "engine/pool.h"

namespace mullion {

struct Pool::Backend {
  explicit Backend(int workers) : arena(workers, /*reserved_for_masters=*/0) {
    // oneTBB keeps one slot per process for the thread that waits, so that n cores mean n - 1
    // workers. Only ever raise its limit: the embedder may use oneTBB too.
    if (workers >= oneapi::tbb::info::default_concurrency()) {
      limit.emplace(oneapi::tbb::global_control::max_allowed_parallelism,
                    static_cast<size_t>(workers) + 1);
    }
  }
  std::optional<oneapi::tbb::global_control> limit;
  oneapi::tbb::task_arena arena;
};

Pool::Pool(int workers) : workers_(workers) {
  if (workers > 0) backend_ = std::make_unique<Backend>(workers);
}

Pool::~Pool() {
  while (outstanding_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
}

void Pool::Submit(Task* task, uint64_t) {
  if (workers_ == 0) return RunInline(task);
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  backend_->arena.enqueue([this, task] { RunOnWorker(task); });
}

}  // namespace mullion
