// Raw, interleaved and planar bitmaps, ours and libfreerdp2's, on the frames of ../shared/streams,
// on random ones made here, and on a captured desktop of tests/data, coded by our plain encoders.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "codecs/image/interleaved.h"
#include "codecs/image/planar.h"
#include "codecs/image/raw_bitmap.h"
#include "tests/support/bitmap_picture.h"
#include "tests/support/interleaved_encoder.h"
#include "tests/support/interleaved_plain.h"
#include "tests/support/planar_encoder.h"
#include "tests/support/png_image.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bitmap_oracle.h"
#endif

namespace mullion {
namespace {

enum class Codec { kRaw, kInterleaved, kPlanar };

// Planar parameters: the colour loss level, and these.
constexpr int kLossMask = 7, kAlpha = 8, kKeepAlpha = 16;

// One frame in tiles, and where to decode it. `name` empty: a made picture; "desktop" in tiles of
// 64 pixels, "desktop, whole" in one piece.
struct Frame {
  struct Tile {
    Rect rect;
    std::vector<uint8_t> bytes;
  };
  Codec codec;
  int bits_per_pixel;
  std::vector<Tile> tiles;
  std::vector<uint8_t> pixels;
  PixelView view;
  Palette palette;

  void Resize(int32_t width, int32_t height) {
    pixels.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, 0);
    view = {pixels.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  }
};

bool LoadStream(const std::string& name, Frame* frame) {
  bench::Stream stream;
  std::string why;
  if (!bench::ReadStream(MULLION_SOURCE_DIR "/../shared/streams/" + name + ".rdpb", &stream,
                         &why)) {
    return false;
  }
  frame->Resize(stream.width_px, stream.height_px);
  frame->bits_per_pixel = static_cast<int>(stream.param);
  for (const bench::Record& r : stream.records) {
    frame->tiles.push_back({{r.x, r.y, r.w, r.h}, {r.payload.begin(), r.payload.end()}});
  }
  return true;
}

// 64x64 tiles: desktop-like (planar), of random orders (interleaved), noise (raw).
void MakeFrame(Frame* frame) {
  constexpr int32_t kWidth = 1280, kHeight = 768, kTile = 64;
  frame->Resize(kWidth, kHeight);
  std::mt19937 random(1);
  for (int i = 0; i < 256; ++i) {
    const auto level = static_cast<uint8_t>(i);
    frame->palette.Set(i, level, static_cast<uint8_t>(3 * i), static_cast<uint8_t>(~i));
  }
  for (int32_t y = 0; y < kHeight; y += kTile) {
    for (int32_t x = 0; x < kWidth; x += kTile) {
      std::vector<uint8_t> bytes;
      if (frame->codec == Codec::kRaw) {
        bytes.resize(BitmapRowBytes(kTile, frame->bits_per_pixel) * kTile);
        for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
      } else if (frame->codec == Codec::kInterleaved) {
        bytes = RandomInterleavedStream(&random, frame->bits_per_pixel, kTile, kTile);
      } else {
        BitmapPicture picture(kTile, kTile);
        picture.FillDesktop(static_cast<uint32_t>(random()));
        bytes = EncodePlanar(picture.view(), {.colour_loss = frame->bits_per_pixel,
                                              .subsample = frame->bits_per_pixel > 0});
      }
      frame->tiles.push_back({{x, y, kTile, kTile}, std::move(bytes)});
    }
  }
}

std::vector<uint8_t> EncodeTile(const Frame& frame, const PixelView& tile) {
  if (frame.codec == Codec::kPlanar) {
    const int loss = frame.bits_per_pixel & kLossMask;
    return EncodePlanar(tile, {.colour_loss = loss,
                               .subsample = loss > 1,
                               .alpha = (frame.bits_per_pixel & kAlpha) != 0});
  }
  std::vector<uint32_t> pels;
  for (int32_t y = tile.height_px; y-- > 0;) {  // bottom-up
    for (int32_t x = 0; x < tile.width_px; ++x) {
      const uint8_t* p = tile.row(y) + ptrdiff_t{x} * 4;
      const uint32_t b = p[0], g = p[1], r = p[2];
      pels.push_back(frame.bits_per_pixel == 8    ? (r >> 5) << 5 | (g >> 5) << 2 | b >> 6
                     : frame.bits_per_pixel == 15 ? (r >> 3) << 10 | (g >> 3) << 5 | b >> 3
                     : frame.bits_per_pixel == 16 ? (r >> 3) << 11 | (g >> 2) << 5 | b >> 3
                                                  : r << 16 | g << 8 | b);
    }
  }
  return EncodeInterleaved(pels, frame.bits_per_pixel, tile.width_px);
}

bool EncodeDesktop(int32_t tile_px, Frame* frame) {
  PngImage image;
  std::string why;
  if (!ReadPng(MULLION_SOURCE_DIR "/tests/data/captures/sh2-nsc-xcrush.png", &image, &why)) {
    return false;
  }
  frame->Resize(image.width_px, image.height_px);
  // The alpha of a window with shadows: not flat, not noise.
  for (size_t i = 0; i < image.bgra.size(); i += 4) image.bgra[i + 3] = image.bgra[i + 1] | 0x0F;
  const int32_t step = tile_px > 0 ? tile_px : std::max(image.width_px, image.height_px);
  for (int32_t y = 0; y < image.height_px; y += step) {
    for (int32_t x = 0; x < image.width_px; x += step) {
      const Rect rect = Intersect({x, y, step, step}, image.view().bounds());
      frame->tiles.push_back({rect, EncodeTile(*frame, image.view().Sub(rect))});
    }
  }
  return true;
}

// `param`: bits per pixel, or planar's parameters.
bool Load(benchmark::State& state, Codec codec, const std::string& name, int param, Frame* frame) {
  frame->codec = codec;
  frame->bits_per_pixel = param;
  if (name.empty()) {
    MakeFrame(frame);
  } else if (name == "desktop" || name == "desktop, whole") {
    if (!EncodeDesktop(name == "desktop" ? 64 : 0, frame)) {
      state.SkipWithError("no picture");
      return false;
    }
  } else if (!LoadStream(name, frame)) {
    state.SkipWithError("no such stream");
    return false;
  }
  return true;
}

void Report(benchmark::State& state, const Frame& frame) {
  state.SetItemsProcessed(state.iterations() * frame.view.bounds().area());
}

void BM_Bitmap(benchmark::State& state, Codec codec, const std::string& name, int param) {
  Frame frame;
  if (!Load(state, codec, name, param, &frame)) return;
  PlanarScratch scratch;
  for (auto _ : state) {
    for (const Frame::Tile& tile : frame.tiles) {
      const PixelView dst = frame.view.Sub(tile.rect);
      const Status status =
          codec == Codec::kRaw
              ? DecodeRawBitmap(tile.bytes, frame.bits_per_pixel, &frame.palette, dst)
          : codec == Codec::kInterleaved
              ? DecodeInterleaved(tile.bytes, frame.bits_per_pixel, &frame.palette, dst.Flipped())
              : DecodePlanar(tile.bytes, dst, &scratch,
                             (param & kKeepAlpha) != 0 ? AlphaMode::kKeep : AlphaMode::kOpaque);
      if (!status.ok()) return state.SkipWithError(status.field);
    }
  }
  Report(state, frame);
}

#ifdef MULLION_HAVE_ORACLE
void BM_Bitmap_FreeRdp2(benchmark::State& state, Codec codec, const std::string& name, int param) {
  Frame frame;
  if (!Load(state, codec, name, param, &frame)) return;
  oracle::BitmapOracle peer;
  peer.leave_rows_and_alpha(true);
  for (auto _ : state) {
    for (const Frame::Tile& tile : frame.tiles) {
      const PixelView dst = frame.view.Sub(tile.rect);
      const bool ok =
          codec == Codec::kRaw
              ? peer.CopyRaw(tile.bytes, frame.bits_per_pixel, &frame.palette,
                             BitmapRowBytes(dst.width_px, frame.bits_per_pixel), dst)
          : codec == Codec::kInterleaved
              ? peer.DecodeInterleaved(tile.bytes, frame.bits_per_pixel, &frame.palette, dst)
              : peer.DecodePlanar(tile.bytes, dst, (param & kKeepAlpha) != 0);
      if (!ok) return state.SkipWithError("refused");
    }
  }
  Report(state, frame);
}
#define MULLION_BITMAP_BENCH(label, ...)            \
  BENCHMARK_CAPTURE(BM_Bitmap, label, __VA_ARGS__); \
  BENCHMARK_CAPTURE(BM_Bitmap_FreeRdp2, label, __VA_ARGS__)
#else
#define MULLION_BITMAP_BENCH(label, ...) BENCHMARK_CAPTURE(BM_Bitmap, label, __VA_ARGS__)
#endif

MULLION_BITMAP_BENCH(inter16_desktop, Codec::kInterleaved, "inter16.desktop", 16);
MULLION_BITMAP_BENCH(inter16_office, Codec::kInterleaved, "inter16.office", 16);
MULLION_BITMAP_BENCH(inter24_desktop, Codec::kInterleaved, "inter24.desktop", 24);
MULLION_BITMAP_BENCH(inter24_office, Codec::kInterleaved, "inter24.office", 24);
MULLION_BITMAP_BENCH(inter8_made, Codec::kInterleaved, "", 8);
MULLION_BITMAP_BENCH(inter15_made, Codec::kInterleaved, "", 15);
MULLION_BITMAP_BENCH(inter16_made, Codec::kInterleaved, "", 16);
MULLION_BITMAP_BENCH(inter24_made, Codec::kInterleaved, "", 24);
MULLION_BITMAP_BENCH(inter8_desktop, Codec::kInterleaved, "desktop", 8);
MULLION_BITMAP_BENCH(inter15_desktop, Codec::kInterleaved, "desktop", 15);
MULLION_BITMAP_BENCH(inter16_desktop_made, Codec::kInterleaved, "desktop", 16);
MULLION_BITMAP_BENCH(inter24_desktop_made, Codec::kInterleaved, "desktop", 24);
MULLION_BITMAP_BENCH(planarfull_office, Codec::kPlanar, "planarfull.office", 0);
MULLION_BITMAP_BENCH(planar64_desktop, Codec::kPlanar, "planar64.desktop", 0);
MULLION_BITMAP_BENCH(planar_made, Codec::kPlanar, "", 0);
MULLION_BITMAP_BENCH(planar_made_c2s1, Codec::kPlanar, "", 2);
MULLION_BITMAP_BENCH(planar64_rgb, Codec::kPlanar, "desktop", 0);
MULLION_BITMAP_BENCH(planar64_argb, Codec::kPlanar, "desktop", kAlpha | kKeepAlpha);
MULLION_BITMAP_BENCH(planar64_argb_unwanted, Codec::kPlanar, "desktop", kAlpha);
MULLION_BITMAP_BENCH(planar64_ycocg, Codec::kPlanar, "desktop", 1);
MULLION_BITMAP_BENCH(planar64_ycocg_c3s1, Codec::kPlanar, "desktop", 3);
MULLION_BITMAP_BENCH(planar64_aycocg_c3s1, Codec::kPlanar, "desktop", 3 | kAlpha | kKeepAlpha);
MULLION_BITMAP_BENCH(planarfull_rgb, Codec::kPlanar, "desktop, whole", 0);
MULLION_BITMAP_BENCH(planarfull_argb, Codec::kPlanar, "desktop, whole", kAlpha | kKeepAlpha);
MULLION_BITMAP_BENCH(planarfull_ycocg_c3s1, Codec::kPlanar, "desktop, whole", 3);
MULLION_BITMAP_BENCH(raw8, Codec::kRaw, "", 8);
MULLION_BITMAP_BENCH(raw15, Codec::kRaw, "", 15);
MULLION_BITMAP_BENCH(raw16, Codec::kRaw, "", 16);
MULLION_BITMAP_BENCH(raw24, Codec::kRaw, "", 24);
MULLION_BITMAP_BENCH(raw32, Codec::kRaw, "", 32);

}  // namespace
}  // namespace mullion
