// The graphics pipeline's bitmap cache (MS-RDPEGFX 3.3.1.4): bitmaps by slot.
//
// Bounds: slots and bytes are checked by the lane, before an op is made (engine/unpack_egfx.h).
// Units: pixels, rows without gaps. Ownership: owns its bitmaps. Threads: the committer's.
#ifndef MULLION_ENGINE_BITMAP_CACHE_H_
#define MULLION_ENGINE_BITMAP_CACHE_H_

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"

namespace mullion {

class BitmapCache {
 public:
  // What the slot holds, or a view without data.
  PixelView Find(uint16_t slot) const {
    return slot < entries_.size() ? entries_[slot].view : PixelView();
  }
  // Room for a bitmap in the slot; what was there is gone.
  Status Store(uint16_t slot, int32_t width_px, int32_t height_px, PixelFormat format,
               PixelView* view) {
    if (entries_.size() <= slot) entries_.resize(size_t{slot} + 1);
    Entry& entry = entries_[slot];
    const size_t bytes = static_cast<size_t>(width_px) * static_cast<size_t>(height_px) * 4;
    if (entry.bytes != bytes) {
      entry.memory.reset(new (std::nothrow) uint8_t[bytes]);
      entry.bytes = entry.memory == nullptr ? 0 : bytes;
    }
    entry.view = PixelView();
    entry.alpha = false;
    if (entry.memory == nullptr) return Fail(Err::kLimit, "bitmap cache memory");
    entry.view = {entry.memory.get(), width_px, height_px, ptrdiff_t{width_px} * 4, format};
    *view = entry.view;
    return Ok();
  }
  // The slot's alpha bytes mean something.
  void SetAlpha(uint16_t slot) { entries_[slot].alpha = true; }
  bool HasAlpha(uint16_t slot) const { return slot < entries_.size() && entries_[slot].alpha; }
  void Evict(uint16_t slot) {
    if (slot < entries_.size()) entries_[slot] = Entry();
  }
  void Clear() { entries_.clear(); }

 private:
  struct Entry {
    std::unique_ptr<uint8_t[]> memory;
    size_t bytes = 0;
    PixelView view;
    bool alpha = false;
  };
  std::vector<Entry> entries_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_BITMAP_CACHE_H_
