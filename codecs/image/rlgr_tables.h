// Constants and constexpr tables shared by the RLGR decoders. MS-RDPRFX 3.1.8.1.7.3.
#ifndef MULLION_CODECS_IMAGE_RLGR_TABLES_H_
#define MULLION_CODECS_IMAGE_RLGR_TABLES_H_

#include <algorithm>
#include <array>
#include <cstdint>

namespace mullion::rlgr {

inline constexpr int kKpMax = 80;
inline constexpr int kLsGr = 3;
inline constexpr int kUpGr = 4, kDnGr = 6;
inline constexpr int kUqGr = 3, kDqGr = 3;
inline constexpr int kKpStart = 1 << kLsGr;

// The unary parts that the fast loops take; longer ones are rare and go bit by bit.
inline constexpr unsigned kMaxFastOnes = 16;
inline constexpr unsigned kMaxFastZeros = 15;

// krp after a code with so many 1 bits.
constexpr int NextKrp(int krp, int ones) {
  const int delta = ones == 0 ? -2 : ones == 1 ? 0 : ones;
  return std::clamp(krp + delta, 0, kKpMax);
}

// The Golomb-Rice parameter in the form that the loops keep it in. Low 6 bits: kr, where shifts
// take their counts from. From bit 8 on: the index of krp's row in kNextKr, so that the next
// parameter is kNextKr[row + ones]: one load between a code's ones and the next code's shift.
using KrState = uint32_t;
inline constexpr uint32_t kKrRow = kMaxFastOnes + 1;
constexpr KrState MakeKrState(int krp) {
  const auto value = static_cast<uint32_t>(krp);
  return (value * kKrRow) << 8 | value >> kLsGr;
}
constexpr int KrpOf(KrState state) { return static_cast<int>((state >> 8) / kKrRow); }
inline constexpr auto kNextKr = [] {
  std::array<KrState, (kKpMax + 1) * kKrRow> table{};
  for (int krp = 0; krp <= kKpMax; ++krp) {
    for (int ones = 0; ones <= static_cast<int>(kMaxFastOnes); ++ones) {
      table[static_cast<size_t>(krp) * kKrRow + static_cast<size_t>(ones)] =
          MakeKrState(NextKrp(krp, ones));
    }
  }
  return table;
}();

// [kp][zeros]: what the zero bits before a run's end mean.
struct RunPrefix {
  // Length that the zero bits stand for, less 1 << k, so that (run + the k+1 bits from the ending 1
  // on) is the whole run without masking that 1 away. Up to 15 * 1024 - 1024.
  int16_t run;
  uint8_t k;        // after the zero bits: the number of bits behind the 1
  uint8_t next_kp;  // after the value that ends the run
};
inline constexpr auto kRunPrefix = [] {
  std::array<std::array<RunPrefix, kMaxFastZeros + 1>, kKpMax + 1> table{};
  for (int start = 0; start <= kKpMax; ++start) {
    int kp = start;
    int run = 0;
    for (size_t zeros = 0; zeros <= kMaxFastZeros; ++zeros) {
      const int k = kp >> kLsGr;
      table[static_cast<size_t>(start)][zeros] = {static_cast<int16_t>(run - (1 << k)),
                                                  static_cast<uint8_t>(k),
                                                  static_cast<uint8_t>(std::max(kp - kDnGr, 0))};
      run += 1 << k;
      kp = std::min(kp + kUpGr, kKpMax);
    }
  }
  return table;
}();

// [1 if the value is zero][kp]: kp after a value in RLGR1's Golomb-Rice mode, where kp is below 8.
inline constexpr auto kNextKp1 = [] {
  std::array<std::array<uint8_t, 8>, 2> table{};
  for (int kp = 0; kp < 8; ++kp) {
    table[0][static_cast<size_t>(kp)] = static_cast<uint8_t>(std::max(kp - kDqGr, 0));
    table[1][static_cast<size_t>(kp)] = static_cast<uint8_t>(kp + kUqGr);
  }
  return table;
}();
// [number of nonzero values in the pair][kp]: the same for RLGR3.
inline constexpr auto kNextKp3 = [] {
  std::array<std::array<uint8_t, 8>, 3> table{};
  for (int kp = 0; kp < 8; ++kp) {
    table[0][static_cast<size_t>(kp)] = static_cast<uint8_t>(kp + 2 * kUqGr);
    table[1][static_cast<size_t>(kp)] = static_cast<uint8_t>(kp);
    table[2][static_cast<size_t>(kp)] = static_cast<uint8_t>(std::max(kp - 2 * kDqGr, 0));
  }
  return table;
}();

}  // namespace mullion::rlgr

#endif  // MULLION_CODECS_IMAGE_RLGR_TABLES_H_
