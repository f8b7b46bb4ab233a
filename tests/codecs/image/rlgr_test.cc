#include "codecs/image/rlgr.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "codecs/simd/rfx_tile.h"
#include "tests/support/rfx_encoder.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

constexpr RfxEntropy kModes[] = {RfxEntropy::kRlgr1, RfxEntropy::kRlgr3};
using Coefficients = std::vector<int16_t>;

// Fast and reference decoder agree on the status and, when there is no error, on the result.
Status Check(RfxEntropy mode, ByteView bytes, Coefficients* out) {
  Coefficients fast(4096 + 2, 0x5555), plain(4096, 0x2222);
  const Status a = DecodeRlgr(mode, bytes, fast.data() + 1);
  const Status b = DecodeRlgrReference(mode, bytes, plain.data());
  CHECK(a.err == b.err);
  CHECK(fast.front() == 0x5555);
  CHECK(fast.back() == 0x5555);
  fast.erase(fast.begin());
  fast.pop_back();
  if (a.ok() && b.ok()) CHECK(fast == plain);
  *out = fast;
  return a;
}

// Coefficients like those of pictures: zeros mostly, of a size that changes along the bands.
Coefficients MakeCoefficients(std::mt19937* random, int magnitude, unsigned zeros_of_16) {
  Coefficients c(4096);
  for (auto& v : c) {
    if ((*random)() % 16 < zeros_of_16) continue;
    const int range = (*random)() % 8 == 0 ? magnitude : magnitude / 8 + 1;
    v = static_cast<int16_t>(static_cast<int>((*random)() % static_cast<unsigned>(2 * range + 1)) -
                             range);
  }
  return c;
}

using Components = std::array<std::vector<uint8_t>, 3>;

// DecodeRlgrTile gives what the reference gives component by component, and the first one's error.
Status CheckTile(RfxEntropy mode, const Components& components) {
  constexpr uint16_t kGuard = 0x5555;
  std::array<std::vector<uint16_t>, 3> codes;
  for (auto& plane : codes) {
    plane.assign(4096 + 2, 0);
    plane.front() = plane.back() = kGuard;
  }
  const Status tile =
      DecodeRlgrTile(mode, {components[0], components[1], components[2]},
                     {codes[0].data() + 1, codes[1].data() + 1, codes[2].data() + 1});
  Status first;
  for (size_t i = 0; i < 3; ++i) {
    Coefficients fast(4096), plain(4096);
    const Status status = DecodeRlgrReference(mode, components[i], plain.data());
    if (first.ok()) first = status;
    CHECK(codes[i].front() == kGuard);
    CHECK(codes[i].back() == kGuard);
    RfxUnfoldCodes(codes[i].data() + 1, fast.data());
    INFO("component " << i);
    if (status.ok()) CHECK(fast == plain);
  }
  CHECK(tile.err == first.err);
  return tile;
}

// Bytes like noise, with runs of ones and zeros that reach the long codes which noise never has.
std::vector<uint8_t> MakeNoise(std::mt19937* random, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) {
    const unsigned kind = (*random)() % 8;
    bytes[i] = kind == 0   ? uint8_t{0xFF}
               : kind == 1 ? uint8_t{0}
                           : static_cast<uint8_t>((*random)());
    if (i > 0 && (*random)() % 12 != 0 && (bytes[i - 1] == 0 || bytes[i - 1] == 0xFF)) {
      bytes[i] = bytes[i - 1];
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("rlgr: what the encoder wrote comes back, for every density and size of coefficients") {
  std::mt19937 random(1);
  for (const RfxEntropy mode : kModes) {
    for (const int magnitude : {1, 2, 7, 60, 500, 4000, 16000}) {
      for (unsigned zeros = 0; zeros <= 16; zeros += 2) {
        const Coefficients in = MakeCoefficients(&random, magnitude, zeros);
        Coefficients out;
        CHECK(Check(mode, EncodeRlgr(mode, in), &out).ok());
        CHECK(out == in);
      }
    }
  }
}

TEST_CASE("rlgr: the largest coefficients survive, alone and in a row") {
  for (const RfxEntropy mode : kModes) {
    for (const int value : {16383, -16384, 20000, -32767, 32767}) {
      Coefficients in(4096);
      in[0] = in[1000] = in[4095] = static_cast<int16_t>(value);
      Coefficients out;
      // In a pair, RLGR3 codes a sum: two of these do not fit 16 bits, one does.
      CHECK(Check(mode, EncodeRlgr(mode, in), &out).ok());
      CHECK(out == in);
    }
  }
}

TEST_CASE("rlgr: all zeros and one value at every place") {
  for (const RfxEntropy mode : kModes) {
    Coefficients in(4096), out;
    CHECK(Check(mode, EncodeRlgr(mode, in), &out).ok());
    CHECK(out == in);
    for (size_t i = 0; i < 4096; i += i < 64 || i > 4000 ? 1 : 97) {
      std::fill(in.begin(), in.end(), int16_t{0});
      in[i] = -3;
      CHECK(Check(mode, EncodeRlgr(mode, in), &out).ok());
      CHECK(out == in);
    }
  }
}

TEST_CASE("rlgr: an empty component is truncated, a cut one ends in zeros") {
  std::mt19937 random(2);
  for (const RfxEntropy mode : kModes) {
    Coefficients out;
    CHECK(Check(mode, {}, &out).err == Err::kTruncated);
    const Coefficients in = MakeCoefficients(&random, 40, 11);
    const std::vector<uint8_t> bytes = EncodeRlgr(mode, in);
    size_t same_before = 0;
    for (size_t size = 1; size < bytes.size(); ++size) {
      REQUIRE(Check(mode, ByteView(bytes).first(size), &out).ok());
      // What is decoded is a prefix of the whole, and grows with the data.
      const auto differ = std::mismatch(out.begin(), out.end(), in.begin());
      const auto same = static_cast<size_t>(differ.first - out.begin());
      CHECK(std::all_of(differ.first, out.end(), [](int16_t v) { return v == 0; }));
      CHECK(same >= same_before);
      same_before = same;
    }
  }
}

TEST_CASE("rlgr: bytes behind the last coefficient are ignored") {
  std::mt19937 random(3);
  for (const RfxEntropy mode : kModes) {
    const Coefficients in = MakeCoefficients(&random, 40, 9);
    std::vector<uint8_t> bytes = EncodeRlgr(mode, in);
    bytes.insert(bytes.end(), 40, 0xFF);
    Coefficients out;
    CHECK(Check(mode, bytes, &out).ok());
    CHECK(out == in);
  }
}

TEST_CASE("rlgr: random bytes give the same result or error in both decoders") {
  std::mt19937 random(4);
  int too_large = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::vector<uint8_t> bytes =
        MakeNoise(&random, 1 + random() % (round % 2 != 0 ? 40 : 3000));
    for (const RfxEntropy mode : kModes) {
      Coefficients out;
      if (!Check(mode, bytes, &out).ok()) ++too_large;
    }
  }
  CHECK(too_large > 0);
}

TEST_CASE("rlgr: megabytes of ones or zeros take no longer than their length") {
  for (const uint8_t byte : {uint8_t{0}, uint8_t{0xFF}, uint8_t{0x80}}) {
    const std::vector<uint8_t> bytes(1 << 20, byte);
    for (const RfxEntropy mode : kModes) {
      Coefficients out;
      (void)Check(mode, bytes, &out);
    }
  }
}

TEST_CASE("rlgr: a tile's components decode as they do alone, however unlike they are") {
  std::mt19937 random(5);
  for (const RfxEntropy mode : kModes) {
    const auto encode = [&](int magnitude, unsigned zeros_of_16) {
      return EncodeRlgr(mode, MakeCoefficients(&random, magnitude, zeros_of_16));
    };
    // Every order: whichever lane ends first, another component takes its place, or none is left.
    const std::vector<std::vector<uint8_t>> kinds = {
        encode(4000, 0), encode(60, 8), encode(2, 15), encode(1, 16), {0x80}, {0xFF, 0x00, 0x12}};
    for (const auto& y : kinds) {
      for (const auto& cb : kinds) {
        for (const auto& cr : kinds) CHECK(CheckTile(mode, {y, cb, cr}).ok());
      }
    }
  }
}

TEST_CASE("rlgr: a tile's components may end anywhere, together or not") {
  std::mt19937 random(6);
  for (const RfxEntropy mode : kModes) {
    const std::vector<uint8_t> bytes = EncodeRlgr(mode, MakeCoefficients(&random, 40, 9));
    const auto cut = [&](size_t size) {
      return std::vector<uint8_t>(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    };
    // Around the sizes where lanes begin, and all three inside what is decoded without lanes.
    for (size_t size = 1; size < 64; ++size) {
      CHECK(CheckTile(mode, {cut(size), cut(size), cut(size)}).ok());
      CHECK(CheckTile(mode, {cut(64 - size), cut(size), bytes}).ok());
    }
    for (size_t size = 1; size <= bytes.size(); size += 13) {
      CHECK(CheckTile(mode, {cut(size), cut(bytes.size() + 1 - size), bytes}).ok());
    }
  }
}

TEST_CASE("rlgr: a tile's error is that of its first component that has one") {
  std::mt19937 random(7);
  for (const RfxEntropy mode : kModes) {
    const std::vector<uint8_t> good = EncodeRlgr(mode, MakeCoefficients(&random, 40, 9));
    const std::vector<uint8_t> bad(12000, 0xFF);  // one code of 96,000 bits
    const std::vector<uint8_t> empty;
    REQUIRE(CheckTile(mode, {good, good, good}).ok());
    for (const auto& other : {good, bad, empty}) {
      CHECK(CheckTile(mode, {empty, good, other}).err == Err::kTruncated);
      CHECK(CheckTile(mode, {good, empty, other}).err == Err::kTruncated);
    }
    std::vector<uint8_t> malformed = bad;
    malformed.push_back(0);
    for (const auto& other : {good, malformed, empty}) {
      CHECK(CheckTile(mode, {malformed, good, other}).err == Err::kMalformed);
      CHECK(CheckTile(mode, {good, malformed, other}).err == Err::kMalformed);
      CHECK(CheckTile(mode, {empty, malformed, other}).err == Err::kTruncated);
    }
  }
}

TEST_CASE("rlgr: random bytes as components give the same results or errors as alone") {
  std::mt19937 random(8);
  int failures = 0;
  for (int round = 0; round < 1000; ++round) {
    Components components;
    for (auto& bytes : components) {
      bytes = MakeNoise(&random, 1 + random() % (random() % 2 != 0 ? 40 : 3000));
    }
    for (const RfxEntropy mode : kModes) failures += CheckTile(mode, components).ok() ? 0 : 1;
  }
  CHECK(failures > 0);
}

TEST_CASE("rlgr: vectors of ../shared/vectors, exact") {
  for (const char* name : {"ironrdp-rlgr3-unit-1", "ironrdp-rlgr3-unit-2", "ironrdp-rlgr3-unit-3",
                           "ironrdp-rlgr3-y"}) {
    const std::vector<uint8_t> in = ReadVector(std::string("rlgr/") + name + ".in.bin");
    const std::vector<uint8_t> expected = ReadVector(std::string("rlgr/") + name + ".out.bin");
    if (in.empty() || expected.empty()) continue;
    Coefficients out;
    CHECK(Check(RfxEntropy::kRlgr3, in, &out).ok());
    INFO(name);
    CHECK(std::equal(expected.begin(), expected.end(), reinterpret_cast<uint8_t*>(out.data())));
  }
}

}  // namespace mullion
