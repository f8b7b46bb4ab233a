#include "codecs/base/bit_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace mullion {
namespace {

// The obviously correct twin: one bit at a time, zeros after the end.
class NaiveBits {
 public:
  explicit NaiveBits(ByteView bytes) : bytes_(bytes) {}
  uint64_t Peek(unsigned count) const {
    uint64_t value = 0;
    for (size_t i = at_; i < at_ + count; ++i) value = value << 1 | Bit(i);
    return value;
  }
  void Consume(unsigned count) { at_ += count; }
  bool overrun() const { return at_ > bytes_.size() * 8; }
  size_t remaining() const { return overrun() ? 0 : bytes_.size() * 8 - at_; }

 private:
  unsigned Bit(size_t i) const {
    return i / 8 < bytes_.size() ? bytes_[i / 8] >> (7 - i % 8) & 1u : 0u;
  }
  ByteView bytes_;
  size_t at_ = 0;
};

std::vector<uint8_t> Noise(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

TEST_CASE("BitReader reads every width at every offset as the naive loop does") {
  const std::vector<uint8_t> bytes = Noise(24, 1);
  for (unsigned offset = 0; offset < 64; ++offset) {
    for (unsigned width = 1; width <= 56; ++width) {
      BitReader reader(bytes);
      NaiveBits naive(bytes);
      for (unsigned left = offset; left > 0;) {
        const unsigned step = std::min(left, 32u);
        CHECK(reader.Read(step) == naive.Peek(step));
        naive.Consume(step);
        left -= step;
      }
      reader.Refill();
      REQUIRE(reader.Peek(width) == naive.Peek(width));
      CHECK(reader.remaining_bits() == naive.remaining());
    }
  }
}

TEST_CASE("BitReader agrees with the naive loop on random walks to and past the end") {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const std::vector<uint8_t> bytes = Noise(seed % 41, seed);
    std::mt19937 random(seed);
    BitReader reader(bytes);
    NaiveBits naive(bytes);
    for (size_t used = 0; used < bytes.size() * 8 + 100;) {
      reader.Refill();
      if (random() % 3 == 0) reader.Refill();  // refilling twice changes nothing
      unsigned budget = 56;
      while (budget > 0 && random() % 4 != 0) {
        const unsigned width = 1 + static_cast<unsigned>(random()) % budget;
        REQUIRE(reader.Peek(width) == naive.Peek(width));
        reader.Consume(width);
        naive.Consume(width);
        budget -= width;
        used += width;
        REQUIRE(reader.overrun() == naive.overrun());
        REQUIRE(reader.remaining_bits() == naive.remaining());
      }
    }
  }
}

TEST_CASE("BitReader is exhausted at exactly the last bit and overrun one later") {
  const std::vector<uint8_t> bytes = {0xFF, 0x01};
  BitReader reader(bytes);
  CHECK(reader.Read(15) == 0x7F80);
  CHECK(reader.Read(0) == 0);
  CHECK(reader.Read(1) == 1);
  CHECK_FALSE(reader.overrun());
  CHECK(reader.remaining_bits() == 0);
  CHECK(reader.Read(1) == 0);
  CHECK(reader.overrun());
  for (int i = 0; i < 1000; ++i) CHECK(reader.Read(32) == 0);
  CHECK(reader.overrun());
}

TEST_CASE("BitReader over nothing is overrun by the first bit only") {
  BitReader reader(ByteView{});
  reader.Refill();
  CHECK_FALSE(reader.overrun());
  CHECK(reader.remaining_bits() == 0);
  reader.Consume(1);
  CHECK(reader.overrun());
}

}  // namespace
}  // namespace mullion
