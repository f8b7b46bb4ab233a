#include "engine/job.h"

#include <algorithm>

#include "engine/commit.h"
#include "engine/pipeline.h"

namespace mullion {

void Job::Unref() {
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  payload = Bytes();
  serial = false;
  next_.store(0, std::memory_order_relaxed);
  refs_.store(1, std::memory_order_relaxed);
  Recycle();
}

void Job::Start(Pipeline* pipeline, Slot* slot, int helpers) {
  pipeline_ = pipeline;
  slot_ = slot;
  const size_t parts = part_count();
  helpers = serial ? 0 : std::min(helpers, kMaxHelpers);
  // Small runs share the end of the job evenly; a run still amortises the claim.
  chunk_ =
      serial ? parts : std::clamp<size_t>(parts / (8 * static_cast<size_t>(helpers + 1)), 1, 8);
  left_.store(parts, std::memory_order_relaxed);
  refs_.fetch_add(helpers + 1, std::memory_order_relaxed);
  for (int i = 0; i < helpers; ++i) {
    helpers_[static_cast<size_t>(i)].job = this;
    pipeline->Submit(&helpers_[static_cast<size_t>(i)]);
  }
  WorkAndGoOn(&helpers_.back());
}

// Each helper holds a reference, until nothing is left for it to claim.
void Job::WorkAndGoOn(Helper* helper) {
  if (Work()) return Unref();
  helper->job = this;
  pipeline_->Submit(helper);
}

void Job::Helper::Run() {
  const RunningTask running(job->pipeline_);
  job->WorkAndGoOn(this);
}

// True when nothing is left to claim; false when it is time to let others work.
bool Job::Work() {
  const size_t parts = part_count();
  const uint64_t start = NowNs();
  for (uint64_t begin = start;;) {
    const size_t first = next_.fetch_add(chunk_, std::memory_order_relaxed);
    if (first >= parts) return true;
    const size_t last = std::min(first + chunk_, parts);
    pipeline_->Guard([&] {
      for (size_t i = first; i < last && !pipeline_->stopping.load(std::memory_order_relaxed);
           ++i) {
        RunPart(i);
      }
    });
    const uint64_t end = NowNs();
    pipeline_->metrics.decode.Add((end - begin) / (last - first));
    const bool make_room = end - start > Pool::kSliceNs && pipeline_->pool->contended();
    // The slot, and with it the op's reference, may be gone once the last part is counted.
    if (left_.fetch_sub(last - first, std::memory_order_acq_rel) == last - first) {
      slot_->Complete();
      return true;
    }
    if (make_room) return false;
    begin = end;
  }
}

}  // namespace mullion
