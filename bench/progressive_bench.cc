// Progressive passes over a synthetic 512x512 picture, and libfreerdp2 on the same bytes.
#include <benchmark/benchmark.h>

#include "codecs/image/progressive.h"
#include "tests/support/progressive_draw.h"
#include "tests/support/progressive_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/progressive_oracle.h"
#endif

namespace mullion {
namespace {

constexpr int32_t kSide = 512;

struct Picture {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(size_t{kSide} * kSide * 4);
  PixelView view() { return {bytes.data(), kSide, kSide, kSide * 4, PixelFormat::kBgrx32}; }
};

// The streams of one frame: a simple pass, or a first pass and two upgrades.
std::vector<std::vector<uint8_t>> Frame(bool passes, bool reduce_extrapolate) {
  Picture picture;
  uint32_t noise = 1;
  for (int32_t y = 0; y < kSide; ++y) {
    for (int32_t x = 0; x < kSide; ++x) {
      uint8_t* p = picture.view().row(y) + x * 4;
      noise = noise * 1664525 + 1013904223;
      const bool text = x % 11 < 2 && y % 17 < 11 && (x / 11 + y / 17) % 3 != 0;
      p[0] = static_cast<uint8_t>(text ? 30 : 200 + (noise >> 30));
      p[1] = static_cast<uint8_t>(text ? 30 : 128 + y / 8);
      p[2] = static_cast<uint8_t>(text ? 40 : 128 + x / 8);
    }
  }
  ProgressiveEncoderOptions options;
  options.reduce_extrapolate = reduce_extrapolate;
  options.qualities = TwoQualities();
  ProgressiveEncoder encoder(kSide, kSide, options);
  if (!passes) return {encoder.Simple(picture.view())};
  auto first = encoder.First(picture.view(), 0);
  auto second = encoder.Upgrade(1);
  return {first, second, encoder.Upgrade(ProgressiveTile::kFullQuality)};
}

void BM_Progressive(benchmark::State& state, bool passes, bool reduce_extrapolate) {
  const auto streams = Frame(passes, reduce_extrapolate);
  Picture out;
  ProgressiveBudget budget(1 << 30);
  ProgressiveSurface surface(kSide, kSide, &budget);
  ProgressiveContext context;
  ProgressiveMessage message;
  for (auto _ : state) {
    for (const auto& stream : streams) {
      if (!ParseProgressive(stream, &context, &message).ok() ||
          !DrawProgressive(message, &surface, out.view()).ok()) {
        state.SkipWithError("not decoded");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kSide * kSide);
}
BENCHMARK_CAPTURE(BM_Progressive, simple_plain, false, false);
BENCHMARK_CAPTURE(BM_Progressive, simple, false, true);
BENCHMARK_CAPTURE(BM_Progressive, first_two_upgrades, true, true);

#ifdef MULLION_HAVE_ORACLE
void BM_ProgressivePeer(benchmark::State& state, bool passes, bool reduce_extrapolate) {
  const auto streams = Frame(passes, reduce_extrapolate);
  Picture out;
  oracle::ProgressiveOracle peer(kSide, kSide);
  for (auto _ : state) {
    for (const auto& stream : streams) {
      if (!peer.Decode(stream, out.view())) state.SkipWithError("not decoded");
    }
  }
  state.SetItemsProcessed(state.iterations() * kSide * kSide);
}
BENCHMARK_CAPTURE(BM_ProgressivePeer, simple_plain, false, false)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_ProgressivePeer, simple, false, true)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_ProgressivePeer, first_two_upgrades, true, true)->MeasureProcessCPUTime();
#endif

}  // namespace
}  // namespace mullion
