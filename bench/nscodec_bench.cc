// NSCodec, ours and libfreerdp2's, on the frames of ../shared/streams and on a made picture.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "codecs/image/nscodec.h"
#include "tests/support/nsc_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/nscodec_oracle.h"
#endif

namespace mullion {
namespace {

struct Tile {
  Rect rect;
  std::vector<uint8_t> bytes;
};

// One frame in tiles, and where to decode it.
struct Frame {
  std::vector<Tile> tiles;
  std::vector<uint8_t> pixels;
  PixelView view;

  void Resize(int32_t width, int32_t height) {
    pixels.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, 0);
    view = {pixels.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  }
};

bool LoadStream(const char* name, Frame* frame) {
  bench::Stream stream;
  std::string why;
  const std::string path = MULLION_SOURCE_DIR "/../shared/streams/" + std::string(name) + ".rdpb";
  if (!bench::ReadStream(path, &stream, &why)) return false;
  frame->Resize(stream.width_px, stream.height_px);
  for (const bench::Record& r : stream.records) {
    frame->tiles.push_back({{r.x, r.y, r.w, r.h}, {r.payload.begin(), r.payload.end()}});
  }
  return true;
}

// Windows of flat colour with text-like noise in a third of the rows.
void MakeFrame(int32_t tile_px, Frame* frame) {
  constexpr int32_t kWidth = 1280, kHeight = 768;
  frame->Resize(kWidth, kHeight);
  std::mt19937 random(1);
  for (int32_t y = 0; y < kHeight; ++y) {
    for (int32_t x = 0; x < kWidth; ++x) {
      uint8_t* p = frame->view.row(y) + static_cast<ptrdiff_t>(x) * 4;
      const bool ink = y % 18 < 9 && x / 320 % 2 == 0 && random() % 3 == 0;
      for (int c = 0; c < 3; ++c) p[c] = static_cast<uint8_t>(ink ? 30 : 200 + 10 * (x / 320) + c);
      p[3] = 0xFF;
    }
  }
  for (int32_t y = 0; y < kHeight; y += tile_px) {
    for (int32_t x = 0; x < kWidth; x += tile_px) {
      const Rect rect = {x, y, tile_px, tile_px};
      frame->tiles.push_back({rect, EncodeNsCodec(frame->view.Sub(rect), {3, true, false, true})});
    }
  }
}

bool Load(const char* name, Frame* frame) {
  if (name != nullptr) return LoadStream(name, frame);
  MakeFrame(64, frame);
  return true;
}

void BM_NsCodec(benchmark::State& state, const char* name) {
  Frame frame;
  if (!Load(name, &frame)) return state.SkipWithError("no such stream");
  NsCodecScratch scratch;
  for (auto _ : state) {
    for (const Tile& tile : frame.tiles) {
      const Status status = DecodeNsCodec(tile.bytes, &scratch, frame.view.Sub(tile.rect));
      if (!status.ok()) return state.SkipWithError(status.field);
    }
  }
  state.SetItemsProcessed(state.iterations() * frame.view.bounds().area());
}
BENCHMARK_CAPTURE(BM_NsCodec, made64, nullptr)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodec, desktop64, "nsc64_c3s1.desktop")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodec, office64, "nsc64_c3s1.office")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodec, desktopfull, "nscfull_c1s0.desktop")->Unit(benchmark::kMicrosecond);

#ifdef MULLION_HAVE_ORACLE
void BM_NsCodecFreerdp2(benchmark::State& state, const char* name) {
  Frame frame;
  if (!Load(name, &frame)) return state.SkipWithError("no such stream");
  oracle::NsCodecOracle oracle;
  for (auto _ : state) {
    for (const Tile& tile : frame.tiles) {
      if (!oracle.Decode(tile.bytes, frame.view.Sub(tile.rect))) {
        return state.SkipWithError("libfreerdp2 refused");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * frame.view.bounds().area());
}
BENCHMARK_CAPTURE(BM_NsCodecFreerdp2, made64, nullptr)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodecFreerdp2, desktop64, "nsc64_c3s1.desktop")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodecFreerdp2, office64, "nsc64_c3s1.office")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_NsCodecFreerdp2, desktopfull, "nscfull_c1s0.desktop")
    ->Unit(benchmark::kMicrosecond);
#endif

}  // namespace
}  // namespace mullion
