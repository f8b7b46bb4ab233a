// Scaling, and fills and copies beside memset and memcpy of the same bytes: a 1080p frame as one
// rectangle, or as tiles of 64 or 16 pixels, the sizes of cache entries and glyphs.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "codecs/image/blit.h"
#include "codecs/image/scale.h"

namespace mullion {
namespace {

enum class What { kFill, kMemset, kMove, kMoveDown, kSwap, kMemcpy };

constexpr int32_t kWidth = 1920, kHeight = 1080;
constexpr ptrdiff_t kStride = ptrdiff_t{kWidth} * 4;

// The same memory for all, since time depends on where its pages lie. Of the second frame eight
// rows more.
struct Frames {
  std::vector<uint8_t> from = std::vector<uint8_t>(kStride * kHeight, 1);
  std::vector<uint8_t> to = std::vector<uint8_t>(kStride * (kHeight + 8), 2);
};
Frames& SharedFrames() {
  static Frames frames;
  return frames;
}

// The C library's, and not what the compiler makes of a call where it knows something of the size
// (g++ 12: `rep movsq` and `rep stosq`, which are slow for short rows).
void* (*volatile const library_memcpy)(void*, const void*, size_t) = std::memcpy;
void* (*volatile const library_memset)(void*, int, size_t) = std::memset;

// `tile_px` 0: the whole frame at once. memset and memcpy go row by row in tiles.
void BM_Blit(benchmark::State& state, What what, int32_t tile_px) {
  Frames& frames = SharedFrames();
  const PixelView from = {frames.from.data(), kWidth, kHeight, kStride, PixelFormat::kBgrx32};
  PixelView to = {frames.to.data(), kWidth, kHeight, kStride, PixelFormat::kBgrx32};
  PixelView lower = to;
  lower.data += 8 * kStride;
  if (what == What::kSwap) to.format = PixelFormat::kRgbx32;
  const int32_t w = tile_px == 0 ? kWidth : tile_px, h = tile_px == 0 ? kHeight : tile_px;
  for (auto _ : state) {
    for (int32_t y = 0; y + h <= kHeight; y += h) {
      for (int32_t x = 0; x + w <= kWidth; x += w) {
        const Rect r = {x, y, w, h};
        const PixelView src = from.Sub(r), dst = to.Sub(r);
        const auto row_bytes = static_cast<size_t>(w) * 4;
        if (what == What::kFill) {
          FillPixels(dst, 0xFF336699u);
        } else if (what == What::kMove || what == What::kSwap) {
          MovePixels(src, dst);
        } else if (what == What::kMoveDown) {
          MovePixels(dst, lower.Sub(r));
        } else if (what == What::kMemset) {
          for (int32_t i = 0; i < h; ++i) library_memset(dst.row(i), 0x77, row_bytes);
        } else {
          for (int32_t i = 0; i < h; ++i) library_memcpy(dst.row(i), src.row(i), row_bytes);
        }
        benchmark::ClobberMemory();
      }
    }
  }
  state.SetBytesProcessed(state.iterations() * int64_t{4} * (kWidth / w * w) * (kHeight / h * h));
}

#define MULLION_BLIT_BENCH(label, what)               \
  BENCHMARK_CAPTURE(BM_Blit, label##_1080p, what, 0); \
  BENCHMARK_CAPTURE(BM_Blit, label##_64, what, 64);   \
  BENCHMARK_CAPTURE(BM_Blit, label##_16, what, 16)

MULLION_BLIT_BENCH(fill, What::kFill);
MULLION_BLIT_BENCH(memset, What::kMemset);
MULLION_BLIT_BENCH(move, What::kMove);
MULLION_BLIT_BENCH(move_down, What::kMoveDown);
MULLION_BLIT_BENCH(move_other_order, What::kSwap);
MULLION_BLIT_BENCH(memcpy, What::kMemcpy);

// A 1080p frame to another size; pixels of the result per second.
void BM_Scale(benchmark::State& state, int32_t width, int32_t height) {
  std::vector<uint8_t> from_bytes(size_t{kWidth} * kHeight * 4, 1);
  std::vector<uint8_t> to_bytes(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
  const PixelView from = {from_bytes.data(), kWidth, kHeight, kStride, PixelFormat::kBgrx32};
  const PixelView to = {to_bytes.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  for (auto _ : state) {
    ScalePixels(from, to, to.bounds());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * to.bounds().area());
}
BENCHMARK_CAPTURE(BM_Scale, up, 2880, 1620);
BENCHMARK_CAPTURE(BM_Scale, down, 1280, 720);

}  // namespace
}  // namespace mullion
