// The plain twin of progressive_upgrade.cc.
#include <array>

#include "codecs/image/progressive_upgrade.h"
#include "codecs/simd/rfx_tile.h"

namespace mullion {
namespace {

// SRL decoding as MS-RDPEGFX 3.1.8.1.5 describes it, one element a call.
class PlainSrl {
 public:
  explicit PlainSrl(ByteView bytes) : bits_(bytes) {}

  int32_t Next(unsigned bit_count) {
    while (zeros_ == 0 && !value_next_) {
      const uint32_t k = kp_ / 8;
      if (bits_.Read(1) == 0) {
        zeros_ = 1u << k;
        kp_ = kp_ + 4 > 80 ? 80 : kp_ + 4;
      } else {
        zeros_ = bits_.Read(k);
        kp_ = kp_ < 6 ? 0 : kp_ - 6;
        value_next_ = true;
      }
    }
    if (zeros_ > 0) {
      --zeros_;
      return 0;
    }
    value_next_ = false;
    const bool negative = bits_.Read(1) != 0;
    int32_t magnitude = 1;
    while (magnitude < (1 << bit_count) - 1 && bits_.Read(1) == 0) ++magnitude;
    return negative ? -magnitude : magnitude;
  }

 private:
  BitReader bits_;
  uint32_t zeros_ = 0;
  bool value_next_ = false;
  uint32_t kp_ = 8;
};

}  // namespace

Status UpgradeProgressiveReference(const ProgressiveUpgrade& upgrade, int16_t* coefficients,
                                   int8_t* sign) {
  BitReader raw(upgrade.raw);
  PlainSrl srl(upgrade.srl);
  for (size_t band = 0; band < kRfxBandCount; ++band) {
    const unsigned bits = static_cast<unsigned>(upgrade.before[band]) - upgrade.after[band];
    if (bits == 0) continue;
    for (int i = upgrade.band_start[band]; i < upgrade.band_start[band + 1]; ++i) {
      const int own = coefficients[i] < 0 ? -1 : coefficients[i] > 0 ? 1 : 0;
      const int known = sign != nullptr ? sign[i] : own;
      int32_t input;
      if (band == kLl3 || known > 0) {
        input = static_cast<int32_t>(raw.Read(bits));
      } else if (known < 0) {
        input = -static_cast<int32_t>(raw.Read(bits));
      } else {
        input = srl.Next(bits);
        if (sign != nullptr) sign[i] = static_cast<int8_t>(input < 0 ? -1 : input > 0 ? 1 : 0);
      }
      const int32_t value = coefficients[i] + input * (1 << upgrade.after[band]);
      coefficients[i] = static_cast<int16_t>(static_cast<uint16_t>(value));
    }
  }
  return raw.overrun() ? Fail(Err::kTruncated, "rawData", upgrade.raw.size()) : Ok();
}

}  // namespace mullion
