#include "codecs/image/clear.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/support/clear_encoder.h"
#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/clear_oracle.h"
#endif

namespace mullion {
namespace {

using Message = std::vector<uint8_t>;

struct Picture {
  std::vector<uint8_t> bytes;
  PixelView view;

  Picture(int32_t width, int32_t height, PixelFormat format = PixelFormat::kBgrx32) {
    bytes.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, 0);
    view = {bytes.data(), width, height, ptrdiff_t{width} * 4, format};
  }
  uint32_t At(int32_t x, int32_t y) const {
    uint32_t pixel;
    std::memcpy(&pixel, view.row(y) + ptrdiff_t{x} * 4, 4);
    return pixel;
  }
  void Set(int32_t x, int32_t y, uint32_t pixel) {
    std::memcpy(view.row(y) + ptrdiff_t{x} * 4, &pixel, 4);
  }
  void ClearX() {
    for (size_t i = 3; i < bytes.size(); i += 4) bytes[i] = 0;
  }
};

// Lines of text-like columns, drawn from a small alphabet, on a flat ground.
Picture TextPicture(int32_t width, int32_t height, std::mt19937& random) {
  Picture picture(width, height);
  const uint32_t ground = 0xFF000000 | static_cast<uint32_t>(random() % 3 * 0x404040);
  for (int32_t x = 0; x < width; ++x) {
    const auto letter = random() % 24;
    for (int32_t y = 0; y < height; ++y) {
      const bool ink = letter >= 4 && y % 16 > 3 && y % 16 < 13 && ((letter * 37u) >> (y % 9) & 1);
      picture.Set(x, y, ink ? 0xFF000000 | static_cast<uint32_t>(letter * 0x050A03) : ground);
    }
  }
  return picture;
}

ClearPlan MakePlan(const Picture& picture, std::mt19937& random, bool with_nscodec) {
  const int32_t width = picture.view.width_px, height = picture.view.height_px;
  ClearPlan plan;
  for (int32_t y = 0; y < height; y += 52) {
    if (random() % 4 != 0) plan.bands.push_back({0, y, width, std::min(52, height - y)});
  }
  const auto regions = random() % 4;
  for (size_t i = 0; i < regions; ++i) {
    const int32_t x = static_cast<int32_t>(random() % static_cast<uint32_t>(width));
    const int32_t y = static_cast<int32_t>(random() % static_cast<uint32_t>(height));
    const int32_t w = 1 + static_cast<int32_t>(random() % static_cast<uint32_t>(width - x));
    const int32_t h = 1 + static_cast<int32_t>(random() % static_cast<uint32_t>(height - y));
    plan.regions.push_back({{x, y, w, h}, static_cast<ClearSubcodec>(random() % 3)});
    if (!with_nscodec && plan.regions.back().subcodec == ClearSubcodec::kNsCodec) {
      plan.regions.back().subcodec = ClearSubcodec::kRlex;
    }
  }
  if (int64_t{width} * height <= 1024 && random() % 2 == 0) {
    plan.glyph_index = static_cast<int>(random() % 4000);
  }
  plan.cache_reset = random() % 10 == 0;
  return plan;
}

// Small vectors by hand: flags, sequence number, and the layers behind their sizes.
Message Compose(uint8_t seq, const Message& residual, const Message& bands,
                const Message& subcodecs) {
  Message out;
  ByteWriter writer(&out);
  writer.U8(0);
  writer.U8(seq);
  for (const Message* layer : {&residual, &bands, &subcodecs}) {
    writer.U32(static_cast<uint32_t>(layer->size()));
  }
  for (const Message* layer : {&residual, &bands, &subcodecs}) writer.Bytes(*layer);
  return out;
}

// MS-RDPEGFX 4.1.1.2: RLEX in a bitmap of 78 x 17.
const Message kSpecExample2 = {
    0x00, 0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x82, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x4e, 0x00, 0x11, 0x00, 0x75, 0x00, 0x00, 0x00, 0x02, 0x0e, 0xff, 0xff, 0xff, 0x00,
    0x00, 0x00, 0xdb, 0xff, 0xff, 0x00, 0x3a, 0x90, 0xff, 0xb6, 0x66, 0x66, 0xb6, 0xff, 0xb6, 0x66,
    0x00, 0x90, 0xdb, 0xff, 0x00, 0x00, 0x3a, 0xdb, 0x90, 0x3a, 0x3a, 0x90, 0xdb, 0x66, 0x00, 0x00,
    0xff, 0xff, 0xb6, 0x64, 0x64, 0x64, 0x11, 0x04, 0x11, 0x4c, 0x11, 0x4c, 0x11, 0x4c, 0x11, 0x4c,
    0x11, 0x4c, 0x00, 0x47, 0x13, 0x00, 0x01, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x47, 0x16, 0x00,
    0x11, 0x02, 0x00, 0x47, 0x29, 0x00, 0x11, 0x01, 0x00, 0x49, 0x0a, 0x00, 0x01, 0x00, 0x04, 0x00,
    0x01, 0x00, 0x00, 0x4a, 0x0a, 0x00, 0x09, 0x00, 0x01, 0x00, 0x00, 0x47, 0x05, 0x00, 0x01, 0x01,
    0x1c, 0x00, 0x01, 0x00, 0x11, 0x4c, 0x11, 0x4c, 0x11, 0x4c, 0x00, 0x47, 0x0d, 0x4d, 0x00, 0x4d};

TEST_CASE("the example that needs no cache decodes exactly, and fails at every truncation") {
  const auto in = ReadVector("clearcodec/freerdp-example4.in.bin");
  const auto out = ReadVector("clearcodec/freerdp-example4.out.bin");
  if (in.empty()) return;
  Picture picture(7, 15);
  ClearDecoder decoder;
  REQUIRE(decoder.Decode(in, picture.view).ok());
  bool same = true;
  for (size_t i = 0; i < out.size(); ++i) same = same && (i % 4 == 3 || picture.bytes[i] == out[i]);
  CHECK(same);
  for (size_t cut = 0; cut < in.size(); ++cut) {
    ClearDecoder fresh;
    const Message exact(in.begin(), in.begin() + static_cast<ptrdiff_t>(cut));
    CHECK_FALSE(fresh.Decode(exact, picture.view).ok());
  }
}

TEST_CASE("the RLEX example of MS-RDPEGFX 4.1.1.2 begins as the specification says") {
  REQUIRE(kSpecExample2.size() == 144);
  Picture picture(78, 17);
  ClearDecoder decoder;
  REQUIRE(decoder.Decode(kSpecExample2, picture.view).ok());
  for (int32_t x = 0; x < 5; ++x) CHECK(picture.At(x, 0) == 0xFFFFFFFF);
  CHECK(picture.At(5, 0) == 0xFF000000);
  for (int32_t i = 6; i < 82; ++i) CHECK(picture.At(i % 78, i / 78) == 0xFFFFFFFF);
  CHECK(picture.At(82 - 78, 1) == 0xFFFFFFFF);
  CHECK(picture.At(83 - 78, 1) == 0xFF000000);
}

TEST_CASE("a glyph that was never sent is refused by a fresh decoder") {
  const auto in = ReadVector("clearcodec/freerdp-example1-glyph-hit.in.bin");
  if (in.empty()) return;
  Picture picture(8, 9);
  ClearDecoder decoder;
  CHECK(decoder.Decode(in, picture.view).err == Err::kState);
}

TEST_CASE("what the encoder sends comes back exactly, through all caches, in both orders") {
  std::mt19937 random(1);
  ClearEncoder encoder;
  ClearDecoder bgr, rgb;
  for (int round = 0; round < 300; ++round) {
    const int32_t width = 1 + static_cast<int32_t>(random() % 90);
    const int32_t height = 1 + static_cast<int32_t>(random() % 120);
    const Picture source = TextPicture(width, height, random);
    const ClearPlan plan = MakePlan(source, random, false);
    const Message message = encoder.Encode(source.view, plan);
    Picture a(width, height), b(width, height, PixelFormat::kRgbx32);
    REQUIRE(bgr.Decode(message, a.view).ok());
    REQUIRE(rgb.Decode(message, b.view).ok());
    CHECK(a.bytes == source.bytes);
    for (size_t i = 0; i < b.bytes.size(); i += 4) std::swap(b.bytes[i], b.bytes[i + 2]);
    CHECK(b.bytes == source.bytes);
    if (plan.glyph_index >= 0) {
      const Message hit = encoder.EncodeGlyphHit(plan.glyph_index);
      Picture again(width, height);
      REQUIRE(bgr.Decode(hit, again.view).ok());
      REQUIRE(rgb.Decode(hit, b.view).ok());
      CHECK(again.bytes == source.bytes);
    }
  }
  CHECK(bgr.repaired_bars() == 0);
  CHECK(encoder.bar_hits > 1000);
  CHECK(encoder.short_hits > 100);
  CHECK(encoder.short_misses > 100);
}

TEST_CASE("the storages wrap, and memory stays within its bound") {
  // Columns of which no two are alike, more than both storages hold.
  std::mt19937 random(2);
  ClearEncoder encoder;
  ClearDecoder decoder;
  CHECK(decoder.memory_bytes() < 16384);
  for (int round = 0; round < 40; ++round) {
    Picture source(1000, 52);
    for (auto& byte : source.bytes) byte = static_cast<uint8_t>(random());
    for (size_t i = 3; i < source.bytes.size(); i += 4) source.bytes[i] = 0xFF;
    ClearPlan plan;
    plan.residual = false;
    plan.bands = {source.view.bounds()};
    Picture out(1000, 52);
    REQUIRE(decoder.Decode(encoder.Encode(source.view, plan), out.view).ok());
    CHECK(out.bytes == source.bytes);
  }
  CHECK(encoder.short_misses == 40000);
  CHECK(decoder.memory_bytes() < size_t{11} << 20);
  CHECK(decoder.repaired_bars() == 0);
}

TEST_CASE("pixels that no layer covers stay") {
  ClearEncoder encoder;
  ClearDecoder decoder;
  std::mt19937 random(3);
  const Picture source = TextPicture(40, 40, random);
  ClearPlan plan;
  plan.residual = false;
  plan.regions = {{{10, 10, 5, 5}, ClearSubcodec::kRlex}};
  Picture out(40, 40);
  out.bytes.assign(out.bytes.size(), 0x77);
  REQUIRE(decoder.Decode(encoder.Encode(source.view, plan), out.view).ok());
  for (int32_t y = 0; y < 40; ++y) {
    for (int32_t x = 0; x < 40; ++x) {
      const bool inside = x >= 10 && x < 15 && y >= 10 && y < 15;
      CHECK(out.At(x, y) == (inside ? source.At(x, y) : 0x77777777));
    }
  }
}

TEST_CASE("sequence numbers must follow each other") {
  ClearDecoder decoder;
  Picture picture(2, 1);
  const Message residual = {1, 2, 3, 2};
  CHECK(decoder.Decode(Compose(200, residual, {}, {}), picture.view).ok());
  CHECK(picture.At(1, 0) == 0xFF030201);
  CHECK(decoder.Decode(Compose(202, residual, {}, {}), picture.view).err == Err::kState);
  for (int seq = 201; seq < 300; ++seq) {
    CHECK(decoder.Decode(Compose(static_cast<uint8_t>(seq), residual, {}, {}), picture.view).ok());
  }
}

TEST_CASE("forbidden values are refused by name") {
  struct Bad {
    Message residual, bands, subcodecs;
    const char* field;
  };
  Picture picture(4, 4);
  for (const Bad& bad :
       {Bad{{1, 2, 3, 17}, {}, {}, "residual runLengthFactor"},
        {{1, 2, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, {}, {}, "residual runLengthFactor"},
        {{}, {2, 0, 1, 0, 0, 0, 0, 0, 9, 9, 9}, {}, "band xEnd"},
        {{}, {0, 0, 4, 0, 0, 0, 0, 0, 9, 9, 9}, {}, "band xEnd"},
        {{}, {0, 0, 0, 0, 2, 0, 1, 0, 9, 9, 9}, {}, "band yEnd"},
        {{}, {0, 0, 0, 0, 0, 0, 4, 0, 9, 9, 9}, {}, "band yEnd"},
        {{}, {0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 2, 1}, {}, "shortVBarYOff"},
        {{}, {}, {0, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0}, "subcodec rectangle"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 3}, "subCodecId"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 0, 1, 1}, "raw bitmapDataByteCount"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 2, 0}, "paletteCount"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 2, 128}, "paletteCount"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 2, 1, 9, 9, 9, 1, 0}, "stopIndex"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 2, 1, 9, 9, 9, 2, 0}, "suiteDepth"},
        {{}, {}, {0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 2, 1, 9, 9, 9, 0, 1}, "RLEX runLengthFactor"},
        {{}, {}, {0, 0, 0, 0, 2, 0, 1, 0, 6, 0, 0, 0, 2, 1, 9, 9, 9, 0, 0}, "RLEX segments"}}) {
    ClearDecoder decoder;
    const Status status =
        decoder.Decode(Compose(0, bad.residual, bad.bands, bad.subcodecs), picture.view);
    CHECK_FALSE(status.ok());
    CHECK(std::string(status.field) == bad.field);
  }
  for (const Message& message :
       {Message{2, 0}, Message{1, 0, 0xA0, 0x0F}, Message{3, 0, 0, 0, 0}}) {
    ClearDecoder decoder;
    CHECK_FALSE(decoder.Decode(message, picture.view).ok());
  }
  // A glyph of more than 1,024 pixels.
  Picture large(33, 32);
  ClearDecoder decoder;
  CHECK(std::string(decoder.Decode(Message{1, 0, 0, 0}, large.view).field) == "glyph area");
}

TEST_CASE("subcodecs that fill the bitmap again and again are a limit, not minutes") {
  Message subcodecs;
  ByteWriter writer(&subcodecs);
  for (int i = 0; i < 40000; ++i) {
    for (const int v : {0, 0, 2000, 2000}) writer.U16(static_cast<uint16_t>(v));
    writer.U32(12);
    writer.U8(2);
    writer.U8(1);
    writer.Zeros(3);
    writer.U8(0);
    writer.U8(0xFF);
    writer.U16(0xFFFF);
    writer.U32(2000 * 2000 - 1);
  }
  Picture picture(2000, 2000);
  ClearDecoder decoder;
  CHECK(decoder.Decode(Compose(0, {}, {}, subcodecs), picture.view).err == Err::kLimit);
}

TEST_CASE("bars that were never sent are black and counted") {
  ClearDecoder decoder;
  Picture picture(2, 2);
  picture.bytes.assign(picture.bytes.size(), 0x55);
  // A band of two columns: V-Bar 5, Short V-Bar 7 at 0; neither exists.
  REQUIRE(decoder
              .Decode(Compose(0, {}, {0, 0, 1, 0, 0, 0, 1, 0, 1, 2, 3, 5, 0x80, 7, 0x40, 0}, {}),
                      picture.view)
              .ok());
  CHECK(picture.At(0, 0) == 0xFF000000);
  CHECK(picture.At(0, 1) == 0xFF000000);
  CHECK(picture.At(1, 0) == 0xFF030201);
  CHECK(decoder.repaired_bars() == 2);
}

TEST_CASE("truncated and changed messages never reach outside") {
  std::mt19937 random(4);
  for (int round = 0; round < 60; ++round) {
    const Picture source = TextPicture(30, 40, random);
    ClearEncoder encoder;
    const Message message = encoder.Encode(source.view, MakePlan(source, random, true));
    Picture out(30, 40);
    for (size_t cut = 0; cut < message.size(); cut += 1 + cut / 64) {
      ClearDecoder decoder;
      const Message exact(message.begin(), message.begin() + static_cast<ptrdiff_t>(cut));
      CHECK_FALSE(decoder.Decode(exact, out.view).ok());
    }
    for (int change = 0; change < 60; ++change) {
      ClearDecoder decoder;
      Message bad = message;
      for (int i = 0; i < 3; ++i) bad[random() % bad.size()] = static_cast<uint8_t>(random());
      (void)decoder.Decode(bad, out.view);
    }
  }
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("long sequences with every subcodec equal libfreerdp2") {
  std::mt19937 random(5);
  ClearEncoder encoder;
  ClearDecoder decoder;
  oracle::ClearOracle oracle;
  for (int round = 0; round < 400; ++round) {
    const int32_t width = 1 + static_cast<int32_t>(random() % 90);
    const int32_t height = 1 + static_cast<int32_t>(random() % 120);
    const Picture source = TextPicture(width, height, random);
    const ClearPlan plan = MakePlan(source, random, true);
    const Message message = encoder.Encode(source.view, plan);
    Picture ours(width, height), theirs(width, height);
    REQUIRE(decoder.Decode(message, ours.view).ok());
    REQUIRE(oracle.Decode(message, theirs.view));
    ours.ClearX();
    theirs.ClearX();
    CHECK(ours.bytes == theirs.bytes);
  }
}
#endif

}  // namespace
}  // namespace mullion
