// Fills a view with one 32-bit word.
//
// Shapes: dst.height_px rows of dst.width_px pixels. `word` is stored as it stands, its low byte
// first, whatever dst.format is.
// Over-write: none. dst.data and the stride need no alignment.
// Threads: pure; disjoint views may be filled concurrently. Errors: none; an empty view is left.
#ifndef MULLION_CODECS_SIMD_PIXEL_FILL_H_
#define MULLION_CODECS_SIMD_PIXEL_FILL_H_

#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

void FillWords(const PixelView& dst, uint32_t word);

// The plain twin.
void FillWordsReference(const PixelView& dst, uint32_t word);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PIXEL_FILL_H_
