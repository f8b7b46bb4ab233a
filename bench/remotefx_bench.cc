// RemoteFX, ours and libfreerdp2's, on the frames of ../shared/streams and on a made picture; and
// our stages by themselves.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "codecs/image/remotefx.h"
#include "codecs/image/rlgr.h"
#include "codecs/simd/rfx_tile.h"
#include "tests/support/rfx_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/remotefx_oracle.h"
#endif

namespace mullion {
namespace {

struct Frame {
  std::vector<uint8_t> bytes;
  RfxMessage message;
  std::vector<uint8_t> pixels;  // whole tiles: 64 does not divide 1080
  PixelView view;
  int32_t height_px = 0;

  bool Parse(int32_t width, int32_t height) {
    RfxParser parser;
    if (!parser.Parse(bytes, &message).ok() || message.tile_sets.size() != 1) return false;
    const int32_t w = (width + 63) / 64 * 64, h = (height + 63) / 64 * 64;
    pixels.assign(static_cast<size_t>(w) * static_cast<size_t>(h) * 4, 0);
    view = {pixels.data(), w, h, ptrdiff_t{w} * 4, PixelFormat::kBgrx32};
    height_px = height;
    return true;
  }
};

// Windows of flat colour and gradients, with text-like noise in a third of the rows.
void MakeFrame(RfxEntropy entropy, Frame* frame) {
  constexpr int32_t kWidth = 1280, kHeight = 768;
  std::vector<uint8_t> pixels(size_t{kWidth} * kHeight * 4);
  const PixelView view = {pixels.data(), kWidth, kHeight, ptrdiff_t{kWidth} * 4};
  std::mt19937 random(1);
  for (int32_t y = 0; y < kHeight; ++y) {
    for (int32_t x = 0; x < kWidth; ++x) {
      uint8_t* p = view.row(y) + static_cast<ptrdiff_t>(x) * 4;
      const bool ink = y % 18 < 9 && x / 320 % 2 == 0 && random() % 3 == 0;
      const int paper = x / 320 == 1 ? (x + y) / 8 : 200 + 10 * (x / 320);
      for (int c = 0; c < 3; ++c) p[c] = static_cast<uint8_t>(ink ? 30 : paper + c);
      p[3] = 0xFF;
    }
  }
  RfxEncoderOptions options;
  options.entropy = entropy;
  frame->bytes = EncodeRfxMessage(view, options);
  frame->Parse(kWidth, kHeight);
}

bool LoadFrame(const std::string& name, Frame* frame) {
  bench::Stream stream;
  std::string why;
  if (!bench::ReadStream(MULLION_SOURCE_DIR "/../shared/streams/" + name + ".rdpb", &stream,
                         &why)) {
    return false;
  }
  frame->bytes.assign(stream.records[0].payload.begin(), stream.records[0].payload.end());
  return frame->Parse(stream.width_px, stream.height_px);
}

Frame* GetFrame(benchmark::State& state, const std::string& name) {
  static Frame frame;
  static std::string loaded;
  if (loaded == name) return &frame;
  loaded = name;
  if (name == "made1" || name == "made3") {
    MakeFrame(name == "made1" ? RfxEntropy::kRlgr1 : RfxEntropy::kRlgr3, &frame);
  } else if (!LoadFrame(name, &frame)) {
    loaded.clear();
    state.SkipWithError("no such stream");
    return nullptr;
  }
  return &frame;
}

void Decode(benchmark::State& state, const std::string& name) {
  Frame* frame = GetFrame(state, name);
  if (frame == nullptr) return;
  const RfxTileSet& set = frame->message.tile_sets[0];
  for (auto _ : state) {
    for (const RfxTile& tile : frame->message.Tiles(set)) {
      const Rect place = {tile.x_idx * 64, tile.y_idx * 64, 64, 64};
      if (!DecodeRfxTile(set.entropy, frame->message.Quants(set), tile, frame->view.Sub(place))
               .ok()) {
        state.SkipWithError("failed");
      }
    }
  }
}

void Rlgr(benchmark::State& state, const std::string& name) {
  Frame* frame = GetFrame(state, name);
  if (frame == nullptr) return;
  const RfxTileSet& set = frame->message.tile_sets[0];
  int16_t coefficients[kRlgrCoefficients];
  for (auto _ : state) {
    for (const RfxTile& tile : frame->message.Tiles(set)) {
      for (const ByteView bytes : {tile.y, tile.cb, tile.cr}) {
        benchmark::DoNotOptimize(DecodeRlgr(set.entropy, bytes, coefficients));
      }
    }
  }
}

// One tile from coefficients to pixels.
void DrawTile(benchmark::State& state) {
  std::vector<int16_t> plane(kRfxPlaneSize);
  for (size_t i = 0; i < plane.size(); ++i) plane[i] = static_cast<int16_t>(i * 37 % 199);
  std::vector<uint8_t> pixels(64 * 64 * 4);
  for (auto _ : state) {
    RfxDrawTile(plane.data(), plane.data(), plane.data(), {pixels.data(), 64, 64, 256});
    benchmark::ClobberMemory();
  }
}

#ifdef MULLION_HAVE_ORACLE
// Includes the parsing of the message; its tiles go to libfreerdp2's pool, so look at CPU time of
// the process (MeasureProcessCPUTime).
void Peer(benchmark::State& state, const std::string& name) {
  Frame* frame = GetFrame(state, name);
  if (frame == nullptr) return;
  PixelView view = frame->view;
  view.height_px = frame->height_px;
  oracle::RemoteFxOracle oracle(view.width_px, view.height_px);
  for (auto _ : state) {
    if (!oracle.Decode(frame->bytes, view)) state.SkipWithError("failed");
  }
}
#endif

const bool registered = [] {
  benchmark::RegisterBenchmark("rfx_draw_tile", DrawTile);
  for (const std::string name : {"rfx_rlgr1.desktop", "rfx_rlgr3.desktop", "rfx_rlgr1.office",
                                 "rfx_rlgr3.office", "made1", "made3"}) {
    benchmark::RegisterBenchmark(("rfx/" + name).c_str(), Decode, name)
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("rfx_rlgr_alone/" + name).c_str(), Rlgr, name)
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMillisecond);
#ifdef MULLION_HAVE_ORACLE
    benchmark::RegisterBenchmark(("rfx_libfreerdp2/" + name).c_str(), Peer, name)
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMillisecond);
#endif
  }
  return true;
}();

}  // namespace
}  // namespace mullion
