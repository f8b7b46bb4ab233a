#include "codecs/image/interleaved.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "codecs/simd/pixel_expand.h"
#include "tests/support/bitmap_picture.h"
#include "tests/support/interleaved_encoder.h"
#include "tests/support/interleaved_plain.h"
#include "tests/support/simd_targets.h"
#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bitmap_oracle.h"
#endif

namespace mullion {
namespace {

using Stream = std::vector<uint8_t>;

Palette TestPalette() {
  Palette palette;
  for (int i = 0; i < 256; ++i) {
    palette.Set(i, static_cast<uint8_t>(7 * i), static_cast<uint8_t>(i), static_cast<uint8_t>(~i));
  }
  return palette;
}

std::vector<uint8_t> Expand(const std::vector<uint8_t>& pixels, int bpp, const PixelView& like) {
  const Palette palette = TestPalette();
  BitmapPicture picture(like.width_px, like.height_px, like.format);
  const size_t row = static_cast<size_t>(like.width_px) * static_cast<size_t>((bpp + 7) / 8);
  ExpandPixelsReference({pixels.data(), row, bpp, palette.entries, false}, picture.view());
  return picture.Packed();
}

// Ours against the plain twin, accepted or refused alike.
void CheckAgainstPlain(const Stream& in, int bpp, int32_t width, int32_t height) {
  const Palette palette = TestPalette();
  const PixelFormat format = width % 2 == 0 ? PixelFormat::kBgrx32 : PixelFormat::kRgbx32;
  std::vector<uint8_t> pixels;
  const bool plain_ok = DecodeInterleavedPlain(in, bpp, width, height, &pixels);
  BitmapPicture picture(width, height, format);
  const PixelView view = height % 2 == 0 ? picture.view() : picture.view().Flipped();
  const Status status = DecodeInterleaved(in, bpp, &palette, view);
  REQUIRE(picture.CanariesIntact());
  REQUIRE(status.ok() == plain_ok);
  REQUIRE(status.offset <= in.size());
  if (plain_ok) REQUIRE(BitmapPicture::Packed(view) == Expand(pixels, bpp, view));
}

Stream Decode16(const Stream& in, int32_t width, int32_t height) {
  BitmapPicture picture(width, height);
  const Status status = DecodeInterleaved(in, 16, nullptr, picture.view());
  INFO(ErrName(status.err), " ", status.field, " at ", status.offset);
  CHECK(status.ok());
  return picture.Packed();
}

TEST_CASE("encoded pictures come back at every depth") {
  for (const int bpp : {8, 15, 16, 24}) {
    for (const int32_t width : {1, 2, 17, 64, 300}) {
      CAPTURE(bpp);
      CAPTURE(width);
      BitmapPicture picture(width, 33);
      picture.FillDesktop(static_cast<uint32_t>(width + bpp));
      const std::vector<uint8_t> packed = picture.Packed();
      const uint32_t mask = bpp == 8 ? 0xFF : bpp == 15 ? 0x7FFF : bpp == 16 ? 0xFFFF : 0xFFFFFF;
      std::vector<uint32_t> pels;
      std::vector<uint8_t> want;
      for (size_t i = 0; i < packed.size(); i += 4) {
        const uint32_t pel = packed[i] | packed[i + 1] << 8 | packed[i + 2] << 16;
        pels.push_back(pel & mask);
        for (int b = 0; b < bpp; b += 8) want.push_back(static_cast<uint8_t>(pels.back() >> b));
      }
      const Stream in = EncodeInterleaved(pels, bpp, width);
      std::vector<uint8_t> pixels;
      REQUIRE(DecodeInterleavedPlain(in, bpp, width, 33, &pixels));
      CHECK(pixels == want);
      CheckAgainstPlain(in, bpp, width, 33);
    }
  }
}

TEST_CASE("random streams of all orders equal the plain twin at all depths and sizes") {
  std::mt19937 random(20);
  const int32_t sizes[][2] = {{1, 1},   {1, 9},   {2, 2},   {3, 7},    {5, 5},   {7, 31},
                              {8, 8},   {15, 4},  {16, 3},  {17, 17},  {24, 10}, {33, 9},
                              {64, 64}, {100, 7}, {257, 3}, {640, 64}, {4000, 5}};
  for (const int bpp : {8, 15, 16, 24}) {
    for (const auto& size : sizes) {
      const int rounds = size[0] * size[1] > 10000 ? 4 : 40;
      for (int i = 0; i < rounds; ++i) {
        CAPTURE(bpp);
        CAPTURE(size[0]);
        CAPTURE(i);
        CheckAgainstPlain(RandomInterleavedStream(&random, bpp, size[0], size[1]), bpp, size[0],
                          size[1]);
      }
    }
  }
}

TEST_CASE("every target decodes the same") {
  std::mt19937 random(21);
  for (const int bpp : {8, 15, 16, 24}) {
    const Stream in = RandomInterleavedStream(&random, bpp, 66, 40);
    ForEachSimdTarget([&] { CheckAgainstPlain(in, bpp, 66, 40); });
  }
}

TEST_CASE("truncation at every byte and flipped bits do what the plain twin does") {
  std::mt19937 random(22);
  for (const int bpp : {8, 15, 16, 24}) {
    for (const int32_t width : {4, 18, 40}) {
      const Stream whole = RandomInterleavedStream(&random, bpp, width, 12);
      for (size_t size = 0; size < whole.size(); ++size) {
        CheckAgainstPlain({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}, bpp, width,
                          12);
      }
      for (int i = 0; i < 1000; ++i) {
        Stream flipped = whole;
        flipped[random() % flipped.size()] ^= static_cast<uint8_t>(1u << random() % 8);
        CheckAgainstPlain(flipped, bpp, width, 12);
      }
    }
  }
}

TEST_CASE(
    "back-to-back background runs have a foreground pixel between them, not across line one") {
  const uint8_t k = 0x00, w = 0xFF;
  // 2 + 2 black on the first line: the third pixel is the (white) foreground.
  CHECK(Decode16({0x02, 0x02}, 4, 1) == Stream{k, k, k, w, k, k, k, w, w, w, w, w, k, k, k, w});
  // The second run starts on the second line: no pixel is put in; nor is it before the third.
  CHECK(Decode16({0x01, 0x01}, 1, 2) == Stream{k, k, k, w, k, k, k, w});
  // Second and third run both behind the first line: one is.
  CHECK(Decode16({0x01, 0x01, 0x01}, 1, 3) == Stream{k, k, k, w, k, k, k, w, w, w, w, w});
}

TEST_CASE("a run that starts on the first line takes the line above for black to its end") {
  // White, then a background run of three over the line's end: black, where the line above is not.
  CHECK(Decode16({0xFD, 0x03}, 2, 2) == Stream{255, 255, 255, 255, 0, 0, 0, 255,  //
                                               0, 0, 0, 255, 0, 0, 0, 255});
  // The same for a foreground run and for a bitmask.
  CHECK(Decode16({0xFD, 0x23}, 2, 2) == Stream(16, 255));
  CHECK(Decode16({0xFD, 0x40, 0x02, 0x06}, 2, 2) == Stream{255, 255, 255, 255, 0, 0, 0, 255,  //
                                                           255, 255, 255, 255, 255, 255, 255, 255});
}

TEST_CASE("a stream that ends early leaves the rest black, over several windows too") {
  CHECK(Decode16({0xFD}, 2, 2) ==
        Stream{255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255});
  CheckAgainstPlain({0xFD, 0x63, 1}, 8, 500, 700);
}

TEST_CASE("pictures as large as servers' leave what they were to replace when they fail") {
  CHECK(InterleavedWritesAtEnd(24, 64, 64));
  CHECK(InterleavedWritesAtEnd(16, 64, 64));
  CHECK_FALSE(InterleavedWritesAtEnd(24, 640, 480));
  for (const int bpp : {8, 15, 16, 24}) {
    const Palette palette = TestPalette();
    // The largest height of that width which is still written at the end, and one more row.
    int32_t height = 1;
    while (InterleavedWritesAtEnd(bpp, 64, height + 1)) ++height;
    CHECK(height >= 64);
    for (const int32_t rows : {height, height + 1}) {
      BitmapPicture picture(64, rows);
      picture.FillDesktop(7);
      const Stream before = picture.Packed();
      Stream in;
      for (int32_t y = 0; y < rows; ++y) in.insert(in.end(), {0xF0, 64, 0});  // a row as above
      in.push_back(0xFC);                                                     // no order
      CHECK_FALSE(DecodeInterleaved(in, bpp, &palette, picture.view()).ok());
      CHECK((picture.Packed() == before) == (rows == height));
    }
  }
}

TEST_CASE("errors are named") {
  BitmapPicture picture(4, 2);
  const PixelView view = picture.view();
  const auto decode = [&](const Stream& in) { return DecodeInterleaved(in, 16, nullptr, view); };
  for (const int code : {0xA0, 0xBF, 0xF5, 0xFB, 0xFC, 0xFF}) {
    const Status status = decode({static_cast<uint8_t>(code), 0, 0, 0, 0});
    CHECK(status.err == Err::kMalformed);
    CHECK(std::string(status.field) == "orderHeader");
    CHECK(status.offset == 1);
  }
  CHECK(decode({}).err == Err::kTruncated);
  CHECK(decode({0xF0}).err == Err::kTruncated);
  CHECK(decode({0xF0, 4}).err == Err::kTruncated);
  CHECK(decode({0x80, 0}).err == Err::kTruncated);     // no pixels behind
  CHECK(decode({0x09}).err == Err::kMalformed);        // nine pixels of eight
  CHECK(decode({0x08, 0xFE}).err == Err::kMalformed);  // one behind the last
  CHECK(decode({0x04, 0xF0, 0, 0}).ok());              // first line over: nothing put in
  CHECK(decode({0x04, 0x02, 0xF0, 0, 0}).err == Err::kMalformed);  // no room for the pixel put in
  CHECK(decode({0xF3, 8, 0, 1}).err == Err::kTruncated);
  CHECK(decode({0xF3, 8, 0, 1, 2}).ok());
  for (const int bpp : {0, 1, 4, 17, 32, -1}) {
    CHECK(DecodeInterleaved(Stream{0x08}, bpp, nullptr, view).err == Err::kUnsupported);
  }
  CHECK(DecodeInterleaved(Stream{0x08}, 8, nullptr, view).err == Err::kState);
  PixelView empty = view;
  empty.width_px = 0;
  CHECK(DecodeInterleaved(Stream{0x08}, 16, nullptr, empty).err == Err::kMalformed);
  empty = view;
  empty.height_px = -5;
  CHECK(DecodeInterleaved(Stream{0x08}, 16, nullptr, empty).err == Err::kMalformed);
}

TEST_CASE("the widest and tallest bitmaps that a header can name") {
  // 65535 columns of 24 bpp do not fit the window on the stack; two rows in one run do not fit it.
  const Stream wide = {0xF3, 0xFF, 0xFF, 1, 2, 3, 0xF0, 0xFE, 0xFF, 0xFE};
  CheckAgainstPlain(wide, 24, 65535, 2);
  CheckAgainstPlain({0xF0, 0xFF, 0xFF}, 8, 1, 65535);
  CheckAgainstPlain({0xF8, 0xFF, 0xFF, 7, 9}, 8, 2, 65535);
  CheckAgainstPlain({0xF8, 0xFF, 0xFF, 7, 9}, 8, 65535, 2);
}

// ---- ../shared

// Pixels of the wire's own width, from vectors whose file names say WIDTHxHEIGHTxBPP or tile16.
TEST_CASE("vectors with raw pixels") {
  const std::string dir = MULLION_SOURCE_DIR "/../shared/vectors/interleaved";
  if (!std::filesystem::exists(dir)) {
    std::printf("skipped: no %s\n", dir.c_str());
    return;
  }
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    const std::string name = entry.path().filename().string();
    const size_t dot = name.find(".in.bin");
    int width = 64, height = 64, bpp = 16;
    const bool flipped = std::sscanf(name.c_str(), "ctxis-%dx%dx%d", &width, &height, &bpp) == 3;
    if (dot == std::string::npos || (!flipped && name.rfind("ironrdp-tile16", 0) != 0)) continue;
    CAPTURE(name);
    ++seen;
    const Stream in = ReadVector("interleaved/" + name);
    const Stream out = ReadVector("interleaved/" + name.substr(0, dot) + ".out.bin");
    std::vector<uint8_t> pixels;
    REQUIRE(DecodeInterleavedPlain(in, bpp, width, height, &pixels));
    if (!flipped) CHECK(pixels == out);
    const Palette palette = TestPalette();
    BitmapPicture picture(width, height);
    const PixelView view = flipped ? picture.view().Flipped() : picture.view();
    REQUIRE(DecodeInterleaved(in, bpp, &palette, view).ok());
    CHECK(picture.Packed() == Expand(out, bpp, picture.view()));
    for (size_t size = 0; size < in.size(); ++size) {
      CheckAgainstPlain({in.begin(), in.begin() + static_cast<ptrdiff_t>(size)}, bpp, width,
                        height);
    }
    CHECK(picture.CanariesIntact());
  }
  CHECK(seen == 16);
}

TEST_CASE("vectors of FreeRDP's encoder") {
  // Byte offsets of blue, green, red in each of the vectors' destination formats.
  constexpr struct {
    const char* name;
    int bpp, pixel_bytes, blue, green, red;
  } kVectors[] = {
      {"01-15bpp", 15, 4, 0, 1, 2}, {"01-24bpp", 24, 4, 0, 1, 2}, {"02-15bpp", 15, 4, 0, 1, 2},
      {"03-15bpp", 15, 4, 2, 1, 0}, {"03-24bpp", 24, 4, 2, 1, 0}, {"04-15bpp", 15, 4, 2, 1, 0},
      {"05-15bpp", 15, 4, 1, 2, 3}, {"05-24bpp", 24, 4, 1, 2, 3}, {"06-15bpp", 15, 4, 1, 2, 3},
      {"07-15bpp", 15, 4, 3, 2, 1}, {"08-15bpp", 15, 4, 3, 2, 1}, {"09-15bpp", 15, 3, 2, 1, 0},
      {"10-15bpp", 15, 3, 0, 1, 2},
  };
  for (const auto& v : kVectors) {
    CAPTURE(v.name);
    const std::string base = std::string("interleaved/freerdp-encoder_test_") + v.name;
    const Stream in = ReadVector(base + ".in.bin");
    const Stream out = ReadVector(base + ".out.bin");
    if (in.empty()) continue;
    BitmapPicture picture(64, 64);
    REQUIRE(DecodeInterleaved(in, v.bpp, nullptr, picture.view().Flipped()).ok());
    int wrong = 0;
    for (int32_t y = 0; y < 64; ++y) {
      for (int32_t x = 0; x < 64; ++x) {
        const uint8_t* got = picture.view().row(y) + 4 * x;
        const uint8_t* want = out.data() + 256 * y + v.pixel_bytes * x;
        wrong += got[0] != want[v.blue] || got[1] != want[v.green] || got[2] != want[v.red];
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("the streams decode to their hashes") {
  const std::string dir = MULLION_SOURCE_DIR "/../shared/streams";
  for (const char* name :
       {"inter16.desktop", "inter16.office", "inter24.desktop", "inter24.office"}) {
    bench::Stream stream;
    std::string why;
    if (!bench::ReadStream(dir + "/" + name + ".rdpb", &stream, &why)) {
      std::printf("skipped: %s\n", why.c_str());
      continue;
    }
    CAPTURE(name);
    std::vector<uint8_t> pixels(static_cast<size_t>(stream.width_px) *
                                static_cast<size_t>(stream.height_px) * 4);
    const PixelView frame = {pixels.data(), stream.width_px, stream.height_px,
                             ptrdiff_t{stream.width_px} * 4, PixelFormat::kBgrx32};
    for (const bench::Record& r : stream.records) {
      REQUIRE(DecodeInterleaved(r.payload, static_cast<int>(stream.param), nullptr,
                                frame.Sub({r.x, r.y, r.w, r.h}).Flipped())
                  .ok());
    }
    bench::Fnv hash;
    for (size_t i = 0; i < pixels.size(); i += 4) hash.Add(&pixels[i], 3);
    uint64_t want = 0;
    REQUIRE(bench::LookUpHash(dir, stream.name, &want));
    CHECK(hash.value() == want);
  }
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("libfreerdp2 decodes random streams as we do") {
  oracle::BitmapOracle peer;
  std::mt19937 random(23);
  const Palette palette = TestPalette();
  for (const int bpp : {8, 15, 16, 24}) {
    for (const int32_t width : {4, 16, 64, 120}) {
      for (int i = 0; i < 20; ++i) {
        const Stream in = RandomInterleavedStream(&random, bpp, width, 20);
        BitmapPicture ours(width, 20), theirs(width, 20);
        REQUIRE(DecodeInterleaved(in, bpp, &palette, ours.view()).ok());
        REQUIRE(peer.DecodeInterleaved(in, bpp, &palette, theirs.view()));
        REQUIRE(ours.Packed() == theirs.Packed());
      }
    }
  }
}

TEST_CASE("pictures of libfreerdp2's encoder come back") {
  oracle::BitmapOracle peer;
  for (const int bpp : {15, 16, 24}) {
    for (uint32_t seed = 0; seed < 24; ++seed) {
      const auto width = static_cast<int32_t>(4 + 4 * (seed % 16));
      BitmapPicture source(width, 33), ours(width, 33), theirs(width, 33);
      source.FillDesktop(seed);
      const Stream in = peer.EncodeInterleaved(source.view(), bpp);
      REQUIRE_FALSE(in.empty());
      REQUIRE(DecodeInterleaved(in, bpp, nullptr, ours.view()).ok());
      REQUIRE(peer.DecodeInterleaved(in, bpp, nullptr, theirs.view()));
      CHECK(ours.Packed() == theirs.Packed());
    }
  }
}
#endif

}  // namespace
}  // namespace mullion
