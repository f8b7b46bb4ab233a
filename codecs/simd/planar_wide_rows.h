// Run-length segments of a wide planar bitmap's colour plane, by whole rows.
//
// MS-RDPEGDI 2.2.2.5.1.1 (RDP6_RLE_SEGMENTS), 3.1.9.2.
// Shapes: as planar_segments.h, whose plain twin this equals at every width; measured, it is the
// faster one of both from kWidePlanarRow columns on. Null `out`: the rows are only measured.
// Ownership: borrowed; a WidePlanarInput lives as long as its bytes and must not be copied. It
// keeps what it knows of the bytes ahead, so a call for every single row costs little.
// Over-read: none. Over-write: up to kPlanarSegmentsSlack bytes behind the rows.
// Threads: pure; a WidePlanarInput is one thread's.
// Errors: kInputEnded, also when a row was crossed before; nothing is known of `out` then, nor of
// the place in the input.
#ifndef MULLION_CODECS_SIMD_PLANAR_WIDE_ROWS_H_
#define MULLION_CODECS_SIMD_PLANAR_WIDE_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/simd/planar_segments.h"

namespace mullion {

inline constexpr size_t kWidePlanarRow = 256;

struct WidePlanarInput {
  explicit WidePlanarInput(ByteView bytes) : input(bytes) {}

  // So many control bytes are looked at beforehand; whole vectors of them are written.
  static constexpr size_t kAhead = 512;
  static constexpr size_t kTable = kAhead + 64;

  PlanarInput input;
  // The last row of the last call that had an `out` is all zero. Only rows of runs are noticed, not
  // those that have zeros among their raw bytes.
  bool row_was_zero = false;

  // From each byte of `chunk`, were it a control byte: the distance to the next but one, to the
  // next one, and the length of its segment in pixels. INVARIANT: known up to `stop`; at <= stop
  // unless a segment ends behind it; input.in == chunk + at.
  alignas(64) uint8_t ahead[3 * kTable];
  const uint8_t* chunk = nullptr;
  size_t at = 0;
  size_t stop = 0;
};

// PRECONDITION: width > 0; width * rows + a few bytes does not overflow.
SegmentsOutcome DecodeWidePlanarRows(WidePlanarInput* input, size_t width, size_t rows,
                                     uint8_t* out);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PLANAR_WIDE_ROWS_H_
