// Borrowed 32-bit pixels that a decoder writes.
//
// Shapes: width_px x height_px pixels of 4 bytes; row y starts at data + y * stride_bytes.
// stride_bytes may be negative: a bottom-up bitmap is decoded into a view whose `data` is its last
// row, so decoders write rows in wire order and never know about flips (Flipped() makes such a
// view). Formats: kBgrx32 is bytes B,G,R,X in memory; kRgbx32 is R,G,B,X. Decoders write X = 0xFF
// unless they say that they write alpha. Ownership: borrowed. Over-write: never outside width_px *
// 4 bytes of each row. Threads: disjoint views may be written concurrently.
#ifndef MULLION_CODECS_BASE_PIXEL_VIEW_H_
#define MULLION_CODECS_BASE_PIXEL_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codecs/base/rect.h"

namespace mullion {

enum class PixelFormat : uint8_t { kBgrx32 = 0, kRgbx32 = 1 };

struct PixelView {
  uint8_t* data = nullptr;
  int32_t width_px = 0;
  int32_t height_px = 0;
  ptrdiff_t stride_bytes = 0;
  PixelFormat format = PixelFormat::kBgrx32;

  uint8_t* row(int32_t y) const { return data + y * stride_bytes; }
  Rect bounds() const { return {0, 0, width_px, height_px}; }

  // PRECONDITION: Contains(bounds(), r).
  PixelView Sub(const Rect& r) const {
    return {row(r.y) + static_cast<ptrdiff_t>(r.x) * 4, r.w, r.h, stride_bytes, format};
  }
  PixelView Flipped() const {
    return {height_px > 0 ? row(height_px - 1) : data, width_px, height_px, -stride_bytes, format};
  }
};

// Copies `src` to the same-sized `dst`. PRECONDITION: equal sizes and formats; no overlap.
inline void CopyPixels(const PixelView& src, const PixelView& dst) {
  const size_t row_bytes = static_cast<size_t>(dst.width_px) * 4;
  for (int32_t y = 0; y < dst.height_px; ++y) std::memcpy(dst.row(y), src.row(y), row_bytes);
}

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_PIXEL_VIEW_H_
