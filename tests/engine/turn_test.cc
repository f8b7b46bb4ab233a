// Whose turn it is: the order of tasks in the pool.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "engine/task_heap.h"
#include "engine/turn.h"

namespace mullion {
namespace {

struct NamedTask final : Task {
  void Run() override {}
  uint64_t due_ns = 0;
};

TEST_CASE("task heap: tasks come by when they are due, whatever the order they were pushed in") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<NamedTask> tasks(1 + random() % 60);
    TaskHeap heap;
    std::vector<uint64_t> waiting;
    const auto pop = [&] {
      const auto first = std::min_element(waiting.begin(), waiting.end());
      REQUIRE(static_cast<NamedTask*>(heap.Pop())->due_ns == *first);
      waiting.erase(first);
    };
    for (NamedTask& task : tasks) {
      task.due_ns = random() % 40;
      heap.Push(&task, task.due_ns);
      waiting.push_back(task.due_ns);
      if (random() % 3 == 0) pop();
    }
    while (!waiting.empty()) pop();
    CHECK(heap.empty());
  }
}

constexpr uint64_t kMs = 1'000'000;

TEST_CASE("turn: first come, first served, while a session takes no more than its share") {
  Turn early, late;
  early.Begin(100 * kMs);
  late.Begin(101 * kMs);
  CHECK(early.DueNs(102 * kMs) == 100 * kMs);
  early.Charge(103 * kMs, 8 * kMs);  // one costly frame
  CHECK(early.DueNs(103 * kMs) < late.DueNs(103 * kMs));
}

TEST_CASE("turn: who had much waits behind who had little, and not for ever") {
  Turn flood, calm;
  flood.Begin(0);
  uint64_t now = 0;
  for (int i = 0; i < 1000; ++i) flood.Charge(now += kMs, kMs);  // a whole core for a second
  calm.Begin(now);
  CHECK(calm.DueNs(now) == now);
  CHECK(flood.DueNs(now) > now);
  CHECK(flood.DueNs(now) <= now + Turn::kMaxDelayNs);
  // It is forgotten as fast as the bucket leaks.
  now += Turn::kMaxDelayNs + Turn::kFreeNs * Turn::kShare;
  flood.Begin(now);
  CHECK(flood.DueNs(now) == now);
}

TEST_CASE("turn: a session at exactly its share is never put off") {
  Turn turn;
  turn.Begin(5);
  uint64_t now = 0;
  for (int i = 0; i < 1000; ++i) {
    turn.Charge(now += 8 * kMs, kMs);
    CHECK(turn.DueNs(now) == 5);
  }
}

}  // namespace
}  // namespace mullion
