#include "codecs/image/progressive.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "codecs/image/progressive_upgrade.h"
#include "codecs/simd/progressive_tile.h"
#include "tests/support/progressive_draw.h"
#include "tests/support/progressive_encoder.h"
#include "tests/support/simd_targets.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/progressive_oracle.h"
#endif

namespace mullion {
namespace {

constexpr int32_t kWidth = 150, kHeight = 100;
constexpr uint8_t kFull = ProgressiveTile::kFullQuality;

struct Picture {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(size_t{kWidth} * kHeight * 4);
  PixelView view() { return {bytes.data(), kWidth, kHeight, kWidth * 4, PixelFormat::kBgrx32}; }
};

// Gradients, edges and some noise; `frame` moves it a little.
Picture MakePicture(int frame) {
  Picture picture;
  std::mt19937 random(7);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      uint8_t* p = picture.bytes.data() + (y * kWidth + x) * 4;
      const bool box = (x + frame * 3) % 40 < 12 && y % 30 < 14;
      p[0] = static_cast<uint8_t>(box ? 20 : x + y / 2);
      p[1] = static_cast<uint8_t>(box ? 220 : 255 - y * 2);
      p[2] = static_cast<uint8_t>(box ? 120 : (x * y / 64 + static_cast<int>(random() % 9)) & 255);
      p[3] = 0xFF;
    }
  }
  return picture;
}

double Psnr(const Picture& a, const Picture& b) {
  double sum = 0;
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    const int d = a.bytes[i] - b.bytes[i];
    if (i % 4 != 3) sum += d * d;
  }
  return 10 * std::log10(255.0 * 255.0 / (sum / (0.75 * static_cast<double>(a.bytes.size()))));
}

int LargestDifference(const Picture& a, const Picture& b) {
  int largest = 0;
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    if (i % 4 != 3) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  }
  return largest;
}

// One surface of ours, and one of libfreerdp2.
struct Client {
  ProgressiveBudget budget{1 << 30};
  ProgressiveContext context;
  ProgressiveMessage message;
  ProgressiveSurface surface{kWidth, kHeight, &budget};
  Picture picture;
#ifdef MULLION_HAVE_ORACLE
  oracle::ProgressiveOracle oracle{kWidth, kHeight};
#endif
  Picture peer;

  Status Decode(ByteView stream) {
    MULLION_TRY(ParseProgressive(stream, &context, &message));
    return DrawProgressive(message, &surface, picture.view());
  }
  // libfreerdp2 2.11 lays the bands of every upgrade out as reduce-extrapolate does, so it cannot
  // be asked about upgrades in the plain transform.
  void CheckBoth(ByteView stream, [[maybe_unused]] bool ask_peer = true) {
    CHECK(Decode(stream).ok());
#ifdef MULLION_HAVE_ORACLE
    if (!ask_peer) return;
    CHECK(oracle.Decode(stream, peer.view()));
    CHECK(LargestDifference(picture, peer) <= 2);
#endif
  }
};

ProgressiveEncoderOptions Options(bool reduce_extrapolate) {
  ProgressiveEncoderOptions options;
  options.reduce_extrapolate = reduce_extrapolate;
  options.qualities = TwoQualities();
  return options;
}

}  // namespace

TEST_CASE("every kind of pass, in both transforms, refines towards the picture, as libfreerdp2's") {
  for (const bool reduce_extrapolate : {false, true}) {
    CAPTURE(reduce_extrapolate);
    Picture source = MakePicture(0);
    ProgressiveEncoder encoder(kWidth, kHeight, Options(reduce_extrapolate));
    Client client;
    client.CheckBoth(encoder.Simple(source.view()));
    CHECK(Psnr(client.picture, source) > 33);
    client.CheckBoth(encoder.First(source.view(), 0));
    const double coarse = Psnr(client.picture, source);
    client.CheckBoth(encoder.Upgrade(1), reduce_extrapolate);
    const double better = Psnr(client.picture, source);
    client.CheckBoth(encoder.Upgrade(kFull), reduce_extrapolate);
    const double best = Psnr(client.picture, source);
    CHECK(coarse > 15);
    CHECK(better > coarse);
    CHECK(best > better);
    CHECK(best > 33);
    for (size_t tile = 0; tile < encoder.tile_count(); ++tile) {
      for (size_t c = 0; c < 3; ++c) CHECK(encoder.Reference(tile, c) == encoder.Target(tile, c));
    }
    // One pass at full quality gives the same picture as three.
    Client at_once;
    CHECK(at_once.Decode(encoder.First(source.view(), kFull)).ok());
    CHECK(at_once.picture.bytes == client.picture.bytes);
  }
}

// The samples that extrapolation adds behind a tile's last row and column reach nine times as far
// as pixels do: here their sum with a neighbour needs 17 bits.
TEST_CASE("high contrast in the last corner of a tile is drawn as libfreerdp2 draws it") {
  constexpr int kCorner[4][4] = {{1, 0, 0, 1}, {1, 1, 0, 0}, {1, 0, 1, 0}, {0, 0, 0, 1}};
  Picture source;
  std::fill(source.bytes.begin(), source.bytes.end(), uint8_t{128});
  for (ptrdiff_t y = 0; y < 4; ++y) {
    for (ptrdiff_t x = 0; x < 4; ++x) {
      std::memset(source.view().row(static_cast<int32_t>(60 + y)) + (60 + x) * 4,
                  kCorner[y][x] != 0 ? 249 : 27, 4);
    }
  }
  ProgressiveEncoderOptions options;
  options.quant.fill(6);
  ProgressiveEncoder encoder(kWidth, kHeight, options);
  Client client;
  client.CheckBoth(encoder.Simple(source.view()));
  CHECK(LargestDifference(client.picture, source) < 5);
}

TEST_CASE("difference tiles add to what the tile has, and are refined by their own signs") {
  for (const bool reduce_extrapolate : {false, true}) {
    CAPTURE(reduce_extrapolate);
    ProgressiveEncoder encoder(kWidth, kHeight, Options(reduce_extrapolate));
    Client client;
    Picture source = MakePicture(0);
    client.CheckBoth(encoder.First(source.view(), 0));
    client.CheckBoth(encoder.Upgrade(1), reduce_extrapolate);
    for (int frame = 1; frame <= 3; ++frame) {  // the decoder never has all of a frame
      source = MakePicture(frame);
      client.CheckBoth(encoder.First(source.view(), 0, true), reduce_extrapolate);
      client.CheckBoth(encoder.Upgrade(1), reduce_extrapolate);
    }
    client.CheckBoth(encoder.Upgrade(kFull), reduce_extrapolate);
    CHECK(Psnr(client.picture, source) > 33);
    source = MakePicture(9);
    client.CheckBoth(encoder.Simple(source.view(), true), reduce_extrapolate);
    CHECK(Psnr(client.picture, source) > 33);
    Client fresh;
    ProgressiveEncoder again(kWidth, kHeight, Options(reduce_extrapolate));
    CHECK(fresh.Decode(again.Simple(source.view())).ok());
    CHECK(fresh.picture.bytes == client.picture.bytes);
  }
}

TEST_CASE("the upgrade pass equals its plain twin on any bytes, signs and bit positions") {
  std::mt19937 random(3);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 150; ++round) {
      const auto noise = [&](size_t size) {
        std::vector<uint8_t> bytes(size);
        for (auto& b : bytes)
          b = static_cast<uint8_t>(random() & random() & (round % 2 ? 255 : random()));
        return bytes;
      };
      const auto srl = noise(random() % 3000);
      const auto raw = noise(random() % 9000);
      ProgressiveUpgrade upgrade = {ProgressiveBandStart(round % 3 == 0), {}, {}, srl, raw};
      for (size_t band = 0; band < kProgressiveBands; ++band) {
        upgrade.before[band] = static_cast<uint8_t>(random() % (round % 5 == 0 ? 16 : 5));
        upgrade.after[band] = static_cast<uint8_t>(random() % (upgrade.before[band] + 1u));
      }
      std::vector<int16_t> coefficients(4096);
      std::vector<int8_t> sign(4096);
      for (size_t i = 0; i < 4096; ++i) {
        if (random() % 4 == 0) coefficients[i] = static_cast<int16_t>(random() % 2000 - 1000);
        sign[i] = static_cast<int8_t>(random() % 6 == 0 ? random() % 3 - 1 : 0);
      }
      std::vector<int16_t> plain = coefficients;
      std::vector<int8_t> plain_sign = sign;
      const bool with_signs = round % 2 == 0;
      const Status a =
          UpgradeProgressive(upgrade, coefficients.data(), with_signs ? sign.data() : nullptr);
      const Status b = UpgradeProgressiveReference(upgrade, plain.data(),
                                                   with_signs ? plain_sign.data() : nullptr);
      CHECK(a.err == b.err);
      CHECK(coefficients == plain);
      CHECK(sign == plain_sign);
    }
  });
}

TEST_CASE("a tile without state cannot be refined, and a failed pass leaves no state") {
  Picture source = MakePicture(0);
  ProgressiveEncoder encoder(kWidth, kHeight, Options(true));
  const auto first = encoder.First(source.view(), 0);
  const auto upgrade = encoder.Upgrade(1);
  const auto difference = encoder.First(source.view(), 0, true);
  Client client;
  CHECK(client.Decode(upgrade).err == Err::kState);
  CHECK(client.Decode(difference).err == Err::kState);
  CHECK(client.Decode(first).ok());
  // The other transform's bands do not fit.
  ProgressiveMessage message = client.message;
  CHECK(ParseProgressive(upgrade, &client.context, &message).ok());
  message.regions[0].reduce_extrapolate = false;
  std::vector<uint8_t> pixels(64 * 64 * 4, 0x77);
  const PixelView dst = {pixels.data(), 64, 64, 256, PixelFormat::kBgrx32};
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[0], dst).err ==
        Err::kState);
  CHECK(pixels == std::vector<uint8_t>(64 * 64 * 4, 0x77));
  message.regions[0].reduce_extrapolate = true;
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[0], dst).err ==
        Err::kState);
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[1], dst).ok());
  // Raw bits that are missing.
  CHECK(client.Decode(first).ok());
  CHECK(ParseProgressive(upgrade, &client.context, &message).ok());
  message.tiles[2].raw[1] = {};
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[2], dst).err ==
        Err::kTruncated);
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[2], dst).err ==
        Err::kState);
  // Bits that were already there.
  CHECK(client.Decode(first).ok());
  CHECK(client.Decode(upgrade).ok());
  CHECK(ParseProgressive(upgrade, &client.context, &message).ok());
  message.qualities[1].bit_pos[0][0] = 9;
  CHECK(client.surface.DecodeTile(message, message.regions[0], message.tiles[0], dst).err ==
        Err::kMalformed);
  client.surface.Reset();
  CHECK(client.Decode(upgrade).err == Err::kState);
}

TEST_CASE("tile state is bounded by the budget and given back") {
  Picture source = MakePicture(0);
  ProgressiveEncoder encoder(kWidth, kHeight, Options(true));
  const auto first = encoder.First(source.view(), 0);
  const auto difference = encoder.First(source.view(), 0, true);
  ProgressiveContext context;
  ProgressiveMessage message;
  REQUIRE(ParseProgressive(first, &context, &message).ok());
  Picture picture;
  ProgressiveBudget enough(1 << 20);
  ProgressiveSurface whole(kWidth, kHeight, &enough);
  REQUIRE(DrawProgressive(message, &whole, picture.view()).ok());
  const auto all = static_cast<int64_t>(whole.memory_bytes());
  CHECK(all == (1 << 20) - enough.bytes_left.load());
  CHECK(all < 6 * 2000);  // of six tiles
  const int64_t some = all / 2;
  ProgressiveBudget budget(some);
  {
    ProgressiveSurface surface(kWidth, kHeight, &budget);
    CHECK(DrawProgressive(message, &surface, picture.view()).err == Err::kLimit);
    CHECK(budget.bytes_left.load() >= 0);
    CHECK(budget.bytes_left.load() < some);
    CHECK(static_cast<int64_t>(surface.memory_bytes()) == some - budget.bytes_left.load());
    surface.Reset();
    CHECK(surface.memory_bytes() == 0);
    CHECK(budget.bytes_left.load() == some);
    CHECK(DrawProgressive(message, &surface, picture.view()).err == Err::kLimit);
    REQUIRE(ParseProgressive(difference, &context, &message).ok());
    CHECK(DrawProgressive(message, &surface, picture.view()).err != Err::kOk);
  }
  CHECK(budget.bytes_left.load() == some);
  // Simple tiles without differences keep nothing.
  ProgressiveEncoderOptions options = Options(false);
  options.subband_diffing = false;
  ProgressiveEncoder plain(kWidth, kHeight, options);
  const auto simple = plain.Simple(source.view());
  REQUIRE(ParseProgressive(simple, &context, &message).ok());
  ProgressiveBudget nothing(0);
  ProgressiveSurface surface(kWidth, kHeight, &nothing);
  CHECK(DrawProgressive(message, &surface, picture.view()).ok());
  // A tile outside of the surface, and a destination of another size.
  message.tiles[0].x_idx = 3;
  std::vector<uint8_t> pixels(64 * 64 * 4);
  const PixelView dst = {pixels.data(), 64, 64, 256, PixelFormat::kBgrx32};
  CHECK(surface.DecodeTile(message, message.regions[0], message.tiles[0], dst).err ==
        Err::kMalformed);
  CHECK(surface.DecodeTile(message, message.regions[0], message.tiles[1], dst.Sub({0, 0, 64, 63}))
            .err == Err::kInternal);
  message.quants[0][4] = 0;
  CHECK(surface.DecodeTile(message, message.regions[0], message.tiles[1], dst).err ==
        Err::kMalformed);
}

TEST_CASE("tiles that nobody sees keep their state: a later pass draws them as if they were seen") {
  Picture source = MakePicture(0);
  ProgressiveEncoder encoder(kWidth, kHeight, Options(true));
  Client seen, hidden;
  for (const auto& stream :
       {encoder.Simple(source.view()), encoder.First(source.view(), 0, true), encoder.Upgrade(1)}) {
    CHECK(seen.Decode(stream).ok());
    ProgressiveMessage& message = hidden.message;
    REQUIRE(ParseProgressive(stream, &hidden.context, &message).ok());
    for (const ProgressiveTile& tile : message.tiles) {
      CHECK(hidden.surface.DecodeHiddenTile(message, message.regions[0], tile).ok());
    }
  }
  CHECK(hidden.surface.memory_bytes() == seen.surface.memory_bytes());
  const auto last = encoder.Upgrade(kFull);
  CHECK(seen.Decode(last).ok());
  CHECK(hidden.Decode(last).ok());
  CHECK(hidden.picture.bytes == seen.picture.bytes);
  // Damage is found in them too.
  REQUIRE(ParseProgressive(last, &hidden.context, &hidden.message).ok());
  hidden.message.tiles[0].x_idx = 100;
  CHECK(hidden.surface
            .DecodeHiddenTile(hidden.message, hidden.message.regions[0], hidden.message.tiles[0])
            .err == Err::kMalformed);
}

TEST_CASE("distinct tiles may be decoded at the same time") {
  Picture source = MakePicture(0);
  ProgressiveEncoder encoder(kWidth, kHeight, Options(true));
  Client serial;
  ProgressiveBudget budget(1 << 30);
  ProgressiveSurface surface(kWidth, kHeight, &budget);
  Picture parallel;
  parallel.bytes.assign(parallel.bytes.size(), 0);
  for (const auto& stream : {encoder.First(source.view(), 0), encoder.Upgrade(1),
                             encoder.First(source.view(), 0, true), encoder.Upgrade(kFull)}) {
    CHECK(serial.Decode(stream).ok());
    const ProgressiveMessage& message = serial.message;
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        std::vector<uint8_t> pixels(64 * 64 * 4);
        const PixelView tile_view = {pixels.data(), 64, 64, 256, PixelFormat::kBgrx32};
        for (size_t i = t; i < message.tiles.size(); i += 3) {
          const ProgressiveTile& tile = message.tiles[i];
          if (!surface.DecodeTile(message, message.regions[0], tile, tile_view).ok()) return;
          const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
          const Rect r = Intersect(place, parallel.view().bounds());
          CopyPixels(tile_view.Sub({0, 0, r.w, r.h}), parallel.view().Sub(r));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(parallel.bytes == serial.picture.bytes);
  }
}

TEST_CASE("cut and flipped streams end in a status, whatever they were") {
  Picture source = MakePicture(0);
  ProgressiveEncoder encoder(kWidth, kHeight, Options(true));
  std::mt19937 random(5);
  for (auto stream : {encoder.First(source.view(), 0), encoder.Upgrade(1),
                      encoder.First(source.view(), 0, true), encoder.Upgrade(kFull)}) {
    Client client;
    const size_t step = stream.size() / 400 + 1;
    for (size_t size = 0; size < stream.size(); size += size < 200 ? 1 : step) {
      (void)client.Decode(ByteView(stream).first(size));
      (void)ParseProgressive(ByteView(stream).first(size), &client.context, &client.message);
    }
    for (int i = 0; i < 200; ++i) {
      auto flipped = stream;
      const size_t range = i % 2 == 0 ? 150 : flipped.size();
      for (int k = 0; k < 3; ++k)
        flipped[random() % range] ^= static_cast<uint8_t>(1u << random() % 8);
      (void)client.Decode(flipped);
    }
  }
}

}  // namespace mullion
