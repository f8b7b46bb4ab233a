// Bit budget. One refill puts 56 bits or more into a 64-bit window. A Golomb-Rice code takes at
// most ones + 1 + kr <= 16 + 1 + 10 = 27 of them, so two RLGR1 codes fit in one refill, or one
// RLGR3 code with its split (27 + 15 = 42). A run takes zeros + 1 + k + 1 <= 27 and its level
// another 27: 54. Longer unary parts (under 0.2 % of the codes in practice) leave the fast loop for
// one careful step.
//
// Dependencies. The critical path of a Golomb-Rice code is window -> leading ones -> length ->
// window, and, since the length of the remainder adapts, ones -> kr -> window of the next code:
// about 10 cycles, half of them the load of the next kr (see KrState). kp follows through another
// table. The only branch that cannot be foreseen is "still in Golomb-Rice mode?".
//
// What is stored is the code, 2 * magnitude - sign in 16 bits, as it comes. Vectors turn codes into
// coefficients afterwards, 16 or 32 at a time (RfxUnfoldCodes, or with the dequantisation).
// Zeros are never stored: the plane is cleared first.
//
// Margins. The fast loop runs while 8 bytes can be loaded and two codes can be stored. The last
// bytes are decoded by the same loop from a copy with zeros behind it; there each symbol is checked
// against the end of the data, and taken back if it needed bits from behind that.
#include "codecs/image/rlgr.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "codecs/image/rlgr_tables.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {
namespace {

using rlgr::kDnGr;
using rlgr::kDqGr;
using rlgr::kKpMax;
using rlgr::kKpStart;
using rlgr::kLsGr;
using rlgr::kMaxFastOnes;
using rlgr::kMaxFastZeros;
using rlgr::kNextKp1;
using rlgr::kNextKp3;
using rlgr::kNextKr;
using rlgr::KrpOf;
using rlgr::KrState;
using rlgr::kRunPrefix;
using rlgr::kUpGr;
using rlgr::kUqGr;
using rlgr::RunPrefix;

#define MULLION_INLINE __attribute__((always_inline)) inline

MULLION_INLINE uint64_t LoadBe64(const uint8_t* p) {
  uint64_t raw;
  std::memcpy(&raw, p, sizeof(raw));
  return __builtin_bswap64(raw);
}

// Leading zeros, 64 if there are no others. std::countl_zero and std::bit_width become a branch on
// 0, also where LZCNT is there, and in RLGR3 nobody foresees whether a sum is 0.
struct PortableCount {
  MULLION_INLINE static unsigned Zeros(uint64_t bits) {
    return static_cast<unsigned>(std::countl_zero(bits));
  }
};

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

// Where a fast loop reads: bit 0 of its state is the first bit at `begin`.
struct Source {
  const uint8_t* begin;
  const uint8_t* last;  // the last place to load 8 bytes from
  size_t bits;          // data bits; only looked at in the tail, where zeros stand behind them
};

// Decodes while the margins allow it. On return `state` stands at a symbol's first bit.
template <RfxEntropy kMode, bool kTail, class Count>
MULLION_INLINE void DecodeFastBody(const Source& source, uint16_t* const out, State* state) {
  const uint8_t* next = source.begin + state->bit / 8;
  const uint8_t* const last = source.last;
  if (next > last) return;
  uint64_t window = LoadBe64(next) << (state->bit % 8);
  next += 7;  // 7 whole bytes are in the window, and the bits of the eighth that fit
  unsigned count = 56 - static_cast<unsigned>(state->bit % 8);
  uint16_t* o = out + state->written;
  uint16_t* const o_end = out + kRlgrCoefficients;
  unsigned kp = static_cast<unsigned>(state->kp);
  KrState kr_state = rlgr::MakeKrState(state->krp);
  auto position = [&] { return static_cast<size_t>(next - source.begin) * 8 - count; };

  while (next <= last && o_end - o >= 2) {
    const State before = {kTail ? position() : 0, static_cast<int>(o - out), static_cast<int>(kp),
                          KrpOf(kr_state)};
    window |= LoadBe64(next) >> count;
    next += (63 - count) >> 3;
    count |= 56;
    if (kp >= 8) {
      const unsigned zeros = Count::Zeros(window | 1);
      if (zeros > kMaxFastZeros) [[unlikely]]
        break;
      const RunPrefix prefix = kRunPrefix[kp][zeros];
      const unsigned k = prefix.k;
      const uint64_t from_one = window << zeros;
      const int64_t run = prefix.run + static_cast<int64_t>(from_one >> (~k & 63));
      const uint64_t from_sign = (from_one << 1) << k;
      const uint64_t level = from_sign << 1;
      const unsigned ones = Count::Zeros(~level);
      if (ones > kMaxFastOnes || run >= o_end - o) [[unlikely]]
        break;
      const unsigned kr = kr_state & 63;
      const uint64_t from_zero = level << ones;
      const unsigned code = (ones << kr) + static_cast<unsigned>(from_zero >> (~kr & 63));
      window = (from_zero << 1) << kr;
      count -= zeros + k + ones + kr + 3;
      kr_state = kNextKr[(kr_state >> 8) + ones];
      kp = prefix.next_kp;
      o += run;
      *o++ = static_cast<uint16_t>(2 * code + 2 - static_cast<unsigned>(from_sign >> 63));
    } else {
      const unsigned ones = Count::Zeros(~window);
      if (ones > kMaxFastOnes) [[unlikely]]
        break;
      const unsigned kr = kr_state & 63;
      const uint64_t from_zero = window << ones;
      const unsigned code = (ones << kr) + static_cast<unsigned>(from_zero >> (~kr & 63));
      if constexpr (kMode == RfxEntropy::kRlgr1) {
        window = (from_zero << 1) << kr;
        count -= ones + kr + 1;
        kr_state = kNextKr[(kr_state >> 8) + ones];
        kp = kNextKp1[code == 0][kp];
        *o++ = static_cast<uint16_t>(code);
        // A second code may follow at once: there are bits and room for it.
        if (!kTail && kp < 8) {
          const unsigned ones2 = Count::Zeros(~window);
          if (ones2 > kMaxFastOnes) [[unlikely]]
            break;
          const unsigned kr2 = kr_state & 63;
          const uint64_t from_zero2 = window << ones2;
          const unsigned code2 = (ones2 << kr2) + static_cast<unsigned>(from_zero2 >> (~kr2 & 63));
          window = (from_zero2 << 1) << kr2;
          count -= ones2 + kr2 + 1;
          kr_state = kNextKr[(kr_state >> 8) + ones2];
          kp = kNextKp1[code2 == 0][kp];
          *o++ = static_cast<uint16_t>(code2);
        }
      } else {
        const uint64_t split = from_zero << kr;  // its top bit is still the code's last one
        const unsigned width = 64 - Count::Zeros(code);
        const unsigned first = static_cast<unsigned>((split << 1 >> 1) >> (~width & 63));
        const unsigned second = code - first;
        if (first > code) [[unlikely]]
          break;
        window = (split << 1) << width;
        count -= ones + kr + 1 + width;
        kr_state = kNextKr[(kr_state >> 8) + ones];
        kp = kNextKp3[(first != 0) + (second != 0)][kp];
        o[0] = static_cast<uint16_t>(first);
        o[1] = static_cast<uint16_t>(second);
        o += 2;
      }
    }
    if (kTail && position() > source.bits) {
      std::fill(out + before.written, o, uint16_t{0});
      *state = before;
      return;
    }
  }
  state->bit = position();
  state->written = static_cast<int>(o - out);
  state->kp = static_cast<int>(kp);
  state->krp = KrpOf(kr_state);
}

// The loop is made of shifts by variable counts and of leading-zero counts. BMI2 and LZCNT have
// them as single operations without flags (x86-64 alone: three and two), so they get a copy of
// their own.
#if defined(__x86_64__) && defined(__GNUC__)
#define MULLION_RLGR_BMI2 1
struct LzcntCount {
  MULLION_INLINE static unsigned Zeros(uint64_t bits) {
    uint64_t zeros;
    asm("lzcnt %1, %0" : "=r"(zeros) : "r"(bits) : "cc");
    return static_cast<unsigned>(zeros);
  }
};
template <RfxEntropy kMode>
__attribute__((target("bmi,bmi2,lzcnt"))) void DecodeFastBmi2(const Source& source, uint16_t* out,
                                                              State* state) {
  DecodeFastBody<kMode, false, LzcntCount>(source, out, state);
}
bool HasBmi2() { return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt"); }
#endif

template <RfxEntropy kMode>
void DecodeFast(ByteView bytes, uint16_t* out, State* state) {
  const Source source = {bytes.data(), bytes.data() + bytes.size() - 8, 0};
#ifdef MULLION_RLGR_BMI2
  if (HasBmi2()) return DecodeFastBmi2<kMode>(source, out, state);
#endif
  DecodeFastBody<kMode, false, PortableCount>(source, out, state);
}

constexpr size_t kTailBytes = 16;

template <RfxEntropy kMode>
void DecodeTail(ByteView bytes, uint16_t* out, State* state) {
  uint8_t copy[kTailBytes + 24] = {};
  const size_t start = state->bit / 8;
  const size_t size = bytes.size() - start;
  std::memcpy(copy, bytes.data() + start, size);
  state->bit -= start * 8;
  DecodeFastBody<kMode, true, PortableCount>({copy, copy + sizeof(copy) - 8, size * 8}, out, state);
  state->bit += start * 8;
}

template <RfxEntropy kMode>
Status Decode(ByteView bytes, uint16_t* codes) {
  CarefulStep<kMode> step(bytes, codes);
  State state;
  while (state.written < kRlgrCoefficients) {
    if (bytes.size() - state.bit / 8 > kTailBytes) DecodeFast<kMode>(bytes, codes, &state);
    if (bytes.size() - state.bit / 8 <= kTailBytes) DecodeTail<kMode>(bytes, codes, &state);
    const StepResult result = step(&state);
    if (result == StepResult::kEnd) break;
    if (result == StepResult::kMalformed) return Fail(Err::kMalformed, "RLGR code", state.bit / 8);
  }
  return Ok();
}

}  // namespace

Status DecodeRlgrCodes(RfxEntropy mode, ByteView bytes, uint16_t* cleared) {
  if (bytes.empty()) return Fail(Err::kTruncated, "RLGR data");
  return mode == RfxEntropy::kRlgr1 ? Decode<RfxEntropy::kRlgr1>(bytes, cleared)
                                    : Decode<RfxEntropy::kRlgr3>(bytes, cleared);
}

Status DecodeRlgr(RfxEntropy mode, ByteView bytes, int16_t* coefficients) {
  uint16_t codes[kRlgrCoefficients] = {};
  MULLION_TRY(DecodeRlgrCodes(mode, bytes, codes));
  RfxUnfoldCodes(codes, coefficients);
  return Ok();
}

}  // namespace mullion
