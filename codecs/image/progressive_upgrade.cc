// Work per pass. Most coefficients are zero before and after, and most of the rest are decided by
// a few bits, so the loop goes from event to event and not from coefficient to coefficient: 64
// coefficients at a time, a mask says which are non-zero. Those take raw bits, one refill (56 bits)
// for at least three of them. Of the others a run of zeros is skipped by counting mask bits; only
// values that become non-zero are visited.
#include "codecs/image/progressive_upgrade.h"

#include <algorithm>
#include <bit>

#include "codecs/simd/progressive_tile.h"

namespace mullion {
namespace {

constexpr uint32_t kKpMax = 80;
constexpr uint32_t kKpUp = 4, kKpDown = 6;

int16_t Add(int16_t a, int32_t b, unsigned shift) {
  const uint32_t sum = static_cast<uint16_t>(a) + (static_cast<uint32_t>(b) << shift);
  return static_cast<int16_t>(static_cast<uint16_t>(sum));
}

// `mask` without its lowest `count` set bits.
uint64_t DropBits(uint64_t mask, uint32_t count) {
  for (; count > 0; --count) mask &= mask - 1;
  return mask;
}

struct BandPass {
  unsigned bits;   // new bits per coefficient, 1 .. 15
  unsigned shift;  // where they belong
};

// Coefficients whose bit in `known` is set, first.
void AddRaw(uint64_t known, const BandPass& pass, BitReader* raw, int16_t* first,
            const int8_t* sign) {
  for (; known != 0; known &= known - 1) {
    const int i = std::countr_zero(known);
    raw->Refill();
    const auto input = static_cast<int32_t>(raw->Peek(pass.bits));
    raw->Consume(pass.bits);
    const bool negative = sign != nullptr ? sign[i] < 0 : first[i] < 0;
    first[i] = Add(first[i], negative ? -input : input, pass.shift);
  }
}

void AddSrl(uint64_t unknown, const BandPass& pass, SrlReader* srl, int16_t* first, int8_t* sign) {
  while (unknown != 0) {
    const auto left = static_cast<uint32_t>(std::popcount(unknown));
    const uint32_t zeros = srl->Zeros(left);
    srl->SkipZeros(zeros);
    if (zeros >= left) return;
    unknown = DropBits(unknown, zeros);
    const int i = std::countr_zero(unknown);
    const int32_t input = srl->Value(pass.bits);
    first[i] = Add(first[i], input, pass.shift);
    if (sign != nullptr) sign[i] = input < 0 ? int8_t{-1} : int8_t{1};
    unknown &= unknown - 1;
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

}  // namespace

uint32_t SrlReader::Zeros(uint32_t limit) {
  while (!value_next_ && run_ < limit) {
    bits_.Refill();
    const uint32_t k = kp_ / 8;
    if (bits_.Peek(1) == 0) {
      bits_.Consume(1);
      run_ += 1u << k;
      kp_ = std::min(kp_ + kKpUp, kKpMax);
      continue;
    }
    // The 1 that ends the run, and k bits: together at most 11.
    run_ += static_cast<uint32_t>(bits_.Peek(1 + k)) - (1u << k);
    bits_.Consume(1 + k);
    kp_ -= std::min(kp_, kKpDown);
    value_next_ = true;
  }
  return std::min(run_, limit);
}

int32_t SrlReader::Value(unsigned bit_count) {
  value_next_ = false;
  bits_.Refill();
  const bool negative = bits_.Peek(1) != 0;
  bits_.Consume(1);
  const uint32_t max = (1u << bit_count) - 1;
  uint32_t magnitude = 1;
  while (magnitude < max) {
    bits_.Refill();
    const auto here = static_cast<uint32_t>(std::countl_zero(bits_.window()));
    const uint32_t zeros = std::min({here, max - magnitude, 50u});
    magnitude += zeros;
    bits_.Consume(zeros);
    if (zeros == here) {  // the 1 behind them ends the value, unless the maximum has
      if (magnitude < max) bits_.Consume(1);
      break;
    }
  }
  const auto value = static_cast<int32_t>(magnitude);
  return negative ? -value : value;
}

Status UpgradeProgressive(const ProgressiveUpgrade& upgrade, int16_t* coefficients, int8_t* sign) {
  BitReader raw(upgrade.raw);
  SrlReader srl(upgrade.srl);
  uint64_t mask[kRfxPlaneSize / 64 + 1];
  if (sign != nullptr) {
    SignMask(sign, mask);
  } else {
    ProgressiveSignificance(coefficients, mask);
  }
  mask[kRfxPlaneSize / 64] = 0;
  for (size_t band = 0; band < kLl3; ++band) {
    const BandPass pass = {static_cast<unsigned>(upgrade.before[band]) - upgrade.after[band],
                           upgrade.after[band]};
    if (pass.bits == 0) continue;
    const int end = upgrade.band_start[band + 1];
    for (int at = upgrade.band_start[band]; at < end; at += 64) {
      const uint64_t inside = ~uint64_t{0} >> (64 - std::min(end - at, 64));
      const uint64_t known = MaskAt(mask, static_cast<size_t>(at)) & inside;
      int8_t* const band_sign = sign != nullptr ? sign + at : nullptr;
      AddRaw(known, pass, &raw, coefficients + at, band_sign);
      AddSrl(~known & inside, pass, &srl, coefficients + at, band_sign);
    }
  }
  return AddLl(upgrade, &raw, coefficients);
}

}  // namespace mullion
