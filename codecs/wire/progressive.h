// RemoteFX Progressive streams: what WIRE_TO_SURFACE_PDU_2 carries, parsed into regions, tables and
// tiles.
//
// Specification: MS-RDPEGFX 2.2.4.2.
// Shapes and units: rectangles in pixels and tile indices in 64-pixel tiles, both relative to the
// surface. Tables are reordered from the wire's order (LL3 first) to that of the coefficients:
// HL1 LH1 HH1 HL2 LH2 HH2 HL3 LH3 HH3 LL3.
// Ownership: the tiles' views borrow `stream`; ProgressiveMessage owns the rest and keeps its
// capacity when it is used again. Memory is bounded by the stream: at most 8 bytes are stored per
// byte read. Threads: a message is filled by one thread, then read by any number.
// Errors: kTruncated (a length does not fit), kMalformed (a fixed field has another value, an index
// points outside of its table). What was parsed before stands in `out`.
//
// Where this is laxer than the letter of the specification: blocks of unknown types, repeated SYNC
// and FRAME_END blocks, regions without rectangles, a wrong numTiles or regionCount, and bytes
// behind a tile's or region's last field are ignored. Regions outside of a frame are ignored
// because the specification says so.
#ifndef MULLION_CODECS_WIRE_PROGRESSIVE_H_
#define MULLION_CODECS_WIRE_PROGRESSIVE_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr int kProgressiveTilePx = 64;
inline constexpr int kProgressiveBands = 10;

// One value of 0..15 per band, in the order of the coefficients.
using ProgressiveQuant = std::array<uint8_t, kProgressiveBands>;

// RFX_PROGRESSIVE_CODEC_QUANT: how many low bits of each band are still missing, for Y, Cb, Cr.
struct ProgressiveQuality {
  std::array<ProgressiveQuant, 3> bit_pos = {};
};

enum class ProgressiveKind : uint8_t { kSimple, kFirst, kUpgrade };

struct ProgressiveTile {
  // The quality index that stands for "all bits".
  static constexpr uint8_t kFullQuality = 0xFF;

  ProgressiveKind kind = ProgressiveKind::kSimple;
  bool difference = false;  // RFX_TILE_DIFFERENCE; never for an upgrade
  uint16_t x_idx = 0, y_idx = 0;
  // INVARIANT: each is smaller than the region's quant_count.
  std::array<uint8_t, 3> quant = {};
  // INVARIANT: kFullQuality (always for kSimple), or smaller than the region's quality_count.
  uint8_t quality = kFullQuality;
  std::array<ByteView, 3> data;  // RLGR1 (kSimple, kFirst) or SRL (kUpgrade) of Y, Cb, Cr
  std::array<ByteView, 3> raw;   // kUpgrade only
};

// One RFX_PROGRESSIVE_REGION as ranges of ProgressiveMessage's lists.
struct ProgressiveRegion {
  bool reduce_extrapolate = false;  // the variant of the wavelet transform
  bool subband_diffing = false;     // of the context: difference tiles may come
  uint32_t first_rect = 0, rect_count = 0;
  uint32_t first_quant = 0, quant_count = 0;
  uint32_t first_quality = 0, quality_count = 0;
  uint32_t first_tile = 0, tile_count = 0;
};

// Regions may share tiles: draw every tile clipped to the union of the rectangles of all regions.
struct ProgressiveMessage {
  std::vector<ProgressiveRegion> regions;
  std::vector<Rect> rects;  // INVARIANT: none is empty
  std::vector<ProgressiveQuant> quants;
  std::vector<ProgressiveQuality> qualities;
  std::vector<ProgressiveTile> tiles;

  std::span<const ProgressiveTile> Tiles(const ProgressiveRegion& region) const {
    return {tiles.data() + region.first_tile, region.tile_count};
  }
  const ProgressiveQuant& Quant(const ProgressiveRegion& region, uint8_t index) const {
    return quants[region.first_quant + index];
  }
  // The all-zero table for kFullQuality.
  const ProgressiveQuality& Quality(const ProgressiveRegion& region, uint8_t index) const {
    static constexpr ProgressiveQuality kFull;
    return index == ProgressiveTile::kFullQuality ? kFull : qualities[region.first_quality + index];
  }
};

// The state of one codec context between its streams: CONTEXT blocks are optional.
struct ProgressiveContext {
  bool subband_diffing = true;  // until a CONTEXT block says otherwise
};

Status ParseProgressive(ByteView stream, ProgressiveContext* context, ProgressiveMessage* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_PROGRESSIVE_H_
