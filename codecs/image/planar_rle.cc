// Run-length coded planes: segments without branches, then deltas by whole rows.
//
// A segment is one control byte, up to 15 raw bytes and a run of up to 47 of the last one; on
// desktops there are some three per 64-pixel row, of unpredictable lengths. A loop per pixel, per
// raw byte or per run would mispredict once or twice a segment (some 40 cycles). So a segment is
// always the same work: 16 bytes copied, 48 bytes filled, both pointers moved by what a table says.
// What remains is the latency of control byte -> table -> next control byte, about a dozen cycles,
// with the four stores in its shadow. Even the end of a row is arithmetic: the "last raw byte"
// restarts at zero there, and a segment that crosses it is remembered, not branched on.
// Rows after the first hold deltas; they are added a batch of rows at a time while the batch is in
// the first-level cache.
#include "codecs/image/planar_rle.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/simd/plane_delta.h"

namespace mullion {
namespace {

constexpr size_t kBatchBytes = 8 * 1024;
constexpr ptrdiff_t kMaxSegment = 32;  // control byte and raw bytes, as loaded: 17, rounded up

struct Segment {
  uint8_t raw;
  uint8_t run;
};

constexpr std::array<Segment, 256> MakeSegments() {
  std::array<Segment, 256> segments{};
  for (unsigned control = 0; control < 256; ++control) {
    const unsigned run = control & 0x0F;
    const unsigned raw = control >> 4;
    // Runs of one and two do not exist: they mark long runs without raw bytes.
    segments[control] = run == 1 || run == 2
                            ? Segment{0, static_cast<uint8_t>(16 * run + raw)}
                            : Segment{static_cast<uint8_t>(raw), static_cast<uint8_t>(run)};
  }
  return segments;
}
constexpr std::array<Segment, 256> kSegments = MakeSegments();

// Where the decoder stands; in the padded copy of the input's tail once `in_tail`.
struct Cursor {
  const uint8_t* in;
  const uint8_t* end;
  bool in_tail = false;
  uint8_t tail[2 * kMaxSegment];

  explicit Cursor(ByteView bytes) : in(bytes.data()), end(bytes.data() + bytes.size()) {}

  // Makes kMaxSegment bytes readable. False at the end.
  bool Prepare() {
    if (end - in >= kMaxSegment) return true;
    if (in >= end) return false;
    if (!in_tail) {
      const size_t left = static_cast<size_t>(end - in);
      std::memset(tail, 0, sizeof(tail));
      std::memcpy(tail, in, left);
      in = tail;
      end = tail + left;
      in_tail = true;
    }
    return true;
  }
};

struct Fill {
  uint64_t low, high;
};

enum class Outcome { kDone, kInputEnded, kRowCrossed };

// Segments until `out` reaches `batch_end`, a row's end.
Outcome DecodeSegments(Cursor* cursor, size_t width, uint8_t* out, const uint8_t* batch_end) {
  const uint8_t* row_end = out + width;
  uint64_t last = 0;  // the last raw byte, eight times
  bool crossed = false;
  while (out < batch_end && cursor->Prepare()) {
    const uint8_t* in = cursor->in;
    // As many bytes may be started on as leave a whole segment readable; one at least.
    const uint8_t* stop = in + std::max<ptrdiff_t>(cursor->end - in - kMaxSegment + 1, 1);
    do {
      const Segment segment = kSegments[*in];
      Fill raw;
      std::memcpy(&raw, in + 1, 16);
      std::memcpy(out, &raw, 16);
      // Masks, because the compilers would make branches of conditions here.
      const uint64_t fresh = in[segment.raw] * 0x0101010101010101u;
      const uint64_t has_raw = 0 - static_cast<uint64_t>(segment.raw != 0);
      last = (fresh & has_raw) | (last & ~has_raw);
      const Fill fill = {last, last};
      uint8_t* run = out + segment.raw;
      std::memcpy(run, &fill, 16);
      std::memcpy(run + 16, &fill, 16);
      std::memcpy(run + 32, &fill, 16);
      out = run + segment.run;
      in += segment.raw + 1;
      crossed |= out > row_end;
      const uint64_t row_open = 0 - static_cast<uint64_t>(out != row_end);
      row_end += width & ~row_open;
      last &= row_open;
    } while (out < batch_end && in < stop);
    cursor->in = in;
  }
  if (out < batch_end || cursor->in > cursor->end) return Outcome::kInputEnded;
  return crossed ? Outcome::kRowCrossed : Outcome::kDone;
}

}  // namespace

Status DecodePlanarRle(ByteView in, PlaneSize size, const char* name, uint8_t* plane,
                       size_t* used) {
  Cursor cursor(in);
  const size_t batch = std::max<size_t>(1, kBatchBytes / size.width);
  for (size_t y = 0; y < size.height; y += batch) {
    const size_t rows = std::min(batch, size.height - y);
    uint8_t* out = plane + y * size.width;
    const Outcome outcome = DecodeSegments(&cursor, size.width, out, out + rows * size.width);
    if (outcome == Outcome::kInputEnded) return Fail(Err::kTruncated, name, in.size());
    *used = in.size() - static_cast<size_t>(cursor.end - cursor.in);
    if (outcome == Outcome::kRowCrossed) return Fail(Err::kMalformed, "nRunLength", *used);
    if (y == 0) {
      AddPlaneDeltas(out + size.width, size.width, rows - 1);
    } else {
      AddPlaneDeltas(out, size.width, rows);
    }
  }
  return Ok();
}

Status SkipPlanarRle(ByteView in, PlaneSize size, const char* name, size_t* used) {
  size_t at = 0;
  for (size_t y = 0; y < size.height; ++y) {
    for (size_t x = 0; x < size.width;) {
      if (at >= in.size()) return Fail(Err::kTruncated, name, in.size());
      const Segment segment = kSegments[in[at]];
      at += 1u + segment.raw;
      x += segment.raw + segment.run;
      if (at > in.size()) return Fail(Err::kTruncated, name, in.size());
      if (x > size.width) return Fail(Err::kMalformed, "nRunLength", at);
    }
  }
  *used = at;
  return Ok();
}

}  // namespace mullion
