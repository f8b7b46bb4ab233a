// A plane of coefficients of which most are zero and most others small, in as few bytes as can be
// written and read quickly: for tiles that wait for their next pass.
//
// Shapes: a plane is 64 words of 64 coefficients. Packed, in this machine's byte order:
//   used    8 bytes, bit w: word w has a coefficient that is not zero
//   wide    8 bytes, bit w: and one that needs two bytes
//   masks   8 bytes for each word in use, bit i: its coefficient i is not zero
//   values  of those coefficients, in order: signed bytes, or 16 bits each in wide words
// A plane of zeros takes 16 bytes.
// Ownership: borrows. Over-write: PackSparsePlane may write 8 bytes behind what it returns.
// Over-read: UnpackSparsePlane may read, and ignores, 8 bytes behind what it returns. What is
// unpacked is trusted: it never came from outside.
// Threads: pure functions. Errors: none.
#ifndef MULLION_CODECS_SIMD_SPARSE_PLANE_H_
#define MULLION_CODECS_SIMD_SPARSE_PLANE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/simd/rfx_tile.h"

namespace mullion {

inline constexpr size_t kSparsePlaneWords = kRfxPlaneSize / 64;
inline constexpr size_t kMaxSparsePlane = 16 + kSparsePlaneWords * 8 + kRfxPlaneSize * 2;
inline constexpr size_t kSparsePlaneMargin = 8;

// Returns how many bytes the plane takes, at most kMaxSparsePlane.
size_t PackSparsePlane(const int16_t* plane, uint8_t* packed);
size_t PackSparsePlaneReference(const int16_t* plane, uint8_t* packed);

// Writes all of the plane. Returns how many bytes it took.
size_t UnpackSparsePlane(const uint8_t* packed, int16_t* plane);
size_t UnpackSparsePlaneReference(const uint8_t* packed, int16_t* plane);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_SPARSE_PLANE_H_
