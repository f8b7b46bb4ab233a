// The parts of one op's work, done by as many workers as are idle.
//
// Workers claim runs of parts with one atomic; whoever finishes the last part completes the slot.
// Ownership: counted references: the op's, and one per helper task that was submitted. A helper
// that comes late finds nothing left and lets go. Whoever lets go last gives the job back to the
// engine's free list it came from (engine/jobs.h), so that steady state allocates nothing.
// Threads: Work() from any number of threads at once; everything else from the lane before, or from
// the committer after the work.
// INVARIANT: when several workers may run at once, no two parts of the job write the same byte.
#ifndef MULLION_ENGINE_JOB_H_
#define MULLION_ENGINE_JOB_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "codecs/base/bytes.h"
#include "engine/pool.h"

namespace mullion {

struct Pipeline;
struct Slot;

class Job {
 public:
  static constexpr int kMaxHelpers = 16;

  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  virtual size_t part_count() const = 0;
  // Starts the work on this thread and on up to `helpers` others; returns when nothing is left to
  // claim, or when this thread had its share and others wait: then a task goes on. PRECONDITION:
  // part_count() > 0.
  void Start(Pipeline* pipeline, Slot* slot, int helpers);

  Bytes payload;        // keeps the views alive that the job holds
  bool serial = false;  // parts depend on each other: one worker, in order

 protected:
  Job() = default;
  virtual void RunPart(size_t index) = 0;
  Slot* slot() const { return slot_; }  // while it works
  // Nobody refers to the job any more: it forgets what it holds, but keeps its memory.
  virtual void Recycle() = 0;
  // Forgets what is in it, and its memory too if that is more than a large picture takes (3840 x
  // 2160 has 2,040 tiles): jobs are kept for other sessions.
  template <typename T>
  static void Forget(std::vector<T>* list) {
    list->clear();
    if (list->capacity() * sizeof(T) > kKeepBytes) list->shrink_to_fit();
  }
  static constexpr size_t kKeepBytes = size_t{512} << 10;

 private:
  friend class JobPtr;
  class Helper final : public Task {
   public:
    void Run() override;
    Job* job = nullptr;
  };
  bool Work();
  void WorkAndGoOn(Helper* helper);
  void Unref();

  Pipeline* pipeline_ = nullptr;
  Slot* slot_ = nullptr;
  size_t chunk_ = 1;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> left_{0};
  std::atomic<int> refs_{1};
  std::array<Helper, kMaxHelpers + 1> helpers_;  // the last one goes on for Start's thread
};

class JobPtr {
 public:
  JobPtr() = default;
  explicit JobPtr(Job* job) : job_(job) {}
  JobPtr(JobPtr&& other) noexcept : job_(std::exchange(other.job_, nullptr)) {}
  JobPtr& operator=(JobPtr&& other) noexcept {
    std::swap(job_, other.job_);
    return *this;
  }
  ~JobPtr() {
    if (job_ != nullptr) job_->Unref();
  }
  Job* get() const { return job_; }
  Job* operator->() const { return job_; }
  explicit operator bool() const { return job_ != nullptr; }

 private:
  Job* job_ = nullptr;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_JOB_H_
