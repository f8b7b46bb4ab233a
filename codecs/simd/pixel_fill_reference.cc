#include "codecs/simd/pixel_fill.h"

namespace mullion {

void FillWordsReference(const PixelView& dst, uint32_t word) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      for (int i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(word >> (8 * i));
    }
  }
}

}  // namespace mullion
