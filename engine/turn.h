// When a session's tasks are due, in the order in which the pool serves sessions.
//
// First come, first served: a task is due when the bytes came that it works on, so that no frame
// waits behind one that came later. But a session that lately had more of the workers than its
// share is due later, the later the more it had: one that floods does not hold up the others, and
// among several that flood all are served alike.
// Turns are not equally long, though: an H.264 frame cannot be interrupted.
// How much a session had is a bucket of time that work fills and that leaks at kShare of real time.
//
// Threads: any. What two threads do at once may be lost: this orders work, nothing else hangs on
// it.
#ifndef MULLION_ENGINE_TURN_H_
#define MULLION_ENGINE_TURN_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace mullion {

class Turn {
 public:
  // One part in so many of a core's time is nobody's concern.
  static constexpr uint64_t kShare = 8;
  // So much may be had at once: a few frames of the costliest kind (1080p H.264, 3 to 8 ms).
  static constexpr uint64_t kFreeNs = 16'000'000;
  // Nobody is put off by more, however much he had.
  static constexpr uint64_t kMaxDelayNs = 200'000'000;

  // Bytes came for a session that had nothing to do.
  void Begin(uint64_t now_ns) { begin_ns_.store(now_ns, std::memory_order_relaxed); }

  // A worker has been at work for the session.
  void Charge(uint64_t now_ns, uint64_t work_ns) {
    const uint64_t level_ns = LevelNs(now_ns) + work_ns * kShare;
    empty_ns_.store(now_ns + std::min(level_ns, kFreeNs * kShare + kMaxDelayNs),
                    std::memory_order_relaxed);
  }

  uint64_t DueNs(uint64_t now_ns) const {
    const uint64_t level_ns = LevelNs(now_ns);
    if (level_ns <= kFreeNs * kShare) return begin_ns_.load(std::memory_order_relaxed);
    return now_ns + level_ns - kFreeNs * kShare;
  }

 private:
  // What is in the bucket, in time that it takes to leak out.
  uint64_t LevelNs(uint64_t now_ns) const {
    const uint64_t empty_ns = empty_ns_.load(std::memory_order_relaxed);
    return empty_ns > now_ns ? empty_ns - now_ns : 0;
  }

  std::atomic<uint64_t> begin_ns_{0};
  std::atomic<uint64_t> empty_ns_{0};  // when the bucket will be empty
};

}  // namespace mullion

#endif  // MULLION_ENGINE_TURN_H_
