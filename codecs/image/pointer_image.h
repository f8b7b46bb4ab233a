// Turns the masks of a pointer update into a picture.
//
// MS-RDPBCGR 2.2.9.1.1.4.4 (colour pointer, 24 bpp), 2.2.9.1.1.4.5 (new pointer, any depth),
// 2.2.9.1.2.1.11 (large pointer).
// Input: scan lines are padded to two bytes, in the XOR mask and in the AND mask. They are
// bottom-up, except in a pointer of 1 bpp, which every peer sends and takes top-down. Output:
// straight (not premultiplied) alpha, B,G,R,A, top-down, width * height * 4 bytes.
//
// What the two masks say is an operation on the screen; a picture with alpha can only follow it:
//   AND 0                 the XOR colour, opaque (at 32 bpp with the alpha that stands there)
//   AND 1, XOR black      transparent
//   AND 1, XOR white      inverts the screen. No picture can; black and white squares of one pixel,
//                         as FreeRDP and IronRDP draw it, are visible on any ground: white where x
//                         + y is even.
//   AND 1, another colour inverts in part: the colour, opaque (IronRDP, FreeRDP 2; FreeRDP 3 drops
//                         such pixels at 24 bpp, and with them the smooth edges of some pointers)
// At 32 bpp black and white count only where they are opaque. A missing AND mask is all zeros, but
// at 1 bpp it may not be missing. 15 and 16 bpp are both X1R5G5B5, the layout of a 16 bpp DIB.
// Ownership: borrows the masks. Threads: pure.
// Errors: kLimit (side larger than max_side_px), kTruncated (a mask is too short), kUnsupported
// (depth), kState (4 or 8 bpp without a palette); *bgra is empty then. A width or height of 0 is an
// empty picture and no error: some servers hide the pointer that way.
#ifndef MULLION_CODECS_IMAGE_POINTER_IMAGE_H_
#define MULLION_CODECS_IMAGE_POINTER_IMAGE_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/image/palette.h"

namespace mullion {

struct PointerShape {
  uint16_t width = 0;  // pixels
  uint16_t height = 0;
  uint16_t hot_x = 0;  // not used here; may lie outside
  uint16_t hot_y = 0;
  uint16_t xor_bpp = 24;
  ByteView xor_mask;
  ByteView and_mask;
  const Palette* palette = nullptr;  // for 4 and 8 bpp
};

[[nodiscard]] Status DecodePointerImage(const PointerShape& shape, std::vector<uint8_t>* bgra,
                                        int32_t max_side_px = 384);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_POINTER_IMAGE_H_
