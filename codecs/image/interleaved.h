// Interleaved run-length decoding: compressed bitmaps of 8, 15, 16 and 24 bits per pixel.
//
// MS-RDPBCGR 2.2.9.1.1.3.1.2.4 (RLE_BITMAP_STREAM), 3.1.9.
// Shapes: `in` is the order stream alone (no TS_CD_HEADER); it describes dst.width_px x
// dst.height_px pixels in wire order (bottom-up: pass dst.Flipped()). Pixels of 15, 16 and 24 bpp
// and the palette are as in raw_bitmap.h.
// Ownership: everything borrowed; at most about 32 KiB of stack, and for rows longer than 8 KiB a
// temporary buffer of a few rows.
// Over-read, over-write: none.
// Threads: pure; disjoint dst views may be written concurrently.
// Errors: kUnsupported "bitsPerPixel"; kState "palette" at 8 bpp without one; kMalformed "width" /
// "height" for an empty view; kTruncated "rleCompressedBitmapStream" when there is no order or an
// incomplete one; kMalformed "orderHeader" for an unknown code and "runLength" for pixels beyond
// the image. dst may have been written in part, unless InterleavedWritesAtEnd. A stream that ends
// between two orders before the bitmap is full leaves the rest black (zero pixels): the
// specification's algorithm just stops there, and servers do send such tiles. FreeRDP shows what
// its buffer held before.
#ifndef MULLION_CODECS_IMAGE_INTERLEAVED_H_
#define MULLION_CODECS_IMAGE_INTERLEAVED_H_

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/image/palette.h"

namespace mullion {

Status DecodeInterleaved(ByteView in, int bits_per_pixel, const Palette* palette, PixelView dst);

// True for pictures of a size that is decoded whole before any of it is written, as the 64x64
// pixels that servers send are: then a failed decode leaves dst as it was.
bool InterleavedWritesAtEnd(int bits_per_pixel, int32_t width_px, int32_t height_px);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_INTERLEAVED_H_
