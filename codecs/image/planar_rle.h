// One run-length coded colour plane of a planar bitmap.
//
// MS-RDPEGDI 2.2.2.5.1.1 (RDP6_RLE_SEGMENTS), 3.1.9.2.
// Shapes: `in` starts at the plane's first control byte; the plane's rows are `width` bytes, back
// to back, and followed by kPlanarRleSlack writable bytes that are clobbered. Ownership: borrowed.
// Over-read: never. Threads: pure; a decoder is one thread's. Errors: kTruncated `name`
// when the segments end early, kMalformed "nRunLength" when one crosses its scan-line; offsets
// count from `in`. Private to planar.cc.
#ifndef MULLION_CODECS_IMAGE_PLANAR_RLE_H_
#define MULLION_CODECS_IMAGE_PLANAR_RLE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/simd/planar_segments.h"
#include "codecs/simd/planar_wide_rows.h"

namespace mullion {

inline constexpr size_t kPlanarRleSlack = kPlanarSegmentsSlack;

struct PlaneSize {
  size_t width = 0;
  size_t height = 0;
};

// Checks and measures a plane without writing it: *used receives the bytes that it takes.
Status SkipPlanarRle(ByteView in, PlaneSize size, const char* name, size_t* used);

// Decodes a plane from the top, some rows at a time.
class PlanarRleDecoder {
 public:
  // PRECONDITION: width > 0.
  PlanarRleDecoder(ByteView in, size_t width, const char* name)
      : input_(in), width_(width), name_(name) {}

  // The next `count` rows, to `rows`. Unless they are the first ones, the row above them lies right
  // before `rows`.
  Status Decode(size_t count, uint8_t* rows);
  size_t used() const { return input_.used(); }

 private:
  PlanarInput input_;
  size_t width_;
  const char* name_;
  bool first_ = true;
};

// Decodes a wide plane from the top, row by row.
class PlanarRowDecoder {
 public:
  // PRECONDITION: width > 0; it pays from kWidePlanarRow on.
  PlanarRowDecoder(ByteView in, size_t width, const char* name)
      : input_(in), width_(width), name_(name) {}

  // The next row, to `row`, where the row above it lies unless it is the first one. `deltas` is
  // memory for a row with its slack; its contents mean nothing.
  Status Decode(uint8_t* row, uint8_t* deltas);

 private:
  WidePlanarInput input_;
  size_t width_;
  const char* name_;
  bool first_ = true;
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PLANAR_RLE_H_
