// How alike two pictures are: 10 log10(255^2 / mean squared difference) over R, G and B.
#ifndef MULLION_TESTS_SUPPORT_PSNR_H_
#define MULLION_TESTS_SUPPORT_PSNR_H_

#include <cmath>
#include <limits>
#include <span>

#include "codecs/base/pixel_view.h"

namespace mullion {

// Top-down BGRA, as ReadPng() leaves it.
struct BgraPicture {
  std::span<const uint8_t> bytes;
  int32_t width_px;
  int32_t height_px;
};

// A picture of another size is not like it at all: 0.
inline double PsnrDb(const PixelView& a, const BgraPicture& b) {
  if (a.width_px != b.width_px || a.height_px != b.height_px) return 0;
  const uint8_t* q = b.bytes.data();
  double squares = 0;
  for (int32_t y = 0; y < a.height_px; ++y) {
    const uint8_t* p = a.row(y);
    for (int32_t x = 0; x < a.width_px; ++x, p += 4, q += 4) {
      for (int c = 0; c < 3; ++c) squares += (p[c] - q[c]) * (p[c] - q[c]);
    }
  }
  const double mean = squares / (3.0 * a.width_px * a.height_px);
  if (mean == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 / mean);
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_PSNR_H_
