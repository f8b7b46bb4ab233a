// Run-length segments without branches.
//
// A segment is one control byte, up to 15 raw bytes and a run of up to 47 of the last one; on
// desktops there are some three per 64-pixel row, of unpredictable lengths. A loop per pixel, per
// raw byte or per run would mispredict once or twice a segment (some 40 cycles). So a segment is
// always the same work: 16 bytes copied, 48 bytes filled, both pointers moved by what a table says.
// Even the end of a row is arithmetic: the "last raw byte" restarts at zero there, and a segment
// that crosses it is remembered, not branched on.
// What would remain is latency: control byte -> table -> place of the next control byte, two loads
// in a row. So the step from every byte, were it a control byte, is computed beforehand, a chunk at
// a time; then the chain is one load and one addition, less than the two to four stores and some
// twenty-five instructions of a segment take.
// The exception is what branches do predict, because it comes in masses: areas that equal the row
// above. There eight bytes of control codes are compared and taken at once.
#include "codecs/simd/planar_segments.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/planar_segments.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef MULLION_CODECS_SIMD_PLANAR_SEGMENTS_ONCE
#define MULLION_CODECS_SIMD_PLANAR_SEGMENTS_ONCE
namespace mullion {

constexpr size_t kPlanarChunk = 512;
constexpr size_t kLongestRun = 47;
constexpr uint64_t kLongestCode = 0xF2;

using PlanarTable = std::array<uint8_t, 256>;

// Runs of one and two do not exist: they mark long runs without raw bytes.
constexpr bool IsLongRun(size_t control) { return (control & 0x0F) == 1 || (control & 0x0F) == 2; }

// Of each control byte, the raw bytes that follow it.
inline constexpr PlanarTable kPlanarRaw = [] {
  PlanarTable raw{};
  for (size_t c = 0; c < 256; ++c) raw[c] = static_cast<uint8_t>(IsLongRun(c) ? 0 : c >> 4);
  return raw;
}();
// Of each control byte, the raw bytes and the run together.
inline constexpr PlanarTable kPlanarTotal = [] {
  PlanarTable total{};
  for (size_t c = 0; c < 256; ++c) {
    total[c] = static_cast<uint8_t>((c >> 4) + (IsLongRun(c) ? 16 * (c & 0x0F) : c & 0x0F));
  }
  return total;
}();

// Control bytes of which eight, or as many as make whole rows, stand for an area of the last byte.
struct FlatCodes {
  explicit FlatCodes(size_t width) {
    const size_t segments = (width + kLongestRun - 1) / kLongestRun;
    const size_t rest = width - (segments - 1) * kLongestRun;
    if (segments > 8 || rest < 3) return;
    // Of each row, the codes of the longest runs and one of the rest; as much as fits eight bytes.
    const uint64_t rest_code = rest < 16 ? rest : (rest & 15) << 4 | rest >> 4;
    for (size_t i = segments - 1; i < 8; i += segments) {
      codes ^= (kLongestCode ^ rest_code) << (8 * i);
    }
    const size_t whole_rows = 8 / segments;
    in_bytes = whole_rows * segments;
    out_bytes = whole_rows * width;
    rows = true;
  }

  uint64_t codes = 0x0101010101010101u * kLongestCode;
  size_t in_bytes = 8;
  size_t out_bytes = 8 * kLongestRun;
  bool rows = false;  // whole rows, hence of zeros; else a part of a row
};

}  // namespace mullion
#endif  // MULLION_CODECS_SIMD_PLANAR_SEGMENTS_ONCE

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

SegmentsOutcome PlanarSegmentsKernel(PlanarInput* input, size_t width, size_t rows, uint8_t* out) {
  return DecodePlanarSegmentsReference(input, width, rows, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// From each byte, were it a control byte, the distance to the next one. Reads and writes whole
// vectors: up to 31 bytes more.
HWY_INLINE void FindSteps(const uint8_t* HWY_RESTRICT in, size_t count,
                          uint8_t* HWY_RESTRICT steps) {
  const hn::CappedTag<uint8_t, PlanarInput::kMaxSegment> d;
  const hn::Repartition<uint16_t, decltype(d)> d16;
  const auto low4 = hn::Set(d, 0x0F);
  for (size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto control = hn::LoadU(d, in + i);
    const auto low = hn::And(control, low4);
    const auto high = hn::And(hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(d16, control))), low4);
    const auto long_run = hn::Or(hn::Eq(low, hn::Set(d, 1)), hn::Eq(low, hn::Set(d, 2)));
    hn::StoreU(hn::Add(hn::IfThenZeroElse(long_run, high), hn::Set(d, 1)), d, steps + i);
  }
}

// `size` bytes, rounded up to whole vectors.
HWY_INLINE void Fill(uint8_t* out, size_t byte, size_t size) {
  const hn::ScalableTag<uint8_t> d;
  const auto v = hn::Set(d, static_cast<uint8_t>(byte));
  for (size_t i = 0; i < size; i += hn::Lanes(d)) hn::StoreU(v, d, out + i);
}

template <bool kWrite>
HWY_INLINE SegmentsOutcome Segments(PlanarInput* input, size_t width, size_t rows, uint8_t* out) {
  const FlatCodes flat(width);
  const size_t size = width * rows;
  size_t done = 0;
  size_t left = width;  // in the row; never 0 again after a segment that crosses the row's end
  size_t last = 0;      // the last raw byte of the row
  alignas(64) uint8_t steps[kPlanarChunk];
  while (done < size && input->Prepare()) {
    const uint8_t* const chunk = input->in;
    const auto readable = static_cast<size_t>(input->end - chunk);
    // As many bytes may be started on as leave a whole segment readable; one at least.
    const size_t stop = readable <= PlanarInput::kMaxSegment
                            ? 1
                            : std::min(readable - PlanarInput::kMaxSegment + 1, kPlanarChunk);
    FindSteps(chunk, stop, steps);
    size_t at = 0;
    do {
      const uint8_t* in = chunk + at;
      uint64_t codes;
      std::memcpy(&codes, in, 8);
      if (HWY_UNLIKELY(codes == flat.codes)) {
        if (flat.rows ? left == width && size - done >= flat.out_bytes
                      : static_cast<ptrdiff_t>(left) > static_cast<ptrdiff_t>(flat.out_bytes)) {
          if (kWrite) Fill(out + done, last, flat.out_bytes);
          done += flat.out_bytes;
          at += flat.in_bytes;
          left -= flat.rows ? 0 : flat.out_bytes;
          continue;
        }
      }
      const size_t raw = kPlanarRaw[*in];
      const size_t total = kPlanarTotal[*in];
      if (kWrite) {
        const hn::FixedTag<uint8_t, 16> d16;
        hn::StoreU(hn::LoadU(d16, in + 1), d16, out + done);
        // Masks, because the compilers would make branches of conditions.
        const size_t keep = static_cast<size_t>(raw != 0) - 1;
        last = (last & keep) | (in[raw] & ~keep);
        // Not wider: stores that cross a cache line cost two.
        const auto run = hn::Set(d16, static_cast<uint8_t>(last));
        for (size_t i = 0; i < 48; i += 16) hn::StoreU(run, d16, out + done + raw + i);
      }
      done += total;
      at += steps[at];
      left -= total;
      last &= 0 - static_cast<size_t>(left != 0);
      left = left == 0 ? width : left;
    } while (done < size && at < stop);
    input->in = chunk + at;
  }
  if (done < size || input->in > input->end) return SegmentsOutcome::kInputEnded;
  return left == width ? SegmentsOutcome::kDone : SegmentsOutcome::kRowCrossed;
}

SegmentsOutcome PlanarSegmentsKernel(PlanarInput* input, size_t width, size_t rows, uint8_t* out) {
  return out == nullptr ? Segments<false>(input, width, rows, nullptr)
                        : Segments<true>(input, width, rows, out);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(PlanarSegmentsKernel);

SegmentsOutcome DecodePlanarSegments(PlanarInput* input, size_t width, size_t rows, uint8_t* out) {
  return HWY_DYNAMIC_DISPATCH(PlanarSegmentsKernel)(input, width, rows, out);
}

}  // namespace mullion
#endif  // HWY_ONCE
