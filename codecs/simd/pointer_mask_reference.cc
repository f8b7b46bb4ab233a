#include "codecs/simd/pointer_mask.h"

#include <cstring>

namespace mullion {
namespace {

bool IsSet(const uint8_t* row, int32_t x) { return (row[x / 8] >> (7 - x % 8) & 1) != 0; }

uint32_t ReadWord(const uint8_t* row, int32_t x, int bits_per_pixel) {
  if (bits_per_pixel == 1) return IsSet(row, x) ? kPointerWhite : kPointerBlack;
  const int32_t bytes = bits_per_pixel / 8;
  uint32_t word = kPointerBlack;
  std::memcpy(&word, row + ptrdiff_t{x} * bytes, static_cast<size_t>(bytes));
  return word;
}

uint32_t Masked(uint32_t word, int32_t x, int32_t y) {
  if (word == kPointerBlack) return 0;
  if (word == kPointerWhite && (x + y) % 2 != 0) return kPointerBlack;
  return word;
}

}  // namespace

void ApplyAndMaskReference(const PointerRows& and_mask, const PointerRows& src,
                           int src_bits_per_pixel, const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    for (int32_t x = 0; x < dst.width_px; ++x) {
      uint32_t word = ReadWord(src.row(y), x, src_bits_per_pixel);
      if (IsSet(and_mask.row(y), x)) word = Masked(word, x, y);
      std::memcpy(dst.row(y) + ptrdiff_t{x} * 4, &word, sizeof(word));
    }
  }
}

}  // namespace mullion
