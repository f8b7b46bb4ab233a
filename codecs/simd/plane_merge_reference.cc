// The plain twin of plane_merge.cc.
#include <algorithm>

#include "codecs/simd/plane_merge.h"

namespace mullion {
namespace {

// The chroma sample as the inverse transform wants it: half of its 9-bit value.
int HalfChroma(uint8_t sample, int shift) {
  return static_cast<int8_t>(static_cast<uint8_t>(sample << shift));
}

uint8_t Clamp(int v) { return static_cast<uint8_t>(std::clamp(v, 0, 255)); }

}  // namespace

void MergePlanesReference(const ColourPlanes& planes, const PixelView& dst) {
  const int step = planes.subsampled ? 2 : 1;
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const size_t at = static_cast<size_t>(y) * planes.stride_bytes;
    const size_t chroma_at = static_cast<size_t>(y / step) * planes.chroma_stride_bytes;
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      const uint8_t first = planes.first[at + static_cast<size_t>(x)];
      const uint8_t second = planes.second[chroma_at + static_cast<size_t>(x / step)];
      const uint8_t third = planes.third[chroma_at + static_cast<size_t>(x / step)];
      uint8_t red = first, green = second, blue = third;
      if (planes.ycocg) {
        const int orange = HalfChroma(second, planes.chroma_shift);
        const int cg = HalfChroma(third, planes.chroma_shift);
        red = Clamp(first - cg - orange);
        green = Clamp(first + cg);
        blue = Clamp(first - cg + orange);
      }
      const bool bgr = dst.format == PixelFormat::kBgrx32;
      out[0] = bgr ? blue : red;
      out[1] = green;
      out[2] = bgr ? red : blue;
      out[3] = planes.alpha == nullptr ? 0xFF : planes.alpha[at + static_cast<size_t>(x)];
    }
  }
}

}  // namespace mullion
