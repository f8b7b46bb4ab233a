#include "codecs/image/planar_rle.h"

#include <algorithm>

#include "codecs/simd/plane_delta.h"

namespace mullion {
namespace {

// Deltas are added a batch of rows at a time, while the batch is in the first-level cache.
constexpr size_t kBatchBytes = 8 * 1024;

SegmentsOutcome Segments(WidePlanarInput* input, size_t width, size_t rows, uint8_t* out) {
  return width < kWidePlanarRow ? DecodePlanarSegments(&input->input, width, rows, out)
                                : DecodeWidePlanarRows(input, width, rows, out);
}

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
  WidePlanarInput input(in);
  MULLION_TRY(StatusOf(Segments(&input, size.width, size.height, nullptr), input.input, name));
  *used = input.input.used();
  return Ok();
}

Status PlanarRleDecoder::DecodeSegments(size_t count, uint8_t* rows) {
  return StatusOf(Segments(&input_, width_, count, rows), input_.input, name_);
}

Status PlanarRleDecoder::Decode(size_t count, uint8_t* rows) {
  const size_t batch = std::max<size_t>(1, kBatchBytes / width_);
  for (size_t y = 0; y < count; y += batch) {
    const size_t n = std::min(batch, count - y);
    uint8_t* out = rows + y * width_;
    MULLION_TRY(DecodeSegments(n, out));
    AddPlaneDeltas(first_ ? out + width_ : out, width_, first_ ? n - 1 : n);
    first_ = false;
  }
  return Ok();
}

Status PlanarRleDecoder::DecodeRow(uint8_t* row, uint8_t* deltas) {
  MULLION_TRY(DecodeSegments(1, first_ ? row : deltas));
  if (!first_ && !input_.row_was_zero) AddRowDeltas(row, deltas, width_);
  first_ = false;
  return Ok();
}

}  // namespace mullion
