#include "codecs/image/remotefx.h"

#include <cstring>

#include "codecs/image/flat_tile.h"
#include "codecs/image/rlgr.h"
#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {
namespace {

// TS_RFX_CODEC_QUANT has its bands in another order than the coefficients (2.2.2.1.5, 3.1.8.1.6).
constexpr uint8_t kQuantOfBand[kRfxBandCount] = {8, 7, 9, 5, 4, 6, 2, 1, 3, 0};

// The shifts of a component's bands. The specification allows 6 to 15; peers draw from 1 on, where
// the shift is 0, and so do we.
bool Shifts(const RfxQuant& quant, uint8_t* shifts) {
  for (int band = 0; band < kRfxBandCount; ++band) {
    const uint8_t value = quant[kQuantOfBand[band]];
    if (value == 0 || value > 15) return false;
    shifts[band] = static_cast<uint8_t>(value - 1);
  }
  return true;
}

// What both entry points check before any work: 0 .. 14 for each band of each component.
struct TileShifts {
  uint8_t y[kRfxBandCount], cb[kRfxBandCount], cr[kRfxBandCount];
};
Status Prepare(std::span<const RfxQuant> quants, const RfxTile& tile, const PixelView& dst,
               TileShifts* shifts) {
  if (dst.width_px != kRfxTilePx || dst.height_px != kRfxTilePx) {
    return Fail(Err::kInternal, "RemoteFX tile destination");
  }
  if (tile.quant_y >= quants.size() || tile.quant_cb >= quants.size() ||
      tile.quant_cr >= quants.size()) {
    return Fail(Err::kMalformed, "TS_RFX_TILE quantIdx");
  }
  if (!Shifts(quants[tile.quant_y], shifts->y) || !Shifts(quants[tile.quant_cb], shifts->cb) ||
      !Shifts(quants[tile.quant_cr], shifts->cr)) {
    return Fail(Err::kMalformed, "TS_RFX_CODEC_QUANT value");
  }
  return Ok();
}

// Draws a tile of one colour; false if it is none, and then nothing was done.
bool DrawFlat(const uint16_t (*codes)[kRfxPlaneSize], const TileShifts& shifts,
              const PixelView& dst) {
  constexpr int kDc = kRfxBandStart[kLl3];
  const uint8_t* const plane_shifts[3] = {shifts.y, shifts.cb, shifts.cr};
  int16_t samples[3];
  for (int c = 0; c < 3; ++c) {
    if (!HasOnlyDc(codes[c], kDc)) return false;
    const unsigned code = codes[c][kDc];
    const unsigned value = (code >> 1) ^ (0u - (code & 1));
    samples[c] = static_cast<int16_t>(static_cast<uint16_t>(value << plane_shifts[c][kLl3]));
    if (!StaysFlat(samples[c])) return false;
  }
  FillTile(samples[0], samples[1], samples[2], dst);
  return true;
}

}  // namespace

Status DecodeRfxTile(RfxEntropy entropy, std::span<const RfxQuant> quants, const RfxTile& tile,
                     const PixelView& dst) {
  TileShifts shifts;
  MULLION_TRY(Prepare(quants, tile, dst, &shifts));
  // The rows to write arrive in the second-level cache while the entropy decoder works. (The first
  // level has no room for them beside the planes.)
  PrefetchRows(dst, 0, 1);
  // RLGR's codes become coefficients in place.
  alignas(64) uint16_t codes[3][kRfxPlaneSize];
  size_t size = sizeof(codes);
#ifdef __GNUC__
  asm(""
      : "+r"(size));  // else g++ clears with rep stos, which takes twice as long as libc's memset
#endif
  std::memset(codes, 0, size);
  MULLION_TRY(DecodeRlgrTile(entropy, {tile.y, tile.cb, tile.cr}, {codes[0], codes[1], codes[2]}));
  if (DrawFlat(codes, shifts, dst)) return Ok();
  RfxDequantizeCodes(shifts.y, codes[0]);
  RfxDequantizeCodes(shifts.cb, codes[1]);
  RfxDequantizeCodes(shifts.cr, codes[2]);
  // int16_t is the signed counterpart of uint16_t: reading one as the other is defined.
  RfxDrawTile(reinterpret_cast<const int16_t*>(codes[0]),
              reinterpret_cast<const int16_t*>(codes[1]),
              reinterpret_cast<const int16_t*>(codes[2]), dst);
  return Ok();
}

Status DecodeRfxTileReference(RfxEntropy entropy, std::span<const RfxQuant> quants,
                              const RfxTile& tile, const PixelView& dst) {
  TileShifts shifts;
  MULLION_TRY(Prepare(quants, tile, dst, &shifts));
  int16_t planes[3][kRfxPlaneSize];
  MULLION_TRY(DecodeRlgrReference(entropy, tile.y, planes[0]));
  MULLION_TRY(DecodeRlgrReference(entropy, tile.cb, planes[1]));
  MULLION_TRY(DecodeRlgrReference(entropy, tile.cr, planes[2]));
  RfxDequantizeReference(shifts.y, planes[0]);
  RfxDequantizeReference(shifts.cb, planes[1]);
  RfxDequantizeReference(shifts.cr, planes[2]);
  RfxDrawTileReference(planes[0], planes[1], planes[2], dst);
  return Ok();
}

}  // namespace mullion
