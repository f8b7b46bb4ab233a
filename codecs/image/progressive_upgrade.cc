// Work per pass. Most coefficients are zero before and after, and most of the rest are decided by
// a few bits, so the loop goes from event to event and not from coefficient to coefficient: 64
// coefficients at a time, a mask says which are non-zero. Those take raw bits, one refill (56 bits)
// for at least three of them. Of the others a run of zeros is skipped by counting mask bits; only
// values that become non-zero are visited. Counting and picking mask bits is what BMI2 is made for,
// so the loop is compiled for it too.
#include "codecs/image/progressive_upgrade.h"

#include <algorithm>
#include <bit>

#include "codecs/simd/progressive_tile.h"

namespace mullion {
namespace {

int16_t Add(int16_t a, int32_t b, unsigned shift) {
  const uint32_t sum = static_cast<uint16_t>(a) + (static_cast<uint32_t>(b) << shift);
  return static_cast<int16_t>(static_cast<uint16_t>(sum));
}

struct BandPass {
  unsigned bits;   // new bits per coefficient, 1 .. 15
  unsigned shift;  // where they belong
};

// Coefficients whose bit in `known` is set, first.
template <bool kSigns>
[[gnu::always_inline]] inline void AddRaw(uint64_t known, const BandPass& pass, BitReader* raw,
                                          int16_t* first, const int8_t* sign) {
  for (; known != 0; known &= known - 1) {
    const int i = std::countr_zero(known);
    raw->Refill();
    const auto input = static_cast<int32_t>(raw->Peek(pass.bits));
    raw->Consume(pass.bits);
    const int32_t negative = (kSigns ? sign[i] : first[i]) < 0 ? -1 : 0;
    first[i] = Add(first[i], (input ^ negative) - negative, pass.shift);
  }
}

// `drop(mask, count)`: the mask without its lowest `count` set bits.
template <bool kSigns, class Drop>
[[gnu::always_inline]] inline void AddSrl(uint64_t unknown, const BandPass& pass, SrlReader* srl,
                                          int16_t* first, int8_t* sign, const Drop& drop) {
  auto left = static_cast<uint32_t>(std::popcount(unknown));
  while (left != 0) {
    const uint32_t zeros = srl->Zeros(left);
    if (zeros >= left) {
      srl->SkipZeros(left);
      return;
    }
    srl->SkipZeros(zeros);
    unknown = drop(unknown, zeros);
    left -= zeros + 1;
    const int i = std::countr_zero(unknown);
    unknown &= unknown - 1;
    const int32_t input = srl->Value(pass.bits);
    first[i] = Add(first[i], input, pass.shift);
    if (kSigns) sign[i] = input < 0 ? int8_t{-1} : int8_t{1};
  }
}

// 64 bits of a mask from any bit on.
uint64_t MaskAt(const uint64_t* mask, size_t bit) {
  const size_t word = bit / 64;
  const unsigned offset = bit % 64;
  return offset == 0 ? mask[word] : mask[word] >> offset | mask[word + 1] << (64 - offset);
}

void SignMask(const int8_t* sign, uint64_t* mask) {
  for (size_t i = 0; i < kRfxPlaneSize; ++i) {
    if (i % 64 == 0) mask[i / 64] = 0;
    mask[i / 64] |= static_cast<uint64_t>(sign[i] != 0) << (i % 64);
  }
}

Status AddLl(const ProgressiveUpgrade& upgrade, BitReader* raw, int16_t* coefficients) {
  const unsigned shift = upgrade.after[kLl3];
  const unsigned bits = static_cast<unsigned>(upgrade.before[kLl3]) - shift;
  if (bits != 0) {
    for (int i = upgrade.band_start[kLl3]; i < upgrade.band_start[kRfxBandCount]; ++i) {
      raw->Refill();
      coefficients[i] = Add(coefficients[i], static_cast<int32_t>(raw->Peek(bits)), shift);
      raw->Consume(bits);
    }
  }
  return raw->overrun() ? Fail(Err::kTruncated, "rawData", upgrade.raw.size()) : Ok();
}

// All bands but LL3.
template <bool kSigns, class Drop>
[[gnu::always_inline]] inline void AddBands(const ProgressiveUpgrade& upgrade, const uint64_t* mask,
                                            BitReader* raw_in_memory, int16_t* coefficients,
                                            int8_t* sign, const Drop& drop) {
  BitReader raw = *raw_in_memory;
  SrlReader srl(upgrade.srl);
  for (size_t band = 0; band < kLl3; ++band) {
    const BandPass pass = {static_cast<unsigned>(upgrade.before[band]) - upgrade.after[band],
                           upgrade.after[band]};
    if (pass.bits == 0) continue;
    const int end = upgrade.band_start[band + 1];
    for (int at = upgrade.band_start[band]; at < end; at += 64) {
      const uint64_t inside = ~uint64_t{0} >> (64 - std::min(end - at, 64));
      const uint64_t known = MaskAt(mask, static_cast<size_t>(at)) & inside;
      int8_t* const band_sign = kSigns ? sign + at : nullptr;
      AddRaw<kSigns>(known, pass, &raw, coefficients + at, band_sign);
      AddSrl<kSigns>(~known & inside, pass, &srl, coefficients + at, band_sign, drop);
    }
  }
  *raw_in_memory = raw;
}

template <bool kSigns>
void AddBandsPortable(const ProgressiveUpgrade& upgrade, const uint64_t* mask, BitReader* raw,
                      int16_t* coefficients, int8_t* sign) {
  AddBands<kSigns>(upgrade, mask, raw, coefficients, sign, [](uint64_t bits, uint32_t count) {
    for (; count > 0; --count) bits &= bits - 1;
    return bits;
  });
}

#if defined(__x86_64__) && defined(__GNUC__)
#define MULLION_PROGRESSIVE_BMI2 1
template <bool kSigns>
__attribute__((target("bmi,bmi2,lzcnt,popcnt"))) void AddBandsBmi2(
    const ProgressiveUpgrade& upgrade, const uint64_t* mask, BitReader* raw, int16_t* coefficients,
    int8_t* sign) {
  AddBands<kSigns>(upgrade, mask, raw, coefficients, sign, [](uint64_t bits, uint32_t count) {
    uint64_t result;
    asm("pdep %2, %1, %0" : "=r"(result) : "r"(~uint64_t{0} << count), "r"(bits));
    return result;
  });
}
bool HasBmi2() {
  return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
         __builtin_cpu_supports("popcnt");
}
#endif

template <bool kSigns>
void AddBandsFor(const ProgressiveUpgrade& upgrade, const uint64_t* mask, BitReader* raw,
                 int16_t* coefficients, int8_t* sign) {
#ifdef MULLION_PROGRESSIVE_BMI2
  if (HasBmi2()) return AddBandsBmi2<kSigns>(upgrade, mask, raw, coefficients, sign);
#endif
  AddBandsPortable<kSigns>(upgrade, mask, raw, coefficients, sign);
}

}  // namespace

uint32_t SrlReader::LongUnary(uint32_t max) {
  bits_.Consume(1);  // the sign
  uint32_t zeros = 0;
  while (zeros < max - 1) {
    bits_.Refill();
    const auto here = static_cast<uint32_t>(std::countl_zero(bits_.window()));
    const uint32_t step = std::min({here, max - 1 - zeros, kMaxFastMagnitude});
    zeros += step;
    bits_.Consume(step);
    if (step == here) {  // the 1 behind them ends the value, unless the maximum has
      if (zeros < max - 1) bits_.Consume(1);
      break;
    }
  }
  return zeros;
}

Status UpgradeProgressive(const ProgressiveUpgrade& upgrade, int16_t* coefficients, int8_t* sign) {
  BitReader raw(upgrade.raw);
  uint64_t mask[kRfxPlaneSize / 64 + 1];
  mask[kRfxPlaneSize / 64] = 0;
  if (sign != nullptr) {
    SignMask(sign, mask);
    AddBandsFor<true>(upgrade, mask, &raw, coefficients, sign);
  } else {
    ProgressiveSignificance(coefficients, mask);
    AddBandsFor<false>(upgrade, mask, &raw, coefficients, sign);
  }
  return AddLl(upgrade, &raw, coefficients);
}

}  // namespace mullion
