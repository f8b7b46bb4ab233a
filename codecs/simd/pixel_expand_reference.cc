// The plain twin of pixel_expand.cc: one pixel at a time, as the formats are written down.
#include "codecs/simd/pixel_expand.h"

namespace mullion {
namespace {

struct Colour {
  uint32_t red, green, blue, x;
};

uint32_t Grow5(uint32_t c) { return 8 * c + c / 4; }
uint32_t Grow6(uint32_t c) { return 4 * c + c / 8 > 255 ? 255 : 4 * c + c / 8; }

Colour ReadPixel(const PixelSource& src, const uint8_t* p) {
  switch (src.bits_per_pixel) {
    case 8: {
      const uint32_t entry = src.palette[p[0]];
      return {entry >> 16 & 0xFF, entry >> 8 & 0xFF, entry & 0xFF, 0xFF};
    }
    case 15: {
      const uint32_t v = p[0] | static_cast<uint32_t>(p[1]) << 8;
      return {Grow5(v >> 10 & 0x1F), Grow5(v >> 5 & 0x1F), Grow5(v & 0x1F), 0xFF};
    }
    case 16: {
      const uint32_t v = p[0] | static_cast<uint32_t>(p[1]) << 8;
      return {Grow5(v >> 11), Grow6(v >> 5 & 0x3F), Grow5(v & 0x1F), 0xFF};
    }
    case 24:
      return {p[2], p[1], p[0], 0xFF};
    default:
      return {p[2], p[1], p[0], src.keep_alpha ? p[3] : 0xFFu};
  }
}

}  // namespace

void ExpandPixelsReference(const PixelSource& src, const PixelView& dst) {
  const int bytes = (src.bits_per_pixel + 7) / 8;
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const uint8_t* in = src.data + static_cast<size_t>(y) * src.stride_bytes;
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, in += bytes, out += 4) {
      const Colour c = ReadPixel(src, in);
      const bool bgr = dst.format == PixelFormat::kBgrx32;
      out[0] = static_cast<uint8_t>(bgr ? c.blue : c.red);
      out[1] = static_cast<uint8_t>(c.green);
      out[2] = static_cast<uint8_t>(bgr ? c.red : c.blue);
      out[3] = static_cast<uint8_t>(c.x);
    }
  }
}

}  // namespace mullion
