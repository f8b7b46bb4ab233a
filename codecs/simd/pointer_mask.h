// The one-bit masks of a pointer update, on rows of 32-bit pixels: see
// codecs/image/pointer_image.h.
//
// MS-RDPBCGR 2.2.9.1.1.4.4. Shapes: a mask has the size of the view, eight pixels a byte, the
// leftmost in the highest bit; its rows are stride_bytes apart, which is negative for a mask that
// is bottom-up (`mask` is its last row then).
// Over-read, over-write: none. Threads: pure. Errors: none.
#ifndef MULLION_CODECS_SIMD_POINTER_MASK_H_
#define MULLION_CODECS_SIMD_POINTER_MASK_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

inline constexpr uint32_t kPointerBlack = 0xFF000000, kPointerWhite = 0xFFFFFFFF;

// Set bits become white, others black, both opaque.
void ExpandBits(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst);

// Where a bit is set, opaque black becomes transparent, and opaque white white where x + y is even
// and black elsewhere.
void ApplyAndMask(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels);

// The plain twins.
void ExpandBitsReference(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst);
void ApplyAndMaskReference(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_POINTER_MASK_H_
