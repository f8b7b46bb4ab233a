#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "engine/ring.h"
#include "engine/signal.h"

namespace mullion {
namespace {

TEST_CASE("ring: values leave in the order in which they came, over many wraps") {
  SpscRing<int> ring(8);
  CHECK(ring.capacity() == 8);
  int pushed = 0, popped = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 1 + round % 8; ++i) {
      int* slot = ring.BeginPush();
      REQUIRE(slot != nullptr);
      *slot = pushed++;
      ring.EndPush();
    }
    while (int* front = ring.Front()) {
      REQUIRE(*front == popped++);
      ring.Pop();
    }
    REQUIRE(popped == pushed);
  }
}

TEST_CASE("ring: full refuses, empty is null, a pop makes room for exactly one") {
  SpscRing<int> ring(4);
  CHECK(ring.Front() == nullptr);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(ring.BeginPush() != nullptr);
    ring.EndPush();
  }
  CHECK(ring.size() == 4);
  CHECK(ring.BeginPush() == nullptr);
  ring.Pop();
  CHECK(ring.size() == 3);
  REQUIRE(ring.BeginPush() != nullptr);
  ring.EndPush();
  CHECK(ring.BeginPush() == nullptr);
}

TEST_CASE("ring: a push that is begun but not ended is not seen") {
  SpscRing<int> ring(2);
  int* first = ring.BeginPush();
  REQUIRE(first != nullptr);
  CHECK(ring.Front() == nullptr);
  CHECK(ring.BeginPush() == first);
  ring.EndPush();
  CHECK(ring.Front() == first);
}

TEST_CASE("ring: slots are reused in place and what they hold keeps its capacity") {
  SpscRing<std::vector<int>> ring(2);
  for (int i = 0; i < 2; ++i) {
    ring.BeginPush()->assign(1000, i);
    ring.EndPush();
    ring.Front()->clear();
    ring.Pop();
  }
  for (int i = 0; i < 4; ++i) {
    std::vector<int>* slot = ring.BeginPush();
    CHECK(slot->capacity() >= 1000);
    ring.EndPush();
    REQUIRE(ring.Front() == slot);
    ring.Pop();
  }
}

TEST_CASE("ring: two threads hand over 200,000 items without loss, doubling or reordering") {
  constexpr uint32_t kItems = 200000;
  struct Item {
    uint32_t number = 0, twice = 0;
  };
  SpscRing<Item> ring(1024);
  std::thread producer([&] {
    for (uint32_t i = 0; i < kItems;) {
      Item* slot = ring.BeginPush();
      if (slot == nullptr) {
        std::this_thread::yield();
        continue;
      }
      *slot = {i, i * 2};
      ring.EndPush();
      ++i;
    }
  });
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < kItems;) {
    const Item* front = ring.Front();
    if (front == nullptr) {
      std::this_thread::yield();
      continue;
    }
    wrong += front->number != i || front->twice != i * 2 ? 1 : 0;
    ring.Pop();
    ++i;
  }
  producer.join();
  CHECK(wrong == 0);
  CHECK(ring.size() == 0);
}

TEST_CASE("signal: only the first raise owns the work, and a raise during the work fails its end") {
  Signal signal;
  CHECK(signal.idle());
  CHECK(signal.Raise());
  CHECK_FALSE(signal.Raise());
  uint32_t seen = signal.Begin();
  CHECK_FALSE(signal.Raise());
  CHECK_FALSE(signal.End(seen));
  seen = signal.Begin();
  CHECK(signal.End(seen));
  CHECK(signal.idle());
  CHECK(signal.Raise());
}

TEST_CASE("signal: with four raising threads no raise is lost and one owner works at a time") {
  constexpr int kThreads = 4, kRaises = 20000;
  Signal signal;
  std::atomic<int> requests{0}, owners{0}, crowded{0};
  int served = 0;  // the owner's: not atomic, so that ThreadSanitizer checks the handing over
  const auto raise = [&] {
    for (int i = 0; i < kRaises; ++i) {
      requests.fetch_add(1, std::memory_order_relaxed);
      if (!signal.Raise()) continue;
      if (owners.fetch_add(1) != 0) crowded.fetch_add(1);
      for (;;) {
        const uint32_t seen = signal.Begin();
        served += requests.exchange(0, std::memory_order_relaxed);
        owners.fetch_sub(1);
        // Counted out before End: behind it another owner may begin.
        if (signal.End(seen)) break;
        if (owners.fetch_add(1) != 0) crowded.fetch_add(1);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(raise);
  for (std::thread& thread : threads) thread.join();
  CHECK(signal.idle());
  CHECK(served == kThreads * kRaises);
  CHECK(crowded.load() == 0);
}

}  // namespace
}  // namespace mullion
