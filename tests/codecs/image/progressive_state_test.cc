#include "codecs/image/progressive_state.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <random>
#include <vector>

#include "codecs/image/progressive.h"
#include "codecs/simd/progressive_tile.h"
#include "tests/support/counting_source.h"
#include "tests/support/progressive_draw.h"
#include "tests/support/progressive_encoder.h"
#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr int32_t kWidth = 128, kHeight = 64;  // two tiles

struct Client {
  Status Decode(ByteView stream) {
    MULLION_TRY(ParseProgressive(stream, &context, &message));
    return DrawProgressive(message, &surface, view);
  }
  test::CountingSource source;
  ProgressiveBudget budget{1 << 20};
  ProgressiveContext context;
  ProgressiveMessage message;
  ProgressiveSurface surface{kWidth, kHeight, &budget, &source};
  std::vector<uint8_t> pixels = std::vector<uint8_t>(size_t{kWidth} * kHeight * 4);
  PixelView view = {pixels.data(), kWidth, kHeight, kWidth * 4, PixelFormat::kBgrx32};
};

// The left tile is of one colour, the right one is not.
std::vector<uint8_t> MakePicture(uint8_t shade) {
  std::vector<uint8_t> pixels(size_t{kWidth} * kHeight * 4, shade);
  for (size_t i = 0; i < pixels.size(); ++i) {
    const size_t x = i / 4 % kWidth, y = i / 4 / kWidth;
    if (x >= 64 && (x * y) % 11 < 4) pixels[i] = static_cast<uint8_t>(x * 3 + y);
  }
  return pixels;
}
PixelView ViewOf(std::vector<uint8_t>* pixels) {
  return {pixels->data(), kWidth, kHeight, kWidth * 4, PixelFormat::kBgrx32};
}

ProgressiveEncoderOptions TwoPasses() {
  ProgressiveEncoderOptions options;
  options.qualities = TwoQualities();
  return options;
}

TEST_CASE("progressive state: what was packed is unpacked, on every target") {
  std::mt19937 random(5);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 60; ++round) {
      const auto state = std::make_unique<ProgressiveTileState>();
      const auto out = std::make_unique<ProgressiveTileState>();
      state->reduce_extrapolate = round % 2 == 0;
      state->only_dc = round % 3 == 0;
      state->difference = round % 5 == 0;
      for (auto& bit_pos : state->bit_pos) {
        for (uint8_t& bits : bit_pos) bits = static_cast<uint8_t>(random() % 16);
      }
      const int ll = ProgressiveBandStart(state->reduce_extrapolate)[kLl3];
      const auto every = 1 + static_cast<unsigned>(random() % (round % 4 == 0 ? 1 : 50));
      for (size_t c = 0; c < 3; ++c) {
        const auto dc = static_cast<int16_t>(random());
        for (int i = 0; i < kRfxPlaneSize; ++i) {
          int16_t* const value = &state->planes[c].coefficients[i];
          *value = static_cast<int16_t>(random() % every != 0 ? 0 : random() % 700);
          if (state->only_dc) *value = i < ll ? int16_t{0} : dc;
          state->signs[c][i] = static_cast<int8_t>(random() % 3 - 1);
        }
      }
      const auto packed = std::make_unique<PackedProgressiveState>();
      const size_t size = PackProgressiveState(*state, packed.get());
      CHECK(size <= sizeof(packed->bytes));
      if (state->only_dc && !state->difference) CHECK(size <= 64);
      UnpackProgressiveState(packed->bytes, out.get());
      CHECK(out->bit_pos == state->bit_pos);
      CHECK(out->reduce_extrapolate == state->reduce_extrapolate);
      CHECK(out->only_dc == state->only_dc);
      CHECK(out->difference == state->difference);
      for (size_t c = 0; c < 3; ++c) {
        CHECK(std::ranges::equal(out->planes[c].coefficients, state->planes[c].coefficients));
        CHECK(out->planes[c].before_first[31] == 0);
        if (state->difference) CHECK(std::ranges::equal(out->signs[c], state->signs[c]));
      }
    }
  });
}

TEST_CASE(
    "progressive state: a source gives blocks, keeps those that still fit, and gets all back") {
  auto picture = MakePicture(40);
  ProgressiveEncoder encoder(kWidth, kHeight, TwoPasses());
  const auto first = encoder.First(ViewOf(&picture), 0);
  const auto upgrade = encoder.Upgrade(1);
  Client client;
  CHECK(client.Decode(first).ok());
  CHECK(client.source.taken == 2);
  // Steady state takes nothing.
  for (int i = 0; i < 5; ++i) CHECK(client.Decode(first).ok());
  CHECK(client.source.taken == 2);
  CHECK(client.source.given == 0);
  // The right tile has more to keep now; the left one still has one colour.
  const size_t before = client.surface.memory_bytes();
  CHECK(client.Decode(upgrade).ok());
  CHECK(client.surface.memory_bytes() > before + 100);
  CHECK(client.source.taken == 3);
  CHECK(client.source.given == 1);
  CHECK(client.surface.memory_bytes() ==
        (1 << 20) - static_cast<size_t>(client.budget.bytes_left.load()));
  client.surface.Reset();
  CHECK(client.source.given == client.source.taken);
  CHECK(client.budget.bytes_left.load() == 1 << 20);
}

TEST_CASE("progressive state: passes that leave a tile of one colour leave little to keep") {
  std::vector<uint8_t> grey(size_t{kWidth} * kHeight * 4, 0x5B);
  for (const bool reduce_extrapolate : {false, true}) {
    ProgressiveEncoderOptions options = TwoPasses();
    options.reduce_extrapolate = reduce_extrapolate;
    ProgressiveEncoder encoder(kWidth, kHeight, options);
    Client passes, at_once;
    for (const auto& stream : {encoder.First(ViewOf(&grey), 0), encoder.Upgrade(1),
                               encoder.Upgrade(ProgressiveTile::kFullQuality)}) {
      CHECK(passes.Decode(stream).ok());
      CHECK(passes.surface.memory_bytes() <= 2 * 64);
    }
    CHECK(at_once.Decode(encoder.Simple(ViewOf(&grey))).ok());
    CHECK(at_once.pixels == passes.pixels);
    CHECK(std::ranges::count(passes.pixels, uint8_t{0x5B}) == kWidth * kHeight * 3);
  }
}

TEST_CASE("progressive state: a tile that finds no memory has no state, and was not drawn") {
  auto picture = MakePicture(40);
  ProgressiveEncoder encoder(kWidth, kHeight, TwoPasses());
  const auto first = encoder.First(ViewOf(&picture), 0);
  const auto upgrade = encoder.Upgrade(1);
  Client client;
  CHECK(client.Decode(first).ok());
  REQUIRE(ParseProgressive(upgrade, &client.context, &client.message).ok());
  std::vector<uint8_t> pixels(64 * 64 * 4, 0x77);
  const PixelView dst = {pixels.data(), 64, 64, 256, PixelFormat::kBgrx32};
  client.source.empty = true;
  const auto decode = [&] {
    return client.surface.DecodeTile(client.message, client.message.regions[0],
                                     client.message.tiles[1], dst);
  };
  CHECK_THROWS_AS((void)decode(), std::bad_alloc);
  CHECK(pixels == std::vector<uint8_t>(64 * 64 * 4, 0x77));
  client.source.empty = false;
  CHECK(decode().err == Err::kState);
  client.surface.Reset();
  CHECK(client.source.given == client.source.taken);
  CHECK(client.budget.bytes_left.load() == 1 << 20);
}

}  // namespace
}  // namespace mullion
