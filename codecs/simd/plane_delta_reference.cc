// The plain twin of plane_delta.cc.
#include "codecs/simd/plane_delta.h"

namespace mullion {
namespace {

unsigned DecodeDelta(unsigned coded) { return coded % 2 == 0 ? coded / 2 : 255 - coded / 2; }

}  // namespace

void AddPlaneDeltasReference(uint8_t* plane, size_t width, size_t rows) {
  const uint8_t* above = plane - width;
  for (size_t i = 0; i < width * rows; ++i) {
    plane[i] = static_cast<uint8_t>(above[i] + DecodeDelta(plane[i]));
  }
}

void AddRowDeltasReference(uint8_t* row, const uint8_t* deltas, size_t width) {
  for (size_t i = 0; i < width; ++i) {
    row[i] = static_cast<uint8_t>(row[i] + DecodeDelta(deltas[i]));
  }
}

}  // namespace mullion
