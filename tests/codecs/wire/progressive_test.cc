#include "codecs/wire/progressive.h"

#include <doctest/doctest.h>

#include <string>

#include "codecs/base/byte_writer.h"

namespace mullion {
namespace {

using Bytes8 = std::vector<uint8_t>;

Bytes8 Block(uint16_t type, const Bytes8& body) {
  Bytes8 bytes;
  ByteWriter out(&bytes);
  out.U16(type);
  out.U32(static_cast<uint32_t>(6 + body.size()));
  out.Bytes(body);
  return bytes;
}
Bytes8 Join(std::initializer_list<Bytes8> parts) {
  Bytes8 all;
  for (const auto& part : parts) {
    for (const uint8_t byte : part) all.push_back(byte);
  }
  return all;
}
Bytes8 FrameBegin() { return Block(0xCCC1, {0, 0, 0, 0, 1, 0}); }
Bytes8 FrameEnd() { return Block(0xCCC2, {}); }

// One rectangle, one table, one quality.
Bytes8 Region(const Bytes8& tiles, uint8_t quant_count = 1, uint8_t tile_size = 64) {
  Bytes8 body;
  ByteWriter out(&body);
  out.U8(tile_size);
  out.U16(1);
  out.U8(quant_count);
  out.U8(1);
  out.U8(1);  // reduce-extrapolate
  out.U16(1);
  out.U32(static_cast<uint32_t>(tiles.size()));
  for (const int edge : {1, 2, 64, 63}) out.U16(static_cast<uint16_t>(edge));
  out.Bytes(Bytes8{0x21, 0x43, 0x65, 0x87, 0xA9});
  out.U8(25);
  out.Bytes(Bytes8{0x10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0x30, 0, 0, 0, 0x50});
  out.Bytes(tiles);
  return Block(0xCCC4, body);
}
Bytes8 Simple(uint8_t quant = 0) {
  return Block(0xCCC5, {quant, 0, 0, 1, 0, 2, 0, 1, 2, 0, 1, 0, 1, 0, 0, 0, 'a', 'b', 'c', 'd'});
}
Bytes8 First(uint8_t quality) {
  return Block(0xCCC6,
               {0, 0, 0, 1, 0, 2, 0, 0xFE, quality, 1, 0, 1, 0, 1, 0, 1, 0, 'a', 'b', 'c', 't'});
}
Bytes8 Upgrade() {
  return Block(0xCCC7, {0, 0, 0, 3, 0, 4, 0, 0xFF, 1,   0,   2,   0,  0,
                        0, 1, 0, 1, 0, 0, 0, 'a',  'b', 'c', 'd', 'e'});
}

Status Parse(const Bytes8& bytes, ProgressiveMessage* out, ProgressiveContext* context) {
  return ParseProgressive(bytes, context, out);
}

}  // namespace

TEST_CASE("a progressive stream gives its tables in the coefficients' order and its tiles") {
  const Bytes8 stream = Join({Block(0xCCC0, {0xCA, 0xAC, 0xCC, 0xCA, 0, 1}),
                              Block(0xCCC3, {0, 64, 0, 0}), Block(0x1234, {9, 9}), FrameBegin(),
                              Region(Join({Simple(), First(0), Upgrade()})), FrameEnd()});
  ProgressiveMessage m;
  ProgressiveContext context;
  REQUIRE(Parse(stream, &m, &context).ok());
  CHECK_FALSE(context.subband_diffing);
  REQUIRE(m.regions.size() == 1);
  CHECK(m.regions[0].reduce_extrapolate);
  CHECK_FALSE(m.regions[0].subband_diffing);
  CHECK(m.rects == std::vector<Rect>{{1, 2, 64, 63}});
  // The wire has LL3 1, HL3 2, LH3 3, HH3 4, HL2 5, LH2 6, HH2 7, HL1 8, LH1 9, HH1 10.
  CHECK(m.Quant(m.regions[0], 0) == ProgressiveQuant{8, 9, 10, 5, 6, 7, 2, 3, 4, 1});
  CHECK(m.Quality(m.regions[0], 0).bit_pos[0] == ProgressiveQuant{0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
  CHECK(m.Quality(m.regions[0], 0).bit_pos[2] == ProgressiveQuant{0, 0, 5, 0, 0, 0, 3, 0, 0, 0});
  CHECK(m.Quality(m.regions[0], 0xFF).bit_pos[1] == ProgressiveQuant{});
  REQUIRE(m.Tiles(m.regions[0]).size() == 3);
  const auto tiles = m.Tiles(m.regions[0]);
  CHECK(tiles[0].kind == ProgressiveKind::kSimple);
  CHECK(tiles[0].difference);
  CHECK(tiles[0].x_idx == 1);
  CHECK(tiles[0].y_idx == 2);
  CHECK(tiles[0].data[0].size() == 2);
  CHECK(tiles[0].data[2][0] == 'd');
  CHECK(tiles[1].kind == ProgressiveKind::kFirst);
  CHECK_FALSE(tiles[1].difference);  // the other seven flags are ignored
  CHECK(tiles[1].quality == 0);
  CHECK(tiles[2].kind == ProgressiveKind::kUpgrade);
  CHECK(tiles[2].raw[0].size() == 2);
  CHECK(tiles[2].data[2][0] == 'e');
}

TEST_CASE("the context's flag stays until the next one; regions outside of a frame are ignored") {
  ProgressiveMessage m;
  ProgressiveContext context;
  CHECK(Parse(Join({Block(0xCCC3, {0, 64, 0, 0})}), &m, &context).ok());
  CHECK_FALSE(context.subband_diffing);
  CHECK(Parse(Join({Region(Simple()), FrameBegin(), FrameEnd(), Region(Simple())}), &m, &context)
            .ok());
  CHECK(m.regions.empty());
  CHECK(Parse(Join({FrameBegin(), Region(Simple()), Region(Simple()), Block(0xCCC3, {0, 64, 0, 1}),
                    Region(Simple())}),
              &m, &context)
            .ok());
  REQUIRE(m.regions.size() == 3);
  CHECK_FALSE(m.regions[1].subband_diffing);
  CHECK(m.regions[2].subband_diffing);
  CHECK(m.regions[2].first_tile == 2);
}

TEST_CASE("forbidden values are malformed, and every cut is an error or a shorter stream") {
  ProgressiveMessage m;
  ProgressiveContext context;
  const auto field = [&](const Bytes8& stream) {
    const Status status = Parse(stream, &m, &context);
    return std::string(ErrName(status.err)) + " " + status.field;
  };
  CHECK(field(Join({FrameBegin(), Region(Simple(), 1, 32)})) == "malformed tileSize");
  CHECK(field(Join({FrameBegin(), Region(Simple(), 8)})) == "malformed numQuant");
  CHECK(field(Join({FrameBegin(), Region(Simple(1))})) == "malformed quantIdx");
  CHECK(field(Join({FrameBegin(), Region(First(1))})) == "malformed progressiveQuality");
  CHECK(field(Block(0xCCC3, {0, 32, 0, 0})) == "malformed tileSize");
  CHECK(field({0xC0, 0xCC, 5, 0, 0, 0}) == "malformed blockLen");
  const Bytes8 stream =
      Join({FrameBegin(), Region(Join({Simple(), First(0), Upgrade()})), FrameEnd()});
  for (size_t size = 0; size < stream.size(); ++size) {
    const Status status = ParseProgressive(ByteView(stream).first(size), &context, &m);
    const bool at_a_block = size == 0 || size == 12 || size + 6 == stream.size();
    CHECK(status.ok() == at_a_block);
  }
}

}  // namespace mullion
