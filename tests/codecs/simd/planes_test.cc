#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/simd/plane_delta.h"
#include "codecs/simd/plane_merge.h"
#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

uint8_t RandomByte(std::mt19937* random) {
  const uint32_t v = static_cast<uint32_t>((*random)());
  return static_cast<uint8_t>(v % 5 == 0 ? 0xFF : v % 5 == 1 ? 0x80 : v >> 8);
}

TEST_CASE("adding plane deltas equals its plain twin at every width and target") {
  ForEachSimdTarget([] {
    std::mt19937 random(7);
    for (size_t width = 1; width <= 200; ++width) {
      for (const size_t rows : {size_t{0}, size_t{1}, size_t{4}}) {
        std::vector<uint8_t> got(width * (rows + 1) + 32);
        for (uint8_t& b : got) b = RandomByte(&random);
        std::vector<uint8_t> want = got;
        AddPlaneDeltas(got.data() + width, width, rows);
        AddPlaneDeltasReference(want.data() + width, width, rows);
        REQUIRE(got == want);
      }
    }
  });
}

TEST_CASE("adding a row's deltas equals its plain twin at every width and target") {
  ForEachSimdTarget([] {
    std::mt19937 random(8);
    for (size_t width = 1; width <= 300; ++width) {
      constexpr size_t kCanaries = 16;
      std::vector<uint8_t> deltas(width + kRowDeltasSlack);
      std::vector<uint8_t> got(width + kRowDeltasSlack + kCanaries);
      for (uint8_t& b : deltas) b = RandomByte(&random);
      for (uint8_t& b : got) b = RandomByte(&random);
      std::vector<uint8_t> want = got;
      AddRowDeltas(got.data(), deltas.data(), width);
      AddRowDeltasReference(want.data(), deltas.data(), width);
      const auto slack = static_cast<ptrdiff_t>(width + kRowDeltasSlack);
      REQUIRE(std::equal(got.begin() + slack, got.end(), want.begin() + slack));
      got.resize(width);
      want.resize(width);
      REQUIRE(got == want);
    }
  });
}

TEST_CASE("the specification's example of deltas") {
  // MS-RDPEGDI 3.1.9.2.3.
  std::vector<uint8_t> plane = {255,  255,  255,  255,  254,  253,  0x01, 0x7D, 0xF5,
                                0xC2, 0x9A, 0x38, 0x01, 0x67, 0x8B, 0xA3, 0x78, 0xAF};
  AddPlaneDeltas(plane.data() + 6, 6, 2);
  CHECK(plane == std::vector<uint8_t>{255, 255, 255, 255, 254, 253, 254, 192, 132, 96, 75, 25, 253,
                                      140, 62, 14, 135, 193});
}

void CheckMerge(std::mt19937* random, int32_t width, int32_t height, int loss, bool subsampled,
                bool alpha, PixelFormat format) {
  const auto w = static_cast<size_t>(width), h = static_cast<size_t>(height);
  const size_t cw = subsampled ? (w + 1) / 2 : w, ch = subsampled ? (h + 1) / 2 : h;
  // Exact sizes from the heap: ASan sees over-reads.
  std::vector<uint8_t> planes[4] = {std::vector<uint8_t>(w * h), std::vector<uint8_t>(w * h),
                                    std::vector<uint8_t>(cw * ch), std::vector<uint8_t>(cw * ch)};
  for (auto& plane : planes) {
    for (uint8_t& b : plane) b = RandomByte(random);
  }
  const ColourPlanes colours = {planes[1].data(),
                                planes[2].data(),
                                planes[3].data(),
                                alpha ? planes[0].data() : nullptr,
                                w,
                                cw,
                                loss > 0,
                                loss > 0 ? loss - 1 : 0,
                                subsampled};
  const size_t stride = w * 4 + 8;
  std::vector<uint8_t> got(stride * h, 0x3C), want(stride * h, 0x3C);
  PixelView view{got.data(), width, height, static_cast<ptrdiff_t>(stride), format};
  PixelView twin = view;
  twin.data = want.data();
  if (width % 3 == 0) view = view.Flipped(), twin = twin.Flipped();
  MergePlanes(colours, view);
  MergePlanesReference(colours, twin);
  REQUIRE(got == want);
}

TEST_CASE("merging planes equals its plain twin at every width, colour space and target") {
  ForEachSimdTarget([] {
    std::mt19937 random(11);
    for (int32_t width = 1; width <= 150; ++width) {
      for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
        CheckMerge(&random, width, 2, 0, false, width % 2 == 0, format);
        const int loss = 1 + width % 7;
        CheckMerge(&random, width, 3, loss, false, width % 4 == 0, format);
        CheckMerge(&random, width, 3, loss, true, width % 4 == 1, format);
      }
    }
  });
}

TEST_CASE("the colour transform on every luma and halved chroma that matter, on every target") {
  ForEachSimdTarget([] {
    std::vector<uint8_t> luma(256), co(256), cg(256);
    for (size_t i = 0; i < 256; ++i) luma[i] = static_cast<uint8_t>(i);
    for (const int a : {0, 1, 0x7F, 0x80, 0x81, 0xFF}) {
      for (const int b : {0, 1, 0x7F, 0x80, 0x81, 0xFF}) {
        co.assign(256, static_cast<uint8_t>(a));
        cg.assign(256, static_cast<uint8_t>(b));
        const ColourPlanes planes = {luma.data(), co.data(), cg.data(), nullptr, 256,
                                     256,         true,      0,         false};
        std::vector<uint8_t> got(1024), want(1024);
        MergePlanes(planes, {got.data(), 256, 1, 1024, PixelFormat::kBgrx32});
        MergePlanesReference(planes, {want.data(), 256, 1, 1024, PixelFormat::kBgrx32});
        REQUIRE(got == want);
      }
    }
  });
}

}  // namespace
}  // namespace mullion
