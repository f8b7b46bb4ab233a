// The plain twin of plane_delta.cc.
#include "codecs/simd/plane_delta.h"

namespace mullion {

void AddPlaneDeltasReference(uint8_t* plane, size_t width, size_t rows) {
  const uint8_t* above = plane - width;
  for (size_t i = 0; i < width * rows; ++i) {
    const unsigned coded = plane[i];
    const unsigned delta = coded % 2 == 0 ? coded / 2 : 255 - coded / 2;
    plane[i] = static_cast<uint8_t>(above[i] + delta);
  }
}

}  // namespace mullion
