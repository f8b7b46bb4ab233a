// The caches of ClearCodec. Part of the decoder, not to be used from elsewhere.
//
// MS-RDPEGFX 3.3.1.9 (glyphs), 3.3.1.10, 3.3.1.11 (V-Bars), 3.3.1.12, 3.3.1.13 (Short V-Bars).
// Layout: pixels are words whose bytes in memory are B,G,R,0xFF, whatever the destination's order.
// Threads: one at a time. Errors: none.
#ifndef MULLION_CODECS_IMAGE_CLEAR_STORAGE_H_
#define MULLION_CODECS_IMAGE_CLEAR_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mullion::clear {

inline constexpr size_t kMaxBarPixels = 52;
inline constexpr size_t kGlyphSlots = 4000;
inline constexpr int64_t kMaxGlyphPixels = 1024;

struct Bar {
  uint8_t count = 0;  // INVARIANT: at most kMaxBarPixels
  uint32_t pixels[kMaxBarPixels];
};

// A ring of kSlots columns of pixels, filled in order. Memory comes in pages, as slots are written.
template <size_t kSlots>
class BarStorage {
 public:
  static constexpr size_t kPageSlots = 256;
  static_assert(kSlots % kPageSlots == 0);

  // Null where nothing was ever stored. PRECONDITION: index < kSlots.
  const Bar* Find(size_t index) const {
    const auto& page = pages_[index / kPageSlots];
    return page == nullptr ? nullptr : &page[index % kPageSlots];
  }

  // The slot at the cursor, which moves on and wraps.
  Bar* Next() {
    auto& page = pages_[cursor_ / kPageSlots];
    if (page == nullptr) page = std::make_unique<Bar[]>(kPageSlots);
    Bar* bar = &page[cursor_ % kPageSlots];
    cursor_ = (cursor_ + 1) % kSlots;
    return bar;
  }

  // What was stored stays.
  void ResetCursor() { cursor_ = 0; }

  size_t memory_bytes() const {
    size_t pages = 0;
    for (const auto& page : pages_) pages += page != nullptr ? 1 : 0;
    return pages * kPageSlots * sizeof(Bar);
  }

 private:
  std::unique_ptr<Bar[]> pages_[kSlots / kPageSlots];
  size_t cursor_ = 0;
};

struct BarCaches {
  BarStorage<32768> bars;
  BarStorage<16384> short_bars;
  uint64_t repaired = 0;
};

// Bitmaps of at most kMaxGlyphPixels, rows without gaps. Empty: never stored.
using Glyphs = std::vector<std::vector<uint32_t>>;

}  // namespace mullion::clear

#endif  // MULLION_CODECS_IMAGE_CLEAR_STORAGE_H_
