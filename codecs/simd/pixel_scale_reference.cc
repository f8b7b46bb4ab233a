// The plain twin of pixel_scale.cc.
#include "codecs/simd/pixel_scale.h"

namespace mullion {
namespace {

// Place in units of 1/256, as the header has it; without SampleAt, which the twin checks.
int64_t PlaceOf(int32_t at, int32_t src_size, int32_t dst_size) {
  const int64_t place = (2 * int64_t{at} + 1) * 128 * src_size / dst_size - 128;
  const int64_t last = (int64_t{src_size} - 1) * 256;
  return place < 0 ? 0 : place > last ? last : place;
}

}  // namespace

void ScaleBilinearReference(const PixelView& src, const PixelView& dst, const Rect& part) {
  for (int32_t y = part.y; y < part.bottom(); ++y) {
    const int64_t v = PlaceOf(y, src.height_px, dst.height_px);
    const auto top = static_cast<int32_t>(v / 256);
    const int32_t bottom = std::min(top + 1, src.height_px - 1);
    const auto weight_y = static_cast<uint32_t>(v % 256);
    for (int32_t x = part.x; x < part.right(); ++x) {
      const int64_t u = PlaceOf(x, src.width_px, dst.width_px);
      const auto left = static_cast<int32_t>(u / 256);
      const int32_t right = std::min(left + 1, src.width_px - 1);
      const auto weight_x = static_cast<uint32_t>(u % 256);
      for (int32_t c = 0; c < 4; ++c) {
        const auto at = [&](int32_t row, int32_t column) {
          return uint32_t{src.row(row)[ptrdiff_t{column} * 4 + c]};
        };
        const uint32_t above = at(top, left) * (256 - weight_x) + at(top, right) * weight_x;
        const uint32_t below = at(bottom, left) * (256 - weight_x) + at(bottom, right) * weight_x;
        const uint32_t value = (above * (256 - weight_y) + below * weight_y + 32768) >> 16;
        const int32_t to = src.format == dst.format || c % 2 != 0 ? c : 2 - c;
        dst.row(y)[ptrdiff_t{x} * 4 + to] = static_cast<uint8_t>(value);
      }
    }
  }
}

}  // namespace mullion
