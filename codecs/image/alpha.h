// Decodes the alpha codec: the opacity of each pixel of a rectangle, and nothing else of it.
//
// Spec: MS-RDPEGFX 2.2.4.3 (ALPHACODEC_BITMAP_STREAM), 2.2.4.3.1 (run segments).
// Shapes: dst has the size of the coded rectangle, rows top-down; only the fourth byte of its
// pixels is written. Ownership: everything borrowed. Over-read, over-write: none; bytes behind the
// last pixel's are ignored. Threads: pure.
// Errors: kMalformed "alphaSig", and "runLengthFactor1" (or 2, 3) for a run past the last pixel;
// kTruncated. The runs in front of the error have been written then.
#ifndef MULLION_CODECS_IMAGE_ALPHA_H_
#define MULLION_CODECS_IMAGE_ALPHA_H_

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"

namespace mullion {

Status DecodeAlpha(ByteView in, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_ALPHA_H_
