// The tables of the loops in rlgr_lanes.cc. Their states are pointers to rows, and an entry says
// how far the next row is away: one load and one addition from a symbol to the next state.
#ifndef MULLION_CODECS_IMAGE_RLGR_LANE_TABLES_H_
#define MULLION_CODECS_IMAGE_RLGR_LANE_TABLES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/image/rlgr_tables.h"

namespace mullion::rlgr {

// The row `bytes` behind `row`.
template <class Row>
inline const Row* Move(const Row* row, int64_t bytes) {
  return reinterpret_cast<const Row*>(reinterpret_cast<const char*>(row) + bytes);
}
template <class Row>
constexpr int32_t Distance(int from, int to) {
  return (to - from) * static_cast<int32_t>(sizeof(Row));
}

// What the zero bits before a run's end mean. Before the 1 that ends the run the window has nothing
// but zeros: shifted right until the sign is its last bit, it is the 1, k bits of run and the sign.
struct alignas(8) RunEntry {  // x86-64 can scale an index by 8, not by 6
  uint8_t length;             // zeros, the 1, k bits, sign
  uint8_t shift;              // 64 - length
  int16_t twice_run;          // twice what the zeros stand for, less that 1
  int16_t next;               // to the row of kp after the value that ends the run
};

// One value of kp.
struct KpRow {
  RunEntry run[kMaxFastZeros + 1];
  int32_t
      next[3];  // Golomb-Rice mode: to the next row, by how many of the symbol's values are not 0
};

template <bool kPairs>
constexpr auto MakeKpRows() {
  constexpr int kValues = kPairs ? 2 : 1;
  std::array<KpRow, kKpMax + 1> rows{};
  for (int kp = 0; kp <= kKpMax; ++kp) {
    KpRow& row = rows[static_cast<size_t>(kp)];
    int at = kp;
    int run = 0;
    for (int zeros = 0; zeros <= static_cast<int>(kMaxFastZeros); ++zeros) {
      const int k = at >> kLsGr;
      const int length = zeros + 1 + k + 1;
      row.run[zeros] = {static_cast<uint8_t>(length), static_cast<uint8_t>(64 - length),
                        static_cast<int16_t>(2 * (run - (1 << k))),
                        static_cast<int16_t>(Distance<KpRow>(kp, std::max(at - kDnGr, 0)))};
      run += 1 << k;
      at = std::min(at + kUpGr, kKpMax);
    }
    row.next[0] = Distance<KpRow>(kp, std::min(kp + kValues * kUqGr, kKpMax));
    row.next[kValues] = Distance<KpRow>(kp, std::max(kp - kValues * kDqGr, 0));
  }
  return rows;
}
inline constexpr auto kKpRows1 = MakeKpRows<false>();
inline constexpr auto kKpRows3 = MakeKpRows<true>();

// What the 1 bits of a Golomb-Rice code mean.
struct GrEntry {
  int32_t base;  // the code, plus the inverse of what follows the 1 bits: a 0 and kr bits
  int16_t next;  // to the row of the next krp
  uint8_t next_length;
  uint8_t next_shift;  // that row's, for a code that follows at once
};

// One value of krp.
struct GrRow {
  GrEntry ones[kMaxFastOnes + 1];
  uint64_t length;          // 0 and kr bits
  uint64_t length_plus_63;  // see the split in rlgr_lanes.cc
  uint32_t shift;           // 64 - length
  uint32_t kr;
};
inline constexpr auto kGrRows = [] {
  std::array<GrRow, kKpMax + 1> rows{};
  for (int krp = 0; krp <= kKpMax; ++krp) {
    const int kr = krp >> kLsGr;
    GrRow& row = rows[static_cast<size_t>(krp)];
    row.length = static_cast<uint64_t>(kr) + 1;
    row.length_plus_63 = row.length + 63;
    row.shift = static_cast<uint32_t>(63 - kr);
    row.kr = static_cast<uint32_t>(kr);
    for (int ones = 0; ones <= static_cast<int>(kMaxFastOnes); ++ones) {
      const int next = NextKrp(krp, ones);
      row.ones[ones] = {
          (ones << kr) + (2 << kr) - 1, static_cast<int16_t>(Distance<GrRow>(krp, next)),
          static_cast<uint8_t>((next >> kLsGr) + 1), static_cast<uint8_t>(63 - (next >> kLsGr))};
    }
  }
  return rows;
}();

}  // namespace mullion::rlgr

#endif  // MULLION_CODECS_IMAGE_RLGR_LANE_TABLES_H_
