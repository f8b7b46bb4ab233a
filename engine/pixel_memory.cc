#include "engine/pixel_memory.h"

#include <sys/mman.h>

#include "codecs/base/under_asan.h"

namespace mullion {
namespace {

constexpr std::align_val_t kCacheLine{64};
constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;
// From here on memory comes from the system itself. Not under AddressSanitizer: a write behind the
// end is to be seen.
constexpr size_t kMapped = size_t{256} << 10;
bool IsMapped(size_t bytes) { return !kUnderAsan && bytes >= kMapped; }

size_t WholePages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// At a multiple of `alignment`, whole pages: what is mapped too much goes back at once.
uint8_t* Map(size_t bytes, size_t alignment) {
  if (bytes > SIZE_MAX - alignment) return nullptr;
  void* const memory =
      mmap(nullptr, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<uint8_t*>(memory);
  const size_t front = (alignment - reinterpret_cast<uintptr_t>(begin) % alignment) % alignment;
  if (front > 0) munmap(begin, front);
  munmap(begin + front + bytes, alignment - front);
  return begin + front;
}

}  // namespace

void FreePixels::operator()(uint8_t* pixels) const {
  if (IsMapped(bytes)) {
    munmap(pixels, WholePages(bytes));
  } else {
    ::operator delete(pixels, kCacheLine);
  }
}

PixelMemory AllocatePixels(size_t bytes) {
  if (!IsMapped(bytes)) {
    auto* const memory = ::operator new(bytes, kCacheLine, std::nothrow);
    return PixelMemory(static_cast<uint8_t*>(memory), FreePixels{bytes});
  }
  if (bytes > SIZE_MAX - kPage) return nullptr;
  PixelMemory pixels(Map(WholePages(bytes), bytes < kHugePage ? kPage : kHugePage),
                     FreePixels{bytes});
#ifdef MADV_HUGEPAGE
  // Whole huge pages only: what is left over takes small ones, so that nothing is wasted.
  if (pixels != nullptr && bytes >= kHugePage) {
    (void)madvise(pixels.get(), bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
#endif
  return pixels;
}

}  // namespace mullion
