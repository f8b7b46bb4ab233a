#include "codecs/wire/rfx.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/rfx_encoder.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

const uint8_t kY[] = {1, 2, 3}, kCb[] = {4}, kCr[] = {5, 6};
const RfxQuant kQuant = {6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

RfxTile MakeTile(uint16_t x, uint16_t y) {
  RfxTile tile;
  tile.x_idx = x;
  tile.y_idx = y;
  tile.quant_cr = 1;
  tile.y = kY;
  tile.cb = kCb;
  tile.cr = kCr;
  return tile;
}

struct Builder {
  std::vector<uint8_t> bytes;
  ByteWriter out{&bytes};
  RfxEncoderOptions options;

  Builder& Headers(uint16_t w = 640, uint16_t h = 480) {
    WriteRfxHeaders(w, h, options, &out);
    return *this;
  }
  Builder& Begin(uint32_t frame = 7) {
    WriteRfxFrameBegin(frame, &out);
    return *this;
  }
  Builder& Region(std::vector<Rect> rects) {
    WriteRfxRegion(rects, &out);
    return *this;
  }
  Builder& Tiles(std::vector<RfxTile> tiles, RfxEntropy entropy = RfxEntropy::kRlgr3) {
    const RfxQuant quants[2] = {kQuant, {}};
    WriteRfxTileSet(entropy, quants, tiles, &out);
    return *this;
  }
  Builder& End() {
    WriteRfxFrameEnd(&out);
    return *this;
  }
};

Status ParseOnce(ByteView bytes) {
  RfxParser parser;
  RfxMessage message;
  return parser.Parse(bytes, &message);
}

}  // namespace

TEST_CASE("rfx: a frame's fields arrive as they were written") {
  Builder b;
  b.options.image_mode = true;
  b.Headers().Begin().Region({{1, 2, 3, 4}, {5, 6, 65535, 8}}).Tiles({MakeTile(3, 9)}).End();
  RfxParser parser;
  RfxMessage m;
  REQUIRE(parser.Parse(b.bytes, &m).ok());
  CHECK(parser.channel_width() == 640);
  CHECK(parser.channel_height() == 480);
  CHECK(parser.image_mode());
  REQUIRE(m.tile_sets.size() == 1);
  const RfxTileSet& set = m.tile_sets[0];
  CHECK(set.frame_idx == 7);
  CHECK(set.entropy == RfxEntropy::kRlgr3);  // the tile set's own, not the context's
  REQUIRE(m.Region(set).size() == 2);
  CHECK(m.Region(set)[1] == Rect{5, 6, 65535, 8});
  REQUIRE(m.Quants(set).size() == 2);
  CHECK(m.Quants(set)[0] == kQuant);
  REQUIRE(m.Tiles(set).size() == 1);
  const RfxTile& tile = m.Tiles(set)[0];
  CHECK(tile.x_idx == 3);
  CHECK(tile.y_idx == 9);
  CHECK(tile.quant_cr == 1);
  CHECK(std::vector<uint8_t>(tile.y.begin(), tile.y.end()) == std::vector<uint8_t>{1, 2, 3});
  CHECK(tile.cb.size() == 1);
  CHECK(std::vector<uint8_t>(tile.cr.begin(), tile.cr.end()) == std::vector<uint8_t>{5, 6});
}

TEST_CASE("rfx: headers last from message to message, and may be repeated") {
  RfxParser parser;
  RfxMessage m;
  REQUIRE(parser.Parse(Builder().Headers().bytes, &m).ok());
  CHECK(m.tile_sets.empty());
  const auto frame = Builder().Begin().Region({{0, 0, 9, 9}}).Tiles({MakeTile(0, 0)}).End().bytes;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(parser.Parse(frame, &m).ok());
    CHECK(m.tile_sets.size() == 1);
    CHECK(m.tiles.size() == 1);
  }
  REQUIRE(
      parser
          .Parse(Builder().Headers(800, 600).Begin().Region({}).Tiles({MakeTile(0, 0)}).End().bytes,
                 &m)
          .ok());
  CHECK(m.rects[0] == Rect{0, 0, 800, 600});  // numRects 0: the whole channel
}

TEST_CASE("rfx: tiles before all four headers are refused") {
  const auto frame = Builder().Begin().Region({}).Tiles({MakeTile(0, 0)}).End().bytes;
  CHECK(ParseOnce(frame).err == Err::kState);
  // Leaving out one header at a time: SYNC 12 bytes, VERSIONS 10, CHANNELS 12, CONTEXT 13.
  const auto headers = Builder().Headers().bytes;
  size_t start = 0;
  for (const size_t size : {12u, 10u, 12u, 13u}) {
    auto bytes = headers;
    bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(start),
                bytes.begin() + static_cast<ptrdiff_t>(start + size));
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    CHECK(ParseOnce(bytes).err == Err::kState);
    start += size;
  }
}

TEST_CASE("rfx: several frames, and several regions in a frame, are several tile sets") {
  Builder b;
  b.Headers();
  b.Begin(1).Region({{0, 0, 5, 5}}).Tiles({MakeTile(0, 0), MakeTile(1, 0)});
  b.Region({{9, 9, 5, 5}, {1, 1, 1, 1}}).Tiles({MakeTile(2, 0)}).End();
  b.Begin(2).Region({}).Tiles({MakeTile(3, 0)}, RfxEntropy::kRlgr1).End();
  RfxParser parser;
  RfxMessage m;
  REQUIRE(parser.Parse(b.bytes, &m).ok());
  REQUIRE(m.tile_sets.size() == 3);
  CHECK(m.Tiles(m.tile_sets[0]).size() == 2);
  CHECK(m.Region(m.tile_sets[1]).size() == 2);
  CHECK(m.Tiles(m.tile_sets[1])[0].x_idx == 2);
  CHECK(m.tile_sets[2].frame_idx == 2);
  CHECK(m.tile_sets[2].entropy == RfxEntropy::kRlgr1);
  CHECK(m.Quants(m.tile_sets[2])[0] == kQuant);
}

TEST_CASE("rfx: a frame may be spread over messages; a broken one ends with the next FRAME_BEGIN") {
  RfxParser parser;
  RfxMessage m;
  REQUIRE(parser.Parse(Builder().Headers().Begin().Region({{1, 2, 3, 4}}).bytes, &m).ok());
  REQUIRE(parser.Parse(Builder().Tiles({MakeTile(0, 0)}).bytes, &m).ok());
  CHECK(m.Region(m.tile_sets[0])[0] == Rect{1, 2, 3, 4});
  REQUIRE(parser.Parse(Builder().End().bytes, &m).ok());
  CHECK(parser.Parse(Builder().Tiles({MakeTile(0, 0)}).bytes, &m).err == Err::kState);
  CHECK(parser.Parse(Builder().Begin().Begin().Region({}).Tiles({}).End().bytes, &m).ok());
  CHECK(m.tile_sets.empty());
  CHECK(parser.Parse(Builder().Begin().End().bytes, &m).err == Err::kState);
}

TEST_CASE("rfx: wrong constants and quantisation indices are malformed") {
  const auto good =
      Builder().Headers().Begin().Region({{0, 0, 9, 9}}).Tiles({MakeTile(0, 0)}).End().bytes;
  REQUIRE(ParseOnce(good).ok());
  struct Patch {
    size_t at;
    uint8_t value;
    Err err;
  };
  // Offsets: SYNC 0, VERSIONS 12, CHANNELS 22, CONTEXT 34, FRAME_BEGIN 47, REGION 61, TILESET 84.
  for (const Patch& p : {Patch{0, 0xBF, Err::kMalformed},      // unknown blockType
                         Patch{2, 5, Err::kMalformed},         // blockLen under 6
                         Patch{6, 0, Err::kMalformed},         // magic
                         Patch{10, 1, Err::kMalformed},        // version
                         Patch{18, 2, Err::kMalformed},        // numCodecs
                         Patch{28, 0, Err::kMalformed},        // numChannels
                         Patch{28, 2, Err::kTruncated},        // two channels, room for one
                         Patch{40, 2, Err::kMalformed},        // codecId
                         Patch{41, 0, Err::kMalformed},        // channelId of CONTEXT
                         Patch{43, 32, Err::kMalformed},       // tileSize
                         Patch{46, 0x24, Err::kUnsupported},   // entropy 2
                         Patch{54, 1, Err::kMalformed},        // channelId of FRAME_BEGIN
                         Patch{70, 9, Err::kTruncated},        // numRects
                         Patch{92, 0, Err::kMalformed},        // subtype
                         Patch{98, 1, Err::kMalformed},        // numQuant: cr's index is 1
                         Patch{98, 200, Err::kTruncated},      //
                         Patch{100, 2, Err::kTruncated},       // numTiles: there is one
                         Patch{102, 255, Err::kTruncated}}) {  // tilesDataSize
    auto bytes = good;
    bytes[p.at] = p.value;
    CAPTURE(p.at);
    CHECK(ParseOnce(bytes).err == p.err);
  }
}

TEST_CASE("rfx: cut anywhere, it is whole blocks and then an error or nothing") {
  const auto good = Builder()
                        .Headers()
                        .Begin()
                        .Region({{0, 0, 9, 9}})
                        .Tiles({MakeTile(0, 0), MakeTile(1, 0)})
                        .End()
                        .bytes;
  for (size_t size = 0; size < good.size(); ++size) {
    // A copy of its own, so that ASan sees reads behind it.
    const std::vector<uint8_t> bytes(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    const Status status = ParseOnce(bytes);
    if (!status.ok()) {
      CHECK(status.err == Err::kTruncated);
      CHECK(status.offset <= size);
    }
  }
}

TEST_CASE("rfx: the good tiles before a bad one are handed out, with the error") {
  auto bytes = Builder()
                   .Headers()
                   .Begin()
                   .Region({{0, 0, 9, 9}})
                   .Tiles({MakeTile(0, 0), MakeTile(1, 0)})
                   .bytes;
  bytes[bytes.size() - 25] = 0;  // the second tile's blockType
  RfxParser parser;
  RfxMessage m;
  CHECK(parser.Parse(bytes, &m).err == Err::kMalformed);
  REQUIRE(m.tile_sets.size() == 1);
  CHECK(m.Tiles(m.tile_sets[0]).size() == 1);
  CHECK(m.Region(m.tile_sets[0]).size() == 1);
}

TEST_CASE("rfx: every flipped bit leaves ranges inside the lists") {
  const auto good =
      Builder().Headers().Begin().Region({{0, 0, 9, 9}}).Tiles({MakeTile(0, 0)}).End().bytes;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
    RfxParser parser;
    RfxMessage m;
    (void)parser.Parse(bytes, &m);
    for (const RfxTileSet& set : m.tile_sets) {
      CHECK(set.first_rect + set.rect_count <= m.rects.size());
      CHECK(set.first_quant + set.quant_count <= m.quants.size());
      CHECK(set.first_tile + set.tile_count <= m.tiles.size());
      for (const RfxTile& tile : m.Tiles(set)) {
        CHECK(tile.quant_y < set.quant_count);
        CHECK(tile.quant_cb < set.quant_count);
        CHECK(tile.quant_cr < set.quant_count);
      }
    }
  }
}

TEST_CASE("rfx: the wire examples of ../shared/vectors") {
  const std::string prefix = "remotefx-pdu/ironrdp-tests.pdu.rfx-";
  struct Example {
    const char* name;
    Err err;
  };
  // Each stands alone: data blocks without headers are refused for their state.
  for (const Example& e :
       {Example{"sync_pdu_buffer", Err::kOk}, Example{"codec_versions_pdu_buffer", Err::kOk},
        Example{"channels_pdu_buffer", Err::kOk}, Example{"context_pdu_buffer", Err::kOk},
        Example{"region_pdu_buffer", Err::kState}, Example{"frame_end_pdu_buffer", Err::kState},
        Example{"context_pdu_buffer_with_zero_data_length", Err::kMalformed},
        Example{"sync_pdu_buffer_with_zero_data_length", Err::kMalformed},
        Example{"sync_pdu_buffer_with_big_data_length", Err::kTruncated},
        Example{"sync_pdu_buffer_with_small_buffer", Err::kTruncated}}) {
    const auto bytes = ReadVector(prefix + e.name + ".in.bin");
    if (bytes.empty()) continue;
    CAPTURE(e.name);
    CHECK(ParseOnce(bytes).err == e.err);
  }
}

}  // namespace mullion
