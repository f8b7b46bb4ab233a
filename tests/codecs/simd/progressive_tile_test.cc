#include "codecs/simd/progressive_tile.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

using Plane = std::vector<int16_t>;
using Codes = std::vector<uint16_t>;

// Behind one element that may be read and must not matter.
Plane MakePlane(std::mt19937* random, int kind) {
  Plane plane(1 + kRfxPlaneSize);
  for (auto& v : plane) {
    const auto noise = static_cast<int16_t>((*random)());
    switch (kind) {
      case 0:
        v = static_cast<int16_t>(noise % 100);
        break;
      case 1:
        v = (*random)() % 8 != 0 ? int16_t{0} : static_cast<int16_t>(noise % 30);
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

void MakeShifts(std::mt19937* random, uint32_t limit, uint8_t shifts[kRfxBandCount]) {
  for (int i = 0; i < kRfxBandCount; ++i) shifts[i] = static_cast<uint8_t>((*random)() % limit);
}

TEST_CASE("the bands of the reduce-extrapolate variant fill a plane without gaps") {
  const int sizes[] = {31 * 33, 33 * 31, 31 * 31, 16 * 17, 17 * 16, 16 * 16, 8 * 9, 9 * 8, 64, 81};
  for (int band = 0; band < kRfxBandCount; ++band) {
    CHECK(kExtrapolateBandStart[band + 1] - kExtrapolateBandStart[band] == sizes[band]);
  }
}

TEST_CASE("progressive unfolding, dequantisation and significance equal their twins everywhere") {
  std::mt19937 random(1);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 24; ++round) {
      const int* const starts = ProgressiveBandStart(round % 2 != 0);
      uint8_t shifts[kRfxBandCount];
      MakeShifts(&random, 16, shifts);
      Codes codes(1 + kRfxPlaneSize + 1);
      for (auto& code : codes) {
        code = static_cast<uint16_t>(round % 3 == 0 ? random() % 4 : random());
      }
      Codes twin = codes, plane_of_codes = codes;
      ProgressiveUnfold(starts, shifts, codes.data() + 1, plane_of_codes.data() + 1);
      ProgressiveUnfoldReference(starts, shifts, twin.data() + 1);
      CHECK(plane_of_codes == twin);  // the elements around the plane too

      MakeShifts(&random, 15, shifts);
      const Plane plane = MakePlane(&random, round % 4);
      Plane out(1 + kRfxPlaneSize + 1, 0x1234), twin_out = out;
      ProgressiveDequantize(starts, shifts, plane.data() + 1, out.data() + 1);
      ProgressiveDequantizeReference(starts, shifts, plane.data() + 1, twin_out.data() + 1);
      CHECK(out == twin_out);

      uint64_t mask[kRfxPlaneSize / 64], twin_mask[kRfxPlaneSize / 64];
      ProgressiveSignificance(plane.data() + 1, mask);
      ProgressiveSignificanceReference(plane.data() + 1, twin_mask);
      CHECK(std::equal(mask, mask + kRfxPlaneSize / 64, twin_mask));
    }
  });
}

TEST_CASE("progressive drawing equals its twin on every target, in both formats and strides") {
  std::mt19937 random(2);
  ForEachSimdTarget([&] {
    for (int round = 0; round < 16; ++round) {
      Plane planes[3];
      uint8_t shifts[3][kRfxBandCount];
      for (int i = 0; i < 3; ++i) {
        planes[i] = MakePlane(&random, round % 4);
        MakeShifts(&random, round % 4 < 2 ? 6 : 15, shifts[i]);
      }
      const ProgressivePlanes input = {
          {planes[0].data() + 1, planes[1].data() + 1, planes[2].data() + 1},
          {shifts[0], shifts[1], shifts[2]}};
      const ptrdiff_t stride = 64 * 4 + 12;
      std::vector<uint8_t> a(static_cast<size_t>(stride) * 64, 0xA5), b = a;
      const auto format = round % 2 == 0 ? PixelFormat::kBgrx32 : PixelFormat::kRgbx32;
      PixelView view_a = {a.data(), 64, 64, stride, format};
      PixelView view_b = {b.data(), 64, 64, stride, format};
      if (round >= 8) {
        view_a = view_a.Flipped();
        view_b = view_b.Flipped();
      }
      ProgressiveDrawTile(input, view_a);
      ProgressiveDrawTileReference(input, view_b);
      CHECK(a == b);  // padding included
    }
  });
}

TEST_CASE("a smooth ramp survives the inverse transform of its own low band") {
  // A constant image has only LL: every output equals it, whatever the level.
  Plane plane(kRfxPlaneSize, 0), samples(kRfxPlaneSize);
  for (int i = kExtrapolateBandStart[kLl3]; i < kRfxPlaneSize; ++i) {
    plane[static_cast<size_t>(i)] = 480;
  }
  ProgressiveInverseDwtReference(plane.data(), samples.data());
  CHECK(samples == Plane(kRfxPlaneSize, 480));
  // A ramp in LL3 of 8 a step becomes a ramp of 1 a sample, to the last, extrapolated column.
  for (int i = 0; i < 81; ++i) {
    plane[static_cast<size_t>(kExtrapolateBandStart[kLl3] + i)] = static_cast<int16_t>(i % 9 * 8);
  }
  ProgressiveInverseDwtReference(plane.data(), samples.data());
  for (size_t i = 0; i < samples.size(); ++i) CHECK(samples[i] == static_cast<int16_t>(i % 64));
}

}  // namespace
}  // namespace mullion
