// AVC420 frames on a surface: decoded pictures to pixels, inside of the frame's region.
//
// Specification: MS-RDPEGFX 2.2.4.4, 3.3.8.3.1. Arithmetic: codecs/simd/yuv.h.
// Shapes: regions and parts in pixels of the surface, whose top left pixel is the picture's.
// Over-write: none outside of region, part, picture and surface.
// Threads: pure; disjoint parts of one frame may be drawn at the same time.
#ifndef MULLION_CODECS_IMAGE_AVC420_H_
#define MULLION_CODECS_IMAGE_AVC420_H_

#include <span>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/image/avc.h"

namespace mullion {

// Clips the rectangles to the surface and drops those outside, before anything is drawn.
// Errors: kLimit if what remains adds up to more than four surfaces: rectangles of a region are
// disjoint, and few bytes of overlapping ones could ask for hours of conversion.
Status ClipAvcRegion(const Rect& surface, std::vector<Rect>* region);

// What of the frame lies in `part`. `surface` is the whole surface.
// PRECONDITION: `picture` is not empty.
void DrawAvc420(const AvcPicture& picture, std::span<const Rect> region, const Rect& part,
                const PixelView& surface);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_AVC420_H_
