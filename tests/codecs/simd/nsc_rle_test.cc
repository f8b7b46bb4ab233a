#include "codecs/simd/nsc_rle.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/nsc_encoder.h"
#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

using Bytes8 = std::vector<uint8_t>;

Bytes8 FromText(const std::string& text) { return {text.begin(), text.end()}; }

// Runs of mixed lengths between literals of mixed lengths.
Bytes8 RandomPlane(std::mt19937& random, size_t size) {
  Bytes8 plane;
  const auto longest = uint32_t{1} << (random() % 11);
  while (plane.size() < size) {
    const uint8_t value = static_cast<uint8_t>(random() % 7);
    plane.insert(plane.end(), 1 + random() % longest, value);
    for (auto i = random() % 40; i > 0; --i) plane.push_back(static_cast<uint8_t>(random()));
  }
  plane.resize(size);
  return plane;
}

// What every target makes of `in`; they must all agree with the twin.
void CheckAllTargets(const Bytes8& in, size_t size) {
  Bytes8 expected(size);
  const bool ok = ExpandNscRleReference(in, expected.data(), size);
  ForEachSimdTarget([&] {
    // An exact copy, so that a sanitizer sees any byte read or written too far.
    const Bytes8 exact(in);
    Bytes8 actual(size + kNscRleSlack);
    CHECK(ExpandNscRle(exact, actual.data(), size) == ok);
    actual.resize(size);
    if (ok) CHECK(actual == expected);
  });
}

TEST_CASE("the examples of MS-RDPNSC 3.1.8.1 expand") {
  // "AA2BB0CC0CCCD" with the counts as bytes.
  Bytes8 out(12 + kNscRleSlack);
  const Bytes8 coded_first = {'A', 'A', 2, 'B', 'B', 0, 'C', 'C', 0, 'C', 'C', 'C', 'D'};
  REQUIRE(ExpandNscRle(coded_first, out.data(), 12));
  out.resize(12);
  CHECK(out == FromText("AAAABBCCCCCD"));

  const Bytes8 coded_second = {'A', 'B', 'C', 'D', 'D', 1,   'T', 'T', 2,
                               'G', 'F', 'R', 'R', 9,   'A', 'B', 'C', 'D'};
  out.assign(27 + kNscRleSlack, 0);
  REQUIRE(ExpandNscRle(coded_second, out.data(), 27));
  out.resize(27);
  CHECK(out == FromText("ABCDDDTTTTGFRRRRRRRRRRRABCD"));
}

TEST_CASE("what the encoder writes comes back, on every target") {
  std::mt19937 random(3);
  for (size_t size = 4; size < 300; ++size) {
    const Bytes8 plane = RandomPlane(random, size);
    const Bytes8 coded = EncodeNscRle(plane);
    Bytes8 out(size);
    REQUIRE(ExpandNscRleReference(coded, out.data(), size));
    REQUIRE(out == plane);
    CheckAllTargets(coded, size);
  }
  for (const size_t size : {4096u, 65536u, 300000u}) {
    CheckAllTargets(EncodeNscRle(RandomPlane(random, size)), size);
  }
}

TEST_CASE("any truncation fails on every target") {
  std::mt19937 random(4);
  for (const size_t size : {5u, 20u, 100u, 1000u}) {
    const Bytes8 coded = EncodeNscRle(RandomPlane(random, size));
    for (size_t cut = 0; cut < coded.size(); ++cut) {
      Bytes8 out(size);
      CHECK_FALSE(ExpandNscRleReference(ByteView(coded).first(cut), out.data(), size));
      CheckAllTargets(Bytes8(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(cut)), size);
    }
  }
}

TEST_CASE("changed bytes end alike on every target") {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const size_t size = 5 + random() % 600;
    Bytes8 coded = EncodeNscRle(RandomPlane(random, size));
    for (auto i = 1 + random() % 4; i > 0; --i) {
      const size_t at = random() % coded.size();
      switch (random() % 3) {
        case 0:
          coded[at] = static_cast<uint8_t>(random());
          break;
        case 1:
          coded[at] = 0xFF;
          break;
        default:
          coded[at] = coded[at == 0 ? 0 : at - 1];
          break;
      }
    }
    CheckAllTargets(coded, size);
  }
}

TEST_CASE("run lengths that RunLengthFactor2 should not carry are taken as they are") {
  // A run of 0, a run of 1, a run of 2^32 - 1.
  CheckAllTargets({7, 7, 0xFF, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, 8);
  CheckAllTargets({7, 7, 0xFF, 1, 0, 0, 0, 1, 2, 3, 4}, 5);
  CheckAllTargets({7, 7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4}, 70000);
}

}  // namespace
}  // namespace mullion
