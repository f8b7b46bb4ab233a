// Expands one run-length encoded NSCodec plane.
//
// MS-RDPNSC 2.2.2.1 (NSCODEC_RLE_SEGMENTS), 3.1.8.1.
// Shapes: `in` is exactly the plane's bytes; `out` receives exactly `size` bytes.
// Over-write: `out` must have kNscRleSlack writable bytes behind `size`, which are clobbered.
// Over-read: never.
// Threads: pure.
// Errors: false when the segments end early, produce more than `size - 4` bytes, or when EndData is
// missing; `out` is garbage then. Bytes of `in` behind EndData are ignored.
#ifndef MULLION_CODECS_SIMD_NSC_RLE_H_
#define MULLION_CODECS_SIMD_NSC_RLE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/byte_reader.h"

namespace mullion {

inline constexpr size_t kNscRleSlack = 64;

[[nodiscard]] bool ExpandNscRle(ByteView in, uint8_t* out, size_t size);

// The plain twin: the specification's rules, one byte at a time. Needs no slack.
[[nodiscard]] bool ExpandNscRleReference(ByteView in, uint8_t* out, size_t size);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_NSC_RLE_H_
