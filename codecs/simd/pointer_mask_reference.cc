#include "codecs/simd/pointer_mask.h"

#include <cstring>

namespace mullion {
namespace {

bool IsSet(const uint8_t* row, int32_t x) { return (row[x / 8] >> (7 - x % 8) & 1) != 0; }

}  // namespace

void ExpandBitsReference(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y, mask += stride_bytes) {
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      const uint32_t word = IsSet(mask, x) ? kPointerWhite : kPointerBlack;
      std::memcpy(out, &word, sizeof(word));
    }
  }
}

void ApplyAndMaskReference(const uint8_t* mask, ptrdiff_t stride_bytes, const PixelView& pixels) {
  for (int32_t y = 0; y < pixels.height_px; ++y, mask += stride_bytes) {
    uint8_t* out = pixels.row(y);
    for (int32_t x = 0; x < pixels.width_px; ++x, out += 4) {
      if (!IsSet(mask, x)) continue;
      uint32_t word;
      std::memcpy(&word, out, sizeof(word));
      if (word == kPointerBlack) {
        word = 0;
      } else if (word == kPointerWhite && (x + y) % 2 != 0) {
        word = kPointerBlack;
      }
      std::memcpy(out, &word, sizeof(word));
    }
  }
}

}  // namespace mullion
