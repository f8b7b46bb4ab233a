// Run-length coded planes: segments without branches, then deltas by whole rows.
//
// A segment is one control byte, up to 15 raw bytes and a run of up to 47 of the last one; on
// desktops there are some three per 64-pixel row, of unpredictable lengths. A loop per pixel, per
// raw byte or per run would mispredict once or twice a segment (some 40 cycles). So a segment is
// always the same work: 16 bytes copied, 48 bytes filled, both pointers moved by what a table says.
// Even the end of a row is arithmetic: the "last raw byte" restarts at zero there, and a segment
// that crosses it is remembered, not branched on.
// What would remain is latency: control byte -> table -> place of the next control byte, two loads
// in a row. So the step from every byte, were it a control byte, is computed beforehand, a chunk at
// a time and sixteen or more bytes at once; then the chain is one load and one addition, about as
// long as the four stores and some twenty instructions of a segment take anyway.
// The exception is what branches do predict, because it comes in masses: areas that equal the row
// above. There eight bytes of control codes are compared and taken at once.
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
constexpr ptrdiff_t kChunk = 512;
constexpr ptrdiff_t kMaxSegment = 32;  // control byte and raw bytes, as loaded: 17, rounded up

// Runs of one and two do not exist: they mark long runs without raw bytes.
constexpr bool IsLongRun(size_t control) { return (control & 0x0F) == 1 || (control & 0x0F) == 2; }

using ByteTable = std::array<uint8_t, 256>;

// Of each control byte, the raw bytes that follow it.
constexpr ByteTable kRaw = [] {
  ByteTable raw{};
  for (size_t c = 0; c < 256; ++c) raw[c] = static_cast<uint8_t>(IsLongRun(c) ? 0 : c >> 4);
  return raw;
}();
// Of each control byte, the raw bytes and the run together.
constexpr ByteTable kTotal = [] {
  ByteTable total{};
  for (size_t c = 0; c < 256; ++c) {
    total[c] = static_cast<uint8_t>((c >> 4) + (IsLongRun(c) ? 16 * (c & 0x0F) : c & 0x0F));
  }
  return total;
}();

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

// From each byte, were it a control byte, the distance to the next one.
void FindSteps(const uint8_t* in, ptrdiff_t count, uint8_t* steps) {
  count = (count + 15) & ~15;
  for (ptrdiff_t i = 0; i < count; ++i) {
    const auto raw = static_cast<uint8_t>(in[i] >> 4);
    const auto long_run = static_cast<uint8_t>((in[i] & 0x0F) - 1) < 2;
    steps[i] = static_cast<uint8_t>(1 + (long_run ? 0 : raw));
  }
}

// Control bytes of which eight, or as many as make whole rows, stand for an area of the last byte.
struct Flat {
  static constexpr size_t kLongest = 47;
  static constexpr uint8_t kLongestCode = 0xF2;

  explicit Flat(size_t width) {
    const size_t segments = (width + kLongest - 1) / kLongest;
    const size_t rest = width - (segments - 1) * kLongest;
    if (segments > 8 || rest < 3) return;
    const size_t whole_rows = 8 / segments;
    const size_t last_code = rest < 16 ? rest : (rest & 15) << 4 | rest >> 4;
    // Of each row, the codes of the longest runs and one of the rest; as much as fits eight bytes.
    for (size_t i = segments - 1; i < 8; i += segments) {
      code &= ~(uint64_t{0xFF} << (8 * i));
      code |= uint64_t{last_code} << (8 * i);
    }
    in_bytes = whole_rows * segments;
    out_bytes = whole_rows * width;
    rows = true;
  }

  uint64_t code = 0x0101010101010101u * kLongestCode;
  size_t in_bytes = 8;
  size_t out_bytes = 8 * kLongest;
  bool rows = false;  // whole rows, hence of zeros; else a part of a row
};

// Writes up to 63 bytes more.
void FillBytes(uint8_t* out, uint8_t byte, size_t size) {
  const uint64_t word = byte * 0x0101010101010101u;
  const Fill fill = {word, word};
  for (size_t i = 0; i < size; i += 64) {
    for (size_t j = 0; j < 64; j += 16) std::memcpy(out + i + j, &fill, 16);
  }
}

enum class Outcome { kDone, kInputEnded, kRowCrossed };

// A choice that must not become a branch.
template <typename T>
T Choose(bool condition, T yes, T no) {
  return __builtin_expect_with_probability(condition, 1, 0.5) ? yes : no;
}

// Segments until `out` reaches `batch_end`, a row's end.
Outcome DecodeSegments(Cursor* cursor, const Flat& flat, size_t width, uint8_t* out,
                       const uint8_t* batch_end) {
  size_t left = width;  // in the row; never 0 again after a segment that crosses the row's end
  size_t last = 0;      // the last raw byte of the row
  alignas(64) uint8_t steps[kChunk];
  while (out < batch_end && cursor->Prepare()) {
    const uint8_t* const chunk = cursor->in;
    // As many bytes may be started on as leave a whole segment readable; one at least.
    const ptrdiff_t stop = std::clamp<ptrdiff_t>(cursor->end - chunk - kMaxSegment + 1, 1, kChunk);
    FindSteps(chunk, stop, steps);
    ptrdiff_t at = 0;
    do {
      const uint8_t* in = chunk + at;
      uint64_t codes;
      std::memcpy(&codes, in, 8);
      if (codes == flat.code) [[unlikely]] {
        const auto bytes = static_cast<ptrdiff_t>(flat.out_bytes);
        const bool fits = flat.rows ? left == width && batch_end - out >= bytes
                                    : static_cast<ptrdiff_t>(left) > bytes;
        if (fits) {
          FillBytes(out, static_cast<uint8_t>(last), flat.out_bytes);
          out += flat.out_bytes;
          at += static_cast<ptrdiff_t>(flat.in_bytes);
          left -= flat.rows ? 0 : flat.out_bytes;
          continue;
        }
      }
      const size_t raw = kRaw[*in];
      const size_t total = kTotal[*in];
      Fill copied;
      std::memcpy(&copied, in + 1, 16);
      std::memcpy(out, &copied, 16);
      last = Choose<size_t>(raw != 0, in[raw], last);
      const uint64_t word = last * 0x0101010101010101u;
      const Fill fill = {word, word};
      std::memcpy(out + raw, &fill, 16);
      std::memcpy(out + raw + 16, &fill, 16);
      std::memcpy(out + raw + 32, &fill, 16);
      out += total;
      at += steps[at];
      left -= total;
      const size_t row_open = 0 - static_cast<size_t>(left != 0);
      last &= row_open;
      left |= width & ~row_open;
    } while (out < batch_end && at < stop);
    cursor->in = chunk + at;
  }
  if (out < batch_end || cursor->in > cursor->end) return Outcome::kInputEnded;
  return left == width ? Outcome::kDone : Outcome::kRowCrossed;
}

}  // namespace

Status DecodePlanarRle(ByteView in, PlaneSize size, const char* name, uint8_t* plane,
                       size_t* used) {
  Cursor cursor(in);
  const Flat flat(size.width);
  const size_t batch = std::max<size_t>(1, kBatchBytes / size.width);
  for (size_t y = 0; y < size.height; y += batch) {
    const size_t rows = std::min(batch, size.height - y);
    uint8_t* out = plane + y * size.width;
    const Outcome outcome = DecodeSegments(&cursor, flat, size.width, out, out + rows * size.width);
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
      x += kTotal[in[at]];
      at += 1u + kRaw[in[at]];
      if (at > in.size()) return Fail(Err::kTruncated, name, in.size());
      if (x > size.width) return Fail(Err::kMalformed, "nRunLength", at);
    }
  }
  *used = at;
  return Ok();
}

}  // namespace mullion
