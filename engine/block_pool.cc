#include "engine/block_pool.h"

#include <bit>
#include <cstdlib>
#include <new>

namespace mullion {

BlockPool::~BlockPool() {
  for (Free* list : free_) {
    while (list != nullptr) {
      Free* block = list;
      list = block->next;
      std::free(block);
    }
  }
}

unsigned BlockPool::ClassOf(size_t bytes) const {
  const size_t units = bytes <= min_bytes_ ? 1 : std::bit_ceil((bytes - 1) / min_bytes_ + 1);
  const auto size_class = static_cast<unsigned>(std::countr_zero(units));
  if (size_class >= kClasses) throw std::bad_alloc();
  return size_class;
}

void* BlockPool::Take(unsigned size_class) {
  {
    std::lock_guard lock(mutex_);
    if (Free* block = free_[size_class]; block != nullptr) {  // the hottest
      free_[size_class] = block->next;
      kept_bytes_ -= SizeOf(size_class);
      return block;
    }
  }
  void* block = std::aligned_alloc(64, SizeOf(size_class));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void BlockPool::Give(void* block, unsigned size_class) {
  const size_t bytes = SizeOf(size_class);
  {
    std::lock_guard lock(mutex_);
    if (kept_bytes_ + bytes <= keep_bytes_) {
      free_[size_class] = new (block) Free{free_[size_class]};
      kept_bytes_ += bytes;
      return;
    }
  }
  std::free(block);
}

}  // namespace mullion
