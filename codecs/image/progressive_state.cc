#include "codecs/image/progressive_state.h"

#include <algorithm>
#include <cstring>

#include "codecs/simd/progressive_tile.h"

namespace mullion {
namespace {

struct Head {
  std::array<ProgressiveQuant, 3> bit_pos;
  bool reduce_extrapolate, only_dc, difference;
  int16_t dc[3];  // only_dc
};
static_assert(sizeof(Head) <= PackedProgressiveState::kHeadBytes);
constexpr size_t kHeadBytes = PackedProgressiveState::kHeadBytes;

}  // namespace

size_t PackProgressiveState(const ProgressiveTileState& state, PackedProgressiveState* packed) {
  Head head = {state.bit_pos, state.reduce_extrapolate, state.only_dc, state.difference, {0, 0, 0}};
  uint8_t* out = packed->bytes + kHeadBytes;
  if (state.only_dc) {
    for (size_t c = 0; c < 3; ++c) head.dc[c] = state.planes[c].coefficients[kRfxPlaneSize - 1];
  } else {
    for (const auto& plane : state.planes) out += PackSparsePlane(plane.coefficients, out);
  }
  if (state.difference) {
    for (const auto& signs : state.signs) {
      int16_t plane[kRfxPlaneSize];
      std::copy(signs, signs + kRfxPlaneSize, plane);
      out += PackSparsePlane(plane, out);
    }
  }
  std::memcpy(packed->bytes, &head, sizeof(head));
  return static_cast<size_t>(out - packed->bytes);
}

void UnpackProgressiveState(const uint8_t* packed, ProgressiveTileState* state) {
  Head head;
  std::memcpy(&head, packed, sizeof(head));
  packed += kHeadBytes;
  state->bit_pos = head.bit_pos;
  state->reduce_extrapolate = head.reduce_extrapolate;
  state->only_dc = head.only_dc;
  state->difference = head.difference;
  if (head.only_dc) {
    const int first = ProgressiveBandStart(head.reduce_extrapolate)[kLl3];
    for (size_t c = 0; c < 3; ++c) {
      int16_t* const plane = state->planes[c].coefficients;
      std::fill(plane, plane + first, int16_t{0});
      std::fill(plane + first, plane + kRfxPlaneSize, head.dc[c]);
    }
  } else {
    for (auto& plane : state->planes) packed += UnpackSparsePlane(packed, plane.coefficients);
  }
  if (head.difference) {
    for (auto& signs : state->signs) {
      int16_t plane[kRfxPlaneSize];
      packed += UnpackSparsePlane(packed, plane);
      std::transform(plane, plane + kRfxPlaneSize, signs,
                     [](int16_t sign) { return static_cast<int8_t>(sign); });
    }
  }
}

}  // namespace mullion
