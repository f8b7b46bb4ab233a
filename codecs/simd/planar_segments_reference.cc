// The plain twin of planar_segments.cc.
#include "codecs/simd/planar_segments.h"

namespace mullion {

SegmentsOutcome DecodePlanarSegmentsReference(PlanarInput* input, size_t width, size_t rows,
                                              uint8_t* out) {
  bool crossed = false;
  size_t x = 0;
  uint8_t last = 0;
  for (size_t done = 0; done < width * rows;) {
    if (!input->Prepare()) return SegmentsOutcome::kInputEnded;
    const size_t control = *input->in++;
    size_t raw = control >> 4, run = control & 0x0F;
    if (run == 1 || run == 2) {  // a long run
      run = 16 * run + raw;
      raw = 0;
    }
    for (size_t i = 0; i < raw + run; ++i, ++done) {
      if (i < raw) last = *input->in++;
      if (out != nullptr) out[done] = last;
    }
    x += raw + run;
    crossed |= x > width;
    if (x == width) x = last = 0;
  }
  if (input->in > input->end) return SegmentsOutcome::kInputEnded;
  return crossed ? SegmentsOutcome::kRowCrossed : SegmentsOutcome::kDone;
}

}  // namespace mullion
