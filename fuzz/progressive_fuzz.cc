// Progressive streams on one surface, and the upgrade pass against its plain twin (exact).
//
// libfreerdp2 is not asked here: 2.11 keeps state across rejected streams and mislays the bands of
// upgrades in the plain transform. tests/codecs/image/progressive_test.cc compares with it on
// streams of an encoder, and bench/streams on FreeRDP's own.
#include <algorithm>
#include <cstring>
#include <vector>

#include "codecs/image/progressive_upgrade.h"
#include "codecs/simd/progressive_tile.h"
#include "fuzz/fuzz.h"
#include "tests/support/progressive_draw.h"

namespace mullion {

// The data is a row of streams, each behind its length (16 bits).
MULLION_FUZZ_TARGET(progressive) {
  constexpr int32_t kWidth = 150, kHeight = 100;
  std::vector<uint8_t> pixels(size_t{kWidth} * kHeight * 4);
  const PixelView view = {pixels.data(), kWidth, kHeight, kWidth * 4, PixelFormat::kRgbx32};
  constexpr int64_t kBudget = 4000;  // not enough for all tiles, unless most are flat
  ProgressiveBudget budget(kBudget);
  {
    ProgressiveSurface surface(kWidth, kHeight, &budget);
    ProgressiveContext context;
    ProgressiveMessage message;
    ByteReader reader(data);
    for (int i = 0; i < 16 && reader.ok() && reader.remaining() > 0; ++i) {
      const size_t length = reader.U16("length");
      const ByteView stream = reader.Take(std::min(length, reader.remaining()), "stream");
      (void)ParseProgressive(stream, &context, &message);
      (void)DrawProgressive(message, &surface, view);
      MULLION_FUZZ_CHECK(budget.bytes_left.load() >= 0);
    }
  }
  MULLION_FUZZ_CHECK(budget.bytes_left.load() == kBudget);
}

// Ten bytes of bit positions, one of options, one that splits the rest between SRL and raw bits and
// the coefficients to start with.
MULLION_FUZZ_TARGET(progressive_upgrade) {
  if (data.size() < 12) return;
  ProgressiveUpgrade upgrade = {ProgressiveBandStart((data[10] & 1) != 0), {}, {}, {}, {}};
  for (size_t band = 0; band < kProgressiveBands; ++band) {
    upgrade.before[band] = std::max<uint8_t>(data[band] & 15, data[band] >> 4);
    upgrade.after[band] = std::min<uint8_t>(data[band] & 15, data[band] >> 4);
  }
  const ByteView rest = data.subspan(12);
  upgrade.srl = rest.first(rest.size() * data[11] / 256);
  upgrade.raw = rest.subspan(upgrade.srl.size());
  std::vector<int16_t> fast(4096), plain;
  std::vector<int8_t> fast_sign(4096), plain_sign;
  for (size_t i = 0; i < rest.size() && i < 4096; ++i) {
    fast[i * 37 % 4096] = static_cast<int16_t>(static_cast<int8_t>(rest[i]) * (data[10] >> 4));
    fast_sign[i * 53 % 4096] = static_cast<int8_t>(rest[i] % 3 - 1);
  }
  plain = fast;
  plain_sign = fast_sign;
  const bool with_signs = (data[10] & 2) != 0;
  const Status a =
      UpgradeProgressive(upgrade, fast.data(), with_signs ? fast_sign.data() : nullptr);
  const Status b =
      UpgradeProgressiveReference(upgrade, plain.data(), with_signs ? plain_sign.data() : nullptr);
  MULLION_FUZZ_CHECK(a.err == b.err);
  MULLION_FUZZ_CHECK(fast == plain);
  MULLION_FUZZ_CHECK(fast_sign == plain_sign);
}

}  // namespace mullion
