#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "engine/bytes_pool.h"
#include "engine/pool.h"
#include "engine/scratch.h"

namespace mullion {
namespace {

constexpr int kWorkerCounts[] = {0, 1, 2, 8};

struct CountTask final : Task {
  void Run() override { runs.fetch_add(1); }
  std::atomic<int> runs{0};
};

// Submits two children of its own down to a depth, and watches how deep the calls are nested.
struct TreeTask final : Task {
  void Run() override {
    thread_local int depth = 0;
    ++depth;
    if (depth > 1) nested->fetch_add(1);
    runs->fetch_add(1);
    if (level > 0) {
      for (auto& child : children) {
        child = std::make_unique<TreeTask>();
        child->pool = pool;
        child->runs = runs;
        child->nested = nested;
        child->level = level - 1;
        pool->Submit(child.get());
      }
    }
    --depth;
  }
  Pool* pool = nullptr;
  std::atomic<int>* runs = nullptr;
  std::atomic<int>* nested = nullptr;
  int level = 0;
  std::unique_ptr<TreeTask> children[2];
};

TEST_CASE("pool: every submitted task runs exactly once, and the destructor waits for all") {
  for (const int workers : kWorkerCounts) {
    CAPTURE(workers);
    std::vector<CountTask> tasks(5000);
    {
      Pool pool(workers);
      CHECK(pool.workers() == workers);
      for (CountTask& task : tasks) pool.Submit(&task);
    }
    int wrong = 0;
    for (const CountTask& task : tasks) wrong += task.runs.load() != 1 ? 1 : 0;
    CHECK(wrong == 0);
  }
}

TEST_CASE("pool: many threads submit at once") {
  for (const int workers : kWorkerCounts) {
    CAPTURE(workers);
    std::vector<CountTask> tasks(4000);
    {
      Pool pool(workers);
      std::vector<std::thread> threads;
      for (size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          for (size_t i = t * 1000; i < (t + 1) * 1000; ++i) pool.Submit(&tasks[i]);
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    int wrong = 0;
    for (const CountTask& task : tasks) wrong += task.runs.load() != 1 ? 1 : 0;
    CHECK(wrong == 0);
  }
}

TEST_CASE("pool: tasks that submit tasks all run, and never inside each other") {
  for (const int workers : kWorkerCounts) {
    CAPTURE(workers);
    std::atomic<int> runs{0}, nested{0};
    TreeTask root;
    {
      Pool pool(workers);
      root.pool = &pool;
      root.runs = &runs;
      root.nested = &nested;
      root.level = 9;
      pool.Submit(&root);
    }
    CHECK(runs.load() == 1023);
    CHECK(nested.load() == 0);
  }
}

TEST_CASE("pool: without workers a task has run when Submit returns, and nobody is idle") {
  Pool pool(0);
  CountTask task;
  pool.Submit(&task);
  CHECK(task.runs.load() == 1);
  CHECK(pool.idle() == 0);
}

TEST_CASE("pool: a task may end its own life") {
  struct Suicide final : Task {
    explicit Suicide(std::atomic<int>* count) : ended(count) {}
    void Run() override {
      ended->fetch_add(1);
      delete this;
    }
    std::atomic<int>* ended;
  };
  for (const int workers : kWorkerCounts) {
    std::atomic<int> ended{0};
    {
      Pool pool(workers);
      for (int i = 0; i < 500; ++i) pool.Submit(new Suicide(&ended));
    }
    CHECK(ended.load() == 500);
  }
}

TEST_CASE("pool: a busy worker is not idle, a finished one is again") {
  struct Wait final : Task {
    void Run() override {
      while (!go.load()) std::this_thread::yield();
    }
    std::atomic<bool> go{false};
  };
  Wait wait;
  Pool pool(2);
  CHECK(pool.idle() == 2);
  pool.Submit(&wait);
  CHECK(pool.idle() == 1);
  wait.go = true;
  while (pool.idle() != 2) std::this_thread::yield();
  CHECK(pool.idle() == 2);
}

TEST_CASE("scratch: sizes are tiles rounded up to a power of two, aligned to 64 bytes") {
  ScratchPool pool;
  for (const size_t tiles : {1, 2, 3, 4, 5, 63, 64, 65}) {
    size_t rounded = ScratchPool::kTileBytes;
    while (rounded < tiles * ScratchPool::kTileBytes) rounded *= 2;
    for (const size_t less : {size_t{0}, size_t{1}, ScratchPool::kTileBytes - 1}) {
      const Scratch scratch = pool.Acquire(tiles * ScratchPool::kTileBytes - less);
      REQUIRE_FALSE(scratch.empty());
      CHECK(scratch.size() == rounded);
      CHECK(reinterpret_cast<uintptr_t>(scratch.data()) % 64 == 0);
      std::memset(scratch.data(), 0xAB, scratch.size());
    }
  }
  CHECK(pool.Acquire(0).size() == ScratchPool::kTileBytes);
}

TEST_CASE("scratch: released memory of the same size is used again, the hottest first") {
  ScratchPool pool;
  uint8_t* first = nullptr;
  uint8_t* second = nullptr;
  {
    const Scratch a = pool.Acquire(1);
    const Scratch b = pool.Acquire(1);
    CHECK(a.data() != b.data());
    first = a.data();
    second = b.data();
  }
  const Scratch c = pool.Acquire(100);
  CHECK(c.data() == first);  // b died first
  const Scratch d = pool.Acquire(ScratchPool::kTileBytes);
  CHECK(d.data() == second);
  const Scratch larger = pool.Acquire(ScratchPool::kTileBytes + 1);
  CHECK(larger.data() != first);
  CHECK(larger.data() != second);
}

TEST_CASE("scratch: what the pool keeps is bounded") {
  // Larger than the bound: never kept, so freeing and acquiring goes through the allocator, and
  // AddressSanitizer sees any use behind it. Within the bound: kept, the same memory again.
  ScratchPool pool;
  {
    const Scratch huge = pool.Acquire(ScratchPool::kKeepBytes * 2);
  }
  std::vector<Scratch> held;
  std::vector<uint8_t*> pointers;
  for (int i = 0; i < 4; ++i) {
    held.push_back(pool.Acquire(ScratchPool::kKeepBytes / 2));
    pointers.push_back(held.back().data());
  }
  while (!held.empty()) held.pop_back();  // the last two die first, and stay
  for (int i = 0; i < 2; ++i) held.push_back(pool.Acquire(ScratchPool::kKeepBytes / 2));
  CHECK(held[0].data() == pointers[2]);
  CHECK(held[1].data() == pointers[3]);
}

TEST_CASE("scratch: an impossible size throws bad_alloc and nothing else") {
  ScratchPool pool;
  CHECK_THROWS_AS((void)pool.Acquire(ScratchPool::kTileBytes << 24), std::bad_alloc);
}

TEST_CASE("scratch: moves hand the memory over, exactly one owner gives it back") {
  ScratchPool pool;
  Scratch a = pool.Acquire(1);
  uint8_t* const data = a.data();
  Scratch b(std::move(a));
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): its state is promised
  CHECK(a.size() == 0);
  CHECK(b.data() == data);
  Scratch c;
  CHECK(c.empty());
  c = std::move(b);
  CHECK(c.data() == data);
  c = Scratch();
  CHECK(c.empty());
  CHECK(pool.Acquire(1).data() == data);
}

TEST_CASE("scratch: threads acquire and release at once") {
  ScratchPool pool;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const Scratch scratch = pool.Acquire(static_cast<size_t>(i % 3) * 20000);
        scratch.data()[0] = static_cast<uint8_t>(t);
        if (scratch.data()[0] != t) wrong.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
}

TEST_CASE("bytes pool: what died is used again, by its size, on any thread") {
  BytesPool pool;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 2000; ++i) {
        Bytes bytes = Bytes::Allocate(1 + i * 37 % 5000, &pool);
        std::memset(bytes.mutable_data(), t, bytes.size());
        const Bytes end = bytes.Slice(bytes.size() - 1, 1);
        bytes = Bytes();
        if (end.view()[0] != t) wrong.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
  if (kUnderAsan) return;
  const uint8_t* first = nullptr;
  {
    const Bytes bytes = Bytes::Allocate(3000, &pool);
    first = bytes.data();
  }
  CHECK(Bytes::Allocate(2500, &pool).data() == first);
  const Bytes larger = Bytes::Allocate(5000, &pool);
  CHECK(larger.data() != first);
  CHECK(reinterpret_cast<uintptr_t>(larger.data()) % 16 == 0);
}

}  // namespace
}  // namespace mullion
