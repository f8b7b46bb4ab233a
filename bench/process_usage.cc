#include "bench/process_usage.h"

#include <sys/resource.h>
#include <time.h>

#include <cstdio>

#include "engine/metrics.h"

namespace mullion::bench {

uint64_t ProcessCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

Usage UsageNow() {
  Usage usage;
  usage.wall_ns = NowNs();
  usage.cpu_ns = ProcessCpuNs();
  rusage resources{};
  getrusage(RUSAGE_SELF, &resources);
  usage.switches = static_cast<uint64_t>(resources.ru_nvcsw + resources.ru_nivcsw);
  if (&CountedAllocations != nullptr) usage.allocations = CountedAllocations();
  return usage;
}

uint64_t ProportionalBytes() {
  std::FILE* file = std::fopen("/proc/self/smaps_rollup", "r");
  if (file == nullptr) return 0;
  char line[256];
  unsigned long long kib = 0;
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, "Pss: %llu kB", &kib) == 1) break;
  }
  std::fclose(file);
  return uint64_t{kib} * 1024;
}

}  // namespace mullion::bench
