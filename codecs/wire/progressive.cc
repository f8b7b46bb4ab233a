#include "codecs/wire/progressive.h"

namespace mullion {
namespace {

// blockType, MS-RDPEGFX 2.2.4.2.1.
enum BlockType : uint16_t {
  kSync = 0xCCC0,
  kFrameBegin = 0xCCC1,
  kFrameEnd = 0xCCC2,
  kContext = 0xCCC3,
  kRegion = 0xCCC4,
  kTileSimple = 0xCCC5,
  kTileFirst = 0xCCC6,
  kTileUpgrade = 0xCCC7,
};

constexpr size_t kBlockHeaderBytes = 6;

// One block of a run of blocks; false at the end of the run and after an error.
bool NextBlock(ByteReader* blocks, uint16_t* type, ByteView* body) {
  if (!blocks->ok() || blocks->remaining() == 0) return false;
  const size_t start = blocks->offset();
  *type = blocks->U16("blockType");
  const uint32_t length = blocks->U32("blockLen");
  if (length < kBlockHeaderBytes) {
    blocks->SetError(Err::kMalformed, "blockLen", start + 2);
    return false;
  }
  *body = blocks->Take(length - kBlockHeaderBytes, "blockData");
  return blocks->ok();
}

// RFX_COMPONENT_CODEC_QUANT: ten nibbles, low ones first, LL3 HL3 LH3 HH3 HL2 ... HH1.
ProgressiveQuant ReadQuant(ByteReader* reader) {
  // Where the wire's n-th band stands among the coefficients.
  static constexpr uint8_t kPlace[kProgressiveBands] = {9, 6, 7, 8, 3, 4, 5, 0, 1, 2};
  ProgressiveQuant quant = {};
  const ByteView bytes = reader->Take(5, "quantVals");
  if (bytes.empty()) return quant;
  for (size_t i = 0; i < kProgressiveBands; ++i) {
    const unsigned both = bytes[i / 2];
    quant[kPlace[i]] = static_cast<uint8_t>(i % 2 == 0 ? both & 15 : both >> 4);
  }
  return quant;
}

void ReadUpgradeData(ByteReader* block, ProgressiveTile* tile) {
  tile->quality = block->U8("progressiveQuality");
  std::array<uint16_t, 6> lengths;
  for (uint16_t& length : lengths) length = block->U16("srlLen");
  for (size_t c = 0; c < 3; ++c) {
    tile->data[c] = block->Take(lengths[2 * c], "srlData");
    tile->raw[c] = block->Take(lengths[2 * c + 1], "rawData");
  }
}

void ReadFirstData(ByteReader* block, ProgressiveTile* tile) {
  tile->difference = (block->U8("flags") & 1) != 0;
  if (tile->kind == ProgressiveKind::kFirst) tile->quality = block->U8("progressiveQuality");
  std::array<uint16_t, 3> lengths;
  for (uint16_t& length : lengths) length = block->U16("yLen");
  (void)block->U16("tailLen");
  for (size_t c = 0; c < 3; ++c) tile->data[c] = block->Take(lengths[c], "yData");
}

Status ParseTile(uint16_t type, ByteView body, const ProgressiveRegion& region,
                 ProgressiveTile* tile) {
  ByteReader block(body);
  tile->kind = type == kTileSimple  ? ProgressiveKind::kSimple
               : type == kTileFirst ? ProgressiveKind::kFirst
                                    : ProgressiveKind::kUpgrade;
  for (uint8_t& index : tile->quant) {
    index = block.U8("quantIdx");
    if (index >= region.quant_count) {
      block.SetError(Err::kMalformed, "quantIdx", block.offset() - 1);
    }
  }
  tile->x_idx = block.U16("xIdx");
  tile->y_idx = block.U16("yIdx");
  if (tile->kind == ProgressiveKind::kUpgrade) {
    ReadUpgradeData(&block, tile);
  } else {
    ReadFirstData(&block, tile);
  }
  if (tile->quality != ProgressiveTile::kFullQuality && tile->quality >= region.quality_count) {
    block.SetError(Err::kMalformed, "progressiveQuality", 0);
  }
  return block.status();
}

Status ParseTiles(ByteView bytes, ProgressiveRegion* region, ProgressiveMessage* out) {
  ByteReader blocks(bytes);
  uint16_t type = 0;
  ByteView body;
  while (NextBlock(&blocks, &type, &body)) {
    if (type < kTileSimple || type > kTileUpgrade) continue;
    ProgressiveTile tile;
    MULLION_TRY(ParseTile(type, body, *region, &tile));
    out->tiles.push_back(tile);
    ++region->tile_count;
  }
  return blocks.status();
}

Status ParseRegion(ByteView body, bool subband_diffing, ProgressiveMessage* out) {
  ByteReader block(body);
  if (block.U8("tileSize") != kProgressiveTilePx) block.SetError(Err::kMalformed, "tileSize", 0);
  const size_t rect_count = block.U16("numRects");
  const size_t quant_count = block.U8("numQuant");
  const size_t quality_count = block.U8("numProgQuant");
  ProgressiveRegion region;
  region.subband_diffing = subband_diffing;
  region.reduce_extrapolate = (block.U8("flags") & 1) != 0;
  (void)block.U16("numTiles");
  const uint32_t tile_bytes = block.U32("tileDataSize");
  if (quant_count > 7) block.SetError(Err::kMalformed, "numQuant", 3);
  region.first_rect = static_cast<uint32_t>(out->rects.size());
  region.first_quant = static_cast<uint32_t>(out->quants.size());
  region.first_quality = static_cast<uint32_t>(out->qualities.size());
  region.first_tile = static_cast<uint32_t>(out->tiles.size());
  for (size_t i = 0; i < rect_count && block.ok(); ++i) {
    Rect rect;
    rect.x = block.U16("rects");
    rect.y = block.U16("rects");
    rect.w = block.U16("rects");
    rect.h = block.U16("rects");
    if (block.ok() && !rect.empty()) {
      out->rects.push_back(rect);
      ++region.rect_count;
    }
  }
  for (size_t i = 0; i < quant_count && block.ok(); ++i) out->quants.push_back(ReadQuant(&block));
  for (size_t i = 0; i < quality_count && block.ok(); ++i) {
    ProgressiveQuality& quality = out->qualities.emplace_back();
    block.Skip(1, "quality");
    for (ProgressiveQuant& bit_pos : quality.bit_pos) bit_pos = ReadQuant(&block);
  }
  const ByteView tiles = block.Take(tile_bytes, "tiles");
  MULLION_TRY(block.status());
  region.quant_count = static_cast<uint32_t>(quant_count);
  region.quality_count = static_cast<uint32_t>(quality_count);
  const Status status = ParseTiles(tiles, &region, out);
  out->regions.push_back(region);  // with the tiles before a bad one
  return status;
}

}  // namespace

Status ParseProgressive(ByteView stream, ProgressiveContext* context, ProgressiveMessage* out) {
  out->regions.clear();
  out->rects.clear();
  out->quants.clear();
  out->qualities.clear();
  out->tiles.clear();
  ByteReader blocks(stream);
  bool in_frame = false;
  uint16_t type = 0;
  ByteView body;
  while (NextBlock(&blocks, &type, &body)) {
    switch (type) {
      case kFrameBegin:
        in_frame = true;
        break;
      case kFrameEnd:
        in_frame = false;
        break;
      case kContext: {
        ByteReader block(body);
        block.Skip(1, "ctxId");
        if (block.U16("tileSize") != kProgressiveTilePx) {
          block.SetError(Err::kMalformed, "tileSize", 1);
        }
        const uint8_t flags = block.U8("flags");
        MULLION_TRY(block.status());
        context->subband_diffing = (flags & 1) != 0;
        break;
      }
      case kRegion:
        if (in_frame) MULLION_TRY(ParseRegion(body, context->subband_diffing, out));
        break;
      default:
        break;  // SYNC, and what no specification names
    }
  }
  return blocks.status();
}

}  // namespace mullion
