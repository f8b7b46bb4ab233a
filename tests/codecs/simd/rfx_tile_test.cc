#include "codecs/simd/rfx_tile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "tests/support/simd_targets.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

using Plane = std::vector<int16_t>;

Plane MakePlane(std::mt19937* random, int kind) {
  Plane plane(4096);
  for (auto& v : plane) {
    const auto noise = static_cast<int16_t>((*random)());
    switch (kind) {
      case 0:
        v = static_cast<int16_t>(noise % 2000);
        break;
      case 1:
        v = (*random)() % 8 != 0 ? int16_t{0} : static_cast<int16_t>(noise % 300);
        break;
      case 2:
        v = noise;
        break;  // wraps everywhere
      default:
        v = (*random)() % 2 != 0 ? INT16_MAX : INT16_MIN;
    }
  }
  return plane;
}

// Int16 values of a dump in ../shared/vectors/rfx-stages; empty when it is missing.
Plane ReadStage(const char* name) {
  const auto bytes = ReadVector(std::string("rfx-stages/spec-rdprfx-") + name + ".out.bin");
  Plane values(bytes.size() / 2);
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * 2);
  return values;
}

}  // namespace

TEST_CASE("rfx dequantisation: kernel equals its twin on every target, for every shift") {
  std::mt19937 random(1);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 30; ++round) {
      uint8_t shifts[kRfxBandCount];
      for (auto& s : shifts) s = static_cast<uint8_t>(random() % 15);
      Plane in = MakePlane(&random, round % 4);
      in.insert(in.begin(), 0x1234);  // canaries, and no alignment
      in.push_back(0x4321);
      Plane a = in, b = in;
      RfxDequantize(shifts, a.data() + 1);
      RfxDequantizeReference(shifts, b.data() + 1);
      CHECK(a == b);
    }
  });
}

TEST_CASE("rfx codes: unfolding, alone and with dequantisation, equals its twin on every target") {
  std::mt19937 random(3);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 20; ++round) {
      uint8_t shifts[kRfxBandCount];
      for (auto& s : shifts) s = static_cast<uint8_t>(random() % 15);
      std::vector<uint16_t> codes(4096);
      for (size_t i = 0; i < codes.size(); ++i) {
        codes[i] = static_cast<uint16_t>(round == 0 ? i * 16 + i / 256 : random());
      }
      Plane a(4096), b(4096);
      RfxUnfoldCodes(codes.data(), a.data());
      RfxUnfoldCodesReference(codes.data(), b.data());
      CHECK(a == b);
      RfxDequantizeReference(shifts, b.data());
      RfxDequantizeCodes(shifts, codes.data());
      CHECK(std::memcmp(codes.data(), b.data(), 8192) == 0);
    }
  });
}

TEST_CASE("rfx tile: kernel equals its twin on every target, in both formats, inside its pixels") {
  std::mt19937 random(2);
  ForEachSimdTarget([&] {
    for (int kind = 0; kind < 12; ++kind) {
      // Exactly 4096 values each, on the heap: ASan sees an over-read.
      const Plane y = MakePlane(&random, kind % 4), cb = MakePlane(&random, kind / 4),
                  cr = MakePlane(&random, kind % 3);
      for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
        constexpr int kStride = 64 * 4 + 20;
        std::vector<uint8_t> a(kStride * 64 + 3, 0xA7), b = a;
        PixelView va = {a.data() + 3, 64, 64, kStride, format};
        PixelView vb = {b.data() + 3, 64, 64, kStride, format};
        if (kind % 2 != 0) va = va.Flipped(), vb = vb.Flipped();
        RfxDrawTile(y.data(), cb.data(), cr.data(), va);
        RfxDrawTileReference(y.data(), cb.data(), cr.data(), vb);
        CHECK(a == b);
      }
    }
  });
}

TEST_CASE("rfx tile: one coefficient of each band spreads no further than its band's reach") {
  // A unit in HH1 touches at most 5 x 5 pixels; a constant LL3 gives a flat tile.
  Plane zero(4096), y(4096);
  for (int i = kRfxBandStart[kLl3]; i < 4096; ++i) y[static_cast<size_t>(i)] = 1600;
  std::vector<uint8_t> pixels(64 * 64 * 4);
  RfxDrawTile(y.data(), zero.data(), zero.data(), {pixels.data(), 64, 64, 256});
  for (size_t i = 0; i < pixels.size(); ++i) {
    REQUIRE(pixels[i] == (i % 4 == 3 ? 255 : 128 + 1600 / 32));
  }
}

TEST_CASE("rfx stages: dequantisation and the inverse wavelet equal the specification's dumps") {
  // MS-RDPRFX 4.2.4: the Y component's decoded coefficients lead to the dumps of its sub-bands.
  // Quantisation of the example: 6 6 6 6 7 7 8 8 8 9.
  Plane y = ReadStage("4.2.4.2.1-y-component-data-common");
  if (y.size() != 4096) return;
  const uint8_t shifts[kRfxBandCount] = {7, 7, 8, 6, 6, 7, 5, 5, 5, 5};
  RfxDequantizeReference(shifts, y.data());
  struct Band {
    const char* name;
    RfxBand band;
  };
  for (const Band& b : {Band{"4.2.4.3.1.1-ll3-11.5", kLl3}, Band{"4.2.4.3.1.2-hl3-11.5", kHl3},
                        Band{"4.2.4.3.1.3-lh3-11.5", kLh3}, Band{"4.2.4.3.1.4-hh3-11.5", kHh3},
                        Band{"4.2.4.3.2.4-hh2-11.5", kHh2}, Band{"4.2.4.3.3.2-hl1-11.5", kHl1},
                        Band{"4.2.4.3.3.4-hh1-11.5", kHh1}}) {
    const Plane expected = ReadStage(b.name);
    if (expected.empty()) continue;
    INFO(b.name);
    CHECK(std::equal(expected.begin(), expected.end(), y.begin() + kRfxBandStart[b.band]));
  }
}

}  // namespace mullion
