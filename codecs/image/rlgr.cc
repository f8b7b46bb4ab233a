// Bit budget. One refill puts 56 bits or more into a 64-bit window. A Golomb-Rice code takes at
// most ones + 1 + kr <= 16 + 1 + 10 = 27 of them, so two RLGR1 codes fit in one refill, or one
// RLGR3 code with its split (27 + 15 = 42). A run takes zeros + 1 + k + 1 <= 27 and its level
// another 27: 54. Longer unary parts (under 0.2 % of the codes in practice) leave the fast loop for
// one careful step.
//
// Dependencies. The critical path of a Golomb-Rice code is window -> leading ones -> length ->
// window: about 7 cycles. krp follows through a table indexed by (ones, krp), in time for the next
// code's remainder. Nothing in the loop depends on decoded values except kp, which is kept by
// conditional moves; the only branches are "still in Golomb-Rice mode?" and the margins.
//
// Margins. The fast loop runs while 8 bytes can be loaded and two coefficients can be stored; the
// last bytes are read through a zero padded copy of the tail, where each symbol is checked against
// the end of the data before it counts.
#include "codecs/image/rlgr.h"

#include <bit>
#include <cstring>

#include "codecs/image/rlgr_tables.h"

namespace mullion {
namespace {

using rlgr::FromCode;
using rlgr::kDnGr;
using rlgr::kDqGr;
using rlgr::kKpMax;
using rlgr::kKpStart;
using rlgr::kLsGr;
using rlgr::kMaxFastOnes;
using rlgr::kMaxFastZeros;
using rlgr::kNextKrp;
using rlgr::kRunPrefix;
using rlgr::kUpGr;
using rlgr::kUqGr;
using rlgr::RunPrefix;

uint64_t LoadBe64(const uint8_t* p) {
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

enum class StepResult { kGoOn, kEnd, kTooLarge };

// One symbol, of any length, anywhere in the data.
template <RfxEntropy kMode>
class CarefulStep {
 public:
  CarefulStep(ByteView bytes, int16_t* out) : bytes_(bytes), bits_(bytes.size() * 8), out_(out) {}

  StepResult operator()(State* state) {
    State s = *state;
    if (s.bit >= bits_) return StepResult::kEnd;
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
      if (!GolombRice(&s, &code)) return s.bit > bits_ ? StepResult::kEnd : StepResult::kTooLarge;
      if (s.bit > bits_) return StepResult::kEnd;
      s.kp = std::max(s.kp - kDnGr, 0);
      s.written += static_cast<int>(run);
      const int32_t magnitude = static_cast<int32_t>(code) + 1;
      Write(&s, negative ? -magnitude : magnitude);
    } else {
      uint32_t code;
      if (!GolombRice(&s, &code)) return s.bit > bits_ ? StepResult::kEnd : StepResult::kTooLarge;
      if (kMode == RfxEntropy::kRlgr1) {
        if (s.bit > bits_) return StepResult::kEnd;
        s.kp = code == 0 ? s.kp + kUqGr : std::max(s.kp - kDqGr, 0);
        Write(&s, FromCode(code));
      } else {
        const uint32_t first = Bits(&s, static_cast<unsigned>(std::bit_width(code)));
        const uint32_t second = code - first;
        if (s.bit > bits_) return StepResult::kEnd;
        if (first != 0 && second != 0) s.kp = std::max(s.kp - 2 * kDqGr, 0);
        if (code == 0) s.kp += 2 * kUqGr;
        Write(&s, FromCode(first));
        Write(&s, FromCode(second));
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
  void Write(State* s, int32_t value) {
    if (s->written < kRlgrCoefficients) out_[s->written++] = static_cast<int16_t>(value);
  }

  ByteView bytes_;
  size_t bits_;
  int16_t* out_;
};

// Decodes while the margins allow it. On return `state` stands at a symbol's first bit.
template <RfxEntropy kMode>
void DecodeFast(ByteView bytes, int16_t* const out, State* state) {
  if (bytes.size() < 16 || state->bit / 8 > bytes.size() - 16) return;
  const uint8_t* next = bytes.data() + state->bit / 8;
  const uint8_t* const last = bytes.data() + bytes.size() - 8;  // the last place to load from
  uint64_t window = LoadBe64(next) << (state->bit % 8);
  next += 7;  // 7 whole bytes are in the window, and the bits of the eighth that fit
  unsigned count = 56 - static_cast<unsigned>(state->bit % 8);
  int16_t* o = out + state->written;
  int16_t* const o_end = out + kRlgrCoefficients;
  unsigned kp = static_cast<unsigned>(state->kp);
  unsigned krp = static_cast<unsigned>(state->krp);

  auto refill = [&] {
    window |= LoadBe64(next) >> count;
    next += (63 - count) >> 3;
    count |= 56;
  };

  while (next <= last && o_end - o >= 2) {
    refill();
    if (kp >= 8) {
      const unsigned zeros = static_cast<unsigned>(std::countl_zero(window | 1));
      if (zeros > kMaxFastZeros) break;
      const RunPrefix prefix = kRunPrefix[kp][zeros];
      const uint64_t from_one = window << zeros;
      const int64_t run = prefix.run + static_cast<int64_t>(from_one >> (63 - prefix.k));
      const uint64_t from_sign = (from_one << 1) << prefix.k;
      const uint64_t level = from_sign << 1;
      const unsigned ones = static_cast<unsigned>(std::countl_zero(~level));
      if (ones > kMaxFastOnes) break;
      if (run >= o_end - o) break;
      const unsigned kr = krp >> kLsGr;
      const uint64_t from_zero = level << ones;
      const int64_t code =
          static_cast<int64_t>((static_cast<uint64_t>(ones) << kr) + (from_zero >> (63 - kr)));
      const int64_t sign = -static_cast<int64_t>(from_sign >> 63);
      window = (from_zero << 1) << kr;
      count -= zeros + prefix.k + ones + kr + 3;
      krp = kNextKrp[ones][krp];
      kp = prefix.kp < kDnGr ? 0 : prefix.kp - static_cast<unsigned>(kDnGr);
      o += run;
      *o++ = static_cast<int16_t>(((code + 1) ^ sign) - sign);
    } else if constexpr (kMode == RfxEntropy::kRlgr1) {
      // A second code may follow at once: there are bits and room for it.
      auto code1 = [&] {
        const unsigned ones = static_cast<unsigned>(std::countl_zero(~window));
        if (ones > kMaxFastOnes) [[unlikely]]
          return false;
        const unsigned kr = krp >> kLsGr;
        const uint64_t from_zero = window << ones;
        const uint32_t code = (ones << kr) + static_cast<uint32_t>(from_zero >> (63 - kr));
        window = (from_zero << 1) << kr;
        count -= ones + kr + 1;
        krp = kNextKrp[ones][krp];
        const unsigned down = kp < kDqGr ? 0 : kp - static_cast<unsigned>(kDqGr);
        kp = code == 0 ? kp + kUqGr : down;
        *o++ = static_cast<int16_t>(FromCode(code));
        return true;
      };
      if (!code1()) break;
      if (kp < 8 && !code1()) break;
    } else {
      const unsigned ones = static_cast<unsigned>(std::countl_zero(~window));
      if (ones > kMaxFastOnes) [[unlikely]]
        break;
      const unsigned kr = krp >> kLsGr;
      const uint64_t from_zero = window << ones;
      const uint32_t code = (ones << kr) + static_cast<uint32_t>(from_zero >> (63 - kr));
      window = (from_zero << 1) << kr;
      krp = kNextKrp[ones][krp];
      const unsigned width = static_cast<unsigned>(std::bit_width(code));
      const uint32_t first = static_cast<uint32_t>((window >> 1) >> (63 - width));
      const uint32_t second = code - first;
      window <<= width;
      count -= ones + kr + 1 + width;
      const unsigned down = kp < 2 * kDqGr ? 0 : kp - static_cast<unsigned>(2 * kDqGr);
      kp = first != 0 && second != 0 ? down : kp;
      kp = code == 0 ? kp + 2 * kUqGr : kp;
      o[0] = static_cast<int16_t>(FromCode(first));
      o[1] = static_cast<int16_t>(FromCode(second));
      o += 2;
    }
  }
  state->bit = static_cast<size_t>(next - bytes.data()) * 8 - count;
  state->written = static_cast<int>(o - out);
  state->kp = static_cast<int>(kp);
  state->krp = static_cast<int>(krp);
}

template <RfxEntropy kMode>
Status Decode(ByteView bytes, int16_t* coefficients) {
  std::memset(coefficients, 0, sizeof(int16_t) * kRlgrCoefficients);
  CarefulStep<kMode> step(bytes, coefficients);
  State state;
  while (state.written < kRlgrCoefficients) {
    DecodeFast<kMode>(bytes, coefficients, &state);
    if (state.written >= kRlgrCoefficients) break;
    const StepResult result = step(&state);
    if (result == StepResult::kEnd) break;
    if (result == StepResult::kTooLarge) return Fail(Err::kMalformed, "RLGR code", state.bit / 8);
  }
  return Ok();
}

}  // namespace

Status DecodeRlgr(RfxEntropy mode, ByteView bytes, int16_t* coefficients) {
  if (bytes.empty()) return Fail(Err::kTruncated, "RLGR data");
  return mode == RfxEntropy::kRlgr1 ? Decode<RfxEntropy::kRlgr1>(bytes, coefficients)
                                    : Decode<RfxEntropy::kRlgr3>(bytes, coefficients);
}

}  // namespace mullion
