// Pointer images beside libfreerdp2, and beside a copy of the picture, which is the floor.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "codecs/image/pointer_image.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/pointer_oracle.h"
#endif

namespace mullion {
namespace {

// An arrow: a triangle of colours, with a black edge, on a transparent ground.
struct Arrow {
  std::vector<uint8_t> xor_mask, and_mask;
  PointerShape shape;

  Arrow(uint16_t side_px, uint16_t bits_per_pixel) {
    const size_t side = side_px, row_bits = side * bits_per_pixel;
    const size_t xor_stride = (row_bits + 15) / 16 * 2, and_stride = (side + 15) / 16 * 2;
    xor_mask.resize(xor_stride * side);
    and_mask.resize(and_stride * side, 0xFF);
    for (size_t y = 0; y < side; ++y) {
      for (size_t x = 0; x <= y / 2; ++x) {
        and_mask[y * and_stride + x / 8] &= static_cast<uint8_t>(~(0x80u >> x % 8));
        if (x == 0 || x == y / 2) continue;
        uint8_t* row = &xor_mask[y * xor_stride];
        if (bits_per_pixel == 1) row[x / 8] |= static_cast<uint8_t>(0x80u >> x % 8);
        for (size_t i = 0; i < bits_per_pixel / 8u; ++i) {
          row[x * bits_per_pixel / 8 + i] = static_cast<uint8_t>(0xC0 + y);
        }
      }
    }
    shape.width = shape.height = side_px;
    shape.xor_bpp = bits_per_pixel;
    shape.xor_mask = xor_mask;
    shape.and_mask = and_mask;
  }
};

template <typename Decode>
void RunPointer(benchmark::State& state, const Decode& decode) {
  const Arrow arrow(static_cast<uint16_t>(state.range(0)), static_cast<uint16_t>(state.range(1)));
  std::vector<uint8_t> bgra;
  for (auto _ : state) {
    if (!decode(arrow.shape, &bgra)) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(bgra.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bgra.size()));
}

void Shapes(benchmark::internal::Benchmark* bench) {
  bench->Args({32, 1})->Args({32, 24})->Args({64, 32})->Args({384, 32});
}

void BM_Pointer(benchmark::State& state) {
  RunPointer(state, [](const PointerShape& shape, std::vector<uint8_t>* bgra) {
    return DecodePointerImage(shape, bgra).ok();
  });
}
BENCHMARK(BM_Pointer)->Apply(Shapes);

#ifdef MULLION_HAVE_ORACLE
void BM_PointerFreerdp2(benchmark::State& state) {
  RunPointer(state, [](const PointerShape& shape, std::vector<uint8_t>* bgra) {
    return oracle::DecodePointerImage(shape, bgra);
  });
}
BENCHMARK(BM_PointerFreerdp2)->Apply(Shapes);
#endif

void BM_PointerMemcpy(benchmark::State& state) {
  const std::vector<uint8_t> from(static_cast<size_t>(state.range(0) * state.range(0)) * 4, 1);
  RunPointer(state, [&](const PointerShape&, std::vector<uint8_t>* bgra) {
    bgra->resize(from.size());
    std::memcpy(bgra->data(), from.data(), from.size());
    return true;
  });
}
BENCHMARK(BM_PointerMemcpy)->Apply(Shapes);

}  // namespace
}  // namespace mullion
