// One run-length coded colour plane of a planar bitmap.
//
// MS-RDPEGDI 2.2.2.5.1.1 (RDP6_RLE_SEGMENTS), 3.1.9.2.
// Shapes: `in` starts at the plane's first control byte; the plane is width x height bytes, rows
// back to back at `plane`, which is preceded by nothing and followed by kPlanarRleSlack writable
// bytes that are clobbered. *used receives the bytes that the plane took.
// Ownership: borrowed. Over-read: never.
// Threads: pure.
// Errors: kTruncated `name` when the segments end early, kMalformed "nRunLength" when one crosses
// its scan-line; offsets count from `in`.
// Private to planar.cc.
#ifndef MULLION_CODECS_IMAGE_PLANAR_RLE_H_
#define MULLION_CODECS_IMAGE_PLANAR_RLE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr size_t kPlanarRleSlack = 64;

struct PlaneSize {
  size_t width = 0;
  size_t height = 0;
};

Status DecodePlanarRle(ByteView in, PlaneSize size, const char* name, uint8_t* plane, size_t* used);

// Checks and measures the plane without writing it, for an alpha plane that nobody wants.
Status SkipPlanarRle(ByteView in, PlaneSize size, const char* name, size_t* used);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PLANAR_RLE_H_
