// One RLGR symbol at a time, with every check: what the fast loops leave for it.
#ifndef MULLION_CODECS_IMAGE_RLGR_CAREFUL_H_
#define MULLION_CODECS_IMAGE_RLGR_CAREFUL_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codecs/image/rlgr.h"
#include "codecs/image/rlgr_tables.h"

namespace mullion::rlgr {

inline uint64_t LoadBe64(const uint8_t* p) {
  uint64_t raw;
  std::memcpy(&raw, p, sizeof(raw));
  return __builtin_bswap64(raw);
}

// What passes between the fast loop and careful steps.
struct State {
  size_t bit = 0;      // position in the data
  int written = 0;     // coefficients, up to 4096
  int kp = kKpStart;   // 0..80
  int krp = kKpStart;  // 0..80
};

enum class StepResult { kGoOn, kEnd, kMalformed };

// One symbol, of any length, anywhere in the data.
template <RfxEntropy kMode>
class CarefulStep {
 public:
  CarefulStep(ByteView bytes, uint16_t* out) : bytes_(bytes), bits_(bytes.size() * 8), out_(out) {}

  StepResult operator()(State* state) {
    State s = *state;
    if (s.bit >= bits_ || s.written == kRlgrCoefficients) return StepResult::kEnd;
    if ((s.kp >> kLsGr) != 0) {
      // A run that fills the tile ends it: nothing behind it is looked at.
      const size_t left = static_cast<size_t>(kRlgrCoefficients - s.written);
      size_t run = 0;
      for (size_t zeros = CountPrefix(&s, 0); zeros > 0 && run < left; --zeros) {
        run += size_t{1} << (s.kp >> kLsGr);
        s.kp = std::min(s.kp + kUpGr, kKpMax);
      }
      if (run < left) run += Bits(&s, static_cast<unsigned>(s.kp >> kLsGr));
      if (run >= left) return StepResult::kEnd;
      const bool negative = Bits(&s, 1) != 0;
      uint32_t code;
      if (!GolombRice(&s, &code)) return s.bit > bits_ ? StepResult::kEnd : StepResult::kMalformed;
      if (s.bit > bits_) return StepResult::kEnd;
      s.kp = std::max(s.kp - kDnGr, 0);
      s.written += static_cast<int>(run);
      code = 2 * (code + 1) - (negative ? 1 : 0);
      if (code > 0xFFFF) return StepResult::kMalformed;
      Write(&s, code);
    } else {
      uint32_t code;
      if (!GolombRice(&s, &code)) return s.bit > bits_ ? StepResult::kEnd : StepResult::kMalformed;
      if (kMode == RfxEntropy::kRlgr1) {
        if (s.bit > bits_) return StepResult::kEnd;
        s.kp = code == 0 ? s.kp + kUqGr : std::max(s.kp - kDqGr, 0);
        Write(&s, code);
      } else {
        const uint32_t first = Bits(&s, static_cast<unsigned>(std::bit_width(code)));
        const uint32_t second = code - first;
        if (s.bit > bits_) return StepResult::kEnd;
        if (first > code) return StepResult::kMalformed;
        if (first != 0 && second != 0) s.kp = std::max(s.kp - 2 * kDqGr, 0);
        if (code == 0) s.kp += 2 * kUqGr;
        Write(&s, first);
        Write(&s, second);
      }
    }
    *state = s;
    return StepResult::kGoOn;
  }

 private:
  // The next 64 bits; zeros (or, with `fill`, ones) stand behind the end of the data.
  uint64_t Window(size_t bit) const {
    const size_t byte = bit / 8;
    uint64_t window = 0;
    if (byte + 8 <= bytes_.size()) {
      window = LoadBe64(bytes_.data() + byte);
    } else {
      for (size_t i = byte; i < bytes_.size(); ++i) {
        window |= static_cast<uint64_t>(bytes_[i]) << (56 - 8 * (i - byte));
      }
    }
    return window << (bit % 8);  // the low 7 bits may be missing: users take 57 at most
  }
  // Bits equal to `bit` before the first other one, which is consumed too. Padding counts as other.
  size_t CountPrefix(State* s, unsigned bit) const {
    size_t count = 0;
    while (true) {
      const uint64_t window = Window(s->bit);
      const unsigned here = static_cast<unsigned>(std::countl_zero(bit != 0 ? ~window : window));
      const size_t left = bits_ > s->bit ? bits_ - s->bit : 0;
      const size_t step = std::min<size_t>({here, 56, left});
      count += step;
      s->bit += step;
      if (step < 56) break;
    }
    ++s->bit;
    return count;
  }
  uint32_t Bits(State* s, unsigned count) const {
    if (count == 0) return 0;
    const uint64_t value = Window(s->bit) >> (64 - count);
    s->bit += count;
    return static_cast<uint32_t>(value);
  }
  bool GolombRice(State* s, uint32_t* code) const {
    const size_t ones = CountPrefix(s, 1);
    const unsigned kr = static_cast<unsigned>(s->krp >> kLsGr);
    const size_t value = (ones << kr) | Bits(s, kr);
    if (ones == 0) s->krp = std::max(s->krp - 2, 0);
    if (ones > 1)
      s->krp = static_cast<int>(std::min(ones + static_cast<size_t>(s->krp), size_t{kKpMax}));
    *code = static_cast<uint32_t>(value);
    return value <= 0xFFFF;
  }
  void Write(State* s, uint32_t code) {
    if (s->written < kRlgrCoefficients) out_[s->written++] = static_cast<uint16_t>(code);
  }

  ByteView bytes_;
  size_t bits_;
  uint16_t* out_;
};

}  // namespace mullion::rlgr

#endif  // MULLION_CODECS_IMAGE_RLGR_CAREFUL_H_
