// Pooled memory for decoded pixels that wait for their turn.
//
// Units: bytes, 64-byte aligned, sizes rounded up to a power of two of at least one 64x64 tile.
// Ownership: a Scratch gives its memory back to its pool when it dies; the pool outlives it.
// Bounds: the pool keeps at most kKeepBytes of free memory for all sessions; how much a session may
// hold at once is the lane's quota (limits.max_scratch_bytes), not the pool's.
// Threads: any. Errors: std::bad_alloc, which the lane turns into a lost op.
#ifndef MULLION_ENGINE_SCRATCH_H_
#define MULLION_ENGINE_SCRATCH_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/block_pool.h"

namespace mullion {

class ScratchPool;

class Scratch {
 public:
  Scratch() = default;
  Scratch(Scratch&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_class_(other.size_class_) {}
  Scratch& operator=(Scratch&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(size_class_, other.size_class_);
    return *this;
  }
  ~Scratch();
  uint8_t* data() const { return data_; }
  size_t size() const;
  bool empty() const { return data_ == nullptr; }

 private:
  friend class ScratchPool;
  Scratch(ScratchPool* pool, uint8_t* data, unsigned size_class)
      : pool_(pool), data_(data), size_class_(size_class) {}
  ScratchPool* pool_ = nullptr;
  uint8_t* data_ = nullptr;
  unsigned size_class_ = 0;
};

class ScratchPool {
 public:
  static constexpr size_t kTileBytes = size_t{64} * 64 * 4;
  static constexpr size_t kKeepBytes = size_t{16} << 20;

  Scratch Acquire(size_t bytes) {
    const unsigned size_class = blocks_.ClassOf(bytes);
    return Scratch(this, static_cast<uint8_t*>(blocks_.Take(size_class)), size_class);
  }

 private:
  friend class Scratch;
  BlockPool blocks_{kTileBytes, kKeepBytes};
};

inline Scratch::~Scratch() {
  if (data_ != nullptr) pool_->blocks_.Give(data_, size_class_);
}

inline size_t Scratch::size() const {
  return data_ == nullptr ? 0 : ScratchPool::kTileBytes << size_class_;
}

}  // namespace mullion

#endif  // MULLION_ENGINE_SCRATCH_H_
