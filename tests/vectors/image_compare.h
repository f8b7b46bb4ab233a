// Compares decoded pixels with a vector's expected picture, whatever form that has: PNG, 32-bit in
// any byte order, RGB24, RGB565, RGB555, palette indices, any stride, wire order or top-down.
//
// The form comes from params.out, out_format, out_stride, out_row_order and bpp; what they leave
// open is concluded from the size of the expected bytes.
// Threads: reentrant. Errors: an Outcome that names the first pixel that differs by too much.
#ifndef MULLION_TESTS_VECTORS_IMAGE_COMPARE_H_
#define MULLION_TESTS_VECTORS_IMAGE_COMPARE_H_

#include <vector>

#include "tests/vectors/vector.h"

namespace mullion::vectors {

enum class RowOrder { kTopDown, kBottomUp };

struct ImageRules {
  // How the codec's wire format orders rows; "wire order" in params means this one.
  RowOrder wire = RowOrder::kTopDown;
  int max_difference = 0;      // used where the entry has no rule of its own
  bool compare_alpha = false;  // the fourth byte has a meaning
  // The form where params say nothing, e.g. "RGBA32".
  const char* otherwise = "BGRX32";
};

// A buffer of our own to decode into: BGRX, wire order, filled with a pattern.
struct Canvas {
  Canvas(int32_t width_px, int32_t height_px);
  PixelView view();

  int32_t width_px;
  int32_t height_px;
  std::vector<uint8_t> bytes;
};

// True for sizes that a vector may ask for at all.
bool SaneSize(int32_t width_px, int32_t height_px);

Outcome CompareImage(const Vector& vector, Canvas* got, const ImageRules& rules);

}  // namespace mullion::vectors

#endif  // MULLION_TESTS_VECTORS_IMAGE_COMPARE_H_
