// A plain transcription of MS-RDPRFX 3.1.8.1.7.3, bit by bit. Never optimised; see rlgr.cc for the
// decoder that is used. What the pseudo-code leaves open (the end of the data, codes without bound)
// is decided in rlgr.h.
#include <algorithm>

#include "codecs/image/rlgr.h"

namespace mullion {
namespace {

constexpr int kKpMax = 80;
constexpr int kLsGr = 3;
constexpr int kUpGr = 4, kDnGr = 6;  // in run-length mode: up for a zero run, down for its end
constexpr int kUqGr = 3, kDqGr = 3;  // in Golomb-Rice mode: up for a zero, down for another value

class Decoder {
 public:
  Decoder(ByteView bytes, int16_t* out) : bytes_(bytes), out_(out) {}

  // False when nothing more can be decoded: all coefficients are there, or the data has ended.
  bool Step(RfxEntropy mode) {
    if (written_ == kRlgrCoefficients || bit_ == bytes_.size() * 8) return false;
    if (k_ != 0) {
      StepRunLength();
    } else if (mode == RfxEntropy::kRlgr1) {
      StepGolombRice1();
    } else {
      StepGolombRice3();
    }
    return !ended_ && !malformed_;
  }
  void WriteZeros(size_t count) {
    count = std::min(count, size_t{kRlgrCoefficients} - written_);
    std::fill_n(out_ + written_, count, int16_t{0});
    written_ += count;
  }
  bool malformed() const { return malformed_; }

 private:
  void StepRunLength() {
    size_t run = 0;
    while (Bits(1) == 0 && !ended_) {
      run += size_t{1} << k_;
      k_ = Update(&kp_, kUpGr);
    }
    run += Bits(k_);
    WriteZeros(run);  // if the data ends within this symbol, zeros are what follows in any case
    if (written_ == kRlgrCoefficients) return;
    const bool negative = Bits(1) != 0;
    const uint32_t magnitude = GolombRice() + 1;
    k_ = Update(&kp_, -kDnGr);
    if (ended_) return;
    if (2 * magnitude - (negative ? 1 : 0) > 0xFFFF) malformed_ = true;
    Write(negative ? -static_cast<int32_t>(magnitude) : static_cast<int32_t>(magnitude));
  }
  void StepGolombRice1() {
    const uint32_t code = GolombRice();
    k_ = Update(&kp_, code == 0 ? kUqGr : -kDqGr);
    if (!ended_) Write(FromTwoMagnitudeMinusSign(code));
  }
  void StepGolombRice3() {
    const uint32_t sum = GolombRice();
    int sum_bits = 0;
    while (sum >> sum_bits != 0) ++sum_bits;
    const uint32_t first = Bits(sum_bits);
    const uint32_t second = sum - first;
    if (first > sum && !ended_) malformed_ = true;
    if (first != 0 && second != 0) k_ = Update(&kp_, -2 * kDqGr);
    if (first == 0 && second == 0) k_ = Update(&kp_, 2 * kUqGr);
    if (ended_) return;
    Write(FromTwoMagnitudeMinusSign(first));
    Write(FromTwoMagnitudeMinusSign(second));
  }

  uint32_t GolombRice() {
    size_t ones = 0;
    while (Bits(1) == 1) ++ones;
    const size_t code = (ones << kr_) | Bits(kr_);
    if (ones == 0) kr_ = Update(&krp_, -2);
    if (ones > 1) kr_ = Update(&krp_, static_cast<int>(std::min(ones, size_t{kKpMax})));
    if (code > 0xFFFF && !ended_) malformed_ = true;
    return static_cast<uint32_t>(code & 0xFFFF);
  }
  static int Update(int* parameter, int delta) {
    *parameter = std::clamp(*parameter + delta, 0, kKpMax);
    return *parameter >> kLsGr;
  }
  static int32_t FromTwoMagnitudeMinusSign(uint32_t code) {
    const uint32_t magnitude = code / 2 + code % 2;
    return static_cast<int32_t>(code % 2 != 0 ? 0u - magnitude : magnitude);
  }
  void Write(int32_t value) {
    if (written_ < kRlgrCoefficients && !malformed_) {
      out_[written_++] = static_cast<int16_t>(value);
    }
  }
  uint32_t Bits(int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
      if (bit_ == bytes_.size() * 8) {
        ended_ = true;
        return 0;
      }
      value = value << 1 | (bytes_[bit_ / 8] >> (7 - bit_ % 8) & 1);
      ++bit_;
    }
    return value;
  }

  ByteView bytes_;
  int16_t* out_;
  size_t bit_ = 0;
  size_t written_ = 0;
  bool ended_ = false;
  bool malformed_ = false;
  int k_ = 1, kp_ = 1 << kLsGr;
  int kr_ = 1, krp_ = 1 << kLsGr;
};

}  // namespace

Status DecodeRlgrReference(RfxEntropy mode, ByteView bytes, int16_t* coefficients) {
  if (bytes.empty()) return Fail(Err::kTruncated, "RLGR data");
  Decoder decoder(bytes, coefficients);
  while (decoder.Step(mode)) {
  }
  if (decoder.malformed()) return Fail(Err::kMalformed, "RLGR code");
  decoder.WriteZeros(kRlgrCoefficients);
  return Ok();
}

}  // namespace mullion
