#include <algorithm>

#include "codecs/simd/nsc_color.h"

namespace mullion {
namespace {

uint8_t Clamp(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

int Chroma(uint8_t sample, int shift) {
  return static_cast<int8_t>(static_cast<uint8_t>(sample << shift));
}

}  // namespace

void ConvertNscPlanesReference(const NscPlanes& planes, const PixelView& dst) {
  const int halve = planes.subsampled ? 1 : 0;
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const size_t row = static_cast<size_t>(y);
    const uint8_t* luma = planes.luma + row * planes.luma_stride;
    const uint8_t* orange = planes.orange + (row >> halve) * planes.chroma_stride;
    const uint8_t* green = planes.green + (row >> halve) * planes.chroma_stride;
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      const int co = Chroma(orange[x >> halve], planes.chroma_shift);
      const int cg = Chroma(green[x >> halve], planes.chroma_shift);
      const uint8_t red = Clamp(luma[x] + co - cg);
      const uint8_t blue = Clamp(luma[x] - co - cg);
      const bool bgr = dst.format == PixelFormat::kBgrx32;
      out[0] = bgr ? blue : red;
      out[1] = Clamp(luma[x] + cg);
      out[2] = bgr ? red : blue;
      out[3] = planes.alpha == nullptr
                   ? uint8_t{0xFF}
                   : planes.alpha[row * planes.alpha_stride + static_cast<size_t>(x)];
    }
  }
}

}  // namespace mullion
