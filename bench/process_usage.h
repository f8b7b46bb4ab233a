// What this process used: CPU time, memory, context switches, allocations.
//
// Units: nanoseconds, bytes, counts since the process began. Threads: any.
// Allocations are counted in programs that link allocation_count.cc, which stands before the C
// library's malloc for the program and every library in it.
#ifndef MULLION_BENCH_PROCESS_USAGE_H_
#define MULLION_BENCH_PROCESS_USAGE_H_

#include <cstdint>

namespace mullion::bench {

// malloc, calloc, realloc, aligned forms, operator new.
struct Allocations {
  uint64_t total = 0;
  uint64_t codec_library = 0;  // of these, those that libavcodec and libavutil made
};

struct Usage {
  uint64_t wall_ns = 0;
  uint64_t cpu_ns = 0;
  uint64_t switches = 0;  // voluntary and involuntary
  Allocations allocations;
};
Usage UsageNow();

uint64_t ProcessCpuNs();
// Proportional set size: private pages, and the share of shared ones. 0 where /proc does not say.
uint64_t ProportionalBytes();

// Null without allocation_count.cc.
Allocations CountedAllocations() __attribute__((weak));

}  // namespace mullion::bench

#endif  // MULLION_BENCH_PROCESS_USAGE_H_
