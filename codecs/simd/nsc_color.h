// NSCodec's planes to pixels: colour loss recovery, chroma super-sampling, AYCoCg to ARGB and the
// combining of planes, in one pass.
//
// MS-RDPNSC 3.1.8.4; MS-RDPEGDI 3.1.9.1.1 to 3.1.9.1.4.
// Arithmetic: a chroma sample is shifted left by ColorLossLevel - 1 (the -1 is the halving of the
// inverse transform) and taken as a signed byte; then R = Y + Co - Cg, G = Y + Cg,
// B = Y - Co - Cg, each clamped to 0..255 once.
// Shapes: dst.width_px x dst.height_px pixels; strides in bytes; subsampled chroma rows hold
// (width + 1) / 2 samples and serve two luma rows.
// Over-read, over-write: none.
// Threads: pure; disjoint dst views may be written concurrently. Errors: none.
#ifndef MULLION_CODECS_SIMD_NSC_COLOR_H_
#define MULLION_CODECS_SIMD_NSC_COLOR_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

struct NscPlanes {
  const uint8_t* luma = nullptr;
  const uint8_t* orange = nullptr;
  const uint8_t* green = nullptr;
  const uint8_t* alpha = nullptr;  // null: X = 0xFF
  size_t luma_stride = 0;
  size_t chroma_stride = 0;
  size_t alpha_stride = 0;
  // INVARIANT: 0..6, that is ColorLossLevel - 1.
  int chroma_shift = 0;
  bool subsampled = false;
};

void ConvertNscPlanes(const NscPlanes& planes, const PixelView& dst);

// The plain twin.
void ConvertNscPlanesReference(const NscPlanes& planes, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_NSC_COLOR_H_
