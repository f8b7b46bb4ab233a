// Counts what the program and its libraries allocate: definitions in the program come before the C
// library's, which stay reachable as __libc_*. What libavcodec and libavutil allocate (both sides
// decode H.264 with them) is told from the rest by where the call returns to.
#include <link.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

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
  std::atomic<uint64_t> total{0};
  std::atomic<uint64_t> codec_library{0};
};
constexpr unsigned kStripes = 64;
Stripe stripes[kStripes];
std::atomic<unsigned> next_stripe{0};
thread_local unsigned my_stripe = 0;  // one more than the index; 0: none yet

// Where the code of a codec library lies. They are linked, so they stand before main().
struct CodeRange {
  uintptr_t begin = 0;
  size_t size = 0;
};
using CodeRanges = std::array<CodeRange, 4>;

CodeRanges CodecLibraries() {
  CodeRanges found;
  const auto visit = [](dl_phdr_info* object, size_t, void* result) {
    const char* path = object->dlpi_name;
    const char* slash = path != nullptr ? std::strrchr(path, '/') : nullptr;
    const char* name = slash != nullptr ? slash + 1 : path;
    if (name == nullptr ||
        (std::strncmp(name, "libavcodec.", 11) != 0 && std::strncmp(name, "libavutil.", 10) != 0)) {
      return 0;
    }
    for (int i = 0; i < object->dlpi_phnum; ++i) {
      const auto& segment = object->dlpi_phdr[i];
      if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
      for (CodeRange& range : *static_cast<CodeRanges*>(result)) {
        if (range.size != 0) continue;
        range = {object->dlpi_addr + segment.p_vaddr, segment.p_memsz};
        break;
      }
    }
    return 0;
  };
  dl_iterate_phdr(visit, &found);
  return found;
}

// Empty until it is initialised: what is allocated before that is nobody's H.264.
const CodeRanges codec_libraries = CodecLibraries();

void Count(const void* caller) {
  if (my_stripe == 0)
    my_stripe = next_stripe.fetch_add(1, std::memory_order_relaxed) % kStripes + 1;
  Stripe& stripe = stripes[my_stripe - 1];
  stripe.total.fetch_add(1, std::memory_order_relaxed);
  for (const CodeRange& range : codec_libraries) {
    if (reinterpret_cast<uintptr_t>(caller) - range.begin >= range.size) continue;
    stripe.codec_library.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

}  // namespace

namespace mullion::bench {

Allocations CountedAllocations() {
  Allocations sum;
  for (const Stripe& stripe : stripes) {
    sum.total += stripe.total.load(std::memory_order_relaxed);
    sum.codec_library += stripe.codec_library.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace mullion::bench

extern "C" {

void* malloc(size_t size) {
  Count(__builtin_return_address(0));
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  Count(__builtin_return_address(0));
  *memory = __libc_memalign(alignment, size);
  return *memory != nullptr ? 0 : ENOMEM;
}

}  // extern "C"
