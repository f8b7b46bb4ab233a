// The pool on plain threads and one queue: what ThreadSanitizer can see through.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/pool.h"

namespace mullion {

struct Pool::Backend {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task*> queue;
  bool stopping = false;
  std::vector<std::thread> threads;
};

Pool::Pool(int workers) : workers_(workers) {
  if (workers == 0) return;
  backend_ = std::make_unique<Backend>();
  for (int i = 0; i < workers; ++i) {
    backend_->threads.emplace_back([this] {
      std::unique_lock lock(backend_->mutex);
      for (;;) {
        backend_->wake.wait(lock,
                            [this] { return backend_->stopping || !backend_->queue.empty(); });
        if (backend_->queue.empty()) return;
        Task* task = backend_->queue.front();
        backend_->queue.pop_front();
        lock.unlock();
        RunOnWorker(task);
        lock.lock();
      }
    });
  }
}

Pool::~Pool() {
  if (backend_ == nullptr) return;
  {
    std::lock_guard lock(backend_->mutex);
    backend_->stopping = true;
  }
  backend_->wake.notify_all();
  for (std::thread& thread : backend_->threads) thread.join();
}

void Pool::Submit(Task* task) {
  if (workers_ == 0) return RunInline(task);
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  {
    std::lock_guard lock(backend_->mutex);
    backend_->queue.push_back(task);
  }
  backend_->wake.notify_one();
}

}  // namespace mullion
