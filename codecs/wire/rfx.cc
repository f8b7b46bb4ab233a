#include "codecs/wire/rfx.h"

namespace mullion {
namespace {

constexpr uint16_t kWbtSync = 0xCCC0;
constexpr uint16_t kWbtCodecVersions = 0xCCC1;
constexpr uint16_t kWbtChannels = 0xCCC2;
constexpr uint16_t kWbtContext = 0xCCC3;
constexpr uint16_t kWbtFrameBegin = 0xCCC4;
constexpr uint16_t kWbtFrameEnd = 0xCCC5;
constexpr uint16_t kWbtRegion = 0xCCC6;
constexpr uint16_t kWbtExtension = 0xCCC7;
constexpr uint16_t kCbtRegion = 0xCAC1;
constexpr uint16_t kCbtTileSet = 0xCAC2;
constexpr uint16_t kCbtTile = 0xCAC3;

constexpr size_t kBlockHeaderSize = 6;
constexpr uint16_t kVersion10 = 0x0100;

// A field of which the specification allows one value only.
void Require(ByteReader& block, bool valid, const char* field, size_t size) {
  if (!valid) block.SetError(Err::kMalformed, field, block.offset() - size);
}

bool IsEntropy(unsigned value) {
  return value == static_cast<unsigned>(RfxEntropy::kRlgr1) ||
         value == static_cast<unsigned>(RfxEntropy::kRlgr3);
}

// Sub-offsets of nested readers count from the message's first byte.
Status Shift(Status status, size_t base) {
  if (!status.ok()) status.offset += static_cast<uint32_t>(base);
  return status;
}

}  // namespace

Status RfxParser::Parse(ByteView message, RfxMessage* out) {
  out->tile_sets.clear();
  out->rects.clear();
  out->quants.clear();
  out->tiles.clear();

  ByteReader reader(message);
  while (reader.remaining() >= kBlockHeaderSize) {
    const uint16_t type = reader.U16("TS_RFX_BLOCKT blockType");
    const uint32_t length = reader.U32("TS_RFX_BLOCKT blockLen");
    if (length < kBlockHeaderSize) {
      return Fail(Err::kMalformed, "TS_RFX_BLOCKT blockLen", reader.offset() - 4);
    }
    const size_t base = reader.offset();
    ByteReader block(reader.Take(length - kBlockHeaderSize, "TS_RFX_BLOCKT blockLen"));
    MULLION_TRY(reader.status());
    ParseBlock(type, block, out);
    if (!block.ok()) {
      expect_ = Expect::kFrameBegin;
      return Shift(block.status(), base);
    }
  }
  return Ok();
}

void RfxParser::ParseBlock(uint16_t type, ByteReader& block, RfxMessage* out) {
  if (type >= kWbtContext && type <= kWbtExtension) {
    const uint8_t codec_id = block.U8("TS_RFX_CODEC_CHANNELT codecId");
    Require(block, codec_id == 1, "TS_RFX_CODEC_CHANNELT codecId", 1);
    const uint8_t channel_id = block.U8("TS_RFX_CODEC_CHANNELT channelId");
    Require(block, channel_id == (type == kWbtContext ? 0xFF : 0x00),
            "TS_RFX_CODEC_CHANNELT channelId", 1);
  }
  if (type > kWbtContext && headers_ != kAll) {
    block.SetError(Err::kState, "TS_RFX_FRAME_BEGIN before the header messages", 0);
  }
  if (!block.ok()) return;
  switch (type) {
    case kWbtSync:
      return ParseSync(block);
    case kWbtCodecVersions:
      return ParseVersions(block);
    case kWbtChannels:
      return ParseChannels(block);
    case kWbtContext:
      return ParseContext(block);
    case kWbtFrameBegin:
      return ParseFrameBegin(block);
    case kWbtRegion:
      return ParseRegion(block);
    case kWbtExtension:
      return ParseTileSet(block, out);
    case kWbtFrameEnd:
      if (expect_ != Expect::kRegionOrFrameEnd) {
        block.SetError(Err::kState, "TS_RFX_FRAME_END out of order", 0);
      }
      expect_ = Expect::kFrameBegin;
      return;
    default:
      block.SetError(Err::kMalformed, "TS_RFX_BLOCKT blockType", 0);
  }
}

// 2.2.2.2.1. A bad header leaves the stream without that header, so its frames are refused.
void RfxParser::ParseSync(ByteReader& block) {
  headers_ &= static_cast<uint8_t>(~kSync);
  const uint32_t magic = block.U32("TS_RFX_SYNC magic");
  Require(block, magic == 0xCACCACCA, "TS_RFX_SYNC magic", 4);
  const uint16_t version = block.U16("TS_RFX_SYNC version");
  Require(block, version == kVersion10, "TS_RFX_SYNC version", 2);
  if (block.ok()) headers_ |= kSync;
}

// 2.2.2.2.2
void RfxParser::ParseVersions(ByteReader& block) {
  headers_ &= static_cast<uint8_t>(~kVersions);
  const uint8_t count = block.U8("TS_RFX_CODEC_VERSIONS numCodecs");
  Require(block, count == 1, "TS_RFX_CODEC_VERSIONS numCodecs", 1);
  const uint8_t codec_id = block.U8("TS_RFX_CODEC_VERSIONT codecId");
  Require(block, codec_id == 1, "TS_RFX_CODEC_VERSIONT codecId", 1);
  const uint16_t version = block.U16("TS_RFX_CODEC_VERSIONT version");
  Require(block, version == kVersion10, "TS_RFX_CODEC_VERSIONT version", 2);
  if (block.ok()) headers_ |= kVersions;
}

// 2.2.2.2.3. Only the first channel is ever drawn to.
void RfxParser::ParseChannels(ByteReader& block) {
  headers_ &= static_cast<uint8_t>(~kChannels);
  const uint8_t count = block.U8("TS_RFX_CHANNELS numChannels");
  Require(block, count >= 1, "TS_RFX_CHANNELS numChannels", 1);
  const uint8_t id = block.U8("TS_RFX_CHANNELT channelId");
  Require(block, id == 0, "TS_RFX_CHANNELT channelId", 1);
  const uint16_t width = block.U16("TS_RFX_CHANNELT width");
  Require(block, width != 0, "TS_RFX_CHANNELT width", 2);
  const uint16_t height = block.U16("TS_RFX_CHANNELT height");
  Require(block, height != 0, "TS_RFX_CHANNELT height", 2);
  if (block.ok()) block.Skip(size_t{5} * (count - 1u), "TS_RFX_CHANNELS channels");
  if (!block.ok()) return;
  channel_width_ = width;
  channel_height_ = height;
  headers_ |= kChannels;
}

// 2.2.2.2.4. Of `properties` only the mode and the entropy coder matter to a decoder.
void RfxParser::ParseContext(ByteReader& block) {
  headers_ &= static_cast<uint8_t>(~kContext);
  block.Skip(1, "TS_RFX_CONTEXT ctxId");
  const uint16_t tile_size = block.U16("TS_RFX_CONTEXT tileSize");
  Require(block, tile_size == 64, "TS_RFX_CONTEXT tileSize", 2);
  const uint16_t properties = block.U16("TS_RFX_CONTEXT properties");
  const unsigned entropy = properties >> 9 & 0xF;
  if (!IsEntropy(entropy)) {
    block.SetError(Err::kUnsupported, "TS_RFX_CONTEXT et", block.offset() - 2);
  }
  if (!block.ok()) return;
  image_mode_ = (properties & 0x2) != 0;
  context_entropy_ = static_cast<RfxEntropy>(entropy);
  headers_ |= kContext;
}

// 2.2.2.3.1. numRegions is ignored: FRAME_END tells where the regions end.
void RfxParser::ParseFrameBegin(ByteReader& block) {
  frame_idx_ = block.U32("TS_RFX_FRAME_BEGIN frameIdx");
  block.Skip(2, "TS_RFX_FRAME_BEGIN numRegions");
  expect_ = Expect::kRegion;
}

// 2.2.2.3.3
void RfxParser::ParseRegion(ByteReader& block) {
  if (expect_ != Expect::kRegion && expect_ != Expect::kRegionOrFrameEnd) {
    return block.SetError(Err::kState, "TS_RFX_REGION out of order", 0);
  }
  block.Skip(1, "TS_RFX_REGION regionFlags");
  const uint16_t count = block.U16("TS_RFX_REGION numRects");
  region_.clear();
  if (size_t{count} * 8 > block.remaining()) {
    return block.SetError(Err::kTruncated, "TS_RFX_REGION rects", block.offset());
  }
  for (unsigned i = 0; i < count; ++i) {
    Rect rect;
    rect.x = block.U16("TS_RFX_RECT x");
    rect.y = block.U16("TS_RFX_RECT y");
    rect.w = block.U16("TS_RFX_RECT width");
    rect.h = block.U16("TS_RFX_RECT height");
    region_.push_back(rect);
  }
  expect_ = Expect::kTileSet;
  if (count == 0) {  // the whole channel; peers do not look at the two fields behind it
    region_.push_back({0, 0, channel_width_, channel_height_});
    return;
  }
  const uint16_t type = block.U16("TS_RFX_REGION regionType");
  Require(block, type == kCbtRegion, "TS_RFX_REGION regionType", 2);
  const uint16_t tile_sets = block.U16("TS_RFX_REGION numTilesets");
  Require(block, tile_sets == 1, "TS_RFX_REGION numTilesets", 2);
}

// 2.2.2.3.4. tilesDataSize must fit; the tiles are bounded by the block, as peers do it.
void RfxParser::ParseTileSet(ByteReader& block, RfxMessage* out) {
  if (expect_ != Expect::kTileSet) {
    return block.SetError(Err::kState, "TS_RFX_TILESET out of order", 0);
  }
  const uint16_t subtype = block.U16("TS_RFX_TILESET subtype");
  Require(block, subtype == kCbtTileSet, "TS_RFX_TILESET subtype", 2);
  block.Skip(2, "TS_RFX_TILESET idx");
  const uint16_t properties = block.U16("TS_RFX_TILESET properties");
  const uint8_t quant_count = block.U8("TS_RFX_TILESET numQuant");
  block.Skip(1, "TS_RFX_TILESET tileSize");
  const uint16_t tile_count = block.U16("TS_RFX_TILESET numTiles");
  expect_ = Expect::kRegionOrFrameEnd;
  if (!block.ok() || tile_count == 0) return;
  const size_t data_size_offset = block.offset();
  const uint32_t data_size = block.U32("TS_RFX_TILESET tilesDataSize");

  RfxTileSet set;
  // 2.2.2.2.4: the tile set's own entropy field decides, not the context's.
  const unsigned entropy = properties >> 10 & 0xF;
  set.entropy = IsEntropy(entropy) ? static_cast<RfxEntropy>(entropy) : context_entropy_;
  set.frame_idx = frame_idx_;
  set.first_rect = static_cast<uint32_t>(out->rects.size());
  set.rect_count = static_cast<uint32_t>(region_.size());
  set.first_quant = static_cast<uint32_t>(out->quants.size());
  set.quant_count = quant_count;
  set.first_tile = static_cast<uint32_t>(out->tiles.size());

  const ByteView quants = block.Take(size_t{quant_count} * 5, "TS_RFX_TILESET quantVals");
  if (data_size > block.remaining()) {
    block.SetError(Err::kTruncated, "TS_RFX_TILESET tilesDataSize", data_size_offset);
  }
  if (!block.ok()) return;
  for (size_t i = 0; i < quant_count; ++i) {
    RfxQuant quant;
    for (size_t j = 0; j < 5; ++j) {
      quant[2 * j] = quants[5 * i + j] & 0xF;
      quant[2 * j + 1] = quants[5 * i + j] >> 4;
    }
    out->quants.push_back(quant);
  }

  for (unsigned i = 0; i < tile_count; ++i) {
    const uint16_t type = block.U16("TS_RFX_TILE blockType");
    Require(block, type == kCbtTile, "TS_RFX_TILE blockType", 2);
    const uint32_t length = block.U32("TS_RFX_TILE blockLen");
    Require(block, length >= kBlockHeaderSize, "TS_RFX_TILE blockLen", 4);
    if (!block.ok()) break;
    const size_t base = block.offset();
    ByteReader body(block.Take(length - kBlockHeaderSize, "TS_RFX_TILE blockLen"));
    if (!block.ok()) break;
    RfxTile tile;
    tile.quant_y = body.U8("TS_RFX_TILE quantIdxY");
    tile.quant_cb = body.U8("TS_RFX_TILE quantIdxCb");
    tile.quant_cr = body.U8("TS_RFX_TILE quantIdxCr");
    if (tile.quant_y >= quant_count) {
      body.SetError(Err::kMalformed, "TS_RFX_TILE quantIdxY", 0);
    } else if (tile.quant_cb >= quant_count) {
      body.SetError(Err::kMalformed, "TS_RFX_TILE quantIdxCb", 1);
    } else if (tile.quant_cr >= quant_count) {
      body.SetError(Err::kMalformed, "TS_RFX_TILE quantIdxCr", 2);
    }
    tile.x_idx = body.U16("TS_RFX_TILE xIdx");
    tile.y_idx = body.U16("TS_RFX_TILE yIdx");
    const uint16_t y_size = body.U16("TS_RFX_TILE YLen");
    const uint16_t cb_size = body.U16("TS_RFX_TILE CbLen");
    const uint16_t cr_size = body.U16("TS_RFX_TILE CrLen");
    tile.y = body.Take(y_size, "TS_RFX_TILE YData");
    tile.cb = body.Take(cb_size, "TS_RFX_TILE CbData");
    tile.cr = body.Take(cr_size, "TS_RFX_TILE CrData");
    if (!body.ok()) {
      block.SetError(body.status().err, body.status().field, base + body.status().offset);
      break;
    }
    out->tiles.push_back(tile);
  }

  // The tiles before a bad one are good: they are handed out with the error.
  out->rects.insert(out->rects.end(), region_.begin(), region_.end());
  set.tile_count = static_cast<uint32_t>(out->tiles.size()) - set.first_tile;
  out->tile_sets.push_back(set);
}

}  // namespace mullion
