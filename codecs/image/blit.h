// Solid fills and copies between views: MS-RDPEGFX SOLIDFILL, SURFACE_TO_SURFACE,
// SURFACE_TO_CACHE and CACHE_TO_SURFACE, and their relatives among the drawing orders.
//
// MS-RDPEGFX 2.2.2.4 to 2.2.2.7.
// Shapes: every pixel of `dst`; clip with Sub() first. Alpha (X) is copied like a colour.
// Ownership: everything borrowed. Over-read, over-write: none.
// Threads: pure; disjoint views may be written concurrently.
// Errors: none; an empty view is left alone.
#ifndef MULLION_CODECS_IMAGE_BLIT_H_
#define MULLION_CODECS_IMAGE_BLIT_H_

#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

inline constexpr uint32_t kBlack = 0xFF000000;

// `bgrx` is 0xAARRGGBB, the word that a BGRX pixel is in memory; the destination's order is minded.
void FillPixels(const PixelView& dst, uint32_t bgrx);

// Copies `src` to `dst`, as if all of `src` were read before anything is written.
// PRECONDITION: equal sizes. Views that overlap have the same format and stride, and
// |stride| >= 4 * width, as two parts of one surface do.
void MovePixels(const PixelView& src, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_BLIT_H_
