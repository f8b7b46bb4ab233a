// How fast the shared readers go: the floor under every decoder that is built on them.
#include <benchmark/benchmark.h>

#include <vector>

#include "codecs/base/bit_reader.h"
#include "codecs/base/byte_reader.h"

namespace mullion {
namespace {

std::vector<uint8_t> Noise(size_t size) {
  std::vector<uint8_t> bytes(size);
  uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return bytes;
}

// One refill per `range(0)` bits: the entropy decoders' ceiling.
void BM_BitReader(benchmark::State& state) {
  const std::vector<uint8_t> bytes = Noise(64 << 10);
  const unsigned width = static_cast<unsigned>(state.range(0));
  for (auto _ : state) {
    BitReader reader(bytes);
    uint64_t sum = 0;
    const size_t codes = bytes.size() * 8 / width;
    for (size_t i = 0; i < codes; ++i) {
      reader.Refill();
      sum += reader.Peek(width);
      reader.Consume(width);
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_BitReader)->Arg(1)->Arg(7)->Arg(23);

void BM_ByteReaderU16(benchmark::State& state) {
  const std::vector<uint8_t> bytes = Noise(64 << 10);
  for (auto _ : state) {
    ByteReader reader(bytes);
    uint32_t sum = 0;
    while (reader.remaining() >= 2) sum += reader.U16("value");
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_ByteReaderU16);

}  // namespace
}  // namespace mullion

BENCHMARK_MAIN();
