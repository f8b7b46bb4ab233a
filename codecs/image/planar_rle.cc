#include "codecs/image/planar_rle.h"

#include <algorithm>

#include "codecs/simd/plane_delta.h"

namespace mullion {
namespace {

// Deltas are added a batch of rows at a time, while the batch is in the first-level cache.
constexpr size_t kBatchBytes = 8 * 1024;

Status StatusOf(SegmentsOutcome outcome, const PlanarInput& input, const char* name) {
  switch (outcome) {
    case SegmentsOutcome::kInputEnded:
      return Fail(Err::kTruncated, name, input.size());
    case SegmentsOutcome::kRowCrossed:
      return Fail(Err::kMalformed, "nRunLength", input.used());
    case SegmentsOutcome::kDone:
      break;
  }
  return Ok();
}

}  // namespace

Status SkipPlanarRle(ByteView in, PlaneSize size, const char* name, size_t* used) {
  if (size.width >= kWidePlanarRow) {
    WidePlanarInput wide(in);
    MULLION_TRY(
        StatusOf(DecodeWidePlanarRows(&wide, size.width, size.height, nullptr), wide.input, name));
    *used = wide.input.used();
    return Ok();
  }
  PlanarInput input(in);
  MULLION_TRY(
      StatusOf(DecodePlanarSegments(&input, size.width, size.height, nullptr), input, name));
  *used = input.used();
  return Ok();
}

Status PlanarRleDecoder::Decode(size_t count, uint8_t* rows) {
  const size_t batch = std::max<size_t>(1, kBatchBytes / width_);
  for (size_t y = 0; y < count; y += batch) {
    const size_t n = std::min(batch, count - y);
    uint8_t* out = rows + y * width_;
    MULLION_TRY(StatusOf(DecodePlanarSegments(&input_, width_, n, out), input_, name_));
    AddPlaneDeltas(first_ ? out + width_ : out, width_, first_ ? n - 1 : n);
    first_ = false;
  }
  return Ok();
}

Status PlanarRowDecoder::Decode(uint8_t* row, uint8_t* deltas) {
  static_assert(kRowDeltasSlack <= kPlanarRleSlack);
  MULLION_TRY(StatusOf(DecodeWidePlanarRows(&input_, width_, 1, first_ ? row : deltas),
                       input_.input, name_));
  if (!first_ && !input_.row_was_zero) AddRowDeltas(row, deltas, width_);
  first_ = false;
  return Ok();
}

}  // namespace mullion
