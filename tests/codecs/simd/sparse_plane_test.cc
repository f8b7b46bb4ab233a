#include "codecs/simd/sparse_plane.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

// `kind`: which values; one in `every` is not zero.
std::vector<int16_t> MakePlane(std::mt19937* random, int kind, unsigned every) {
  std::vector<int16_t> plane(kRfxPlaneSize);
  for (auto& value : plane) {
    if ((*random)() % every != 0) continue;
    const auto noise = static_cast<int16_t>((*random)());
    constexpr int16_t kEdges[] = {-129, -128, -1, 0, 1, 127, 128, INT16_MIN, INT16_MAX, 256};
    switch (kind) {
      case 0:
        value = static_cast<int16_t>(noise % 30);
        break;
      case 1:
        value = noise;
        break;
      case 2:
        value = kEdges[(*random)() % std::size(kEdges)];
        break;
      default:
        value = static_cast<int16_t>((*random)() % 300 == 0 ? noise : noise % 4);
    }
  }
  return plane;
}

TEST_CASE("sparse planes: every target packs the bytes of the plain twin, and unpacks the plane") {
  std::mt19937 random(1);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 240; ++round) {
      constexpr unsigned kEvery[] = {1, 2, 5, 20, 300, 5000};
      std::vector<int16_t> plane = MakePlane(&random, round % 4, kEvery[round / 4 % 6]);
      if (round % 7 == 0) std::fill(plane.begin() + 100, plane.begin() + 3000, int16_t{0});
      std::vector<uint8_t> twin(kMaxSparsePlane, 0xA5);
      const size_t size = PackSparsePlaneReference(plane.data(), twin.data());
      REQUIRE(size <= kMaxSparsePlane);
      // In memory of just the size that is allowed to be written.
      std::vector<uint8_t> packed(size + kSparsePlaneMargin, 0xA5);
      REQUIRE(PackSparsePlane(plane.data(), packed.data()) == size);
      CHECK(
          std::equal(packed.begin(), packed.begin() + static_cast<ptrdiff_t>(size), twin.begin()));
      // What stands in that margin does not matter.
      std::fill(packed.end() - kSparsePlaneMargin, packed.end(), static_cast<uint8_t>(round));
      std::vector<int16_t> out(1 + kRfxPlaneSize + 1, 0x1234), twin_out = out;
      CHECK(UnpackSparsePlane(packed.data(), out.data() + 1) == size);
      CHECK(UnpackSparsePlaneReference(packed.data(), twin_out.data() + 1) == size);
      CHECK(out == twin_out);
      CHECK(out.front() == 0x1234);
      CHECK(out.back() == 0x1234);
      CHECK(std::equal(plane.begin(), plane.end(), out.begin() + 1));
    }
  });
}

TEST_CASE("sparse planes: a plane of zeros takes 16 bytes, one of the largest values the maximum") {
  const std::vector<int16_t> zeros(kRfxPlaneSize), large(kRfxPlaneSize, INT16_MIN);
  std::vector<uint8_t> packed(kMaxSparsePlane + kSparsePlaneMargin);
  CHECK(PackSparsePlane(zeros.data(), packed.data()) == 16);
  CHECK(PackSparsePlane(large.data(), packed.data()) == kMaxSparsePlane);
}

}  // namespace
}  // namespace mullion
