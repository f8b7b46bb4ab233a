// Rows of wire pixels (8 bpp indices, 15, 16, 24, 32 bpp) to 32-bit pixels.
//
// MS-RDPBCGR 2.2.9.1.1.3.1.2.2 for the layouts. Channel growth: 5 bits: 8c + c/4; 6 bits:
// min(255, 4c + c/8).
// Shapes: dst.height_px rows of dst.width_px pixels; row y starts at src + y * src_stride_bytes.
// `palette` has 256 entries 0x..RRGGBB and is only read at 8 bpp.
// keep_alpha: the fourth byte of 32 bpp pixels is passed on instead of X = 0xFF.
// Over-read, over-write: none. src and dst must not overlap.
// Threads: pure. Errors: none; PRECONDITION: bits_per_pixel is one of the five.
#ifndef MULLION_CODECS_SIMD_PIXEL_EXPAND_H_
#define MULLION_CODECS_SIMD_PIXEL_EXPAND_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

struct PixelSource {
  const uint8_t* data = nullptr;
  size_t stride_bytes = 0;
  int bits_per_pixel = 0;
  const uint32_t* palette = nullptr;
  bool keep_alpha = false;
};

void ExpandPixels(const PixelSource& src, const PixelView& dst);

// The plain twin.
void ExpandPixelsReference(const PixelSource& src, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PIXEL_EXPAND_H_
