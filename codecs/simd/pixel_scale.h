// Bilinear scaling of 32-bit pixels, exact in integers.
//
// For MS-RDPEGFX 2.2.2.22 (MAP_SURFACE_TO_SCALED_OUTPUT), which leaves the filter open.
// Arithmetic: pixel centres are aligned: column x of `dst` lies at
// floor((2x + 1) * 128 * src.width / dst.width) - 128 in units of 1/256 column of `src`, kept
// within its first and last; rows alike. A channel is (sum of four neighbours, weighted by products
// of two weights that add up to 256, + 32768) >> 16. All four bytes are channels. Shapes: `part` of
// dst is written, as if all of it were. Formats may differ. PRECONDITION: neither view is empty,
// Contains(dst.bounds(), part), src and dst do not overlap. Over-read, over-write: none. Threads:
// pure; disjoint parts may be written concurrently. Errors: none.
#ifndef MULLION_CODECS_SIMD_PIXEL_SCALE_H_
#define MULLION_CODECS_SIMD_PIXEL_SCALE_H_

#include <algorithm>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

// The two neighbours of one column or row: `first` and the one behind it, weighing 256 - weight and
// weight. A picture of one has no second, and weight 0.
struct ScaleSample {
  int32_t first;
  int32_t weight;  // 0..256
};

inline ScaleSample SampleAt(int32_t at, int32_t src_size, int32_t dst_size) {
  const int64_t place = (2 * int64_t{at} + 1) * 128 * src_size / dst_size - 128;
  const int64_t kept = std::clamp<int64_t>(place, 0, (int64_t{src_size} - 1) * 256);
  // The last one is the second of its pair, so that a pair can be loaded at once.
  const int64_t first = std::min<int64_t>(kept / 256, std::max(0, src_size - 2));
  return {static_cast<int32_t>(first), static_cast<int32_t>(kept - first * 256)};
}

void ScaleBilinear(const PixelView& src, const PixelView& dst, const Rect& part);

// The plain twin.
void ScaleBilinearReference(const PixelView& src, const PixelView& dst, const Rect& part);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PIXEL_SCALE_H_
