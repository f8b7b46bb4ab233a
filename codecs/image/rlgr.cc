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
//
// This is the loop of a component that is alone: given so, the last of a tile, the end of each, and
// CPUs without BMI2. The middles of a tile's components are decoded in turns, see rlgr_lanes.cc.
#include "codecs/image/rlgr.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "codecs/image/rlgr_careful.h"
#include "codecs/image/rlgr_lanes.h"
#include "codecs/image/rlgr_tables.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {
namespace {

using rlgr::CarefulStep;
using rlgr::Component;
using rlgr::kMaxFastOnes;
using rlgr::kMaxFastZeros;
using rlgr::kNextKp1;
using rlgr::kNextKp3;
using rlgr::kNextKr;
using rlgr::KrpOf;
using rlgr::KrState;
using rlgr::kRunPrefix;
using rlgr::LoadBe64;
using rlgr::RunPrefix;
using rlgr::State;
using rlgr::StepResult;

#define MULLION_INLINE __attribute__((always_inline)) inline

// Leading zeros, 64 if there are no others. std::countl_zero and std::bit_width become a branch on
// 0, also where LZCNT is there, and in RLGR3 nobody foresees whether a sum is 0.
struct PortableCount {
  MULLION_INLINE static unsigned Zeros(uint64_t bits) {
    return static_cast<unsigned>(std::countl_zero(bits));
  }
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
#ifdef MULLION_RLGR_LANES
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
#endif

template <RfxEntropy kMode>
void DecodeFast(ByteView bytes, uint16_t* out, State* state) {
  const Source source = {bytes.data(), bytes.data() + bytes.size() - 8, 0};
#ifdef MULLION_RLGR_LANES
  if (rlgr::HasLanes()) return DecodeFastBmi2<kMode>(source, out, state);
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

Status Malformed(const Component& component) {
  return Fail(Err::kMalformed, "RLGR code", component.state.bit / 8);
}

// Decodes what is left of a component.
template <RfxEntropy kMode>
Status Finish(Component* c) {
  if (c->bytes.empty()) return Fail(Err::kTruncated, "RLGR data");
  CarefulStep<kMode> step(c->bytes, c->codes);
  while (c->state.written < kRlgrCoefficients) {
    if (c->bytes_left() > kTailBytes) DecodeFast<kMode>(c->bytes, c->codes, &c->state);
    if (c->bytes_left() <= kTailBytes) DecodeTail<kMode>(c->bytes, c->codes, &c->state);
    const StepResult result = step(&c->state);
    if (result == StepResult::kEnd) break;
    if (result == StepResult::kMalformed) return Malformed(*c);
  }
  return Ok();
}

#ifdef MULLION_RLGR_LANES
// Brings a component to where a loop can go on with it. False at its end; `status` is its result.
template <RfxEntropy kMode>
bool StepOver(Component* c, Status* status) {
  if (c->bytes_left() <= kTailBytes || c->state.written > kRlgrCoefficients - rlgr::kLaneRoom) {
    *status = Finish<kMode>(c);
    return false;
  }
  CarefulStep<kMode> step(c->bytes, c->codes);
  const StepResult result = step(&c->state);
  if (result == StepResult::kMalformed) *status = Malformed(*c);
  return result == StepResult::kGoOn;
}

// Decodes the components in `kLanes` lanes. When one ends, the next takes its place.
template <RfxEntropy kMode, int kLanes>
void DecodeInLanes(Component (&components)[3], Status (&statuses)[3]) {
  int lanes[kLanes];  // indices of components
  int open = 0;
  int taken = 0;
  while (true) {
    for (; open < kLanes && taken < 3; ++taken) {
      if (components[taken].bytes_left() > kTailBytes) {
        lanes[open++] = taken;
      } else {
        statuses[taken] = Finish<kMode>(&components[taken]);
      }
    }
    if (open < 2) break;
    Component* const a = &components[lanes[0]];
    Component* const b = &components[lanes[1]];
    int stopped;
    if constexpr (kLanes == 3) {
      stopped = open == 3 ? rlgr::DecodeThree<kMode>(a, b, &components[lanes[2]])
                          : rlgr::DecodeTwo<kMode>(a, b);
    } else {
      stopped = rlgr::DecodeTwo<kMode>(a, b);
    }
    const int i = lanes[stopped];
    if (!StepOver<kMode>(&components[i], &statuses[i])) lanes[stopped] = lanes[--open];
  }
  if (open == 1) statuses[lanes[0]] = Finish<kMode>(&components[lanes[0]]);
}
#endif

void DecodeComponents(RfxEntropy mode, Component (&components)[3], Status (&statuses)[3]) {
#ifdef MULLION_RLGR_LANES
  if (rlgr::HasLanes()) {
    return mode == RfxEntropy::kRlgr1 ? DecodeInLanes<RfxEntropy::kRlgr1, 2>(components, statuses)
                                      : DecodeInLanes<RfxEntropy::kRlgr3, 3>(components, statuses);
  }
#endif
  for (int i = 0; i < 3; ++i) {
    statuses[i] = mode == RfxEntropy::kRlgr1 ? Finish<RfxEntropy::kRlgr1>(&components[i])
                                             : Finish<RfxEntropy::kRlgr3>(&components[i]);
  }
}

}  // namespace

Status DecodeRlgrCodes(RfxEntropy mode, ByteView bytes, uint16_t* cleared) {
  Component component = {bytes, cleared, {}};
  return mode == RfxEntropy::kRlgr1 ? Finish<RfxEntropy::kRlgr1>(&component)
                                    : Finish<RfxEntropy::kRlgr3>(&component);
}

Status DecodeRlgrTile(RfxEntropy mode, const ByteView (&components)[3],
                      uint16_t* const (&cleared)[3]) {
  Component open[3];
  Status statuses[3];
  for (int i = 0; i < 3; ++i) open[i] = {components[i], cleared[i], {}};
  DecodeComponents(mode, open, statuses);
  for (const Status& status : statuses) MULLION_TRY(status);
  return Ok();
}

Status DecodeRlgr(RfxEntropy mode, ByteView bytes, int16_t* coefficients) {
  uint16_t codes[kRlgrCoefficients] = {};
  MULLION_TRY(DecodeRlgrCodes(mode, bytes, codes));
  RfxUnfoldCodes(codes, coefficients);
  return Ok();
}

}  // namespace mullion
