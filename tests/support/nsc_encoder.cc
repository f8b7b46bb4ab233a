#include "tests/support/nsc_encoder.h"

#include <algorithm>

#include "codecs/base/byte_writer.h"

namespace mullion {
namespace {

struct Pixel {
  int r, g, b, a;
};

// The pixel, or the nearest one inside for a padded position.
Pixel At(const PixelView& src, int32_t x, int32_t y) {
  const uint8_t* p = src.row(std::min(y, src.height_px - 1)) +
                     static_cast<ptrdiff_t>(std::min(x, src.width_px - 1)) * 4;
  const bool bgr = src.format == PixelFormat::kBgrx32;
  return {p[bgr ? 2 : 0], p[1], p[bgr ? 0 : 2], p[3]};
}

int Co(const Pixel& p) { return p.r - p.b; }
int Cg(const Pixel& p) { return (2 * p.g - p.r - p.b) / 2; }

}  // namespace

std::vector<uint8_t> EncodeNscRle(ByteView plane) {
  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  const size_t end = plane.size() - 4;
  for (size_t i = 0; i < end;) {
    size_t count = 1;
    while (i + count < end && plane[i + count] == plane[i]) ++count;
    // A lone byte in front of EndData is a literal even if EndData starts with the same value.
    writer.U8(plane[i]);
    if (count > 1) {
      writer.U8(plane[i]);
      writer.U8(static_cast<uint8_t>(std::min<size_t>(count - 2, 0xFF)));
      if (count - 2 >= 0xFF) writer.U32(static_cast<uint32_t>(count));
    }
    i += count;
  }
  writer.Bytes(plane.subspan(end));
  return out;
}

std::vector<uint8_t> EncodeNsCodec(const PixelView& src, const NscEncoderOptions& options) {
  std::vector<uint8_t> planes[4];
  const int32_t luma_width = options.subsample ? (src.width_px + 7) / 8 * 8 : src.width_px;
  for (int32_t y = 0; y < src.height_px; ++y) {
    for (int32_t x = 0; x < luma_width; ++x) {
      const Pixel p = At(src, x, y);
      planes[0].push_back(static_cast<uint8_t>((p.r + 2 * p.g + p.b) / 4));
      if (options.alpha && x < src.width_px) planes[3].push_back(static_cast<uint8_t>(p.a));
    }
  }
  const int32_t step = options.subsample ? 2 : 1;
  const int32_t rows = (src.height_px + step - 1) / step * step;
  for (int32_t y = 0; y < rows; y += step) {
    for (int32_t x = 0; x < luma_width; x += step) {
      int co = 0, cg = 0;
      for (int32_t dy = 0; dy < step; ++dy) {
        for (int32_t dx = 0; dx < step; ++dx) {
          co += Co(At(src, x + dx, y + dy));
          cg += Cg(At(src, x + dx, y + dy));
        }
      }
      planes[1].push_back(static_cast<uint8_t>((co / (step * step)) >> options.color_loss_level));
      planes[2].push_back(static_cast<uint8_t>((cg / (step * step)) >> options.color_loss_level));
    }
  }
  if (options.run_length) {
    for (auto& plane : planes) {
      if (plane.size() <= 4) continue;
      std::vector<uint8_t> coded = EncodeNscRle(plane);
      if (coded.size() < plane.size()) plane = std::move(coded);
    }
  }
  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  for (const auto& plane : planes) writer.U32(static_cast<uint32_t>(plane.size()));
  writer.U8(static_cast<uint8_t>(options.color_loss_level));
  writer.U8(options.subsample ? 1 : 0);
  writer.U16(0);
  for (const auto& plane : planes) writer.Bytes(plane);
  return out;
}

}  // namespace mullion
