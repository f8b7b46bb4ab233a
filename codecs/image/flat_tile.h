// Tiles of one colour, which RemoteFX and Progressive send for blank parts of a screen (a quarter
// of an office page): their components have no coefficient but LL3's first, and no transform is
// needed to see what comes out.
//
// Specification: what codecs/simd/rfx_tile.h says, applied to such planes: without high samples a
// level of lifting repeats its low samples, unless twice a sample wraps around.
// Ownership: borrows. Over-read, over-write: none. Threads: pure functions. Errors: none.
#ifndef MULLION_CODECS_IMAGE_FLAT_TILE_H_
#define MULLION_CODECS_IMAGE_FLAT_TILE_H_

#include <cstring>

#include "codecs/base/pixel_view.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {

// Stops at the first that is not, which planes of pictures have at once.
template <class T>
bool AllZero(const T* first, const T* end) {
  constexpr int kStep = 32;
  for (; end - first >= kStep; first += kStep) {
    int any = 0;
    for (int i = 0; i < kStep; ++i) any |= first[i];
    if (any != 0) return false;
  }
  int any = 0;
  for (; first < end; ++first) any |= *first;
  return any == 0;
}

// Whether a plane has no code but the one at `dc_index`.
inline bool HasOnlyDc(const uint16_t* codes, int dc_index) {
  return AllZero(codes, codes + dc_index) && AllZero(codes + dc_index + 1, codes + kRfxPlaneSize);
}

// Whether a plane of this one sample, dequantised, has it everywhere.
inline bool StaysFlat(int16_t sample) { return sample >= -0x4000 && sample < 0x4000; }

// PRECONDITION: dst is 64x64, and the three samples stay flat.
inline void FillTile(int16_t y, int16_t cb, int16_t cr, const PixelView& dst) {
  const uint32_t rgb = RfxPixelReference(y, cb, cr);
  const bool bgr = dst.format == PixelFormat::kBgrx32;
  const uint8_t pixel[4] = {static_cast<uint8_t>(bgr ? rgb : rgb >> 16),
                            static_cast<uint8_t>(rgb >> 8),
                            static_cast<uint8_t>(bgr ? rgb >> 16 : rgb), 0xFF};
  uint8_t line[kRfxTilePx * 4];
  for (size_t i = 0; i < sizeof(line); i += 4) std::memcpy(line + i, pixel, 4);
  for (int32_t row = 0; row < kRfxTilePx; ++row) std::memcpy(dst.row(row), line, sizeof(line));
}

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_FLAT_TILE_H_
