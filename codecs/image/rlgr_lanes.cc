// Bit budget. A step loads 64 bits at its first bit's byte, so 57 are there. A Golomb-Rice code
// takes at most ones + 1 + kr <= 16 + 1 + 10 = 27 of them: two RLGR1 codes fit, or one RLGR3 code
// with its split (27 + 15). A run takes zeros + 1 + k + 1 <= 27 and its level another 27.
//
// Why lanes. One component alone is bound by its chain of dependencies (window -> leading ones ->
// length -> window), about 8 cycles an RLGR1 code and 12 an RLGR3 code, and at the changes between
// run mode and Golomb-Rice mode, of which there are 290 to 380 in a tile, by a branch that nobody
// can foresee, 20 cycles each. A second component fills the first gap. Both are then bound by their
// number of operations, which is what decides everything here:
// - A lane is four registers. It keeps no window: a new one for each step takes five operations,
//   refilling one takes nine, and two registers more. (Its chain is longer by a load, which costs
//   nothing with other lanes to work on.)
// - The branch between the modes stays. Each symbol can be decoded without it, as a run (of none,
//   perhaps) and a code; but then every step has 54 operations in place of 33, and waits for the
//   table entry of its run.
// - Cycles a symbol, whole tiles of 1920x1080 desktops of bench/streams, on Zen 4 with g++ 12:
//                                            RLGR1  RLGR3
//     component by component                  13.4   18.4
//     two lanes with windows in registers     12.5   17.7
//     two lanes without the branch            14.9   24.2
//     three lanes without the branch          13.9   24.3
//     two lanes                               11.4   16.2
//     three lanes (states spill)              11.7   15.7
//
// The row pointers change by distances from the tables, the mode is a comparison of pointers, and
// values are taken from the inverse of the window, since its leading zeros have to be counted
// there.
#include "codecs/image/rlgr_lanes.h"

#include "codecs/image/rlgr_lane_tables.h"

#ifdef MULLION_RLGR_LANES

namespace mullion::rlgr {
namespace {

#define MULLION_INLINE __attribute__((always_inline)) inline
#define MULLION_BMI2 __attribute__((target("bmi,bmi2,lzcnt")))

// 64 for 0. std::countl_zero becomes a branch for it, which nobody foresees for RLGR3's sums.
MULLION_INLINE uint64_t LeadingZeros(uint64_t bits) {
  uint64_t zeros;
  asm("lzcnt %1, %0" : "=r"(zeros) : "r"(bits) : "cc");
  return zeros;
}

// SHLX and SHRX take their counts modulo 64 anyway.
MULLION_INLINE uint64_t Left(uint64_t value, uint64_t count) { return value << (count & 63); }
MULLION_INLINE uint64_t Right(uint64_t value, uint64_t count) { return value >> (count & 63); }

// Never a branch, which nobody would foresee either.
template <class T>
MULLION_INLINE int64_t Select(T value, int64_t if_zero, int64_t otherwise) {
  asm("test %1, %1\n\tcmovz %2, %0" : "+r"(otherwise) : "r"(value), "r"(if_zero) : "cc");
  return otherwise;
}

template <RfxEntropy kMode>
constexpr const KpRow* KpRows() {
  return kMode == RfxEntropy::kRlgr1 ? kKpRows1.data() : kKpRows3.data();
}

struct Lane {
  uint64_t bit;  // the next one, counted from address 0: with a base in memory, 3 % slower
  uint16_t* out;
  const KpRow* kp;
  const GrRow* gr;
  // Limits, for which memory is good enough.
  uint64_t last_bit;   // the last one from which 8 bytes may be loaded
  uint16_t* last_out;  // the last place for kLaneRoom codes
};

uint64_t FirstBit(const Component& component) {
  return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(component.bytes.data())) * 8;
}

template <RfxEntropy kMode>
MULLION_INLINE Lane Enter(const Component& component) {
  const State& state = component.state;
  const uint64_t first = FirstBit(component);
  return {first + state.bit,
          component.codes + state.written,
          KpRows<kMode>() + state.kp,
          &kGrRows[static_cast<size_t>(state.krp)],
          first + (component.bytes.size() - 8) * 8 + 7,
          component.codes + kRlgrCoefficients - kLaneRoom};
}
template <RfxEntropy kMode>
MULLION_INLINE void Leave(const Lane& lane, Component* component) {
  component->state = {
      lane.bit - FirstBit(*component), static_cast<int>(lane.out - component->codes),
      static_cast<int>(lane.kp - KpRows<kMode>()), static_cast<int>(lane.gr - kGrRows.data())};
}

// The Golomb-Rice code of `entry`, when its 1 bits are shifted out of the inverse.
MULLION_INLINE unsigned CodeOf(const GrEntry& entry, uint64_t inverse, unsigned shift) {
  return static_cast<unsigned>(entry.base) - static_cast<unsigned>(Right(inverse, shift));
}

// Each of the following decodes what is at the window's top. False, and the lane is as it was, when
// that is too long, or does not fit, or is broken.

// A run and the value that ends it.
MULLION_INLINE bool RunStep(Lane* lane, uint64_t window) {
  const uint64_t zeros = LeadingZeros(window);
  if (zeros > kMaxFastZeros) [[unlikely]]
    return false;
  const RunEntry& run = lane->kp->run[zeros];
  const uint64_t inverse = Left(~window, run.length);
  const uint64_t ones = LeadingZeros(inverse);
  const int64_t run_and_sign = static_cast<int64_t>(Right(window, run.shift)) + run.twice_run;
  if (ones > kMaxFastOnes || (run_and_sign >> 1) > lane->last_out - lane->out) [[unlikely]]
    return false;
  const GrRow& gr = *lane->gr;
  const unsigned code = CodeOf(gr.ones[ones], Left(inverse, ones), gr.shift);
  const auto sign = static_cast<unsigned>(run_and_sign & 1);
  lane->out += run_and_sign >> 1;
  *lane->out++ = static_cast<uint16_t>(2 * code + 2 - sign);
  lane->bit += run.length + gr.length;
  lane->bit += ones;
  lane->kp = Move(lane->kp, run.next);
  lane->gr = Move(&gr, gr.ones[ones].next);
  return true;
}

// A Golomb-Rice code of RLGR1, or two.
MULLION_INLINE bool CodeStep(Lane* lane, uint64_t window, const KpRow* first_run_row) {
  const GrRow& gr = *lane->gr;
  uint64_t inverse = ~window;
  const uint64_t ones = LeadingZeros(inverse);
  if (ones > kMaxFastOnes) [[unlikely]]
    return false;
  const GrEntry& entry = gr.ones[ones];
  inverse = Left(inverse, ones);
  *lane->out++ = static_cast<uint16_t>(CodeOf(entry, inverse, gr.shift));
  inverse = Left(inverse, gr.length);
  lane->bit += gr.length;
  lane->bit += ones;
  // The code is 0 if all its bits are, which is known before the code is.
  const uint64_t any_one = Right(window, gr.shift);
  lane->kp = Move(lane->kp, Select(any_one, lane->kp->next[0], lane->kp->next[1]));
  lane->gr = Move(&gr, entry.next);

  if (lane->kp >= first_run_row) return true;
  const uint64_t ones2 = LeadingZeros(inverse);
  if (ones2 > kMaxFastOnes) [[unlikely]]
    return true;
  const GrEntry& entry2 = lane->gr->ones[ones2];
  const unsigned code = CodeOf(entry2, Left(inverse, ones2), entry.next_shift);
  *lane->out++ = static_cast<uint16_t>(code);
  lane->bit += entry.next_length;
  lane->bit += ones2;
  lane->kp = Move(lane->kp, Select(code, lane->kp->next[0], lane->kp->next[1]));
  lane->gr = Move(lane->gr, entry2.next);
  return true;
}

// A pair of values of RLGR3: the code of their sum, then the first of them.
MULLION_INLINE bool PairStep(Lane* lane, uint64_t window) {
  const uint64_t ones = LeadingZeros(~window);
  if (ones > kMaxFastOnes) [[unlikely]]
    return false;
  const GrRow& gr = *lane->gr;
  const uint64_t from_zero = Left(window, ones);
  const auto sum =
      static_cast<unsigned>(Left(ones, gr.kr)) + static_cast<unsigned>(Right(from_zero, gr.shift));
  // The first value has as many bits as the sum: 63 less these zeros.
  const uint64_t zeros = LeadingZeros(2 * uint64_t{sum} + 1);
  const auto first = static_cast<unsigned>(Right(Left(from_zero, gr.length) >> 1, zeros));
  unsigned second;
  if (__builtin_sub_overflow(sum, first, &second)) [[unlikely]]
    return false;
  lane->bit += gr.length_plus_63;
  lane->bit += ones;
  lane->bit -= zeros;
  lane->out[0] = static_cast<uint16_t>(first);
  lane->out[1] = static_cast<uint16_t>(second);
  lane->out += 2;
  size_t nonzero = first != 0;
  nonzero += second != 0;
  lane->kp = Move(lane->kp, lane->kp->next[nonzero]);
  lane->gr = Move(&gr, gr.ones[ones].next);
  return true;
}

// One symbol, or two codes. False, and the lane is as it was, when it cannot go on.
template <RfxEntropy kMode>
MULLION_INLINE bool Step(Lane* lane) {
  if (lane->bit > lane->last_bit || lane->out > lane->last_out) [[unlikely]]
    return false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a pointer and a bit would be two registers.
  const auto* const byte = reinterpret_cast<const uint8_t*>(static_cast<uintptr_t>(lane->bit >> 3));
  const uint64_t window = LoadBe64(byte) << (lane->bit & 7);
  const KpRow* const first_run_row = KpRows<kMode>() + (1 << kLsGr);
  if (lane->kp >= first_run_row) return RunStep(lane, window);
  if constexpr (kMode == RfxEntropy::kRlgr1) return CodeStep(lane, window, first_run_row);
  return PairStep(lane, window);
}

}  // namespace

bool HasLanes() { return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt"); }

template <RfxEntropy kMode>
MULLION_BMI2 int DecodeTwo(Component* first, Component* second) {
  Lane a = Enter<kMode>(*first), b = Enter<kMode>(*second);
  int stopped;
  while (true) {
    stopped = 0;
    if (!Step<kMode>(&a)) break;
    stopped = 1;
    if (!Step<kMode>(&b)) break;
  }
  Leave<kMode>(a, first);
  Leave<kMode>(b, second);
  return stopped;
}

template <RfxEntropy kMode>
MULLION_BMI2 int DecodeThree(Component* first, Component* second, Component* third) {
  Lane a = Enter<kMode>(*first), b = Enter<kMode>(*second), c = Enter<kMode>(*third);
  int stopped;
  while (true) {
    stopped = 0;
    if (!Step<kMode>(&a)) break;
    stopped = 1;
    if (!Step<kMode>(&b)) break;
    stopped = 2;
    if (!Step<kMode>(&c)) break;
  }
  Leave<kMode>(a, first);
  Leave<kMode>(b, second);
  Leave<kMode>(c, third);
  return stopped;
}

template int DecodeTwo<RfxEntropy::kRlgr1>(Component*, Component*);
template int DecodeTwo<RfxEntropy::kRlgr3>(Component*, Component*);
template int DecodeThree<RfxEntropy::kRlgr3>(Component*, Component*, Component*);

}  // namespace mullion::rlgr

#endif  // MULLION_RLGR_LANES
