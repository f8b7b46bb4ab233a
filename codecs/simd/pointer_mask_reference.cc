#include "codecs/simd/pointer_mask.h"

#include <cstring>

namespace mullion {
namespace {

bool IsSet(const uint8_t* row, int32_t x) { return (row[x / 8] >> (7 - x % 8) & 1) != 0; }

uint32_t Masked(uint32_t word, int32_t x, int32_t y) {
  if (word == kPointerBlack) return 0;
  if (word == kPointerWhite && (x + y) % 2 != 0) return kPointerBlack;
  return word;
}

}  // namespace

void ApplyAndMaskReference(const PointerRows& and_mask, const PointerRows& src,
                           const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    for (int32_t x = 0; x < dst.width_px; ++x) {
      uint32_t word;
      std::memcpy(&word, src.row(y) + ptrdiff_t{x} * 4, sizeof(word));
      if (IsSet(and_mask.row(y), x)) word = Masked(word, x, y);
      std::memcpy(dst.row(y) + ptrdiff_t{x} * 4, &word, sizeof(word));
    }
  }
}

void ApplyAndMaskToBitsReference(const PointerRows& and_mask, const PointerRows& src,
                                 const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    for (int32_t x = 0; x < dst.width_px; ++x) {
      uint32_t word = IsSet(src.row(y), x) ? kPointerWhite : kPointerBlack;
      if (IsSet(and_mask.row(y), x)) word = Masked(word, x, y);
      std::memcpy(dst.row(y) + ptrdiff_t{x} * 4, &word, sizeof(word));
    }
  }
}

}  // namespace mullion
