// What a Progressive tile keeps between its passes (MS-RDPEGFX calls it DecDwtQ, Sign and BitPos):
// spread out while a pass works on it, packed into few bytes in between.
//
// Packed: bit positions and flags; for a tile of one colour its three coefficients, else three
// sparse planes (codecs/simd/sparse_plane.h), and three more of signs while a difference tile is
// refined. That is this process's own format: what is unpacked is trusted.
// Ownership: borrows. Over-write: none. Over-read: UnpackProgressiveState may read, and ignores,
// kSparsePlaneMargin bytes behind the packed state.
// Threads: pure functions. Errors: none.
#ifndef MULLION_CODECS_IMAGE_PROGRESSIVE_STATE_H_
#define MULLION_CODECS_IMAGE_PROGRESSIVE_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/simd/sparse_plane.h"
#include "codecs/wire/progressive.h"

namespace mullion {

struct ProgressiveTileState {
  struct Plane {
    int16_t before_first[32];  // ProgressiveDrawTile reads the one before a plane
    int16_t coefficients[kRfxPlaneSize];

    // int16_t is the signed counterpart of uint16_t: using one as the other is defined.
    uint16_t* codes() { return reinterpret_cast<uint16_t*>(coefficients); }
  };

  // All else is the pass's to fill in.
  ProgressiveTileState() {
    for (Plane& plane : planes) plane.before_first[31] = 0;
  }

  alignas(64) Plane planes[3];
  std::array<ProgressiveQuant, 3> bit_pos;  // low bits that are still missing
  bool reduce_extrapolate;
  bool only_dc;             // no coefficient but LL3 is other than zero, and LL3's are all the same
  bool difference = false;  // the last first pass was a difference's, and bits of it are missing
  int8_t signs[3][kRfxPlaneSize];  // while `difference`: -1, 0 or 1, of what came since that pass
};

// Room for any. A third of it is for signs, which hardly a tile has.
struct PackedProgressiveState {
  static constexpr size_t kHeadBytes = 40;
  static constexpr size_t kMaxSigns = 16 + kSparsePlaneWords * 8 + kRfxPlaneSize;
  uint8_t bytes[kHeadBytes + 3 * kMaxSparsePlane + 3 * kMaxSigns + kSparsePlaneMargin];
};

// Returns how many bytes the state takes.
size_t PackProgressiveState(const ProgressiveTileState& state, PackedProgressiveState* packed);
void UnpackProgressiveState(const uint8_t* packed, ProgressiveTileState* state);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PROGRESSIVE_STATE_H_
