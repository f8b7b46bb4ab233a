// H.264 frames, ours and libfreerdp2's, with the same libavcodec below: whole frames, and apart the
// decoding and the conversion to pixels, which is what differs.
//
// desktopseq: twelve 1920x1080 frames of ../shared/streams. windows: the 98 AVC444 frames
// (1024x768, luma and chroma in turn, in parts) and windows_v2: the five AVC444v2 frames (whole) of
// ../shared/captures/public. Times are of the whole sequence; libfreerdp2 converts on threads of
// its own, so compare its CPU time (process time), not its real time.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "tests/support/avc_draw.h"
#include "tests/support/egfx_dump.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/avc_oracle.h"
#endif

namespace mullion {
namespace {

struct Frame {
  std::vector<uint8_t> pixels;
  PixelView view;

  Frame(int32_t width, int32_t height)
      : pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 4),
        view{pixels.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32} {}
};

constexpr int64_t kMaxPx = 1920 * 1088;

enum class Part { kAll, kDecode, kConvert };

bool ReadDesktop(bench::Stream* stream) {
  std::string why;
  return bench::ReadStream(MULLION_SOURCE_DIR "/../shared/streams/avc420.desktopseq.rdpb", stream,
                           &why);
}

void BM_Avc420(benchmark::State& state, Part part) {
  bench::Stream stream;
  if (!ReadDesktop(&stream)) return state.SkipWithError("no such stream");
  Frame frame(stream.width_px, stream.height_px);
  const Rect all = frame.view.bounds();
  std::vector<AvcPicture> pictures(stream.records.size());
  const auto decode = [&] {
    AvcDecoder decoder(kMaxPx);
    bool good = true;
    for (size_t i = 0; i < pictures.size(); ++i) {
      good = decoder.Decode(stream.records[i].payload, &pictures[i]).ok() && good;
      if (part == Part::kAll && good) DrawAvc420(pictures[i], {&all, 1}, all, frame.view);
      if (part != Part::kConvert) pictures[i] = AvcPicture();
    }
    return good;
  };
  if (part == Part::kConvert && !decode()) return state.SkipWithError("not decoded");
  for (auto _ : state) {
    if (part != Part::kConvert) {
      if (!decode()) return state.SkipWithError("not decoded");
      continue;
    }
    for (const AvcPicture& picture : pictures) DrawAvc420(picture, {&all, 1}, all, frame.view);
  }
  state.SetItemsProcessed(state.iterations() * all.area() *
                          static_cast<int64_t>(stream.records.size()));
}
BENCHMARK_CAPTURE(BM_Avc420, desktopseq, Part::kAll)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_Avc420, desktopseq_decode, Part::kDecode)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Avc420, desktopseq_convert, Part::kConvert)->Unit(benchmark::kMillisecond);

// A dump of a session, parsed.
struct Dump {
  Yuv444Layout layout;
  std::vector<uint8_t> bytes;
  std::vector<Avc444Stream> frames;
  Frame frame{1024, 768};

  explicit Dump(Yuv444Layout of) : layout(of) {
    const std::string name =
        of == Yuv444Layout::kV1 ? "ironrdp-sample1_avc444" : "ironrdp-sample1_avc444v2";
    std::ifstream in(
        MULLION_SOURCE_DIR "/../shared/captures/public/" + name + "/" + name + "-egfx.in.data",
        std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    for (const EgfxBitmap& bitmap : BitmapsOfEgfxDump(bytes)) {
      Avc444Stream stream;
      if (ParseAvc444(bitmap.data, &stream).ok()) frames.push_back(std::move(stream));
    }
  }
};

struct Views {
  AvcPicture main, aux;
};

void BM_Avc444(benchmark::State& state, Yuv444Layout layout, Part part) {
  Dump dump(layout);
  if (dump.frames.empty()) return state.SkipWithError("no such dump");
  const Rect all = dump.frame.view.bounds();
  std::vector<Views> views(dump.frames.size());
  const auto draw = [&](size_t i, Avc444State* surface) {
    const bool good =
        surface->Update(layout, dump.frames[i], views[i].main, views[i].aux, all).ok();
    surface->Draw(dump.frames[i], all, dump.frame.view);
    surface->EndFrame();
    return good;
  };
  const auto decode = [&] {
    AvcDecoder decoder(kMaxPx);
    Avc444State surface;
    bool good = true;
    for (size_t i = 0; i < views.size() && good; ++i) {
      const Avc444Stream& frame = dump.frames[i];
      if (frame.has_main) good = decoder.Decode(frame.main.bitstream, &views[i].main).ok();
      if (frame.has_aux && good) good = decoder.Decode(frame.aux.bitstream, &views[i].aux).ok();
      if (part == Part::kAll && good) good = draw(i, &surface);
      if (part != Part::kConvert) views[i] = Views();
    }
    return good;
  };
  if (part == Part::kConvert && !decode()) return state.SkipWithError("not decoded");
  for (auto _ : state) {
    if (part != Part::kConvert) {
      if (!decode()) return state.SkipWithError("not decoded");
      continue;
    }
    Avc444State surface;
    for (size_t i = 0; i < views.size(); ++i) {
      if (!draw(i, &surface)) return state.SkipWithError("not drawn");
    }
  }
}
BENCHMARK_CAPTURE(BM_Avc444, windows, Yuv444Layout::kV1, Part::kAll)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_Avc444, windows_decode, Yuv444Layout::kV1, Part::kDecode)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Avc444, windows_convert, Yuv444Layout::kV1, Part::kConvert)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Avc444, windows_v2, Yuv444Layout::kV2, Part::kAll)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_Avc444, windows_v2_decode, Yuv444Layout::kV2, Part::kDecode)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Avc444, windows_v2_convert, Yuv444Layout::kV2, Part::kConvert)
    ->Unit(benchmark::kMillisecond);

#ifdef MULLION_HAVE_ORACLE
void BM_Avc420Freerdp2(benchmark::State& state) {
  bench::Stream stream;
  if (!ReadDesktop(&stream)) return state.SkipWithError("no such stream");
  Frame frame(stream.width_px, stream.height_px);
  const Rect all = frame.view.bounds();
  oracle::AvcOracle(stream.width_px, stream.height_px)  // see BM_Avc444Freerdp2
      .Decode420(stream.records[0].payload, {&all, 1}, frame.view);
  for (auto _ : state) {
    oracle::AvcOracle oracle(stream.width_px, stream.height_px);
    for (const bench::Record& record : stream.records) {
      if (!oracle.Decode420(record.payload, {&all, 1}, frame.view)) {
        return state.SkipWithError("libfreerdp2 refused");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * all.area() *
                          static_cast<int64_t>(stream.records.size()));
}
BENCHMARK(BM_Avc420Freerdp2)
    ->Name("BM_Avc420Freerdp2/desktopseq")
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

void BM_Avc444Freerdp2(benchmark::State& state, Yuv444Layout layout) {
  Dump dump(layout);
  if (dump.frames.empty()) return state.SkipWithError("no such dump");
  // The process's first frame starts libfreerdp2's threads, and takes 0.3 s.
  oracle::AvcOracle(dump.frame.view.width_px, dump.frame.view.height_px)
      .Decode444(layout, dump.frames[0], dump.frame.view);
  for (auto _ : state) {
    oracle::AvcOracle oracle(dump.frame.view.width_px, dump.frame.view.height_px);
    for (const Avc444Stream& frame : dump.frames) {
      if (!oracle.Decode444(layout, frame, dump.frame.view)) {
        return state.SkipWithError("libfreerdp2 refused");
      }
    }
  }
}
BENCHMARK_CAPTURE(BM_Avc444Freerdp2, windows, Yuv444Layout::kV1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(BM_Avc444Freerdp2, windows_v2, Yuv444Layout::kV2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
#endif

}  // namespace
}  // namespace mullion
