// A bounded single-producer single-consumer ring, lock-free; slots live as long as the ring.
//
// Shapes: capacity is a power of two. Slots are reused in place, so that what they hold (vectors,
// strings) keeps its capacity: steady state allocates nothing.
// Threads: one producer calls BeginPush/EndPush, one consumer calls Front/Pop; size() is for anyone
// and is a snapshot. Producer and consumer may change threads if they hand over with
// synchronisation of their own.
// Errors: BeginPush is null when full, Front is null when empty.
#ifndef MULLION_ENGINE_RING_H_
#define MULLION_ENGINE_RING_H_

#include <atomic>
#include <cstddef>
#include <memory>

namespace mullion {

template <typename T>
class SpscRing {
 public:
  explicit SpscRing(size_t capacity) : mask_(capacity - 1), slots_(new T[capacity]()) {}

  // The slot to fill, or null when the ring is full. EndPush() makes it visible.
  T* BeginPush() {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ > mask_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return nullptr;
    }
    return &slots_[tail & mask_];
  }
  void EndPush() {
    tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // The oldest slot, or null when the ring is empty. Pop() gives it back to the producer.
  T* Front() {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return nullptr;
    }
    return &slots_[head & mask_];
  }
  void Pop() { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  size_t size() const {
    const size_t head = head_.load(std::memory_order_acquire);
    return tail_.load(std::memory_order_acquire) - head;
  }
  size_t capacity() const { return mask_ + 1; }

 private:
  // Producer and consumer write on cache lines of their own.
  const size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(64) std::atomic<size_t> tail_{0};
  size_t head_seen_ = 0;  // the producer's last look at head_
  alignas(64) std::atomic<size_t> head_{0};
  size_t tail_seen_ = 0;  // the consumer's last look at tail_
};

}  // namespace mullion

#endif  // MULLION_ENGINE_RING_H_
