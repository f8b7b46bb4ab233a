// Decoded H.264 pictures to pixels: YUV 4:2:0, and the two 4:2:0 views that make YUV 4:4:4,
// combined on the way, without 4:4:4 planes in between.
//
// MS-RDPEGFX 3.3.8.3.1 (colour), 3.3.8.3.2 and 3.3.8.3.3 (combination, version 1 and 2).
// Arithmetic, full-range BT.709 whatever the stream's VUI says:
//   R = Y + 403/256 (V - 128), G = Y - 48/256 (U - 128) - 120/256 (V - 128),
//   B = Y + 475/256 (U - 128), each rounded to the nearest (halves up) and clamped to 0..255. The
// specification's formula cuts (>> 8) where this rounds; cutting darkens every channel by half a
// level, and what comes out is 0.5 to 1 dB farther from what was encoded. X = 0xFF.
// In 4:2:0 a chroma sample stands for its four pixels. In 4:4:4 the main view's chroma sample is
// the average of four pixels, of which the auxiliary view has the other three: it is taken for
// 4 * average - others, clamped to 0..255, if that differs from it by more than 30, and as it is
// otherwise.
// Shapes: `part` is in the picture's pixels, any place and parity; dst has part's size. Strides in
// bytes. Over-read: none outside of the planes. Over-write: none.
// Threads: pure; disjoint dst views may be written concurrently. Errors: none.
#ifndef MULLION_CODECS_SIMD_YUV_H_
#define MULLION_CODECS_SIMD_YUV_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"

namespace mullion {

// Borrowed planes Y, U, V of 8-bit samples.
struct YuvView {
  const uint8_t* planes[3] = {};
  ptrdiff_t strides[3] = {};
  // INVARIANT: even. Chroma planes are half as wide and half as high.
  int32_t width_px = 0;
  int32_t height_px = 0;

  const uint8_t* row(int plane, int32_t y) const { return planes[plane] + y * strides[plane]; }
  Rect bounds() const { return {0, 0, width_px, height_px}; }
};

// How the auxiliary view holds the chroma that the main view lacks.
enum class Yuv444Layout : uint8_t {
  kV1,  // RFX_AVC444_BITMAP_STREAM: odd rows in luma, 8 of U, then 8 of V; odd columns in chroma
  kV2,  // RFX_AVC444V2_BITMAP_STREAM: each plane's left half for U, right half for V
};

// PRECONDITION: `part` is not empty and inside of `main`.
void ConvertYuv420(const YuvView& main, const Rect& part, const PixelView& dst);

// PRECONDITION: the views have the same size, `part` is not empty and inside of it.
// kV1: the height is a multiple of 16. kV2: the width is a multiple of 4.
void ConvertYuv444(Yuv444Layout layout, const YuvView& main, const YuvView& aux, const Rect& part,
                   const PixelView& dst);

// The plain twins.
void ConvertYuv420Reference(const YuvView& main, const Rect& part, const PixelView& dst);
void ConvertYuv444Reference(Yuv444Layout layout, const YuvView& main, const YuvView& aux,
                            const Rect& part, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_YUV_H_
