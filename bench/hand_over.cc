#include "bench/hand_over.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include "bench/process_usage.h"

namespace mullion::bench {
namespace {

constexpr int kRounds = 5, kHandOvers = 200;
// Long enough for the other to be asleep again.
constexpr uint64_t kWorkNs = 200'000;

// Not real time: what others take of the core meanwhile is not this thread's work.
uint64_t ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

double MeasureHandOverUs() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return 0;
  std::atomic<bool> stop{false};
  const auto wake = [fd] {
    const uint64_t one = 1;
    (void)!write(fd, &one, sizeof(one));
  };
  std::thread sleeper([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      pollfd descriptor{fd, POLLIN, 0};
      (void)poll(&descriptor, 1, -1);
      uint64_t count = 0;
      (void)!read(fd, &count, sizeof(count));
    }
  });
  double best_us = 1e300;
  for (int round = 0; round < kRounds; ++round) {
    uint64_t work_ns = 0;
    const uint64_t begin_cpu_ns = ProcessCpuNs();
    for (int i = 0; i < kHandOvers; ++i) {
      const uint64_t begin_ns = ThreadCpuNs();
      uint64_t done_ns = 0;
      while (done_ns < kWorkNs) done_ns = ThreadCpuNs() - begin_ns;
      work_ns += done_ns;
      wake();
    }
    const uint64_t over_ns = ProcessCpuNs() - begin_cpu_ns - work_ns;
    best_us = std::min(best_us, double(over_ns) / 1e3 / kHandOvers);
  }
  stop = true;
  wake();
  sleeper.join();
  close(fd);
  return best_us;
}

}  // namespace mullion::bench
