#include <algorithm>
#include <cstdlib>

#include "codecs/simd/yuv.h"

namespace mullion {
namespace {

uint8_t Clamp(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

void WritePixel(int y, int u, int v, PixelFormat format, uint8_t* out) {
  const uint8_t red = Clamp((256 * y + 403 * (v - 128) + 128) >> 8);
  const uint8_t green = Clamp((256 * y - 48 * (u - 128) - 120 * (v - 128) + 128) >> 8);
  const uint8_t blue = Clamp((256 * y + 475 * (u - 128) + 128) >> 8);
  const bool bgr = format == PixelFormat::kBgrx32;
  out[0] = bgr ? blue : red;
  out[1] = green;
  out[2] = bgr ? red : blue;
  out[3] = 0xFF;
}

// A chroma sample of YUV444 that the auxiliary view holds, for an odd x or an odd y. `plane` is 1
// for U, 2 for V.
int AuxiliaryV1(const YuvView& aux, int plane, int32_t x, int32_t y) {
  if (y % 2 == 0) return aux.row(plane, y / 2)[x / 2];  // B6, B7
  const int32_t macroblock = y / 16 * 16;
  return aux.row(0, macroblock + (y - macroblock) / 2 + (plane == 1 ? 0 : 8))[x];  // B4, B5
}

int AuxiliaryV2(const YuvView& aux, int plane, int32_t x, int32_t y) {
  const int32_t width = aux.width_px;
  if (x % 2 != 0) return aux.row(0, y)[(plane == 1 ? 0 : width / 2) + x / 2];  // B4, B5
  const int32_t column = (plane == 1 ? 0 : width / 4) + x / 4;
  return aux.row(x % 4 == 0 ? 1 : 2, y / 2)[column];  // B6 to B9
}

int Chroma444(Yuv444Layout layout, const YuvView& main, const YuvView& aux, int plane, int32_t x,
              int32_t y) {
  const auto auxiliary = [&](int32_t ax, int32_t ay) {
    return layout == Yuv444Layout::kV1 ? AuxiliaryV1(aux, plane, ax, ay)
                                       : AuxiliaryV2(aux, plane, ax, ay);
  };
  if (x % 2 != 0 || y % 2 != 0) return auxiliary(x, y);
  const int average = main.row(plane, y / 2)[x / 2];
  const int reversed =
      Clamp(4 * average - auxiliary(x + 1, y) - auxiliary(x, y + 1) - auxiliary(x + 1, y + 1));
  return std::abs(reversed - average) > 30 ? reversed : average;
}

}  // namespace

void ConvertYuv420Reference(const YuvView& main, const Rect& part, const PixelView& dst) {
  for (int32_t y = part.y; y < part.bottom(); ++y) {
    uint8_t* out = dst.row(y - part.y);
    for (int32_t x = part.x; x < part.right(); ++x, out += 4) {
      WritePixel(main.row(0, y)[x], main.row(1, y / 2)[x / 2], main.row(2, y / 2)[x / 2],
                 dst.format, out);
    }
  }
}

void ConvertYuv444Reference(Yuv444Layout layout, const YuvView& main, const YuvView& aux,
                            const Rect& part, const PixelView& dst) {
  for (int32_t y = part.y; y < part.bottom(); ++y) {
    uint8_t* out = dst.row(y - part.y);
    for (int32_t x = part.x; x < part.right(); ++x, out += 4) {
      WritePixel(main.row(0, y)[x], Chroma444(layout, main, aux, 1, x, y),
                 Chroma444(layout, main, aux, 2, x, y), dst.format, out);
    }
  }
}

}  // namespace mullion
