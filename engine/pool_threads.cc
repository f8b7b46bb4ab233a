// The pool on plain threads and one queue of tasks by when they are due.
//
// Waking a thread costs as much as decoding a small bitmap, and is paid for even when the thread
// comes too late. So a Submit wakes only when somebody sleeps and nobody is on the way already; who
// arrives and finds more work than he can take wakes the next. Nobody spins: an idle engine uses no
// CPU.
#include <pthread.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/pool.h"
#include "engine/task_heap.h"

namespace mullion {

struct Pool::Backend {
  void Push(Task* task, uint64_t due_ns);
  // Waits for a task; null when the pool ends and nothing is queued.
  Task* Pop();
  // Runs what is queued, and what that submits, to its end.
  ~Backend();

  std::vector<std::thread> threads;

 private:
  // True when the caller is to notify, after it has let go of the mutex.
  bool WakesOne() {
    if (queue_.empty() || sleeping_ == 0 || waking_) return false;
    waking_ = true;
    return true;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  TaskHeap queue_;
  int sleeping_ = 0;
  bool waking_ = false;  // notified, and not here yet
  bool stopping_ = false;
};

void Pool::Backend::Push(Task* task, uint64_t due_ns) {
  bool notify;
  {
    std::lock_guard lock(mutex_);
    queue_.Push(task, due_ns);
    notify = WakesOne();
  }
  if (notify) wake_.notify_one();
}

Task* Pool::Backend::Pop() {
  Task* task;
  bool notify;
  {
    std::unique_lock lock(mutex_);
    while (queue_.empty()) {
      if (stopping_) return nullptr;
      ++sleeping_;
      wake_.wait(lock);
      --sleeping_;
      waking_ = false;
    }
    task = queue_.Pop();
    notify = WakesOne();
  }
  if (notify) wake_.notify_one();
  return task;
}

Pool::Backend::~Backend() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

Pool::Pool(int workers) : workers_(workers) {
  if (workers == 0) return;
  backend_ = std::make_unique<Backend>();
  for (int i = 0; i < workers; ++i) {
    std::thread& thread = backend_->threads.emplace_back([this] {
      while (Task* task = backend_->Pop()) RunOnWorker(task);
    });
    char name[16];
    std::snprintf(name, sizeof(name), "mullion-w%u", static_cast<unsigned>(i) % 1000);
    pthread_setname_np(thread.native_handle(), name);
  }
}

Pool::~Pool() = default;

void Pool::Submit(Task* task, uint64_t due_ns) {
  if (workers_ == 0) return RunInline(task);
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  backend_->Push(task, due_ns);
}

}  // namespace mullion
