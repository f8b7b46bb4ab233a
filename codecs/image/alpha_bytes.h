// What surfaces with alpha need: colours copied under alpha that stays, and alpha made opaque.
//
// Shapes: whole views. Ownership: borrowed. Over-read, over-write: none. Threads: pure. Errors:
// none.
#ifndef MULLION_CODECS_IMAGE_ALPHA_BYTES_H_
#define MULLION_CODECS_IMAGE_ALPHA_BYTES_H_

#include <cstring>

#include "codecs/base/pixel_view.h"

namespace mullion {

// Copies colours; dst's alpha stays. PRECONDITION: equal sizes and formats; no overlap.
inline void CopyColours(const PixelView& src, const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const uint8_t* from = src.row(y);
    uint8_t* to = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x) {
      uint32_t colour, kept;
      std::memcpy(&colour, from + ptrdiff_t{x} * 4, 4);
      std::memcpy(&kept, to + ptrdiff_t{x} * 4, 4);
      colour = (colour & 0x00FFFFFF) | (kept & 0xFF000000);
      std::memcpy(to + ptrdiff_t{x} * 4, &colour, 4);
    }
  }
}

// Sets every alpha byte to 0xFF.
inline void MakeOpaque(const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* to = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x) to[ptrdiff_t{x} * 4 + 3] = 0xFF;
  }
}

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_ALPHA_BYTES_H_
