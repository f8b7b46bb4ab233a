#include "codecs/image/raw_bitmap.h"

#include "codecs/simd/pixel_expand.h"

namespace mullion {

size_t BitmapRowBytes(int width_px, int bits_per_pixel) {
  return static_cast<size_t>(width_px) * static_cast<size_t>((bits_per_pixel + 7) / 8);
}

size_t PaddedBitmapRowBytes(int width_px, int bits_per_pixel) {
  return (BitmapRowBytes(width_px, bits_per_pixel) + 3) & ~size_t{3};
}

Status DecodeRawBitmap(ByteView in, int bits_per_pixel, const Palette* palette, PixelView dst,
                       size_t src_stride_bytes, AlphaMode alpha) {
  switch (bits_per_pixel) {
    case 8:
      if (palette == nullptr) return Fail(Err::kState, "palette");
      break;
    case 15:
    case 16:
    case 24:
    case 32:
      break;
    default:
      return Fail(Err::kUnsupported, "bitsPerPixel");
  }
  if (dst.width_px <= 0) return Fail(Err::kMalformed, "width");
  if (dst.height_px <= 0) return Fail(Err::kMalformed, "height");
  const size_t row_bytes = BitmapRowBytes(dst.width_px, bits_per_pixel);
  const size_t stride = src_stride_bytes == 0 ? row_bytes : src_stride_bytes;
  if (stride < row_bytes) return Fail(Err::kMalformed, "stride");
  // The last row needs no padding, so divide rather than multiply: no product can overflow.
  if (in.size() < row_bytes ||
      (in.size() - row_bytes) / stride < static_cast<size_t>(dst.height_px) - 1) {
    return Fail(Err::kTruncated, "bitmapDataStream", in.size());
  }
  ExpandPixels({.data = in.data(),
                .stride_bytes = stride,
                .bits_per_pixel = bits_per_pixel,
                .palette = palette == nullptr ? nullptr : palette->entries,
                .keep_alpha = alpha == AlphaMode::kKeep},
               dst);
  return Ok();
}

}  // namespace mullion
