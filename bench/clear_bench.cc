// ClearCodec and QOI on made pictures; ClearCodec beside libfreerdp2.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "codecs/image/clear.h"
#include "codecs/image/qoi.h"
#include "tests/support/clear_encoder.h"
#include "tests/support/qoi_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/clear_oracle.h"
#endif

namespace mullion {
namespace {

constexpr int32_t kWidth = 1024, kHeight = 520;

// Lines of text-like glyphs, each from an alphabet of 64, on white.
struct Text {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(size_t{kWidth} * kHeight * 4, 0xFF);
  PixelView view = {bytes.data(), kWidth, kHeight, ptrdiff_t{kWidth} * 4, PixelFormat::kBgrx32};

  explicit Text(uint32_t seed) {
    std::mt19937 random(seed);
    for (int32_t top = 0; top + 13 <= kHeight; top += 26) {
      for (int32_t left = 0; left + 8 <= kWidth; left += 8) {
        std::mt19937 shape(static_cast<uint32_t>(random() % 64));
        for (int32_t y = 3; y < 13; ++y) {
          for (int32_t x = 0; x < 7; ++x) {
            if (shape() % 3 != 0) continue;
            uint8_t* p = view.row(top + y) + ptrdiff_t{left + x} * 4;
            for (int c = 0; c < 3; ++c) p[c] = static_cast<uint8_t>(shape() % 2 * 90);
          }
        }
      }
    }
  }
};

// A session of four screens of text in bands; it may be played again and again, for its first
// message puts the cursors back.
std::vector<std::vector<uint8_t>> TextSession() {
  ClearEncoder encoder;
  std::vector<std::vector<uint8_t>> messages;
  for (uint32_t i = 0; i < 4; ++i) {
    ClearPlan plan;
    plan.residual = false;
    plan.cache_reset = i == 0;
    for (int32_t y = 0; y < kHeight; y += 26) plan.bands.push_back({0, y, kWidth, 26});
    messages.push_back(encoder.Encode(Text(i).view, plan));
  }
  return messages;
}

template <class Decode>
void PlayText(benchmark::State& state, const Decode& decode) {
  auto messages = TextSession();
  Text out(0);
  uint8_t seq = 0;
  for (auto _ : state) {
    for (auto& message : messages) {
      message[1] = seq++;
      if (!decode(message, out.view)) return state.SkipWithError("refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * 4 * kWidth * kHeight);
}

void BM_ClearText(benchmark::State& state) {
  ClearDecoder decoder;
  PlayText(state, [&](ByteView in, const PixelView& dst) { return decoder.Decode(in, dst).ok(); });
}
BENCHMARK(BM_ClearText)->Unit(benchmark::kMicrosecond);

#ifdef MULLION_HAVE_ORACLE
void BM_ClearTextFreerdp2(benchmark::State& state) {
  oracle::ClearOracle oracle;
  PlayText(state, [&](ByteView in, const PixelView& dst) { return oracle.Decode(in, dst); });
}
BENCHMARK(BM_ClearTextFreerdp2)->Unit(benchmark::kMicrosecond);
#endif

void BM_Qoi(benchmark::State& state) {
  Text text(1);
  const auto coded = EncodeQoi(text.view, 3);
  for (auto _ : state) {
    if (!DecodeQoi(coded, text.view).ok()) return state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations() * kWidth * kHeight);
}
BENCHMARK(BM_Qoi)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mullion
