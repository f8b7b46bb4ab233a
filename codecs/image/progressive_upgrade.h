// The upgrade pass of one component of a Progressive tile: new low bits for its coefficients, from
// a raw bit stream where a coefficient is known to be non-zero, and from a Simplified Run-Length
// (SRL) stream where it is zero so far.
//
// Specification: MS-RDPEGFX 3.1.8.1.5 (SRL), 3.3.8.2.1.2 (upgrade passes).
// Ownership: borrows all. Over-read: never. Threads: pure functions.
#ifndef MULLION_CODECS_IMAGE_PROGRESSIVE_UPGRADE_H_
#define MULLION_CODECS_IMAGE_PROGRESSIVE_UPGRADE_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "codecs/base/bit_reader.h"
#include "codecs/base/status.h"
#include "codecs/wire/progressive.h"

namespace mullion {

// [KP][zero bits]: what zero bits of an SRL stream mean, and what is left behind them.
inline constexpr unsigned kSrlMaxZeroBits = 15;
struct SrlPrefix {
  int16_t run;  // zeros that the bits stand for, up to 15 * 1024
  uint8_t kp, k;
};
inline constexpr auto kSrlPrefixes = [] {
  std::array<std::array<SrlPrefix, kSrlMaxZeroBits + 1>, 81> table{};
  for (unsigned start = 0; start < table.size(); ++start) {
    unsigned kp = start;
    int run = 0;
    for (auto& entry : table[start]) {
      entry = {static_cast<int16_t>(run), static_cast<uint8_t>(kp), static_cast<uint8_t>(kp / 8)};
      run += 1 << (kp / 8);
      kp = std::min(kp + 4, 80u);
    }
  }
  return table;
}();

// SRL values one after the other.
class SrlReader {
 public:
  explicit SrlReader(ByteView bytes) : bits_(bytes) {}

  // How many zeros stand before the next value that is not zero, as far as the stream has been
  // read; it is read until there are `limit` of them or the value.
  [[gnu::always_inline]] uint32_t Zeros(uint32_t limit) {
    while (!value_next_ && run_ < limit) {
      // Zero bits, each for a run of 1 << k, then a 1 and k bits: at most 15 + 11 bits.
      bits_.Refill();
      const auto zeros =
          std::min(static_cast<unsigned>(std::countl_zero(bits_.window())), kSrlMaxZeroBits);
      const SrlPrefix prefix = kSrlPrefixes[kp_][zeros];
      bits_.Consume(zeros);
      run_ += static_cast<uint32_t>(prefix.run);
      kp_ = prefix.kp;
      if (zeros == kSrlMaxZeroBits) continue;
      // The 1 stands for 1 << k too much.
      run_ += static_cast<uint32_t>(bits_.Peek(1u + prefix.k)) - (1u << prefix.k);
      bits_.Consume(1u + prefix.k);
      kp_ -= std::min(kp_, 6u);
      value_next_ = true;
    }
    return run_;
  }
  // Takes `count` of them. PRECONDITION: count <= the last Zeros().
  void SkipZeros(uint32_t count) { run_ -= count; }
  // The value behind the zeros, 1 .. 2^bit_count - 1 or its negative.
  // PRECONDITION: Zeros(1) == 0, 1 <= bit_count <= 15.
  [[gnu::always_inline]] int32_t Value(unsigned bit_count) {
    value_next_ = false;
    bits_.Refill();
    const int32_t sign = -static_cast<int32_t>(bits_.Peek(1));
    const uint32_t max = (1u << bit_count) - 1;
    // The unary part behind the sign: zeros, and a 1 unless they are max - 1 of them.
    auto zeros = static_cast<uint32_t>(std::countl_zero(bits_.window() << 1));
    if (max <= kMaxFastMagnitude || zeros < kMaxFastMagnitude) [[likely]] {
      zeros = std::min(zeros, max - 1);
      bits_.Consume(1 + zeros + (zeros != max - 1));
    } else {
      zeros = LongUnary(max);
    }
    const auto magnitude = static_cast<int32_t>(zeros + 1);
    return (magnitude ^ sign) - sign;
  }

 private:
  // Sign and unary part are looked at in one window of 56 bits.
  static constexpr uint32_t kMaxFastMagnitude = 50;

  uint32_t LongUnary(uint32_t max);

  BitReader bits_;
  uint32_t run_ = 0;         // zeros that are known of
  bool value_next_ = false;  // behind them comes a value, and not another run
  uint32_t kp_ = 8;
};

struct ProgressiveUpgrade {
  const int* band_start;    // codecs/simd/progressive_tile.h
  ProgressiveQuant before;  // low bits that each band missed until now
  ProgressiveQuant after;   // and misses after this pass. INVARIANT: after[i] <= before[i] <= 15
  ByteView srl, raw;
};

// Updates the 4096 coefficients and, where it is not null, their `sign` (-1, 0, 1; LL3's is not
// looked at). Without it a coefficient's sign is its own.
// Errors: kTruncated when raw bits are missing. SRL data that ends early goes on with zeros.
Status UpgradeProgressive(const ProgressiveUpgrade& upgrade, int16_t* coefficients, int8_t* sign);

// The same, coefficient by coefficient, as the specification writes it. For tests.
Status UpgradeProgressiveReference(const ProgressiveUpgrade& upgrade, int16_t* coefficients,
                                   int8_t* sign);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PROGRESSIVE_UPGRADE_H_
