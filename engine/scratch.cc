#include "engine/scratch.h"

#include <bit>
#include <cstdlib>
#include <new>

namespace mullion {

Scratch::~Scratch() {
  if (data_ != nullptr) pool_->Release(data_, size_class_);
}

ScratchPool::~ScratchPool() {
  for (auto& list : free_) {
    for (uint8_t* data : list) std::free(data);
  }
}

Scratch ScratchPool::Acquire(size_t bytes) {
  const size_t tiles = bytes <= kTileBytes ? 1 : std::bit_ceil((bytes - 1) / kTileBytes + 1);
  const auto size_class = static_cast<unsigned>(std::countr_zero(tiles));
  if (size_class >= free_.size()) throw std::bad_alloc();
  {
    std::lock_guard lock(mutex_);
    auto& list = free_[size_class];
    if (!list.empty()) {
      uint8_t* data = list.back();  // the hottest
      list.pop_back();
      kept_bytes_ -= kTileBytes << size_class;
      return Scratch(this, data, size_class);
    }
  }
  auto* data = static_cast<uint8_t*>(std::aligned_alloc(64, kTileBytes << size_class));
  if (data == nullptr) throw std::bad_alloc();
  return Scratch(this, data, size_class);
}

void ScratchPool::Release(uint8_t* data, unsigned size_class) {
  const size_t bytes = kTileBytes << size_class;
  {
    std::lock_guard lock(mutex_);
    if (kept_bytes_ + bytes <= kKeepBytes) {
      free_[size_class].push_back(data);
      kept_bytes_ += bytes;
      return;
    }
  }
  std::free(data);
}

}  // namespace mullion
