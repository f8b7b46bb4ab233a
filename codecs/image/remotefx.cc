#include "codecs/image/remotefx.h"

#include "codecs/image/rlgr.h"
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

struct Planes {
  alignas(64) int16_t y[kRfxPlaneSize];
  alignas(64) int16_t cb[kRfxPlaneSize];
  alignas(64) int16_t cr[kRfxPlaneSize];
};

using Rlgr = Status (*)(RfxEntropy, ByteView, int16_t*);
using Dequantize = void (*)(const uint8_t*, int16_t*);
using Draw = void (*)(const int16_t*, const int16_t*, const int16_t*, const PixelView&);

inline Status Decode(RfxEntropy entropy, std::span<const RfxQuant> quants, const RfxTile& tile,
                     const PixelView& dst, Rlgr rlgr, Dequantize dequantize, Draw draw) {
  if (dst.width_px != kRfxTilePx || dst.height_px != kRfxTilePx) {
    return Fail(Err::kInternal, "RemoteFX tile destination");
  }
  if (tile.quant_y >= quants.size() || tile.quant_cb >= quants.size() ||
      tile.quant_cr >= quants.size()) {
    return Fail(Err::kMalformed, "TS_RFX_TILE quantIdx");
  }
  uint8_t shifts[3][kRfxBandCount];
  if (!Shifts(quants[tile.quant_y], shifts[0]) || !Shifts(quants[tile.quant_cb], shifts[1]) ||
      !Shifts(quants[tile.quant_cr], shifts[2])) {
    return Fail(Err::kMalformed, "TS_RFX_CODEC_QUANT value");
  }
  Planes planes;
  MULLION_TRY(rlgr(entropy, tile.y, planes.y));
  MULLION_TRY(rlgr(entropy, tile.cb, planes.cb));
  MULLION_TRY(rlgr(entropy, tile.cr, planes.cr));
  dequantize(shifts[0], planes.y);
  dequantize(shifts[1], planes.cb);
  dequantize(shifts[2], planes.cr);
  draw(planes.y, planes.cb, planes.cr, dst);
  return Ok();
}

}  // namespace

Status DecodeRfxTile(RfxEntropy entropy, std::span<const RfxQuant> quants, const RfxTile& tile,
                     const PixelView& dst) {
  return Decode(entropy, quants, tile, dst, DecodeRlgr, RfxDequantize, RfxDrawTile);
}

Status DecodeRfxTileReference(RfxEntropy entropy, std::span<const RfxQuant> quants,
                              const RfxTile& tile, const PixelView& dst) {
  return Decode(entropy, quants, tile, dst, DecodeRlgrReference, RfxDequantizeReference,
                RfxDrawTileReference);
}

}  // namespace mullion
