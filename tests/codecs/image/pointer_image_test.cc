#include "codecs/image/pointer_image.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/pointer_oracle.h"
#endif

namespace mullion {
namespace {

using Pixels = std::vector<uint8_t>;

constexpr uint8_t kNone[4] = {0, 0, 0, 0}, kBlack[4] = {0, 0, 0, 0xFF},
                  kWhite[4] = {0xFF, 0xFF, 0xFF, 0xFF};

Pixels Join(std::initializer_list<const uint8_t*> pixels) {
  Pixels out;
  for (const uint8_t* p : pixels) out.insert(out.end(), p, p + 4);
  return out;
}

Palette TestPalette() {
  Palette palette;
  for (int i = 0; i < 256; ++i) {
    palette.Set(i, static_cast<uint8_t>(i * 7), static_cast<uint8_t>(i * 5), uint8_t(255 - i));
  }
  palette.Set(0, 0, 0, 0);
  palette.Set(15, 255, 255, 255);
  return palette;
}

TEST_CASE("the 24 bpp pointer of the vectors decodes exactly") {
  const auto in = ReadVector("pointer/ironrdp-color_pointer_24bpp.in.bin");
  const auto out = ReadVector("pointer/ironrdp-color_pointer_24bpp.out.bin");
  if (in.empty()) return;
  // TS_COLORPOINTERATTRIBUTE, behind xorBpp if it is a new pointer.
  ByteReader reader(in);
  const uint16_t first = reader.U16("xorBpp or cacheIndex");
  if (first == 24) reader.Skip(2, "cacheIndex");
  reader.Skip(4, "hotSpot");
  PointerShape shape;
  shape.width = reader.U16("width");
  shape.height = reader.U16("height");
  const uint16_t and_size = reader.U16("lengthAndMask");
  const uint16_t xor_size = reader.U16("lengthXorMask");
  shape.xor_mask = reader.Take(xor_size, "xorMaskData");
  shape.and_mask = reader.Take(and_size, "andMaskData");
  REQUIRE(reader.ok());
  Pixels bgra;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  REQUIRE(bgra.size() == out.size());
  // These pixels come from IronRDP, which gives R,G,B,A and, meaning to multiply each colour by
  // alpha, multiplies it by itself.
  const auto squared = [](uint8_t c) { return static_cast<uint8_t>(c * c >> 8); };
  bool same = true;
  for (size_t i = 0; i < out.size(); i += 4) {
    same = same && squared(bgra[i]) == out[i + 2] && squared(bgra[i + 1]) == out[i + 1] &&
           squared(bgra[i + 2]) == out[i] && bgra[i + 3] == out[i + 3];
  }
  CHECK(same);
}

TEST_CASE("1 bpp: the four states of the masks, top-down, rows padded to two bytes") {
  const uint8_t xor_mask[] = {0b01010000, 0, 0b11000000, 0};
  const uint8_t and_mask[] = {0b00110000, 0, 0b11000000, 0};
  PointerShape shape;
  shape.width = 4;
  shape.height = 2;
  shape.xor_bpp = 1;
  shape.xor_mask = xor_mask;
  shape.and_mask = and_mask;
  Pixels bgra;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  CHECK(bgra == Join({kBlack, kWhite, kNone, kBlack, kBlack, kWhite, kBlack, kBlack}));
  shape.and_mask = {};
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kTruncated);
  CHECK(bgra.empty());
}

TEST_CASE("24 bpp: bottom-up, odd rows padded, AND over XOR") {
  const uint8_t xor_mask[] = {1, 2, 3, 0, 0xFF, 0xFF, 0xFF, 0};
  const uint8_t and_mask[] = {0, 0, 0x80, 0};
  PointerShape shape;
  shape.width = 1;
  shape.height = 2;
  shape.xor_mask = xor_mask;
  shape.and_mask = and_mask;
  Pixels bgra;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  const uint8_t colour[] = {1, 2, 3, 0xFF};
  CHECK(bgra == Join({kWhite, colour}));  // the coded last row first, inverting
}

TEST_CASE("4, 8, 15, 16 and 32 bpp read their pixels") {
  const Palette palette = TestPalette();
  PointerShape shape;
  shape.width = 2;
  shape.height = 1;
  shape.palette = &palette;
  Pixels bgra;
  const auto entry = [&](int i) { return reinterpret_cast<const uint8_t*>(&palette.entries[i]); };

  const uint8_t four[] = {0x3A, 0};
  shape.xor_bpp = 4;
  shape.xor_mask = four;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  CHECK(bgra == Join({entry(3), entry(10)}));

  const uint8_t eight[] = {200, 7};
  shape.xor_bpp = 8;
  shape.xor_mask = eight;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  CHECK(bgra == Join({entry(200), entry(7)}));

  const uint8_t sixteen[] = {0x1F, 0x00, 0x00, 0xFC};  // X1R5G5B5: blue; red with X set
  const uint8_t blue[] = {0xFF, 0, 0, 0xFF}, red[] = {0, 0, 0xFF, 0xFF};
  shape.xor_mask = sixteen;
  for (const int bpp : {15, 16}) {
    shape.xor_bpp = static_cast<uint16_t>(bpp);
    REQUIRE(DecodePointerImage(shape, &bgra).ok());
    CHECK(bgra == Join({blue, red}));
  }

  const uint8_t alpha[] = {1, 2, 3, 0x80, 0, 0, 0, 0x10};
  shape.xor_bpp = 32;
  shape.xor_mask = alpha;
  REQUIRE(DecodePointerImage(shape, &bgra).ok());
  CHECK(bgra == Pixels(alpha, alpha + 8));
}

TEST_CASE("what cannot be drawn is refused and leaves no picture") {
  const Pixels mask(385 * 385 * 4);
  PointerShape shape;
  shape.xor_mask = mask;
  shape.xor_bpp = 32;
  Pixels bgra;
  shape.width = 385;
  shape.height = 1;
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kLimit);
  CHECK(DecodePointerImage(shape, &bgra, 400).ok());
  shape.width = 1;
  shape.height = 385;
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kLimit);
  shape.width = shape.height = 384;
  CHECK(DecodePointerImage(shape, &bgra).ok());
  shape.xor_mask = ByteView(mask).first(384 * 384 * 4 - 1);
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kTruncated);
  CHECK(bgra.empty());
  shape.xor_mask = mask;
  shape.and_mask = ByteView(mask).first(384 * 48 - 1);
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kTruncated);
  shape.and_mask = {};
  for (const int bpp : {0, 2, 12, 33, 65535}) {
    shape.xor_bpp = static_cast<uint16_t>(bpp);
    CHECK(DecodePointerImage(shape, &bgra).err == Err::kUnsupported);
  }
  shape.xor_bpp = 8;
  CHECK(DecodePointerImage(shape, &bgra).err == Err::kState);
  shape.width = 0;
  CHECK(DecodePointerImage(shape, &bgra).ok());
  CHECK(bgra.empty());
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("every depth that libfreerdp2 has gives its pixels") {
  const Palette palette = TestPalette();
  std::mt19937 random(1);
  for (int round = 0; round < 600; ++round) {
    static constexpr uint16_t kDepths[] = {1, 8, 16, 24, 32};
    PointerShape shape;
    shape.xor_bpp = kDepths[round % 5];
    shape.width = static_cast<uint16_t>(1 + random() % 50);
    shape.height = static_cast<uint16_t>(1 + random() % 50);
    shape.palette = &palette;
    const size_t xor_stride = (size_t{shape.width} * shape.xor_bpp + 15) / 16 * 2;
    const size_t and_stride = (size_t{shape.width} + 15) / 16 * 2;
    Pixels xor_mask(xor_stride * shape.height), and_mask(and_stride * shape.height);
    // Whole pixels of black and white are what the AND mask acts on.
    const size_t unit = shape.xor_bpp < 8 ? 1 : shape.xor_bpp / 8u;
    for (auto& b : xor_mask) b = static_cast<uint8_t>(random());
    for (size_t y = 0; y < shape.height; ++y) {
      for (size_t x = 0; x < shape.width && shape.xor_bpp >= 8; ++x) {
        const auto kind = random() % 3;
        if (kind == 2) continue;
        for (size_t i = 0; i < unit; ++i) {
          xor_mask[y * xor_stride + x * unit + i] = kind == 0 ? 0 : 0xFF;
        }
      }
    }
    for (auto& b : and_mask) b = static_cast<uint8_t>(random());
    shape.xor_mask = xor_mask;
    if (shape.xor_bpp == 1 || round % 7 != 0) shape.and_mask = and_mask;
    Pixels ours, theirs;
    CAPTURE(shape.xor_bpp);
    REQUIRE(DecodePointerImage(shape, &ours).ok());
    REQUIRE(oracle::DecodePointerImage(shape, &theirs));
    CHECK(ours == theirs);
  }
}
#endif

}  // namespace
}  // namespace mullion
