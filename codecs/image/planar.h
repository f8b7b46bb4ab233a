// RDP 6.0 planar bitmaps: alpha or not, run-length coded or raw, ARGB or AYCoCg with colour loss
// and chroma subsampling.
//
// MS-RDPEGDI 2.2.2.5.1 (RDP6_BITMAP_STREAM), 3.1.9; red and blue are swapped after the inverse
// YCoCg transform, as 3.1.9.1.2 demands.
// Shapes: `in` is the stream from its FormatHeader on; it describes dst.width_px x dst.height_px
// pixels in wire order (bottom-up in bitmap updates: pass dst.Flipped()).
// Ownership: everything borrowed. `scratch` keeps its memory between calls: at most 256 KB, or a
// few rows of the widest bitmap seen.
// Over-read, over-write: none.
// Threads: pure apart from `scratch`, which one thread uses at a time.
// Errors: kTruncated with the plane's name; kMalformed "FormatHeader" for subsampling without
// AYCoCg, "nRunLength" for a segment that crosses its scan-line, "width" / "height" for an empty
// view. Nothing is written then. Bytes behind the last plane are ignored (the specification allows
// one of padding).
// Taken as FreeRDP does: a control byte of zero is an empty segment; reserved bits are ignored.
#ifndef MULLION_CODECS_IMAGE_PLANAR_H_
#define MULLION_CODECS_IMAGE_PLANAR_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/image/alpha_mode.h"

namespace mullion {

struct PlanarScratch {
  // INVARIANT: grows only; contents mean nothing between calls.
  std::vector<uint8_t> planes;
};

// AlphaMode::kKeep writes the alpha plane (0xFF where there is none) instead of X = 0xFF.
Status DecodePlanar(ByteView in, PixelView dst, PlanarScratch* scratch,
                    AlphaMode alpha = AlphaMode::kOpaque);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PLANAR_H_
