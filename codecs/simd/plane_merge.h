// Colour planes to pixels: planar ARGB, or planar AYCoCg with colour loss and chroma subsampling.
//
// MS-RDPEGDI 3.1.9.1.1 to 3.1.9.1.4. Halved chroma is the sample shifted left by chroma_shift and
// taken as a signed byte; T = Y - Cg; the pixel is G = Y + Cg, R = T - Co, B = T + Co, each clamped
// to 0..255: the inverse transform with red and blue swapped, as 3.1.9.1.2 demands.
// Shapes: dst.width_px x dst.height_px pixels; strides in bytes; planes of bytes. Subsampled chroma
// rows hold (width + 1) / 2 samples and serve two rows; the first row of dst is an even one.
// Over-read, over-write: none.
// Threads: pure; disjoint dst views may be written concurrently. Errors: none.
#ifndef MULLION_CODECS_SIMD_PLANE_MERGE_H_
#define MULLION_CODECS_SIMD_PLANE_MERGE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

struct ColourPlanes {
  // Red, green, blue; or luma, orange chroma, green chroma.
  const uint8_t* first = nullptr;
  const uint8_t* second = nullptr;
  const uint8_t* third = nullptr;
  const uint8_t* alpha = nullptr;  // null: X = 0xFF
  size_t stride_bytes = 0;         // of first and alpha
  size_t chroma_stride_bytes = 0;  // of second and third
  bool ycocg = false;
  // INVARIANT: 0..6, the colour loss level - 1 (the -1 halves); 0 unless ycocg.
  int chroma_shift = 0;
  bool subsampled = false;  // only with ycocg
};

void MergePlanes(const ColourPlanes& planes, const PixelView& dst);

// The plain twin.
void MergePlanesReference(const ColourPlanes& planes, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PLANE_MERGE_H_
