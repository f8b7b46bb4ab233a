// Run-length segments of a planar bitmap's colour plane, by whole rows.
//
// MS-RDPEGDI 2.2.2.5.1.1 (RDP6_RLE_SEGMENTS), 3.1.9.2.
// Shapes: `rows` rows of `width` bytes, back to back at `out`, still as the stream has them: the
// deltas of rows after the first are not added. Null `out`: the rows are only measured.
// Ownership: borrowed; a PlanarInput lives as long as its bytes and must not be copied.
// Over-read: none. Over-write: up to kPlanarSegmentsSlack bytes behind the rows.
// Threads: pure; a PlanarInput is one thread's.
// Errors: kInputEnded, also when a row was crossed before; nothing is known of `out` then.
#ifndef MULLION_CODECS_SIMD_PLANAR_SEGMENTS_H_
#define MULLION_CODECS_SIMD_PLANAR_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codecs/base/byte_reader.h"

namespace mullion {

inline constexpr size_t kPlanarSegmentsSlack = 128;

// A place in a plane's bytes; in a zero-padded copy of their last ones once in_tail.
class PlanarInput {
 public:
  // A control byte and raw bytes, as loaded at once: 17, rounded up.
  static constexpr size_t kMaxSegment = 32;

  explicit PlanarInput(ByteView bytes)
      : in(bytes.data()), end(bytes.data() + bytes.size()), size_(bytes.size()) {}
  PlanarInput(const PlanarInput&) = delete;
  PlanarInput& operator=(const PlanarInput&) = delete;

  size_t used() const { return size_ - static_cast<size_t>(end - in); }
  size_t size() const { return size_; }

  // Makes kMaxSegment bytes readable at `in`. False at the end.
  bool Prepare() {
    if (in >= end) return false;
    const auto left = static_cast<size_t>(end - in);
    if (left >= kMaxSegment || in_tail_) return true;
    std::memset(tail_, 0, sizeof(tail_));
    std::memcpy(tail_, in, left);
    in = tail_;
    end = tail_ + left;
    in_tail_ = true;
    return true;
  }

  const uint8_t* in;
  const uint8_t* end;

 private:
  size_t size_;
  bool in_tail_ = false;
  uint8_t tail_[2 * kMaxSegment];
};

enum class SegmentsOutcome { kDone, kInputEnded, kRowCrossed };

// PRECONDITION: width > 0; width * rows + a few bytes does not overflow.
SegmentsOutcome DecodePlanarSegments(PlanarInput* input, size_t width, size_t rows, uint8_t* out);

// The plain twin.
SegmentsOutcome DecodePlanarSegmentsReference(PlanarInput* input, size_t width, size_t rows,
                                              uint8_t* out);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PLANAR_SEGMENTS_H_
