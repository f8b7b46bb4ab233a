// Uncompressed bitmaps: 8 (palette), 15, 16, 24 and 32 bits per pixel.
//
// MS-RDPBCGR 2.2.9.1.1.3.1.2.2 (bitmap updates: rows padded to four bytes) and 2.2.9.2.1.1 (surface
// bits: no padding).
// Shapes: `in` holds dst.height_px rows in wire order, row y at y * src_stride_bytes; 15 and 16 bpp
// are little-endian 0RRRRRGGGGGBBBBB and RRRRRGGGGGGBBBBB, 24 bpp is B,G,R, 32 bpp is B,G,R,X.
// A channel of 5 bits grows to 8c + c/4, one of 6 bits to min(255, 4c + c/8): FreeRDP's rule, which
// the specification leaves open.
// Ownership: everything borrowed. Over-read, over-write: none; padding behind the last row may be
// missing, and bytes behind it are ignored.
// Threads: pure.
// Errors: kUnsupported "bitsPerPixel"; kMalformed "width" / "height" for an empty view and
// "stride" for a stride shorter than a row; kTruncated "bitmapDataStream"; kState "palette" at
// 8 bpp without one. Nothing is written then.
#ifndef MULLION_CODECS_IMAGE_RAW_BITMAP_H_
#define MULLION_CODECS_IMAGE_RAW_BITMAP_H_

#include <cstddef>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/image/alpha_mode.h"
#include "codecs/image/palette.h"

namespace mullion {

// Bytes of one row without and with the padding of TS_BITMAP_DATA. PRECONDITION: width_px >= 0.
size_t BitmapRowBytes(int width_px, int bits_per_pixel);
size_t PaddedBitmapRowBytes(int width_px, int bits_per_pixel);

// `src_stride_bytes` 0 means unpadded rows. `palette` is only looked at for 8 bpp.
// AlphaMode::kKeep matters for 32 bpp only.
Status DecodeRawBitmap(ByteView in, int bits_per_pixel, const Palette* palette, PixelView dst,
                       size_t src_stride_bytes = 0, AlphaMode alpha = AlphaMode::kOpaque);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_RAW_BITMAP_H_
