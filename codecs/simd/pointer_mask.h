// The AND mask of a pointer update applied to its pixels: see codecs/image/pointer_image.h.
//
// MS-RDPBCGR 2.2.9.1.1.4.4. Shapes: a mask has the size of the view, eight pixels a byte, the
// leftmost in the highest bit, its rows padded to two bytes; rows are stride_bytes apart, which is
// negative for what is bottom-up (`first` is its last row in memory then).
// Over-read: none but the padding of rows of bits. Over-write: none. Threads: pure. Errors: none.
#ifndef MULLION_CODECS_SIMD_POINTER_MASK_H_
#define MULLION_CODECS_SIMD_POINTER_MASK_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

inline constexpr uint32_t kPointerBlack = 0xFF000000, kPointerWhite = 0xFFFFFFFF;

struct PointerRows {
  const uint8_t* first = nullptr;
  ptrdiff_t stride_bytes = 0;

  const uint8_t* row(int32_t y) const { return first + y * stride_bytes; }
};

// The pixels of `src`, of 1 bit (set: white, else black), 24 or 32 bits each, but where the mask's
// bit is set, opaque black becomes transparent, and opaque white white where x + y is even and
// black elsewhere. Only 32 bits can be other than opaque. `src` may be the rows of `dst` themselves
// then, and else does not overlap them.
void ApplyAndMask(const PointerRows& and_mask, const PointerRows& src, int src_bits_per_pixel,
                  const PixelView& dst);

// The plain twin.
void ApplyAndMaskReference(const PointerRows& and_mask, const PointerRows& src,
                           int src_bits_per_pixel, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_POINTER_MASK_H_
