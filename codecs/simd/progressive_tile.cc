// Memory traffic, per tile: 24 KiB of coefficients are read once, straight from where the tile
// keeps them, and shifted on their way into registers; 3 x 3 KiB of LL bands are written and read;
// 16 KiB of pixels are written. As in rfx_tile.cc the samples of the last level never exist in
// memory, and even and odd columns stay apart until pixels are interleaved.
//
// The odd sizes: a line of 2k + 1 outputs is one of 2k, in whole vectors, and a last column, which
// is mirrored at both neighbours and cheap enough to do in scalars (17 and 33 rows of it). Level 1
// has 64 outputs; its 32nd and 33rd high samples do not exist and are masked to zero.
#if defined(__clang__)
// See rfx_tile.cc: clang's UBSan and fuzzer coverage would compile this file for many minutes.
#pragma clang attribute push(__attribute__((no_sanitize("undefined", "coverage"))), \
                             apply_to = function)
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/progressive_tile.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/progressive_tile.h"
#include "codecs/simd/tile_lifting-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void Unfold(const int* band_start, const uint8_t* shifts, const uint16_t* codes, uint16_t* plane) {
  std::memcpy(plane, codes, kRfxPlaneSize * sizeof(*plane));
  ProgressiveUnfoldReference(band_start, shifts, plane);
}
void Dequantize(const int* band_start, const uint8_t* shifts, const int16_t* plane, int16_t* out) {
  ProgressiveDequantizeReference(band_start, shifts, plane, out);
}
void Significance(const int16_t* plane, uint64_t* mask) {
  ProgressiveSignificanceReference(plane, mask);
}
void DrawTile(const ProgressivePlanes& planes, const PixelView& dst) {
  ProgressiveDrawTileReference(planes, dst);
}

#else

void Unfold(const int* band_start, const uint8_t* shifts, const uint16_t* codes, uint16_t* plane) {
  // Whole vectors from the plane's start on, since stores across cache lines cost several times as
  // much; the bands' bounds are anywhere. No band is shorter than a vector, so a vector has two
  // bands at most, each with its own power of two. LL3 comes last, and is done again below.
  const hn::CappedTag<uint16_t, 32> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int band = 0;
  auto factor = hn::Set(d, static_cast<uint16_t>(1u << shifts[0]));
  for (int i = 0; i < kRfxPlaneSize; i += lanes) {
    auto factors = factor;
    const int left = band_start[band + 1] - i;
    if (left <= lanes && band < kLl3) {
      factor = hn::Set(d, static_cast<uint16_t>(1u << shifts[++band]));
      factors = hn::IfThenElse(hn::FirstN(d, static_cast<size_t>(left)), factors, factor);
    }
    hn::StoreU(hn::Mul(UnfoldVector(d, hn::LoadU(d, codes + i)), factors), d, plane + i);
  }
  const int first = band_start[kLl3];
  UnfoldSums(codes + first, static_cast<size_t>(kRfxPlaneSize - first), shifts[kLl3],
             plane + first);
}

void Dequantize(const int* band_start, const uint8_t* shifts, const int16_t* plane, int16_t* out) {
  const hn::CappedTag<int16_t, 32> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int band = 0; band < kRfxBandCount; ++band) {
    int i = band_start[band];
    const int end = band_start[band + 1];
    const int shift = shifts[band];
    for (; i + lanes <= end; i += lanes) {
      hn::StoreU(hn::ShiftLeftSame(hn::LoadU(d, plane + i), shift), d, out + i);
    }
    for (; i < end; ++i) {
      out[i] =
          static_cast<int16_t>(static_cast<uint16_t>(static_cast<unsigned>(plane[i]) << shift));
    }
  }
}

void Significance(const int16_t* plane, uint64_t* mask) {
  const hn::CappedTag<int16_t, 32> d;
  const size_t lanes = hn::Lanes(d);
  const auto zero = hn::Zero(d);
  auto* const bytes = reinterpret_cast<uint8_t*>(mask);  // as on all targets, little endian
  for (size_t i = 0; i < kRfxPlaneSize; i += lanes) {
    hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, plane + i), zero), bytes + i / 8);
  }
}

// The samples that extrapolation adds reach nine times as far as others, and their average with a
// neighbour lies in the picture.
constexpr bool kWideSums = true;

// A band, or an LL image, as a row pass reads it.
struct Lines {
  const int16_t* first;
  size_t stride;
  int shift;

  const int16_t* row(size_t n) const { return first + n * stride; }
  template <class D>
  HWY_INLINE hn::Vec<D> Load(D d, const int16_t* p) const {
    return hn::ShiftLeftSame(hn::LoadU(d, p), shift);
  }
};

// Row pass, outputs 2x .. 2(x + lanes) - 1 of a line with `high_size` high samples. kExtrapolated:
// high samples from high_size on are zero, else the last one is mirrored.
// Over-read: one element before a row's high samples, and up to two behind them.
template <bool kExtrapolated, class D, class V = hn::Vec<D>>
HWY_INLINE EvenOdd<V> LiftRow(D d, const Lines& lows, const Lines& highs, size_t n, size_t x,
                              size_t high_size) {
  const size_t lanes = hn::Lanes(d);
  const int16_t* const low = lows.row(n) + x;
  const int16_t* const high = highs.row(n) + x;
  V h = highs.Load(d, high);
  V before = highs.Load(d, high - 1);
  V after = highs.Load(d, high + 1);
  if (x == 0) before = hn::IfThenElse(hn::FirstN(d, 1), h, before);
  if (kExtrapolated) {
    if (x + lanes > high_size) {
      h = hn::IfThenElseZero(hn::FirstN(d, high_size - x), h);
      after = hn::IfThenElseZero(hn::FirstN(d, high_size - x - 1), after);
    }
  } else if (x + lanes == high_size) {
    after = hn::IfThenElse(hn::FirstN(d, lanes - 1), after, h);
  }
  const V even = hn::Sub(lows.Load(d, low), HalfSumUp(d, before, h));
  const V even_after = hn::Sub(lows.Load(d, low + 1), HalfSumUp(d, h, after));
  return {even, hn::Add(hn::Add(h, h), HalfSum<kWideSums>(even, even_after))};
}

// The same for one sample, for the last column of levels 3 and 2.
HWY_INLINE int16_t Wrap(int value) { return static_cast<int16_t>(value); }
HWY_INLINE int HalfOf(int value) { return Wrap(value) >> 1; }
struct ScalarColumn {
  int high = 0, top = 0;

  HWY_INLINE void Step(int low, int high_now, bool first, int16_t* even_row, ptrdiff_t stride) {
    const int before = first ? high_now : high;
    const int even = Wrap(low - HalfOf(before + high_now + 1));
    if (!first) even_row[-stride] = Wrap(2 * before + ((top + even) >> 1));
    *even_row = Wrap(even);
    high = high_now;
    top = even;
  }
};
// The last output of a row: its low sample less the last high sample.
HWY_INLINE int LiftEnd(const Lines& lows, const Lines& highs, size_t n, size_t size) {
  const int low = Wrap(lows.row(n)[size] * (1 << lows.shift));
  const int high = Wrap(highs.row(n)[size - 1] * (1 << highs.shift));
  return Wrap(low - HalfOf(high + high + 1));
}

// Levels 3 and 2: `kSize` high and kSize + 1 low samples a line, to an image of (2 kSize + 1)^2.
template <size_t kSize>
HWY_INLINE void InverseLevel(const Lines& ll, const Lines& hl, const Lines& lh, const Lines& hh,
                             int16_t* out, size_t out_stride) {
  const hn::CappedTag<int16_t, kSize> d;
  using V = hn::Vec<decltype(d)>;
  for (size_t x = 0; x < kSize; x += hn::Lanes(d)) {
    Column<V> column;
    int16_t* o = out + 2 * x;
    for (size_t n = 0; n <= kSize; ++n, o += 2 * out_stride) {
      const EvenOdd<V> low = LiftRow<false>(d, ll, hl, n, x, kSize);
      const EvenOdd<V> high = n < kSize ? LiftRow<false>(d, lh, hh, n, x, kSize) : column.high;
      const TwoRows<V> rows = LiftColumn<kWideSums>(d, low, high, n == 0, &column);
      if (n != 0) hn::StoreInterleaved2(rows.odd_row.even, rows.odd_row.odd, d, o - out_stride);
      hn::StoreInterleaved2(rows.even_row.even, rows.even_row.odd, d, o);
    }
  }
  ScalarColumn last;
  int16_t* o = out + 2 * kSize;
  for (size_t n = 0; n <= kSize; ++n, o += 2 * out_stride) {
    const int low = LiftEnd(ll, hl, n, kSize);
    const int high = n < kSize ? LiftEnd(lh, hh, n, kSize) : last.high;
    last.Step(low, high, n == 0, o, static_cast<ptrdiff_t>(out_stride));
  }
}

// Strides leave room for LiftRow's over-read and for the last column.
constexpr size_t kLl2Stride = 24;  // 17 and what is read behind them
constexpr size_t kLl1Stride = 40;  // 33
struct PlaneScratch {
  int16_t ll2[17 * kLl2Stride + 8];
  int16_t ll1[33 * kLl1Stride + 8];
};

HWY_INLINE Lines BandLines(const int16_t* plane, const uint8_t* shifts, int band, size_t width) {
  return {plane + kExtrapolateBandStart[band], width, shifts[band]};
}

HWY_INLINE void InverseLevels3And2(const int16_t* plane, const uint8_t* shifts, PlaneScratch* s) {
  const auto band = [&](int index, size_t width) { return BandLines(plane, shifts, index, width); };
  InverseLevel<8>(band(kLl3, 9), band(kHl3, 8), band(kLh3, 9), band(kHh3, 8), s->ll2, kLl2Stride);
  InverseLevel<16>({s->ll2, kLl2Stride, 0}, band(kHl2, 16), band(kLh2, 17), band(kHh2, 16), s->ll1,
                   kLl1Stride);
}

template <bool kRgb>
HWY_INLINE void DrawTileAs(const ProgressivePlanes& planes, const PixelView& dst) {
  const hn::CappedTag<int16_t, 32> d;
  using V = hn::Vec<decltype(d)>;
  const V zero = hn::Zero(d);
  PlaneScratch scratch[3];
  Lines ll[3], hl[3], lh[3], hh[3];
  for (int i = 0; i < 3; ++i) {
    InverseLevels3And2(planes.plane[i], planes.shifts[i], &scratch[i]);
    ll[i] = {scratch[i].ll1, kLl1Stride, 0};
    hl[i] = BandLines(planes.plane[i], planes.shifts[i], kHl1, 31);
    lh[i] = BandLines(planes.plane[i], planes.shifts[i], kLh1, 33);
    hh[i] = BandLines(planes.plane[i], planes.shifts[i], kHh1, 31);
  }
  const auto deal = DealIndices(hn::Repartition<uint32_t, decltype(d)>());

  for (size_t x = 0; x < 32; x += hn::Lanes(d)) {
    Column<V> column[3];
    uint8_t* p = dst.data + 8 * x;
    for (size_t n = 0; n < 33; ++n, p += 2 * dst.stride_bytes) {
      TwoRows<V> rows[3];
      HWY_UNROLL(3)
      for (int i = 0; i < 3; ++i) {
        const EvenOdd<V> low = LiftRow<true>(d, ll[i], hl[i], n, x, 31);
        const EvenOdd<V> high =
            n < 31 ? LiftRow<true>(d, lh[i], hh[i], n, x, 31) : EvenOdd<V>{zero, zero};
        rows[i] = LiftColumn<kWideSums>(d, low, high, n == 0, &column[i]);
      }
      if (x == 0) {
        const auto ahead = static_cast<int32_t>(2 * n) + kPrefetchRowsAhead;
        PrefetchRow(dst, ahead);
        PrefetchRow(dst, ahead + 1);
      }
      if (n != 0) {
        StoreRow<kRgb>(d, deal, rows[0].odd_row, rows[1].odd_row, rows[2].odd_row,
                       p - dst.stride_bytes);
      }
      if (n < 32) {
        StoreRow<kRgb>(d, deal, rows[0].even_row, rows[1].even_row, rows[2].even_row, p);
      }
    }
  }
}

void DrawTile(const ProgressivePlanes& planes, const PixelView& dst) {
  if (dst.format == PixelFormat::kRgbx32) {
    DrawTileAs<true>(planes, dst);
  } else {
    DrawTileAs<false>(planes, dst);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(Unfold);
HWY_EXPORT(Dequantize);
HWY_EXPORT(Significance);
HWY_EXPORT(DrawTile);

void ProgressiveUnfold(const int* band_start, const uint8_t shifts[kRfxBandCount],
                       const uint16_t* codes, uint16_t* plane) {
  HWY_DYNAMIC_DISPATCH(Unfold)(band_start, shifts, codes, plane);
}
void ProgressiveDequantize(const int* band_start, const uint8_t shifts[kRfxBandCount],
                           const int16_t* plane, int16_t* out) {
  HWY_DYNAMIC_DISPATCH(Dequantize)(band_start, shifts, plane, out);
}
void ProgressiveSignificance(const int16_t* plane, uint64_t mask[kRfxPlaneSize / 64]) {
  HWY_DYNAMIC_DISPATCH(Significance)(plane, mask);
}
void ProgressiveDrawTile(const ProgressivePlanes& planes, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(DrawTile)(planes, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE

#if defined(__clang__)
#pragma clang attribute pop
#endif
