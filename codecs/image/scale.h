// Scaled drawing of a picture, or of a part of the scaled picture.
//
// MS-RDPEGFX 2.2.2.22 (RDPGFX_MAP_SURFACE_TO_SCALED_OUTPUT), which leaves the filter open:
// bilinear, pixel centres aligned, as codecs/simd/pixel_scale.h defines it to the bit. Shapes:
// `dst` has the size of the whole scaled picture, and only `dst_part` of it is written; what of
// that lies outside `dst` is ignored. Parts give exactly the pixels of the whole, however it is
// divided. The same size is a copy. Formats may differ; alpha (X) is scaled like a colour.
// Ownership: everything borrowed; src and dst must not overlap. Over-read, over-write: none.
// Threads: pure; disjoint parts may be written concurrently.
// Errors: none; with an empty view or part nothing is written. To find what of `dst` a changed part
// of `src` touches, see ScaledRect.
#ifndef MULLION_CODECS_IMAGE_SCALE_H_
#define MULLION_CODECS_IMAGE_SCALE_H_

#include "codecs/base/pixel_view.h"

namespace mullion {

void ScalePixels(const PixelView& src, const PixelView& dst, const Rect& dst_part);

// The smallest rectangle of the scaled picture outside of which no pixel depends on `src_part`.
// PRECONDITION: sizes (width, height of the bounds) are positive. An empty part has an empty one.
Rect ScaledRect(const Rect& src_part, const Rect& src_bounds, const Rect& dst_bounds);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_SCALE_H_
