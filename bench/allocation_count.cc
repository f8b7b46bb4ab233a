// Counts what the program and its libraries allocate: definitions in the program come before the
// C library's, which stay reachable as __libc_*.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "bench/process_usage.h"

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

// Striped, so that counting does not make threads share a cache line that malloc would not.
struct alignas(64) Stripe {
  std::atomic<uint64_t> count{0};
};
constexpr unsigned kStripes = 64;
Stripe stripes[kStripes];
std::atomic<unsigned> next_stripe{0};
thread_local unsigned my_stripe = 0;  // one more than the index; 0: none yet

void Count() {
  if (my_stripe == 0)
    my_stripe = next_stripe.fetch_add(1, std::memory_order_relaxed) % kStripes + 1;
  stripes[my_stripe - 1].count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

namespace mullion::bench {

uint64_t AllocationCount() {
  uint64_t sum = 0;
  for (const Stripe& stripe : stripes) sum += stripe.count.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace mullion::bench

extern "C" {

void* malloc(size_t size) {
  Count();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  Count();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  Count();
  return __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  Count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  Count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  Count();
  *memory = __libc_memalign(alignment, size);
  return *memory != nullptr ? 0 : ENOMEM;
}

}  // extern "C"
