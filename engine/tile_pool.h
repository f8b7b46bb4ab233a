// What progressive tiles keep between their passes (codecs/image/progressive.h), for all sessions
// of an engine: hundreds of blocks of 64 bytes to a few KiB a session, which change their sizes as
// pictures change. Pointer shapes, and what holds an H.264 picture, are few such blocks more.
//
// Blocks are cut from slabs of 64 KiB, each for one class of sizes; there are four classes to each
// doubling, so that a tenth of a block is empty. A slab that no tile uses any more serves the next
// class that needs one. So a session's first picture costs a dozen allocations and not hundreds,
// and those after it none. (Hundreds of them are not cheap: in the arenas of glibc's threads they
// are as many calls of mprotect.)
//
// Units: bytes; blocks are 16-byte aligned. Larger blocks than kMaxPooled, of pictures that are
// noise, are allocated alone.
// Ownership: outlives its blocks. Bounds: kKeepSlabs slabs that nobody uses are kept. A block keeps
// its slab, so while slabs are more than twice what is used of them, there are no new ones: blocks
// are allocated alone.
// Threads: any. Errors: std::bad_alloc.
// Under AddressSanitizer all blocks are allocated alone: a use after free is to be seen.
#ifndef MULLION_ENGINE_TILE_POOL_H_
#define MULLION_ENGINE_TILE_POOL_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "codecs/base/bytes.h"
#include "codecs/base/under_asan.h"

namespace mullion {

class TilePool final : public BytesSource {
 public:
  static constexpr size_t kMaxPooled = 8192;
  static constexpr size_t kSlabBytes = size_t{64} << 10;
  static constexpr size_t kKeepSlabs = 32;

  explicit TilePool(bool cut_slabs = !kUnderAsan) : cut_slabs_(cut_slabs) {}
  ~TilePool();
  TilePool(const TilePool&) = delete;
  TilePool& operator=(const TilePool&) = delete;

  // 64, 80, 96, 112, 128, 160 ...
  static constexpr size_t SizeOf(uint32_t size_class) {
    return size_t{4 + size_class % 4} << (size_class / 4 + 4);
  }
  // PRECONDITION: bytes <= kMaxPooled.
  static constexpr uint32_t ClassOf(size_t bytes) {
    if (bytes <= 64) return 0;
    const auto shift = static_cast<uint32_t>(std::bit_width(bytes - 1)) - 3;
    return (shift - 4) * 4 + (static_cast<uint32_t>((bytes - 1) >> shift) - 4) + 1;
  }

  void* Take(size_t* size, uint32_t* size_class) override;
  void Give(void* block, uint32_t size_class) override;

  size_t slab_count() const;  // used and kept ones

 private:
  static constexpr uint32_t kClasses = 29;
  static constexpr uint32_t kAlone = kClasses;
  struct Free {
    Free* next;
  };
  struct Slab;
  // A list without a beginning of its own, so that a slab can leave it without knowing it.
  struct Link {
    Link* next = this;
    Link* before = this;
  };

  static Slab* SlabOf(void* block);
  static void Insert(Link* list, Link* link);
  static void Remove(Link* link);
  Slab* TakeSlab(std::unique_lock<std::mutex>* lock);

  const bool cut_slabs_;
  mutable std::mutex mutex_;
  std::array<Link, kClasses> with_room_;  // slabs in use that are not full, by class
  Link unused_;
  size_t unused_count_ = 0;
  size_t slab_count_ = 0;
  size_t used_bytes_ = 0;  // of slabs
};

}  // namespace mullion

#endif  // MULLION_ENGINE_TILE_POOL_H_
