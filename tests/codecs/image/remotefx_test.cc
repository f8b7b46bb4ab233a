#include "codecs/image/remotefx.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "tests/support/rfx_draw.h"
#include "tests/support/rfx_encoder.h"
#include "tests/support/simd_targets.h"
#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/remotefx_oracle.h"
#endif

namespace mullion {
namespace {

struct Image {
  std::vector<uint8_t> pixels;
  PixelView view;

  Image(int32_t width, int32_t height)
      : pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 4) {
    view = {pixels.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
};

// Text-like noise, gradients and flat areas: all kinds of coefficients.
void Paint(const PixelView& view, unsigned seed) {
  std::mt19937 random(seed);
  for (int32_t y = 0; y < view.height_px; ++y) {
    for (int32_t x = 0; x < view.width_px; ++x) {
      uint8_t* p = view.row(y) + static_cast<ptrdiff_t>(x) * 4;
      const int zone = (x / 48 + y / 40) % 4;
      for (int c = 0; c < 3; ++c) {
        const int v = zone == 0   ? 230
                      : zone == 1 ? 3 * x + 2 * y + 40 * c
                      : zone == 2 ? (random() % 3 == 0 ? 20 : 240)
                                  : static_cast<int>(random());
        p[c] = static_cast<uint8_t>(v);
      }
      p[3] = 0xFF;
    }
  }
}

// The largest difference of a colour byte.
int MaxDifference(const PixelView& a, const PixelView& b) {
  int most = 0;
  for (int32_t y = 0; y < a.height_px; ++y) {
    for (int32_t i = 0; i < a.width_px * 4; ++i) {
      if (i % 4 != 3) most = std::max(most, std::abs(a.row(y)[i] - b.row(y)[i]));
    }
  }
  return most;
}

// Parses with a fresh context and draws.
Status Draw(ByteView bytes, const PixelView& dst) {
  RfxParser parser;
  RfxMessage message;
  MULLION_TRY(parser.Parse(bytes, &message));
  return DrawRfxMessage(message, dst);
}

// One tile's message, parsed. `bytes` must outlive the result.
RfxMessage OneTile(ByteView bytes) {
  RfxParser parser;
  RfxMessage message;
  REQUIRE(parser.Parse(bytes, &message).ok());
  REQUIRE(message.tiles.size() == 1);
  return message;
}

}  // namespace

TEST_CASE("remotefx: the examples of ../shared/vectors, within 1 of the source, exact to FreeRDP") {
  struct Example {
    const char* name;
    int32_t w, h;
    int tolerance;
  };
  for (const Example& e :
       {Example{"freerdp-msrdprfx-4.2-frame", 64, 64, 1},
        Example{"ironrdp-session-frame", 64, 64, 1}, Example{"synth-flat_64x64_rlgr1", 64, 64, 0},
        Example{"synth-flat_64x64_rlgr3", 64, 64, 0},
        Example{"synth-grad_200x150_rlgr1", 200, 150, 0},
        Example{"synth-grad_200x150_rlgr3", 200, 150, 0},
        Example{"synth-noise_64x64_rlgr1", 64, 64, 0},
        Example{"synth-noise_64x64_rlgr3", 64, 64, 0}}) {
    const auto in = ReadVector(std::string("remotefx/") + e.name + ".in.bin");
    auto expected = ReadVector(std::string("remotefx/") + e.name + ".out.bin");
    if (in.empty() || expected.empty()) continue;
    Image image(e.w, e.h);
    CAPTURE(e.name);
    CHECK(Draw(in, image.view).ok());
    CHECK(MaxDifference(image.view, {expected.data(), e.w, e.h, ptrdiff_t{e.w} * 4}) <=
          e.tolerance);
  }
}

TEST_CASE("remotefx: 1080p frames of ../shared/streams have FreeRDP's hashes, on every target") {
  const std::string dir = MULLION_SOURCE_DIR "/../shared/streams";
  for (const std::string name : {"rfx_rlgr1.desktop.rdpb", "rfx_rlgr3.office.rdpb"}) {
    bench::Stream stream;
    std::string why;
    uint64_t expected = 0;
    if (!bench::ReadStream(dir + "/" + name, &stream, &why) ||
        !bench::LookUpHash(dir, name, &expected)) {
      std::printf("skipped: no file %s/%s\n", dir.c_str(), name.c_str());
      continue;
    }
    Image image(stream.width_px, stream.height_px);
    ForEachSimdTarget([&] {
      std::fill(image.pixels.begin(), image.pixels.end(), uint8_t{0});
      REQUIRE(Draw(stream.records[0].payload, image.view).ok());
      bench::Fnv fnv;
      for (size_t i = 0; i < image.pixels.size(); i += 4) fnv.Add(image.pixels.data() + i, 3);
      CHECK(fnv.value() == expected);
    });
  }
}

TEST_CASE("remotefx: fast path equals the plain twins, bytes and statuses, also on damaged data") {
  std::mt19937 random(5);
  for (const RfxEntropy entropy : {RfxEntropy::kRlgr1, RfxEntropy::kRlgr3}) {
    Image source(64, 64);
    Paint(source.view, 1);
    RfxEncoderOptions options;
    options.entropy = entropy;
    const auto bytes = EncodeRfxMessage(source.view, options);
    const RfxMessage message = OneTile(bytes);
    const RfxTile& tile = message.tiles[0];
    for (int round = 0; round < 60; ++round) {
      std::vector<uint8_t> y(tile.y.begin(), tile.y.end());
      if (round > 0) {
        y[random() % y.size()] ^= static_cast<uint8_t>(1u << random() % 8);
        y.resize(1 + random() % y.size());
      }
      RfxTile damaged = tile;
      damaged.y = y;
      Image a(64, 64), b(64, 64);
      const Status sa = DecodeRfxTile(entropy, message.quants, damaged, a.view);
      const Status sb = DecodeRfxTileReference(entropy, message.quants, damaged, b.view);
      CHECK(sa.err == sb.err);
      CHECK(a.pixels == b.pixels);
    }
  }
}

TEST_CASE("remotefx: an encoded picture comes back close to itself, clipped to its region") {
  for (const RfxEntropy entropy : {RfxEntropy::kRlgr1, RfxEntropy::kRlgr3}) {
    Image source(200, 130), image(200, 130);
    for (int32_t y = 0; y < 130; ++y) {  // smooth: little is lost in it
      for (int32_t x = 0; x < 200; ++x) {
        uint8_t* p = source.view.row(y) + static_cast<ptrdiff_t>(x) * 4;
        p[0] = static_cast<uint8_t>(x);
        p[1] = static_cast<uint8_t>(y);
        p[2] = static_cast<uint8_t>(100 + x / 4);
        p[3] = 0xFF;
      }
    }
    RfxEncoderOptions options;
    options.entropy = entropy;
    options.quant = {6, 6, 6, 6, 6, 6, 6, 6, 6, 6};
    CHECK(Draw(EncodeRfxMessage(source.view, options), image.view).ok());
    CHECK(MaxDifference(source.view, image.view) <= 4);

    Image clipped(200, 130);
    options.region = {{3, 5, 10, 20}, {60, 60, 10, 10}, {190, 120, 100, 100}};
    CHECK(Draw(EncodeRfxMessage(source.view, options), clipped.view).ok());
    for (int32_t y = 0; y < 130; ++y) {
      for (int32_t x = 0; x < 200; ++x) {
        const bool inside = std::any_of(options.region.begin(), options.region.end(),
                                        [&](Rect r) { return Contains(r, {x, y, 1, 1}); });
        const uint8_t* p = clipped.view.row(y) + static_cast<ptrdiff_t>(x) * 4;
        REQUIRE(p[3] == (inside ? 0xFF : 0));
        if (inside) REQUIRE(p[2] == image.view.row(y)[x * 4 + 2]);
      }
    }
  }
}

TEST_CASE("remotefx: a failed tile has written nothing") {
  Image source(64, 64);
  Paint(source.view, 3);
  const auto bytes = EncodeRfxMessage(source.view, {});
  const RfxMessage message = OneTile(bytes);
  const std::vector<uint8_t> ones(5000, 0xFF);
  Image image(64, 64);
  const std::vector<uint8_t> before = image.pixels;

  RfxTile tile = message.tiles[0];
  tile.cr = {};
  CHECK(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, tile, image.view).err == Err::kTruncated);
  // A code of 40000 ones is no coefficient.
  std::vector<uint8_t> large(ones);
  large[0] = 0b10011111;  // run 0, then positive with ones without end
  large.push_back(0);
  large.resize(large.size() + 8);
  tile.cr = large;
  CHECK(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, tile, image.view).err == Err::kMalformed);
  tile = message.tiles[0];
  std::vector<RfxQuant> quants = message.quants;
  quants[0][4] = 0;
  CHECK(DecodeRfxTile(RfxEntropy::kRlgr1, quants, tile, image.view).err == Err::kMalformed);
  tile.quant_cb = 1;
  CHECK(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, tile, image.view).err == Err::kMalformed);
  CHECK(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, message.tiles[0],
                      image.view.Sub({0, 0, 64, 63}))
            .err == Err::kInternal);
  CHECK(image.pixels == before);
}

TEST_CASE("remotefx: any stride, either direction, either order of colours") {
  Image source(64, 64), straight(64, 64);
  Paint(source.view, 4);
  const auto bytes = EncodeRfxMessage(source.view, {});
  const RfxMessage message = OneTile(bytes);
  REQUIRE(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, message.tiles[0], straight.view).ok());

  std::vector<uint8_t> wide(70 * 301 + 1, 0x77);
  PixelView view = {wide.data() + 1, 64, 64, 301, PixelFormat::kRgbx32};
  view = view.Flipped();
  REQUIRE(DecodeRfxTile(RfxEntropy::kRlgr1, message.quants, message.tiles[0], view).ok());
  for (int32_t y = 0; y < 64; ++y) {
    for (int32_t x = 0; x < 64; ++x) {
      const uint8_t* a = straight.view.row(y) + x * 4;
      const uint8_t* b = view.row(y) + x * 4;
      REQUIRE(a[0] == b[2]);
      REQUIRE(a[1] == b[1]);
      REQUIRE(a[2] == b[0]);
      REQUIRE(b[3] == 0xFF);
    }
    for (ptrdiff_t i = 256; i < 301; ++i) REQUIRE(view.row(y)[i] == 0x77);
  }
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("remotefx: libfreerdp2 draws the same messages within 1") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    const int32_t w = 64 + static_cast<int32_t>(seed) * 37,
                  h = 300 - static_cast<int32_t>(seed) * 20;
    Image source(w, h), ours(w, h), theirs(w, h);
    Paint(source.view, seed);
    RfxEncoderOptions options;
    options.entropy = seed % 2 != 0 ? RfxEntropy::kRlgr3 : RfxEntropy::kRlgr1;
    for (auto& q : options.quant) q = static_cast<uint8_t>(6 + (seed * 7 + q) % 6);
    if (seed % 3 == 0) options.region = {{5, 5, 40, 50}, {30, 30, 300, 300}};
    const auto bytes = EncodeRfxMessage(source.view, options);
    oracle::RemoteFxOracle oracle(w, h);
    CHECK(Draw(bytes, ours.view).ok());
    CHECK(oracle.Decode(bytes, theirs.view));
    CHECK(MaxDifference(ours.view, theirs.view) <= 1);
  }
}
#endif

TEST_CASE(
    "rfx tile: one colour, and nearly one, for every quantisation, equals the plain decoder") {
  // LL3's first coefficient is all there is, or another one is there too; samples that wrap when
  // they are doubled must not take the short way.
  for (const int dc : {0, 1, -1, 37, -300, 511, -512, 1023, 4000, -4096, 12345, -16384}) {
    for (const int other : {-1, 0, 1500, 4031, 4033, 4095}) {
      for (const uint8_t quantisation : {uint8_t{1}, uint8_t{6}, uint8_t{11}, uint8_t{15}}) {
        std::vector<int16_t> plane(4096);
        plane[4032] = static_cast<int16_t>(dc);
        const std::vector<uint8_t> chroma = EncodeRlgr(RfxEntropy::kRlgr3, plane);
        if (other >= 0) plane[static_cast<size_t>(other)] = 2;
        const std::vector<uint8_t> luma = EncodeRlgr(RfxEntropy::kRlgr3, plane);
        RfxQuant quant;
        quant.fill(quantisation);
        const RfxTile tile = {0, 0, 0, 0, 0, luma, chroma, luma};
        for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
          std::vector<uint8_t> fast(64 * 64 * 4), plain(64 * 64 * 4);
          const std::span<const RfxQuant> quants(&quant, 1);
          REQUIRE(
              DecodeRfxTile(RfxEntropy::kRlgr3, quants, tile, {fast.data(), 64, 64, 256, format})
                  .ok());
          REQUIRE(DecodeRfxTileReference(RfxEntropy::kRlgr3, quants, tile,
                                         {plain.data(), 64, 64, 256, format})
                      .ok());
          CHECK(fast == plain);
        }
      }
    }
  }
}

}  // namespace mullion
