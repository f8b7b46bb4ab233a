// What the pipeline counts about itself: relaxed atomics and two latency histograms.
//
// Units: nanoseconds, bytes, pixels. Threads: written by any pipeline thread, read by any thread;
// a reading is a snapshot, not a transaction. Memory: about 5 KiB per session.
#ifndef MULLION_ENGINE_METRICS_H_
#define MULLION_ENGINE_METRICS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

namespace mullion {

inline uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

// Buckets of 1/16 of a power of two, from 64 ns to about 18 minutes.
class Histogram {
 public:
  void Add(uint64_t ns) {
    buckets_[Index(ns)].fetch_add(1, std::memory_order_relaxed);
    uint64_t max = max_.load(std::memory_order_relaxed);
    while (ns > max && !max_.compare_exchange_weak(max, ns, std::memory_order_relaxed)) {
    }
  }
  void AddTo(std::array<uint64_t, 16 * 35>* sums) const {
    for (size_t i = 0; i < buckets_.size(); ++i) {
      (*sums)[i] += buckets_[i].load(std::memory_order_relaxed);
    }
  }
  uint64_t max() const { return max_.load(std::memory_order_relaxed); }
  // Adds another's samples; of writers, only this may run on this histogram.
  void Merge(const Histogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) {
      buckets_[i].fetch_add(other.buckets_[i].load(std::memory_order_relaxed),
                            std::memory_order_relaxed);
    }
    max_.store(std::max(max(), other.max()), std::memory_order_relaxed);
  }

  // The upper edge of the bucket that holds the given per mille of all samples; 0 without samples.
  static uint64_t Percentile(const std::array<uint64_t, 16 * 35>& sums, unsigned per_mille) {
    uint64_t total = 0;
    for (uint64_t n : sums) total += n;
    if (total == 0) return 0;
    uint64_t rest = (total * per_mille + 999) / 1000;
    for (size_t i = 0; i < sums.size(); ++i) {
      if (sums[i] >= rest) return UpperEdge(i);
      rest -= sums[i];
    }
    return UpperEdge(sums.size() - 1);
  }

 private:
  static size_t Index(uint64_t ns) {
    ns = std::clamp<uint64_t>(ns, 64, (uint64_t{1} << 40) - 1);
    const auto exponent = static_cast<unsigned>(std::bit_width(ns)) - 1;  // 6..39
    return (exponent - 6) * 16 + ((ns >> (exponent - 4)) & 15);
  }
  static uint64_t UpperEdge(size_t index) {
    return (uint64_t{17} + index % 16) << (index / 16 + 2);
  }
  std::array<std::atomic<uint32_t>, 16 * 35> buckets_{};
  std::atomic<uint64_t> max_{0};
};

struct Metrics {
  std::atomic<uint64_t> packets{0}, bytes_in{0}, bytes_inflated{0};
  std::atomic<uint64_t> ops{0}, tiles{0}, pixels{0}, frames{0}, lost{0};
  std::atomic<uint64_t> max_queued_packets{0}, max_queued_ops{0};
  std::atomic<uint64_t> scratch_bytes{0}, max_scratch_bytes{0};
  std::atomic<uint64_t> waiting_bytes{0}, max_waiting_bytes{0};
  Histogram decode;  // one op, start to end
  Histogram commit;  // a frame's last packet entering its ring, to its commit

  // Adds what a session counted in its life: it is about to be freed.
  void Merge(const Metrics& other) {
    const auto sum = [](std::atomic<uint64_t>& to, const std::atomic<uint64_t>& from) {
      Add(to, from.load(std::memory_order_relaxed));
    };
    const auto high = [](std::atomic<uint64_t>& to, const std::atomic<uint64_t>& from) {
      Max(to, from.load(std::memory_order_relaxed));
    };
    sum(packets, other.packets);
    sum(bytes_in, other.bytes_in);
    sum(bytes_inflated, other.bytes_inflated);
    sum(ops, other.ops);
    sum(tiles, other.tiles);
    sum(pixels, other.pixels);
    sum(frames, other.frames);
    sum(lost, other.lost);
    high(max_queued_packets, other.max_queued_packets);
    high(max_queued_ops, other.max_queued_ops);
    high(max_scratch_bytes, other.max_scratch_bytes);
    high(max_waiting_bytes, other.max_waiting_bytes);
    decode.Merge(other.decode);
    commit.Merge(other.commit);
  }

  static void Add(std::atomic<uint64_t>& counter, uint64_t n) {
    counter.fetch_add(n, std::memory_order_relaxed);
  }
  static void Max(std::atomic<uint64_t>& mark, uint64_t value) {
    uint64_t old = mark.load(std::memory_order_relaxed);
    while (value > old && !mark.compare_exchange_weak(old, value, std::memory_order_relaxed)) {
    }
  }
};

}  // namespace mullion

#endif  // MULLION_ENGINE_METRICS_H_
