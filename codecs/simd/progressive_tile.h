// From the stored coefficients of a Progressive tile to pixels, for the reduce-extrapolate variant
// of the wavelet transform; and what both variants need around it. The plain variant draws with
// RfxDrawTile (rfx_tile.h).
//
// Specification: MS-RDPEGFX 3.2.8.1.2.2 (bands), 3.3.8.2.2 (inverse); lifting as in rfx_tile.h,
// which MS-RDPEGFX refers to. Where the low half of a line has one sample more than the high half
// (levels 3 and 2), the signal is mirrored at both ends; level 1 has 33 low and 31 high samples,
// goes on with high samples of zero, and drops its 65th output.
// Arithmetic: 11.5 fixed point in 16-bit lanes that wrap around, as in rfx_tile.h. FreeRDP rounds
// the halves of this variant towards zero and not down: pixels differ by at most 1 or 2. Averages
// of even outputs do not wrap: what extrapolation adds behind the last row and column reaches far.
//
// Shapes and units: a plane is 4096 coefficients, band after band, raster order within a band:
//   plain               HL1 LH1 HH1 (32x32), HL2 LH2 HH2 (16x16), HL3 LH3 HH3 LL3 (8x8)
//   reduce-extrapolate  HL1 31x33, LH1 33x31, HH1 31x31, HL2 16x17, LH2 17x16, HH2 16x16,
//                       HL3 8x9, LH3 9x8, HH3 8x8, LL3 9x9 (width x height)
// Ownership: borrows. Over-read: ProgressiveDrawTile reads, and ignores, the coefficient before
// each plane. Over-write: none.
// Threads: pure functions. Errors: none.
#ifndef MULLION_CODECS_SIMD_PROGRESSIVE_TILE_H_
#define MULLION_CODECS_SIMD_PROGRESSIVE_TILE_H_

#include <cstdint>

#include "codecs/base/pixel_view.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {

// As kRfxBandStart, for the reduce-extrapolate variant.
inline constexpr int kExtrapolateBandStart[kRfxBandCount + 1] = {0,    1023, 2046, 3007, 3279, 3551,
                                                                 3807, 3879, 3951, 4015, 4096};
inline const int* ProgressiveBandStart(bool reduce_extrapolate) {
  return reduce_extrapolate ? kExtrapolateBandStart : kRfxBandStart;
}

// RLGR's codes (rlgr.h) become coefficients, LL3's differences are summed up, and every band is
// shifted left by its own count, 0..15. PRECONDITION: `codes` and `plane` do not overlap.
void ProgressiveUnfold(const int* band_start, const uint8_t shifts[kRfxBandCount],
                       const uint16_t* codes, uint16_t* plane);
void ProgressiveUnfoldReference(const int* band_start, const uint8_t shifts[kRfxBandCount],
                                uint16_t* codes_to_plane);

// Every band shifted left by its own count, 0..14, to another plane.
void ProgressiveDequantize(const int* band_start, const uint8_t shifts[kRfxBandCount],
                           const int16_t* plane, int16_t* out);
void ProgressiveDequantizeReference(const int* band_start, const uint8_t shifts[kRfxBandCount],
                                    const int16_t* plane, int16_t* out);

// Bit i % 64 of mask[i / 64] says that plane[i] is not zero.
void ProgressiveSignificance(const int16_t* plane, uint64_t mask[kRfxPlaneSize / 64]);
void ProgressiveSignificanceReference(const int16_t* plane, uint64_t mask[kRfxPlaneSize / 64]);

// Three planes of the reduce-extrapolate variant, not yet dequantised (shifts: 0..14 for each band
// of each plane), to 64x64 pixels. PRECONDITION: dst is 64x64.
struct ProgressivePlanes {
  const int16_t* plane[3];
  const uint8_t* shifts[3];
};
void ProgressiveDrawTile(const ProgressivePlanes& planes, const PixelView& dst);
void ProgressiveDrawTileReference(const ProgressivePlanes& planes, const PixelView& dst);

// The reference's wavelet stage: a dequantised plane to 64x64 samples in raster order.
void ProgressiveInverseDwtReference(const int16_t* plane, int16_t* samples);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_PROGRESSIVE_TILE_H_
