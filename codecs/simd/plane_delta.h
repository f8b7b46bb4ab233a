// Planar bitmaps' scan-line deltas: row y = row y - 1 + delta, in place.
//
// MS-RDPEGDI 3.1.9.2.3: an even delta byte d stands for d / 2, an odd one for 255 - d / 2, and the
// sum is taken modulo 256.
// Shapes: `rows` rows of `width` delta bytes, back to back at `plane`; the finished row above the
// first one lies at plane - width. Or a row and the deltas that make the next one of it, apart.
// Over-read, over-write: none; of AddRowDeltas, kRowDeltasSlack bytes behind the row and behind the
// deltas.
// Threads: pure. Errors: none.
#ifndef MULLION_CODECS_SIMD_PLANE_DELTA_H_
#define MULLION_CODECS_SIMD_PLANE_DELTA_H_

#include <cstddef>
#include <cstdint>

namespace mullion {

void AddPlaneDeltas(uint8_t* plane, size_t width, size_t rows);

inline constexpr size_t kRowDeltasSlack = 64;

void AddRowDeltas(uint8_t* row, const uint8_t* deltas, size_t width);

// The plain twins.
void AddPlaneDeltasReference(uint8_t* plane, size_t width, size_t rows);
void AddRowDeltasReference(uint8_t* row, const uint8_t* deltas, size_t width);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PLANE_DELTA_H_
