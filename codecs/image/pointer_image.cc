#include "codecs/image/pointer_image.h"

#include <cstring>

#include "codecs/simd/pixel_expand.h"
#include "codecs/simd/pointer_mask.h"

namespace mullion {
namespace {

size_t PaddedRowBytes(size_t width, size_t bits_per_pixel) {
  const size_t bytes = (width * bits_per_pixel + 7) / 8;
  return bytes + bytes % 2;
}

// 4 bpp: two indices a byte, the first in the upper half.
void ExpandNibbles(const PointerShape& shape, size_t stride, const PixelView& dst) {
  for (int32_t y = 0; y < dst.height_px; ++y) {
    const uint8_t* row = shape.xor_mask.data() + static_cast<size_t>(y) * stride;
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      const uint32_t colour =
          kPointerBlack | shape.palette->entries[row[x / 2] >> (x % 2 == 0 ? 4 : 0) & 15];
      std::memcpy(out, &colour, sizeof(colour));
    }
  }
}

PointerRows Rows(ByteView mask, size_t stride, int32_t height, bool top_down) {
  const auto step = static_cast<ptrdiff_t>(stride);
  if (top_down) return {mask.data(), step};
  return {mask.data() + step * (height - 1), -step};
}

// Leaves *bgra as it is where the shape is refused.
Status Decode(const PointerShape& shape, std::vector<uint8_t>* bgra, int32_t max_side_px) {
  const size_t width = shape.width, height = shape.height;
  if (width == 0 || height == 0) {
    bgra->clear();
    return Ok();
  }
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
  const bool top_down = shape.xor_bpp == 1;
  const bool has_and = !shape.and_mask.empty() || top_down;
  if (has_and && shape.and_mask.size() < and_stride * height) {
    return Fail(Err::kTruncated, "andMaskData", shape.and_mask.size());
  }

  // Not cleared before: every byte is written below, and clearing is one more pass over them.
  bgra->resize(width * height * 4);
  const PixelView picture = {bgra->data(), shape.width, shape.height,
                             static_cast<ptrdiff_t>(width) * 4, PixelFormat::kBgrx32};
  const PointerRows and_rows =
      has_and ? Rows(shape.and_mask, and_stride, shape.height, top_down) : PointerRows{};
  if (has_and && (shape.xor_bpp == 1 || shape.xor_bpp == 24 || shape.xor_bpp == 32)) {
    ApplyAndMask(and_rows, Rows(shape.xor_mask, xor_stride, shape.height, top_down), shape.xor_bpp,
                 picture);
    return Ok();
  }
  if (shape.xor_bpp == 4) {
    ExpandNibbles(shape, xor_stride, picture.Flipped());
  } else {
    ExpandPixels({.data = shape.xor_mask.data(),
                  .stride_bytes = xor_stride,
                  .bits_per_pixel = shape.xor_bpp == 16 ? 15 : shape.xor_bpp,
                  .palette = shape.palette == nullptr ? nullptr : shape.palette->entries,
                  .keep_alpha = true},
                 picture.Flipped());
  }
  if (has_and) ApplyAndMask(and_rows, {picture.data, picture.stride_bytes}, 32, picture);
  return Ok();
}

}  // namespace

Status DecodePointerImage(const PointerShape& shape, std::vector<uint8_t>* bgra,
                          int32_t max_side_px) {
  const Status status = Decode(shape, bgra, max_side_px);
  if (!status.ok()) bgra->clear();
  return status;
}

}  // namespace mullion
