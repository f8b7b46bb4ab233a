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

// [ones][krp]: krp after a Golomb-Rice code with that many ones.
inline constexpr auto kNextKrp = [] {
  std::array<std::array<uint8_t, 128>, kMaxFastOnes + 1> table{};
  for (int ones = 0; ones <= static_cast<int>(kMaxFastOnes); ++ones) {
    for (int krp = 0; krp <= kKpMax; ++krp) {
      const int delta = ones == 0 ? -2 : ones == 1 ? 0 : ones;
      table[static_cast<size_t>(ones)][static_cast<size_t>(krp)] =
          static_cast<uint8_t>(std::clamp(krp + delta, 0, kKpMax));
    }
  }
  return table;
}();

// [kp][zeros]: what the zero bits before a run's end mean.
struct RunPrefix {
  // Length that the zero bits stand for, less 1 << k, so that (run + the k+1 bits from the ending 1
  // on) is the whole run without masking that 1 away. Up to 15 * 1024 - 1024.
  int16_t run;
  uint8_t kp;  // after the zero bits
  uint8_t k;   // of that kp
};
inline constexpr auto kRunPrefix = [] {
  std::array<std::array<RunPrefix, kMaxFastZeros + 1>, kKpMax + 1> table{};
  for (int start = 0; start <= kKpMax; ++start) {
    int kp = start;
    int run = 0;
    for (size_t zeros = 0; zeros <= kMaxFastZeros; ++zeros) {
      const int k = kp >> kLsGr;
      table[static_cast<size_t>(start)][zeros] = {
          static_cast<int16_t>(run - (1 << k)), static_cast<uint8_t>(kp), static_cast<uint8_t>(k)};
      run += 1 << k;
      kp = std::min(kp + kUpGr, kKpMax);
    }
  }
  return table;
}();

// Golomb-Rice codes stand for 2 * magnitude - sign.
constexpr int32_t FromCode(uint32_t code) {
  return static_cast<int32_t>((code >> 1) ^ (0u - (code & 1)));
}

}  // namespace mullion::rlgr

#endif  // MULLION_CODECS_IMAGE_RLGR_TABLES_H_
