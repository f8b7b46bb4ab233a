// Plain twins of rfx_tile.cc: one sample at a time, in the order of the specification's stages.
#include <algorithm>
#include <vector>

#include "codecs/simd/rfx_tile.h"

namespace mullion {
namespace {

// 16-bit lanes wrap around.
int16_t Wrap(int32_t value) { return static_cast<int16_t>(value); }
int16_t HalfOf(int32_t value) { return static_cast<int16_t>(Wrap(value) >> 1); }

// One level of lifting along a line of 2 * size samples, `step` apart.
void Lift(const int16_t* low, const int16_t* high, int in_step, int size, int16_t* out,
          int out_step) {
  for (int n = 0; n < size; ++n) {
    const int16_t h = high[n * in_step];
    const int16_t h_before = n > 0 ? high[(n - 1) * in_step] : h;
    out[2 * n * out_step] = Wrap(low[n * in_step] - HalfOf(h_before + h + 1));
  }
  for (int n = 0; n < size; ++n) {
    const int16_t even = out[2 * n * out_step];
    const int16_t even_after = n + 1 < size ? out[(2 * n + 2) * out_step] : even;
    out[(2 * n + 1) * out_step] = Wrap(2 * high[n * in_step] + HalfOf(even + even_after));
  }
}

// `ll` is size x size and becomes 2 size x 2 size. `bands` are HL, LH, HH of the level.
void InverseLevel(const int16_t* bands, int size, std::vector<int16_t>* ll) {
  const int area = size * size;
  const int width = 2 * size;
  std::vector<int16_t> low(static_cast<size_t>(2 * area)), high(static_cast<size_t>(2 * area));
  for (int y = 0; y < size; ++y) {
    Lift(ll->data() + y * size, bands + y * size, 1, size, low.data() + y * width, 1);
    Lift(bands + area + y * size, bands + 2 * area + y * size, 1, size, high.data() + y * width, 1);
  }
  ll->resize(static_cast<size_t>(4 * area));
  for (int x = 0; x < width; ++x) {
    Lift(low.data() + x, high.data() + x, width, size, ll->data() + x, width);
  }
}

int32_t MulHigh(int16_t a, int32_t b) { return a * b >> 16; }

}  // namespace

void RfxUnfoldCodesReference(const uint16_t* codes, int16_t* plane) {
  for (int i = 0; i < kRfxPlaneSize; ++i) {
    const int32_t magnitude = (codes[i] + 1) / 2;
    plane[i] = Wrap(codes[i] % 2 != 0 ? -magnitude : magnitude);
  }
}

void RfxDequantizeReference(const uint8_t shifts[kRfxBandCount], int16_t* plane) {
  for (int i = kRfxBandStart[kLl3] + 1; i < kRfxPlaneSize; ++i) {
    plane[i] = Wrap(plane[i] + plane[i - 1]);
  }
  for (int band = 0; band < kRfxBandCount; ++band) {
    for (int i = kRfxBandStart[band]; i < kRfxBandStart[band + 1]; ++i) {
      plane[i] = Wrap(plane[i] * (1 << shifts[band]));
    }
  }
}

void RfxInverseDwtReference(const int16_t* plane, int16_t* samples) {
  std::vector<int16_t> ll(plane + kRfxBandStart[kLl3], plane + kRfxPlaneSize);
  InverseLevel(plane + kRfxBandStart[kHl3], 8, &ll);
  InverseLevel(plane + kRfxBandStart[kHl2], 16, &ll);
  InverseLevel(plane + kRfxBandStart[kHl1], 32, &ll);
  std::copy(ll.begin(), ll.end(), samples);
}

uint32_t RfxPixelReference(int16_t y, int16_t cb, int16_t cr) {
  const int32_t luma = Wrap(y + 4096) >> 2;
  auto level = [](int32_t value) {
    return static_cast<uint32_t>(std::clamp(Wrap(value) >> 3, 0, 255));
  };
  const uint32_t r = level(luma + MulHigh(cr, 22987));
  const uint32_t g = level(luma + MulHigh(cb, -5636) + MulHigh(cr, -11698));
  const uint32_t b = level(luma + MulHigh(cb, 29000));
  return r << 16 | g << 8 | b;
}

void RfxDrawTileReference(const int16_t* y, const int16_t* cb, const int16_t* cr,
                          const PixelView& dst) {
  int16_t samples[3][kRfxPlaneSize];
  RfxInverseDwtReference(y, samples[0]);
  RfxInverseDwtReference(cb, samples[1]);
  RfxInverseDwtReference(cr, samples[2]);
  for (int row = 0; row < kRfxTilePx; ++row) {
    uint8_t* p = dst.row(row);
    for (int column = 0; column < kRfxTilePx; ++column, p += 4) {
      const int i = row * kRfxTilePx + column;
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
