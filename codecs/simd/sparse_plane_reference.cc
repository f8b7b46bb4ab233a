// Plain twins of sparse_plane.cc.
#include <cstring>

#include "codecs/simd/sparse_plane.h"

namespace mullion {
namespace {

struct Word {
  uint64_t mask = 0;
  bool wide = false;
};

Word Look(const int16_t* coefficients) {
  Word word;
  for (unsigned i = 0; i < 64; ++i) {
    if (coefficients[i] == 0) continue;
    word.mask |= uint64_t{1} << i;
    word.wide |= coefficients[i] < -128 || coefficients[i] > 127;
  }
  return word;
}

}  // namespace

size_t PackSparsePlaneReference(const int16_t* plane, uint8_t* packed) {
  uint64_t used = 0, wide = 0;
  uint8_t* out = packed + 16;
  for (size_t w = 0; w < kSparsePlaneWords; ++w) {
    const Word word = Look(plane + w * 64);
    if (word.mask == 0) continue;
    used |= uint64_t{1} << w;
    wide |= uint64_t{word.wide} << w;
    std::memcpy(out, &word.mask, 8);
    out += 8;
  }
  for (size_t w = 0; w < kSparsePlaneWords; ++w) {
    for (size_t i = w * 64; i < (w + 1) * 64; ++i) {
      if (plane[i] == 0) continue;
      const size_t size = (wide >> w & 1) != 0 ? 2 : 1;
      std::memcpy(out, &plane[i], size);  // the low byte comes first
      out += size;
    }
  }
  std::memcpy(packed, &used, 8);
  std::memcpy(packed + 8, &wide, 8);
  return static_cast<size_t>(out - packed);
}

size_t UnpackSparsePlaneReference(const uint8_t* packed, int16_t* plane) {
  uint64_t used, wide;
  std::memcpy(&used, packed, 8);
  std::memcpy(&wide, packed + 8, 8);
  const uint8_t* masks = packed + 16;
  const uint8_t* values = masks;
  for (uint64_t left = used; left != 0; left &= left - 1) values += 8;
  for (size_t w = 0; w < kSparsePlaneWords; ++w) {
    uint64_t mask = 0;
    if ((used >> w & 1) != 0) {
      std::memcpy(&mask, masks, 8);
      masks += 8;
    }
    for (size_t i = 0; i < 64; ++i) {
      int16_t value = 0;
      if ((mask >> i & 1) != 0) {
        if ((wide >> w & 1) != 0) {
          std::memcpy(&value, values, 2);
          values += 2;
        } else {
          value = static_cast<int8_t>(*values++);
        }
      }
      plane[w * 64 + i] = value;
    }
  }
  return static_cast<size_t>(values - packed);
}

}  // namespace mullion
