// Free lists of jobs, one of each kind for all sessions of an engine: a session that decodes
// nothing owns none, and one that decodes allocates none in steady state.
//
// Bounds: each list keeps at most kKeep jobs; a job keeps the memory of the largest message it saw,
// but of no list more than Job::kKeepBytes.
// Threads: any. Errors: std::bad_alloc, which the lane turns into a lost op.
#ifndef MULLION_ENGINE_JOBS_H_
#define MULLION_ENGINE_JOBS_H_

#include <memory>
#include <mutex>
#include <vector>

namespace mullion {

template <typename T>
class FreeList {
 public:
  static constexpr size_t kKeep = 32;

  FreeList() { free_.reserve(kKeep); }
  T* Take() {
    {
      std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        T* job = free_.back().release();  // the hottest
        free_.pop_back();
        return job;
      }
    }
    return new T(this);
  }
  void Give(T* job) {
    std::unique_ptr<T> owned(job);
    std::lock_guard lock(mutex_);
    if (free_.size() < kKeep) free_.push_back(std::move(owned));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

class AvcJob;
class ProgressiveJob;
class RfxJob;

struct Jobs {
  FreeList<RfxJob> rfx;
  FreeList<ProgressiveJob> progressive;
  FreeList<AvcJob> avc;
  Jobs();
  ~Jobs();  // where the kinds are known
};

}  // namespace mullion

#endif  // MULLION_ENGINE_JOBS_H_
