#include "engine/tile_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace mullion::testing {
namespace {

constexpr bool kCutSlabs = true;  // under AddressSanitizer, too

struct Block {
  uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t size_class = 0;

  static Block Of(TilePool* pool, size_t size) {
    Block block;
    block.size = size;
    block.data = static_cast<uint8_t*>(pool->Take(&block.size, &block.size_class));
    return block;
  }
  // All of it is ours.
  void Fill(uint8_t value) const { std::memset(data, value, size); }
  bool Holds(uint8_t value) const {
    return std::all_of(data, data + size, [value](uint8_t byte) { return byte == value; });
  }
};

TEST_CASE("tile pool: the smallest class that holds a size, four to a doubling") {
  for (size_t size = 1; size <= TilePool::kMaxPooled; ++size) {
    const uint32_t size_class = TilePool::ClassOf(size);
    const size_t gets = TilePool::SizeOf(size_class);
    CHECK(gets >= size);
    CHECK(gets % 16 == 0);
    if (size_class > 0) CHECK(TilePool::SizeOf(size_class - 1) < size);
    if (size > 64) CHECK(gets * 4 < size * 5);
  }
}

TEST_CASE("tile pool: blocks do not touch each other, and come back to any class") {
  TilePool pool(kCutSlabs);
  std::mt19937 random(1);
  std::vector<Block> blocks;
  for (int i = 0; i < 3000; ++i) {
    blocks.push_back(Block::Of(&pool, 1 + random() % (i % 9 == 0 ? 20000 : 3000)));
    blocks.back().Fill(static_cast<uint8_t>(i));
    CHECK(reinterpret_cast<uintptr_t>(blocks.back().data) % 16 == 0);
  }
  size_t bytes = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    CHECK(blocks[i].Holds(static_cast<uint8_t>(i)));
    if (blocks[i].size <= TilePool::kMaxPooled) bytes += blocks[i].size;
  }
  // Few slabs have room: one a class, and what does not divide.
  CHECK(pool.slab_count() * TilePool::kSlabBytes < bytes * 9 / 8 + 29 * TilePool::kSlabBytes);
  std::shuffle(blocks.begin(), blocks.end(), random);
  for (const Block& block : blocks) pool.Give(block.data, block.size_class);
  CHECK(pool.slab_count() == TilePool::kKeepSlabs);
  // All of what was kept serves one class.
  blocks.clear();
  const size_t per_slab = TilePool::kSlabBytes / 1024 - 1;
  for (size_t i = 0; i < per_slab * TilePool::kKeepSlabs; ++i) {
    blocks.push_back(Block::Of(&pool, 1024));
  }
  CHECK(pool.slab_count() == TilePool::kKeepSlabs);
  blocks.push_back(Block::Of(&pool, 1024));
  CHECK(pool.slab_count() == TilePool::kKeepSlabs + 1);
  // A block that comes back to a full slab is the next one to be taken.
  const Block last = blocks[7];
  pool.Give(last.data, last.size_class);
  blocks[7] = Block::Of(&pool, 1000);
  CHECK(blocks[7].data == last.data);
  for (const Block& block : blocks) pool.Give(block.data, block.size_class);
  CHECK(pool.slab_count() == TilePool::kKeepSlabs);
}

TEST_CASE("tile pool: who keeps one block of each slab keeps no more than twice what he may") {
  TilePool pool(kCutSlabs);
  constexpr size_t kMayUse = size_t{32} << 20;
  std::vector<Block> kept;
  size_t used = 0;
  for (size_t size = TilePool::kMaxPooled; size >= 512; size = size * 4 / 5) {
    std::vector<Block> blocks;
    for (size_t sum = used; sum <= kMayUse; sum += blocks.back().size) {
      blocks.push_back(Block::Of(&pool, size));
    }
    uintptr_t last = 0;
    for (const Block& block : blocks) {
      const uintptr_t slab = reinterpret_cast<uintptr_t>(block.data) / TilePool::kSlabBytes;
      if (std::exchange(last, slab) == slab) {
        pool.Give(block.data, block.size_class);
      } else {
        kept.push_back(block);
        used += block.size;
      }
    }
  }
  // It had been ten times that.
  CHECK(pool.slab_count() * TilePool::kSlabBytes <= 2 * kMayUse + (4 << 20));
  for (const Block& block : kept) pool.Give(block.data, block.size_class);
  CHECK(pool.slab_count() == TilePool::kKeepSlabs);
}

TEST_CASE("tile pool: threads take, and give what others took") {
  TilePool pool(kCutSlabs);
  std::atomic<int> wrong{0};
  std::mutex mutex;
  std::vector<Block> shared(200);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 5000; ++i) {
        Block block = Block::Of(&pool, 1 + random() % 9000);
        const auto mark = static_cast<uint8_t>(block.size / 16);
        block.Fill(mark);
        {
          std::lock_guard lock(mutex);
          std::swap(block, shared[random() % shared.size()]);
        }
        if (block.data == nullptr) continue;
        if (!block.Holds(static_cast<uint8_t>(block.size / 16))) wrong.fetch_add(1);
        pool.Give(block.data, block.size_class);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
  for (const Block& block : shared) {
    if (block.data != nullptr) pool.Give(block.data, block.size_class);
  }
  CHECK(pool.slab_count() <= TilePool::kKeepSlabs);
}

}  // namespace
}  // namespace mullion::testing
