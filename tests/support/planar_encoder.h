// A small planar encoder for tests and benchmarks: plain, after MS-RDPEGDI 3.1.9.
#ifndef MULLION_TESTS_SUPPORT_PLANAR_ENCODER_H_
#define MULLION_TESTS_SUPPORT_PLANAR_ENCODER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/pixel_view.h"

namespace mullion {

struct PlanarOptions {
  int colour_loss = 0;  // 0: ARGB; 1..7: AYCoCg
  bool subsample = false;
  bool rle = true;
  bool alpha = false;
};

// PRECONDITION: picture is kBgrx32 (its X byte is the alpha).
std::vector<uint8_t> EncodePlanar(const PixelView& picture, const PlanarOptions& options);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_PLANAR_ENCODER_H_
