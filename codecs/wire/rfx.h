// RemoteFX encode messages: what a server puts into the bitmapData of a surface bits command (or of
// WIRE_TO_SURFACE_PDU_1), parsed into lists of regions, quantisation values and tiles.
//
// Specification: MS-RDPRFX 2.2.2 (blocks), 3.1.8.3.1 (sequence).
// Shapes and units: rectangles and tile indices are relative to the destination of the command, in
// pixels and in 64-pixel tiles. Quantisation values stay as on the wire (1..15; the specification
// promises 6..15).
// Ownership: the tiles' views borrow `message`; RfxMessage owns the rest and keeps its capacity
// when it is used again. Memory is bounded by the message: at most 3 bytes are stored per byte
// read. Threads: a parser and a message are used by one thread at a time. Errors: kTruncated (a
// length does not fit), kMalformed (a fixed field has another value, a quantisation index points
// nowhere), kState (tiles before the headers, or blocks out of order), kUnsupported (an entropy
// coder that is neither RLGR1 nor RLGR3). After a failure the blocks before it stand in `out`; the
// parser takes the next message from its next FRAME_BEGIN or header on.
//
// What is state: servers send SYNC, CODEC_VERSIONS, CHANNELS and CONTEXT before the first frame
// (video mode: once; image mode: in every message), in any order after SYNC, and may repeat them.
// Their values, the place in the frame, and the last region live here between messages.
//
// Where this is laxer than the letter of the specification (as peers are, and servers need):
//   - several regions in a frame, several frames in a message, a frame over several messages;
//   - FRAME_BEGIN while a frame is open starts a new one, so one bad message loses one frame;
//   - empty tile sets (Windows Server 2012), more than one channel (RDVH hosts; the first counts);
//   - a tail of fewer than 6 bytes behind the last block, and tails inside blocks, are ignored.
#ifndef MULLION_CODECS_WIRE_RFX_H_
#define MULLION_CODECS_WIRE_RFX_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

enum class RfxEntropy : uint8_t { kRlgr1 = 1, kRlgr3 = 4 };

// TS_RFX_CODEC_QUANT, in wire order: LL3 LH3 HL3 HH3 LH2 HL2 HH2 LH1 HL1 HH1.
using RfxQuant = std::array<uint8_t, 10>;

struct RfxTile {
  uint16_t x_idx = 0, y_idx = 0;  // the tile's top left pixel is (64 * x_idx, 64 * y_idx)
  // INVARIANT: smaller than the tile set's quant_count.
  uint8_t quant_y = 0, quant_cb = 0, quant_cr = 0;
  ByteView y, cb, cr;
};

// One TS_RFX_TILESET with the TS_RFX_REGION before it, as ranges of RfxMessage's lists.
struct RfxTileSet {
  RfxEntropy entropy = RfxEntropy::kRlgr1;
  uint32_t frame_idx = 0;
  uint32_t first_rect = 0, rect_count = 0;
  uint32_t first_quant = 0, quant_count = 0;
  uint32_t first_tile = 0, tile_count = 0;
};

// The tile sets are to be drawn in their order, each clipped to its own region; tiles of a set that
// name the same place are drawn in their order as well.
struct RfxMessage {
  std::vector<RfxTileSet> tile_sets;
  std::vector<Rect> rects;
  std::vector<RfxQuant> quants;
  std::vector<RfxTile> tiles;

  std::span<const Rect> Region(const RfxTileSet& set) const {
    return {rects.data() + set.first_rect, set.rect_count};
  }
  std::span<const RfxQuant> Quants(const RfxTileSet& set) const {
    return {quants.data() + set.first_quant, set.quant_count};
  }
  std::span<const RfxTile> Tiles(const RfxTileSet& set) const {
    return {tiles.data() + set.first_tile, set.tile_count};
  }
};

class RfxParser {
 public:
  Status Parse(ByteView message, RfxMessage* out);

  // The channel's size (the first one), 0 x 0 before the headers.
  uint16_t channel_width() const { return channel_width_; }
  uint16_t channel_height() const { return channel_height_; }
  // TS_RFX_CONTEXT's CODEC_MODE flag: every image brings its headers along.
  bool image_mode() const { return image_mode_; }
  // TS_RFX_CONTEXT's entropy coder; tile sets bring their own, which counts.
  RfxEntropy context_entropy() const { return context_entropy_; }

 private:
  enum Header : uint8_t { kSync = 1, kVersions = 2, kChannels = 4, kContext = 8, kAll = 15 };
  enum class Expect : uint8_t { kFrameBegin, kRegion, kTileSet, kRegionOrFrameEnd };

  void ParseBlock(uint16_t type, ByteReader& block, RfxMessage* out);
  void ParseSync(ByteReader& block);
  void ParseVersions(ByteReader& block);
  void ParseChannels(ByteReader& block);
  void ParseContext(ByteReader& block);
  void ParseFrameBegin(ByteReader& block);
  void ParseRegion(ByteReader& block);
  void ParseTileSet(ByteReader& block, RfxMessage* out);

  uint8_t headers_ = 0;  // of Header: those seen and valid
  Expect expect_ = Expect::kFrameBegin;
  bool image_mode_ = false;
  RfxEntropy context_entropy_ = RfxEntropy::kRlgr1;
  uint16_t channel_width_ = 0, channel_height_ = 0;
  uint32_t frame_idx_ = 0;
  std::vector<Rect> region_;  // of the last TS_RFX_REGION; its tile set may come a message later
};

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_RFX_H_
