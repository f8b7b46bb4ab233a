// "Somebody must look again": lets many threads ask for a piece of work that only one may do.
//
// Raise() returns true to exactly one caller, which then owns the work and calls
//   uint32_t seen = signal.Begin(); ...work...; if (!signal.End(seen)) work again.
// A Raise() during the work makes End() fail, so no request is ever lost and nobody waits.
// Threads: Raise from any; Begin and End from the owner only. The owner's writes are visible to the
// next owner.
#ifndef MULLION_ENGINE_SIGNAL_H_
#define MULLION_ENGINE_SIGNAL_H_

#include <atomic>
#include <cstdint>

namespace mullion {

class Signal {
 public:
  bool Raise() { return raised_.fetch_add(1, std::memory_order_acq_rel) == 0; }
  uint32_t Begin() const { return raised_.load(std::memory_order_acquire); }
  bool End(uint32_t seen) {
    return raised_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel);
  }
  bool idle() const { return raised_.load(std::memory_order_acquire) == 0; }

 private:
  std::atomic<uint32_t> raised_{0};
};

}  // namespace mullion

#endif  // MULLION_ENGINE_SIGNAL_H_
