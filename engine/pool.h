// The decode workers: runs tasks on a fixed number of threads, or inline when there are none.
//
// Ownership: tasks are borrowed; a task stays valid until its Run() returns, and Run() may end the
// task's own life (the pool does not touch it afterwards).
// Threads: Submit from any thread, also from inside a task. With 0 workers Submit runs the task on
// the calling thread; tasks that a task submits run after it, not inside it.
// Blocking: no task may block on another. The destructor waits for all submitted tasks.
// Backends: plain threads (pool_threads.cc), or oneTBB (pool_tbb.cc) with meson's -Dpool=tbb, for
// embedders that want its scheduler. Not the default: its idle workers spin before they sleep,
// which at office load costs two thirds of the CPU (measured with bench/density: 8 sessions, 7.6 ms
// per session and second where plain threads take 3.7), and ThreadSanitizer cannot see through it.
#ifndef MULLION_ENGINE_POOL_H_
#define MULLION_ENGINE_POOL_H_

#include <atomic>
#include <cstdint>
#include <memory>

namespace mullion {

class Task {
 public:
  virtual void Run() = 0;

 protected:
  ~Task() = default;

 private:
  friend class Pool;
  friend class TaskHeap;
  Task* next_ = nullptr;  // links of the queue that it waits in
  Task* child_ = nullptr;
  uint64_t due_ns_ = 0;
};

class Pool {
 public:
  explicit Pool(int workers);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int workers() const { return workers_; }
  // Of the tasks that wait, the one that is due first comes first (engine/turn.h). oneTBB and the
  // inline queue take them as they come.
  void Submit(Task* task, uint64_t due_ns = 0);
  // Workers with nothing to do: a hint, stale at once.
  int idle() const {
    const int idle = workers_ - outstanding_.load(std::memory_order_relaxed);
    return idle > 0 ? idle : 0;
  }
  // True while tasks wait for a worker: whoever works long should make room.
  bool contended() const { return outstanding_.load(std::memory_order_relaxed) > workers_; }
  // True while fewer tasks wait than there are workers: a hint that more of them can be used.
  bool hungry() const { return outstanding_.load(std::memory_order_relaxed) < 2 * workers_; }

  // How long a task that can be continued works on while others wait. Measured with bench/latency,
  // a one-tile frame beside 8 sessions that flood, 2 workers: p99 38 ms without slices, 4.7 ms with
  // 500 us, 1.4 ms with 100 us, and no longer replays.
  static constexpr uint64_t kSliceNs = 100'000;

 private:
  struct Backend;
  void RunInline(Task* task);
  void RunOnWorker(Task* task) {
    task->Run();
    outstanding_.fetch_sub(1, std::memory_order_release);
  }

  const int workers_;
  std::atomic<int> outstanding_{0};  // queued or running
  std::unique_ptr<Backend> backend_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_POOL_H_
