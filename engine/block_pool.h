// Blocks of memory for reuse, by size class: what ScratchPool and BytesPool are made of.
//
// Units: bytes; class c holds blocks of min_bytes << c, 64-byte aligned.
// Ownership: the pool owns what lies in it, who took a block owns that; Give() may keep it or free
// it. Bounds: at most keep_bytes are kept, for all sessions of an engine.
// Threads: any. Errors: std::bad_alloc.
#ifndef MULLION_ENGINE_BLOCK_POOL_H_
#define MULLION_ENGINE_BLOCK_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace mullion {

class BlockPool {
 public:
  static constexpr unsigned kClasses = 24;

  // `min_bytes` is a power of two, and at least 64.
  BlockPool(size_t min_bytes, size_t keep_bytes) : min_bytes_(min_bytes), keep_bytes_(keep_bytes) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // The smallest class that holds `bytes`; throws when there is none.
  unsigned ClassOf(size_t bytes) const;
  size_t SizeOf(unsigned size_class) const { return min_bytes_ << size_class; }
  void* Take(unsigned size_class);
  void Give(void* block, unsigned size_class);

 private:
  struct Free {
    Free* next;
  };

  const size_t min_bytes_, keep_bytes_;
  std::mutex mutex_;
  std::array<Free*, kClasses> free_{};
  size_t kept_bytes_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_BLOCK_POOL_H_
