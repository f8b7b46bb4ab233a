// Decodes one RemoteFX tile: entropy decoding, dequantisation, inverse wavelet and colour
// transform.
//
// Specification: MS-RDPRFX 3.1.8.2. Shapes: 64x64 pixels, X = 0xFF. Arithmetic: see
// codecs/simd/rfx_tile.h; RLGR and the end of its data: see codecs/image/rlgr.h.
// Ownership: borrows all; keeps no state. Working set: 34 KiB on the stack, no allocation.
// Over-read, over-write: none outside the three components and the 64x64 pixels.
// Threads: pure, any number of tiles at a time.
// Errors: kTruncated (an empty component), kMalformed (RLGR code of more than 16 bits, quantisation
// value 0 or index outside `quants`), kInternal (dst is not 64x64).
// INVARIANT: after a failure nothing has been written to dst.
#ifndef MULLION_CODECS_IMAGE_REMOTEFX_H_
#define MULLION_CODECS_IMAGE_REMOTEFX_H_

#include <span>

#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/wire/rfx.h"

namespace mullion {

// `entropy` and `quants` are those of the tile's set: message.Quants(set).
Status DecodeRfxTile(RfxEntropy entropy, std::span<const RfxQuant> quants, const RfxTile& tile,
                     const PixelView& dst);

// The same through the plain twins of every stage. For tests.
Status DecodeRfxTileReference(RfxEntropy entropy, std::span<const RfxQuant> quants,
                              const RfxTile& tile, const PixelView& dst);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_REMOTEFX_H_
