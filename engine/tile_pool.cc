#include "engine/tile_pool.h"

#include <new>

namespace mullion {
namespace {

// A slab begins at a multiple of its size, which tells a block's slab; what malloc writes in front
// of it belongs to the slab before, so that slabs can lie close to each other.
constexpr std::align_val_t kSlabAlignment{TilePool::kSlabBytes};
constexpr size_t kUsableBytes = TilePool::kSlabBytes - 64;

}  // namespace

struct alignas(64) TilePool::Slab : Link {
  Free* free = nullptr;  // blocks that were used
  uint32_t used = 0;     // blocks that are
  uint32_t cut = 0;      // blocks that are or were
};

TilePool::~TilePool() {
  static_assert(ClassOf(kMaxPooled) == kClasses - 1 && SizeOf(kClasses - 1) == kMaxPooled);
  while (unused_.next != &unused_) {
    auto* const slab = static_cast<Slab*>(unused_.next);
    Remove(slab);
    slab->~Slab();
    ::operator delete(slab, kSlabAlignment);
  }
}

TilePool::Slab* TilePool::SlabOf(void* block) {
  auto* const bytes = static_cast<uint8_t*>(block);
  return reinterpret_cast<Slab*>(bytes - reinterpret_cast<uintptr_t>(bytes) % kSlabBytes);
}

void TilePool::Insert(Link* list, Link* link) {
  link->next = list->next;
  link->before = list;
  link->next->before = link;
  list->next = link;
}

void TilePool::Remove(Link* link) {
  link->next->before = link->before;
  link->before->next = link->next;
}

TilePool::Slab* TilePool::TakeSlab(std::unique_lock<std::mutex>* lock) {
  if (unused_.next != &unused_) {
    auto* const slab = static_cast<Slab*>(unused_.next);
    Remove(slab);
    --unused_count_;
    return slab;
  }
  lock->unlock();
  void* const memory = ::operator new(kUsableBytes, kSlabAlignment);
  lock->lock();
  ++slab_count_;
  return new (memory) Slab;
}

void* TilePool::Take(size_t* size, uint32_t* size_class) {
  if (!cut_slabs_ || *size > kMaxPooled) {
    *size_class = kAlone;
    return ::operator new(*size);
  }
  *size_class = ClassOf(*size);
  *size = SizeOf(*size_class);
  const size_t per_slab = (kUsableBytes - sizeof(Slab)) / *size;
  Link* const with_room = &with_room_[*size_class];
  std::unique_lock lock(mutex_);
  if (with_room->next == with_room) {
    if (unused_.next == &unused_ && slab_count_ > 2 * used_bytes_ / kSlabBytes + kKeepSlabs) {
      lock.unlock();
      *size_class = kAlone;
      return ::operator new(*size);
    }
    Slab* const slab = TakeSlab(&lock);
    slab->free = nullptr;
    slab->cut = 0;
    Insert(with_room, slab);
  }
  auto* const slab = static_cast<Slab*>(with_room->next);
  used_bytes_ += *size;
  if (++slab->used == per_slab) Remove(slab);
  if (Free* const block = slab->free; block != nullptr) {
    slab->free = block->next;
    return block;
  }
  return reinterpret_cast<uint8_t*>(slab + 1) + slab->cut++ * *size;
}

void TilePool::Give(void* block, uint32_t size_class) {
  if (size_class == kAlone) return ::operator delete(block);
  const size_t per_slab = (kUsableBytes - sizeof(Slab)) / SizeOf(size_class);
  Slab* const slab = SlabOf(block);
  {
    std::lock_guard lock(mutex_);
    used_bytes_ -= SizeOf(size_class);
    slab->free = new (block) Free{slab->free};
    if (slab->used-- == per_slab) Insert(&with_room_[size_class], slab);
    if (slab->used != 0) return;
    Remove(slab);
    if (unused_count_ < kKeepSlabs) {
      ++unused_count_;
      return Insert(&unused_, slab);
    }
    --slab_count_;
  }
  slab->~Slab();
  ::operator delete(slab, kSlabAlignment);
}

size_t TilePool::slab_count() const {
  std::lock_guard lock(mutex_);
  return slab_count_;
}

}  // namespace mullion
