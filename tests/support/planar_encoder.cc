#include "tests/support/planar_encoder.h"

#include <algorithm>
#include <cstddef>

namespace mullion {
namespace {

struct Plane {
  size_t width, height;
  std::vector<uint8_t> bytes;
};

// Runs of one and two cannot be said: takes at most `most` of `run` so that none is left over.
size_t Take(size_t run, size_t most) {
  const size_t n = std::min(run, most);
  return run - n == 1 || run - n == 2 ? n - 3 : n;
}

// `raw_count` bytes and `run` (0, or 3 and more) times the last one.
void EncodeSegment(std::vector<uint8_t>* out, const uint8_t* raw, size_t raw_count, size_t run) {
  for (; raw_count > 15; raw += 15, raw_count -= 15) {
    out->push_back(0xF0);
    out->insert(out->end(), raw, raw + 15);
  }
  if (raw_count > 0) {
    const size_t n = Take(run, 15);
    out->push_back(static_cast<uint8_t>(raw_count << 4 | n));
    out->insert(out->end(), raw, raw + raw_count);
    run -= n;
  }
  while (run > 0) {
    const size_t n = Take(run, 47);
    // 16 to 31 and 32 to 47 are written as 1 and 2 with the rest where the raw count stands.
    out->push_back(static_cast<uint8_t>(n < 16 ? n : (n & 15) << 4 | n >> 4));
    run -= n;
  }
}

void EncodeRow(std::vector<uint8_t>* out, const std::vector<uint8_t>& row) {
  uint8_t last = 0;
  for (size_t x = 0; x < row.size();) {
    const size_t raw_at = x;
    size_t run = 0;
    for (; x < row.size(); last = row[x++]) {
      run = 0;
      while (x + run < row.size() && row[x + run] == last) ++run;
      if (run >= 3) break;
      run = 0;
    }
    EncodeSegment(out, row.data() + raw_at, x - raw_at, run);
    x += run;
  }
}

void AppendPlane(std::vector<uint8_t>* out, const Plane& plane, bool rle) {
  if (!rle) {
    out->insert(out->end(), plane.bytes.begin(), plane.bytes.end());
    return;
  }
  std::vector<uint8_t> row(plane.width);
  for (size_t y = 0; y < plane.height; ++y) {
    for (size_t x = 0; x < plane.width; ++x) {
      row[x] = plane.bytes[y * plane.width + x];
      if (y == 0) continue;
      const auto delta = static_cast<int8_t>(
          static_cast<uint8_t>(row[x] - plane.bytes[(y - 1) * plane.width + x]));
      row[x] = static_cast<uint8_t>(delta >= 0 ? delta * 2 : -delta * 2 - 1);
    }
    EncodeRow(out, row);
  }
}

Plane Halve(const Plane& full) {
  Plane half = {(full.width + 1) / 2, (full.height + 1) / 2, {}};
  for (size_t y = 0; y < half.height; ++y) {
    for (size_t x = 0; x < half.width; ++x)
      half.bytes.push_back(full.bytes[2 * y * full.width + 2 * x]);
  }
  return half;
}

}  // namespace

std::vector<uint8_t> EncodePlanar(const PixelView& picture, const PlanarOptions& options) {
  const auto width = static_cast<size_t>(picture.width_px);
  const auto height = static_cast<size_t>(picture.height_px);
  Plane planes[4];
  for (Plane& plane : planes) plane = {width, height, {}};
  for (int32_t y = 0; y < picture.height_px; ++y) {
    for (size_t x = 0; x < width; ++x) {
      const uint8_t* p = picture.row(y) + 4 * x;
      // Red and blue change places in AYCoCg, as Microsoft's servers have them.
      const int red = options.colour_loss == 0 ? p[2] : p[0];
      const int blue = options.colour_loss == 0 ? p[0] : p[2];
      const int green = p[1];
      int first = red, second = green, third = blue;
      if (options.colour_loss > 0) {
        first = (red + 2 * green + blue) / 4;
        second = (red - blue) >> options.colour_loss;
        third = (2 * green - red - blue) / 2 >> options.colour_loss;
      }
      planes[0].bytes.push_back(p[3]);
      planes[1].bytes.push_back(static_cast<uint8_t>(first));
      planes[2].bytes.push_back(static_cast<uint8_t>(second));
      planes[3].bytes.push_back(static_cast<uint8_t>(third));
    }
  }
  if (options.subsample) {
    planes[2] = Halve(planes[2]);
    planes[3] = Halve(planes[3]);
  }
  std::vector<uint8_t> out = {
      static_cast<uint8_t>(options.colour_loss | (options.subsample ? 0x08 : 0) |
                           (options.rle ? 0x10 : 0) | (options.alpha ? 0 : 0x20))};
  for (int i = options.alpha ? 0 : 1; i < 4; ++i) AppendPlane(&out, planes[i], options.rle);
  if (!options.rle) out.push_back(0);
  return out;
}

}  // namespace mullion
