// The upgrade pass of one component of a Progressive tile: new low bits for its coefficients, from
// a raw bit stream where a coefficient is known to be non-zero, and from a Simplified Run-Length
// (SRL) stream where it is zero so far.
//
// Specification: MS-RDPEGFX 3.1.8.1.5 (SRL), 3.3.8.2.1.2 (upgrade passes).
// Ownership: borrows all. Over-read: never. Threads: pure functions.
#ifndef MULLION_CODECS_IMAGE_PROGRESSIVE_UPGRADE_H_
#define MULLION_CODECS_IMAGE_PROGRESSIVE_UPGRADE_H_

#include <cstdint>

#include "codecs/base/bit_reader.h"
#include "codecs/base/status.h"
#include "codecs/wire/progressive.h"

namespace mullion {

// SRL values one after the other.
class SrlReader {
 public:
  explicit SrlReader(ByteView bytes) : bits_(bytes) {}

  // How many zeros stand before the next value that is not zero; at most `limit`, and no more of
  // the stream is read than it takes to know so.
  uint32_t Zeros(uint32_t limit);
  // Takes `count` of them. PRECONDITION: count <= the last Zeros().
  void SkipZeros(uint32_t count) { run_ -= count; }
  // The value behind the zeros, 1 .. 2^bit_count - 1 or its negative.
  // PRECONDITION: Zeros(1) == 0, 1 <= bit_count <= 15.
  int32_t Value(unsigned bit_count);

 private:
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
