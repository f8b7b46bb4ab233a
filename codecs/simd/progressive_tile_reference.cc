// Plain twins of progressive_tile.cc: one sample at a time, in the order of the specification.
#include <algorithm>
#include <vector>

#include "codecs/simd/progressive_tile.h"

namespace mullion {
namespace {

// 16-bit lanes wrap around.
int16_t Wrap(int32_t value) { return static_cast<int16_t>(value); }
int16_t HalfOf(int32_t value) { return static_cast<int16_t>(Wrap(value) >> 1); }

using Line = std::vector<int16_t>;

// One line of `size` outputs. High samples beyond the last are its mirror image, or zero when the
// line was extrapolated (31 high samples for 64 outputs).
Line Lift(const Line& low, const Line& high, size_t size) {
  const bool extrapolated = low.size() > high.size() + 1;
  const auto h = [&](ptrdiff_t n) -> int16_t {
    if (n < 0) return high.front();
    if (n < static_cast<ptrdiff_t>(high.size())) return high[static_cast<size_t>(n)];
    return extrapolated ? int16_t{0} : high.back();
  };
  Line even;
  for (size_t n = 0; n < low.size(); ++n) {
    const auto i = static_cast<ptrdiff_t>(n);
    even.push_back(Wrap(low[n] - HalfOf(h(i - 1) + h(i) + 1)));
  }
  Line out;
  for (size_t i = 0; i < size; ++i) {
    const size_t n = i / 2;
    out.push_back(i % 2 == 0
                      ? even[n]
                      : Wrap(2 * h(static_cast<ptrdiff_t>(n)) + ((even[n] + even[n + 1]) >> 1)));
  }
  return out;
}

struct Image {
  size_t width, height;
  std::vector<int16_t> samples;

  Line Row(size_t y) const {
    const auto first = samples.begin() + static_cast<ptrdiff_t>(y * width);
    return Line(first, first + static_cast<ptrdiff_t>(width));
  }
  Line Column(size_t x) const {
    Line line;
    for (size_t y = 0; y < height; ++y) line.push_back(samples[y * width + x]);
    return line;
  }
};

Image Band(const int16_t* plane, int band, size_t width, size_t height) {
  const int16_t* const first = plane + kExtrapolateBandStart[band];
  return {width, height, std::vector<int16_t>(first, first + width * height)};
}

Image LiftRows(const Image& low, const Image& high, size_t size) {
  Image out = {size, low.height, {}};
  for (size_t y = 0; y < low.height; ++y) {
    const Line line = Lift(low.Row(y), high.Row(y), size);
    out.samples.insert(out.samples.end(), line.begin(), line.end());
  }
  return out;
}

// `first_band` is HL of the level; there are `high` high samples in a line of `size`.
Image InverseLevel(const int16_t* plane, int first_band, size_t high, const Image& ll,
                   size_t size) {
  const size_t low = ll.width;
  const Image top = LiftRows(ll, Band(plane, first_band, high, low), size);
  const Image bottom = LiftRows(Band(plane, first_band + 1, low, high),
                                Band(plane, first_band + 2, high, high), size);
  Image out = {size, size, std::vector<int16_t>(size * size)};
  for (size_t x = 0; x < size; ++x) {
    const Line line = Lift(top.Column(x), bottom.Column(x), size);
    for (size_t y = 0; y < size; ++y) out.samples[y * size + x] = line[y];
  }
  return out;
}

}  // namespace

void ProgressiveUnfoldReference(const int* band_start, const uint8_t shifts[kRfxBandCount],
                                uint16_t* codes_to_plane) {
  unsigned sum = 0;
  for (int band = 0; band < kRfxBandCount; ++band) {
    for (int i = band_start[band]; i < band_start[band + 1]; ++i) {
      const unsigned code = codes_to_plane[i];
      const unsigned value = (code >> 1) ^ (0u - (code & 1));
      sum += band == kLl3 ? value : 0;
      codes_to_plane[i] = static_cast<uint16_t>((band == kLl3 ? sum : value) << shifts[band]);
    }
  }
}

void ProgressiveDequantizeReference(const int* band_start, const uint8_t shifts[kRfxBandCount],
                                    const int16_t* plane, int16_t* out) {
  for (int band = 0; band < kRfxBandCount; ++band) {
    for (int i = band_start[band]; i < band_start[band + 1]; ++i) {
      out[i] = Wrap(plane[i] * (1 << shifts[band]));
    }
  }
}

void ProgressiveSignificanceReference(const int16_t* plane, uint64_t mask[kRfxPlaneSize / 64]) {
  std::fill(mask, mask + kRfxPlaneSize / 64, uint64_t{0});
  for (int i = 0; i < kRfxPlaneSize; ++i) {
    mask[i / 64] |= static_cast<uint64_t>(plane[i] != 0) << (i % 64);
  }
}

void ProgressiveInverseDwtReference(const int16_t* plane, int16_t* samples) {
  Image image = Band(plane, kLl3, 9, 9);
  image = InverseLevel(plane, kHl3, 8, image, 17);
  image = InverseLevel(plane, kHl2, 16, image, 33);
  image = InverseLevel(plane, kHl1, 31, image, 64);
  std::copy(image.samples.begin(), image.samples.end(), samples);
}

void ProgressiveDrawTileReference(const ProgressivePlanes& planes, const PixelView& dst) {
  std::vector<int16_t> samples[3];
  std::vector<int16_t> dequantized(kRfxPlaneSize);
  for (int i = 0; i < 3; ++i) {
    samples[i].resize(kRfxPlaneSize);
    ProgressiveDequantizeReference(kExtrapolateBandStart, planes.shifts[i], planes.plane[i],
                                   dequantized.data());
    ProgressiveInverseDwtReference(dequantized.data(), samples[i].data());
  }
  for (int y = 0; y < kRfxTilePx; ++y) {
    uint8_t* p = dst.row(y);
    for (int x = 0; x < kRfxTilePx; ++x, p += 4) {
      const size_t i = static_cast<size_t>(y * kRfxTilePx + x);
      const uint32_t rgb = RfxPixelReference(samples[0][i], samples[1][i], samples[2][i]);
      const bool bgr = dst.format == PixelFormat::kBgrx32;
      p[0] = static_cast<uint8_t>(bgr ? rgb : rgb >> 16);
      p[1] = static_cast<uint8_t>(rgb >> 8);
      p[2] = static_cast<uint8_t>(bgr ? rgb >> 16 : rgb);
      p[3] = 0xFF;
    }
  }
}

}  // namespace mullion
