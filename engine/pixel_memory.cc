#include "engine/pixel_memory.h"

#include <sys/mman.h>

namespace mullion {
namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

PixelMemory AllocatePixels(size_t bytes) {
  const std::align_val_t alignment{bytes < kHugePage ? kCacheLine : kHugePage};
  PixelMemory pixels(static_cast<uint8_t*>(::operator new(bytes, alignment, std::nothrow)),
                     FreePixels{alignment});
#ifdef MADV_HUGEPAGE
  // Whole huge pages only: what is left over takes small ones, so that nothing is wasted.
  if (pixels != nullptr && bytes >= kHugePage) {
    (void)madvise(pixels.get(), bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
#endif
  return pixels;
}

}  // namespace mullion
