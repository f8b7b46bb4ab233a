// Framebuffer and its gate, counters, metrics.
#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/counters.h"
#include "engine/framebuffer.h"
#include "engine/metrics.h"

namespace mullion {
namespace {

TEST_CASE("framebuffer: a published frame blocks writing until it is released") {
  Framebuffer framebuffer;
  CHECK_FALSE(framebuffer.held());
  REQUIRE(framebuffer.BeginWrite());
  CHECK(framebuffer.BeginWrite());  // the same frame goes on
  framebuffer.EndFrame(true);
  CHECK(framebuffer.held());
  CHECK_FALSE(framebuffer.BeginWrite());
  framebuffer.Release();
  CHECK(framebuffer.BeginWrite());
}

TEST_CASE("framebuffer: an unpublished frame blocks nothing") {
  Framebuffer framebuffer;
  REQUIRE(framebuffer.BeginWrite());
  framebuffer.EndFrame(false);
  CHECK(framebuffer.BeginWrite());
}

TEST_CASE("framebuffer: an empty frame does not unpublish the one before it") {
  Framebuffer framebuffer;
  REQUIRE(framebuffer.BeginWrite());
  framebuffer.EndFrame(true);
  framebuffer.EndFrame(false);
  CHECK_FALSE(framebuffer.BeginWrite());
}

TEST_CASE("framebuffer: leases block writing, counted") {
  Framebuffer framebuffer;
  REQUIRE(framebuffer.Lease());
  REQUIRE(framebuffer.Lease());
  CHECK_FALSE(framebuffer.BeginWrite());
  framebuffer.Unlease();
  CHECK_FALSE(framebuffer.BeginWrite());
  framebuffer.Unlease();
  CHECK(framebuffer.BeginWrite());
  framebuffer.EndFrame(false);
  framebuffer.Unlease();  // one too many is forgiven
  CHECK(framebuffer.Lease());
}

TEST_CASE("framebuffer: a half-written frame cannot be leased") {
  Framebuffer framebuffer;
  REQUIRE(framebuffer.BeginWrite());
  CHECK_FALSE(framebuffer.Lease());
  framebuffer.EndFrame(false);
  CHECK(framebuffer.Lease());
}

TEST_CASE("framebuffer: while a resize waits for the controller, only the controller may lease") {
  Framebuffer framebuffer;
  REQUIRE(framebuffer.BeginWrite());
  framebuffer.BeginResize();
  CHECK_FALSE(framebuffer.BeginWrite());
  CHECK_FALSE(framebuffer.Lease());
  CHECK(framebuffer.Lease(/*controller=*/true));
  framebuffer.Unlease();
  framebuffer.Release();
  CHECK(framebuffer.Lease());
  framebuffer.Unlease();
  CHECK(framebuffer.BeginWrite());
}

TEST_CASE("framebuffer: Prepare makes black with X = 0xFF in memory of its own") {
  Framebuffer framebuffer;
  framebuffer.Resize(7, 5, PixelFormat::kRgbx32);
  CHECK(framebuffer.view().data == nullptr);
  REQUIRE(framebuffer.Prepare().ok());
  const PixelView& view = framebuffer.view();
  CHECK(view.format == PixelFormat::kRgbx32);
  for (int32_t y = 0; y < 5; ++y) {
    for (int32_t i = 0; i < 7 * 4; ++i) REQUIRE(view.row(y)[i] == (i % 4 == 3 ? 0xFF : 0));
  }
}

TEST_CASE("framebuffer: caller memory needs a stride of at least a row, either way") {
  std::vector<uint8_t> memory(400);
  Framebuffer framebuffer;
  framebuffer.Resize(10, 5, PixelFormat::kBgrx32);
  const auto use = [&](uint8_t* data, int64_t stride) {
    return framebuffer.UseCallerMemory(data, stride, PixelFormat::kBgrx32);
  };
  CHECK(use(nullptr, 40).err == Err::kMalformed);
  CHECK(use(memory.data(), 39).err == Err::kMalformed);
  CHECK(use(memory.data(), -39).err == Err::kMalformed);
  CHECK(use(memory.data(), 0).err == Err::kMalformed);
  CHECK(framebuffer.view().data == nullptr);
  CHECK(use(memory.data(), 40).ok());
  CHECK(use(memory.data() + 4 * 40, -40).ok());
  CHECK(framebuffer.view().stride_bytes == -40);
}

TEST_CASE("framebuffer: Prepare writes caller memory inside the rows only, bottom-up too") {
  constexpr int32_t kW = 10, kH = 5, kStride = 56;
  for (const bool bottom_up : {false, true}) {
    std::vector<uint8_t> memory(kStride * kH, 0x77);
    Framebuffer framebuffer;
    framebuffer.Resize(kW, kH, PixelFormat::kBgrx32);
    uint8_t* const top = memory.data() + (bottom_up ? kStride * (kH - 1) : 0);
    REQUIRE(framebuffer.UseCallerMemory(top, bottom_up ? -kStride : kStride, PixelFormat::kBgrx32)
                .ok());
    REQUIRE(framebuffer.Prepare().ok());
    CHECK(framebuffer.view().data == top);
    for (int32_t y = 0; y < kH; ++y) {
      for (int32_t i = 0; i < kStride; ++i) {
        const int want = i >= kW * 4 ? 0x77 : i % 4 == 3 ? 0xFF : 0;
        REQUIRE(memory[static_cast<size_t>(y * kStride + i)] == want);
      }
    }
  }
}

std::map<std::string, uint64_t> All(const Counters& counters) {
  std::map<std::string, uint64_t> all;
  for (size_t i = 0; i < counters.size(); ++i) all[counters.name(i)] = counters.value(i);
  REQUIRE(all.size() == counters.size());  // no name twice
  return all;
}

TEST_CASE("counters: group and name together are the name; counts add up, Set replaces") {
  Counters counters;
  CHECK(counters.size() == 0);
  counters.Count("pdu", "data");
  counters.Count("pdu", "data", 4);
  counters.Count("pd", "udata");
  counters.Count("pdu", "datb");
  counters.Set("codec-id", "nscodec", 9);
  counters.Set("codec-id", "nscodec", 1);
  const std::map<std::string, uint64_t> want = {
      {"pdu/data", 5}, {"pd/udata", 1}, {"pdu/datb", 1}, {"codec-id/nscodec", 1}};
  CHECK(All(counters) == want);
}

TEST_CASE("counters: names beyond the bound are counted together, and never out of bounds") {
  Counters counters;
  constexpr uint64_t kNames = 1000;
  for (uint64_t i = 0; i < kNames; ++i) counters.Count("channel", "name" + std::to_string(i));
  counters.Count("channel", "more-names");  // a channel may be called so
  REQUIRE(counters.size() == Counters::kMax);
  CHECK(std::string(counters.name(Counters::kMax - 1)) == "undecoded/more-names");
  CHECK(counters.value(Counters::kMax - 1) == kNames + 1 - (Counters::kMax - 1));
  counters.Count("channel", "name0");
  CHECK(All(counters)["channel/name0"] == 2);
}

TEST_CASE("counters: another thread reads while the lane counts") {
  Counters counters;
  std::thread lane([&] {
    for (int i = 0; i < 20000; ++i) counters.Count("pdu", "name" + std::to_string(i % 100));
  });
  uint64_t last = 0;
  while (counters.size() < 100) {
    uint64_t sum = 0;
    for (size_t i = 0; i < counters.size(); ++i) {
      sum += counters.value(i) + (counters.name(i)[0] == 'p' ? 0 : 1000000);
    }
    CHECK(sum >= last);
    last = sum;
  }
  lane.join();
  uint64_t sum = 0;
  for (const auto& [name, value] : All(counters)) sum += value;
  CHECK(sum == 20000);
}

using Sums = std::array<uint64_t, 16 * 35>;

uint64_t PercentileOf(const Histogram& histogram, unsigned per_mille) {
  Sums sums{};
  histogram.AddTo(&sums);
  return Histogram::Percentile(sums, per_mille);
}

TEST_CASE("metrics: a percentile is at most 1/16 above its sample, from 64 ns to 18 minutes") {
  for (uint64_t ns = 64; ns < uint64_t{1} << 40; ns += ns / 7 + 1) {
    Histogram histogram;
    histogram.Add(ns);
    const uint64_t got = PercentileOf(histogram, 500);
    REQUIRE(got > ns);
    REQUIRE(got - ns <= ns / 16 + 1);
    REQUIRE(histogram.max() == ns);
  }
}

TEST_CASE("metrics: values outside the histogram's range are clamped, the maximum is exact") {
  Histogram histogram;
  histogram.Add(0);
  CHECK(PercentileOf(histogram, 500) <= 68);
  histogram.Add(UINT64_MAX);
  CHECK(histogram.max() == UINT64_MAX);
  CHECK(PercentileOf(histogram, 1000) == uint64_t{1} << 40);
  CHECK(PercentileOf(Histogram(), 990) == 0);
}

TEST_CASE("metrics: percentiles of 1000 different samples") {
  Histogram histogram;
  for (uint64_t i = 1; i <= 1000; ++i) histogram.Add(i * 1000);
  for (const unsigned per_mille : {1u, 10u, 500u, 900u, 990u, 1000u}) {
    const uint64_t want = uint64_t{per_mille} * 1000;
    const uint64_t got = PercentileOf(histogram, per_mille);
    CHECK(got >= want);
    CHECK(got - want <= want / 16 + 1);
  }
}

TEST_CASE("metrics: merging adds counters and samples and keeps the highest marks") {
  Metrics a, b;
  a.packets = 3;
  b.packets = 4;
  a.frames = 1;
  b.frames = 10;
  a.max_queued_ops = 9;
  b.max_queued_ops = 5;
  a.max_scratch_bytes = 1;
  b.max_scratch_bytes = 2;
  a.max_waiting_bytes = 6;
  b.max_waiting_bytes = 4;
  a.decode.Add(100);
  b.decode.Add(1000000);
  b.decode.Add(1000000);
  a.Merge(b);
  CHECK(a.packets.load() == 7);
  CHECK(a.frames.load() == 11);
  CHECK(a.max_queued_ops.load() == 9);
  CHECK(a.max_scratch_bytes.load() == 2);
  CHECK(a.max_waiting_bytes.load() == 6);
  CHECK(a.decode.max() == 1000000);
  CHECK(PercentileOf(a.decode, 500) >= 1000000);
  CHECK(PercentileOf(a.decode, 333) <= 108);
}

}  // namespace
}  // namespace mullion
