#include "codecs/image/pointer_image.h"

#include <cstring>

namespace mullion {
namespace {

constexpr uint32_t kOpaque = 0xFF000000;
constexpr uint32_t kOpaqueBlack = 0xFF000000;
constexpr uint32_t kOpaqueWhite = 0xFFFFFFFF;
constexpr uint32_t kTransparent = 0;

size_t PaddedRowBytes(size_t width, size_t bits_per_pixel) {
  const size_t bytes = (width * bits_per_pixel + 7) / 8;
  return bytes + bytes % 2;
}

uint32_t ExpandFiveBits(uint32_t value) { return value << 3 | value >> 2; }

// Pixel x of an XOR row as 0xAARRGGBB.
uint32_t XorColour(const PointerShape& shape, const uint8_t* row, size_t x) {
  switch (shape.xor_bpp) {
    case 1:
      return (row[x / 8] >> (7 - x % 8) & 1) != 0 ? kOpaqueWhite : kOpaqueBlack;
    case 4:
      return kOpaque | shape.palette->entries[row[x / 2] >> (x % 2 == 0 ? 4 : 0) & 15];
    case 8:
      return kOpaque | shape.palette->entries[row[x]];
    case 15:
    case 16: {
      const uint32_t v = static_cast<uint32_t>(row[x * 2] | row[x * 2 + 1] << 8);
      return kOpaque | ExpandFiveBits(v >> 10 & 31) << 16 | ExpandFiveBits(v >> 5 & 31) << 8 |
             ExpandFiveBits(v & 31);
    }
    case 24:
      return kOpaque | static_cast<uint32_t>(row[x * 3 + 2]) << 16 |
             static_cast<uint32_t>(row[x * 3 + 1]) << 8 | row[x * 3];
    default: {
      uint32_t v;
      std::memcpy(&v, row + x * 4, sizeof(v));
      return v;
    }
  }
}

// What is drawn where the AND mask keeps the screen.
uint32_t KeptScreen(uint32_t colour, bool even) {
  if (colour == kOpaqueBlack) return kTransparent;
  if (colour == kOpaqueWhite) return even ? kOpaqueWhite : kOpaqueBlack;
  return colour;
}

}  // namespace

Status DecodePointerImage(const PointerShape& shape, std::vector<uint8_t>* bgra,
                          int32_t max_side_px) {
  bgra->clear();
  const size_t width = shape.width, height = shape.height;
  if (width == 0 || height == 0) return Ok();
  if (shape.width > max_side_px) return Fail(Err::kLimit, "width");
  if (shape.height > max_side_px) return Fail(Err::kLimit, "height");
  switch (shape.xor_bpp) {
    case 4:
    case 8:
      if (shape.palette == nullptr) return Fail(Err::kState, "xorBpp without a palette");
      break;
    case 1:
    case 15:
    case 16:
    case 24:
    case 32:
      break;
    default:
      return Fail(Err::kUnsupported, "xorBpp");
  }
  const size_t xor_stride = PaddedRowBytes(width, shape.xor_bpp == 15 ? 16 : shape.xor_bpp);
  const size_t and_stride = PaddedRowBytes(width, 1);
  if (shape.xor_mask.size() < xor_stride * height) {
    return Fail(Err::kTruncated, "xorMaskData", shape.xor_mask.size());
  }
  const bool has_and = !shape.and_mask.empty() || shape.xor_bpp == 1;
  if (has_and && shape.and_mask.size() < and_stride * height) {
    return Fail(Err::kTruncated, "andMaskData", shape.and_mask.size());
  }

  bgra->resize(width * height * 4);
  uint8_t* out = bgra->data();
  for (size_t y = 0; y < height; ++y) {
    const size_t coded_row = shape.xor_bpp == 1 ? y : height - 1 - y;
    const uint8_t* xor_row = shape.xor_mask.data() + coded_row * xor_stride;
    const uint8_t* and_row = has_and ? shape.and_mask.data() + coded_row * and_stride : nullptr;
    for (size_t x = 0; x < width; ++x, out += 4) {
      uint32_t colour = XorColour(shape, xor_row, x);
      if (has_and && (and_row[x / 8] >> (7 - x % 8) & 1) != 0) {
        colour = KeptScreen(colour, (x + y) % 2 == 0);
      }
      std::memcpy(out, &colour, sizeof(colour));
    }
  }
  return Ok();
}

}  // namespace mullion
