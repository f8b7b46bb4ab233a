#include "codecs/bulk/history_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "codecs/base/under_asan.h"

namespace mullion {
namespace {

// XCRUSH and ZGFX. Not under AddressSanitizer: a write behind the end is to be seen.
constexpr size_t kMapped = size_t{1} << 20;
bool IsMapped(size_t size) { return !kUnderAsan && size >= kMapped; }

uint8_t* Map(size_t size) {
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
#ifdef MADV_NOHUGEPAGE
  // A huge page would be resident as a whole from its first byte on.
  (void)madvise(memory, size, MADV_NOHUGEPAGE);
#endif
  return static_cast<uint8_t*>(memory);
}

}  // namespace

void FreeHistory::operator()(uint8_t* bytes) const {
  if (IsMapped(size)) {
    munmap(bytes, size);
  } else {
    std::free(bytes);
  }
}

void HistoryBuffer::Allocate(size_t size) {
  auto* const memory = IsMapped(size) ? Map(size) : static_cast<uint8_t*>(std::calloc(size, 1));
  if (memory == nullptr) throw std::bad_alloc();
  bytes_ = std::unique_ptr<uint8_t[], FreeHistory>(memory, FreeHistory{size});
}

}  // namespace mullion
