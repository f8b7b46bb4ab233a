// From the coefficients of a RemoteFX tile to pixels: dequantisation, three levels of the inverse
// 5/3 wavelet transform, and the inverse colour transform, written straight to the destination.
//
// Specification: MS-RDPRFX 3.1.8.2.2 to 3.1.8.2.5. Fixed point: 11.5 (the 4.2.4.3 dumps marked so),
// in 16-bit lanes that wrap around. For streams of an encoder nothing wraps; for others the result
// is garbage, but the same garbage in the kernels, in their twins and on every CPU.
//   dequantisation   c << (quantisation value - 1)
//   lifting          even[n] = l[n] - ((h[n-1] + h[n] + 1) >> 1)
//                    odd[n]  = 2 h[n] + ((even[n] + even[n+1]) >> 1), mirrored at both ends;
//                    rows first, then columns, as the dumps in 4.2.4.3 have it
//   colour           with y' = (y + 4096) >> 2 and mulhi(a, b) = a * b >> 16, constants times 2^14:
//                    r = (y' + mulhi(cr, 1.403)) >> 3                           clamped to 0..255
//                    g = (y' - mulhi'(cb, 0.344) - mulhi'(cr, 0.714)) >> 3      (negative
//                    constants) b = (y' + mulhi(cb, 1.770)) >> 3
// This is within 1 of the specification's picture (4.2.4.4), and bit-exact with what FreeRDP's SSE2
// paths draw, so frames of captures can be compared by hash.
//
// Shapes and units: a plane is 4096 coefficients in wire order: HL1 LH1 HH1 (32x32 each), HL2 LH2
// HH2 (16x16), HL3 LH3 HH3 LL3 (8x8), raster order within a band. No alignment is asked for.
// Ownership: borrows. Over-read and over-write: none outside the planes and the 64x64 pixels.
// Threads: pure functions. Errors: none.
#ifndef MULLION_CODECS_SIMD_RFX_TILE_H_
#define MULLION_CODECS_SIMD_RFX_TILE_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/pixel_view.h"

namespace mullion {

inline constexpr int kRfxTilePx = 64;
inline constexpr int kRfxPlaneSize = kRfxTilePx * kRfxTilePx;

// Where each band starts in a plane, in wire order.
inline constexpr int kRfxBandCount = 10;
enum RfxBand : uint8_t { kHl1, kLh1, kHh1, kHl2, kLh2, kHh2, kHl3, kLh3, kHh3, kLl3 };
inline constexpr int kRfxBandStart[kRfxBandCount + 1] = {0,    1024, 2048, 3072, 3328, 3584,
                                                         3840, 3904, 3968, 4032, 4096};

// RLGR's codes, 2 * magnitude - sign, to 4096 coefficients. May be done in place.
void RfxUnfoldCodes(const uint16_t* codes, int16_t* plane);
void RfxUnfoldCodesReference(const uint16_t* codes, int16_t* plane);

// Undoes LL3's differences (3.1.8.2.2) and shifts every band left by its own count, 0..14.
void RfxDequantize(const uint8_t shifts[kRfxBandCount], int16_t* plane);
void RfxDequantizeReference(const uint8_t shifts[kRfxBandCount], int16_t* plane);

// Both at once, in place: 4096 codes become dequantised coefficients.
void RfxDequantizeCodes(const uint8_t shifts[kRfxBandCount], uint16_t* codes_to_plane);

// Three dequantised planes to 64x64 pixels. PRECONDITION: dst is 64x64.
void RfxDrawTile(const int16_t* y, const int16_t* cb, const int16_t* cr, const PixelView& dst);
void RfxDrawTileReference(const int16_t* y, const int16_t* cb, const int16_t* cr,
                          const PixelView& dst);

// The reference's stages, for tests: a dequantised plane to 64x64 samples in raster order, and one
// pixel as 0x00RRGGBB.
void RfxInverseDwtReference(const int16_t* plane, int16_t* samples);
uint32_t RfxPixelReference(int16_t y, int16_t cb, int16_t cr);

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_RFX_TILE_H_
