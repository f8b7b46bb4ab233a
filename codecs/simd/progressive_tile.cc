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

#include "codecs/simd/progressive_tile.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void Unfold(const int* band_start, const uint8_t* shifts, const uint16_t* codes, uint16_t* plane) {
  if (plane != codes) std::memcpy(plane, codes, kRfxPlaneSize * sizeof(*plane));
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

namespace hn = hwy::HWY_NAMESPACE;

void Unfold(const int* band_start, const uint8_t* shifts, const uint16_t* codes, uint16_t* plane) {
  const hn::CappedTag<uint16_t, 32> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto one = hn::Set(d, 1);
  for (int band = 0; band < kLl3; ++band) {
    int i = band_start[band];
    const int end = band_start[band + 1];
    const int shift = shifts[band];
    for (; i + lanes <= end; i += lanes) {
      const auto code = hn::LoadU(d, codes + i);
      const auto value = hn::Xor(hn::ShiftRight<1>(code), hn::Sub(hn::Zero(d), hn::And(code, one)));
      hn::StoreU(hn::ShiftLeftSame(value, shift), d, plane + i);
    }
    for (; i < end; ++i) {
      const unsigned code = codes[i];
      plane[i] = static_cast<uint16_t>(((code >> 1) ^ (0u - (code & 1))) << shift);
    }
  }
  unsigned sum = 0;
  for (int i = band_start[kLl3]; i < kRfxPlaneSize; ++i) {
    const unsigned code = codes[i];
    sum += (code >> 1) ^ (0u - (code & 1));
    plane[i] = static_cast<uint16_t>(sum << shifts[kLl3]);
  }
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
  for (size_t word = 0; word < kRfxPlaneSize / 64; ++word) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 64; i += lanes) {
      uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, plane + word * 64 + i), zero), bytes);
      uint64_t part = 0;
      for (size_t b = 0; b < (lanes + 7) / 8; ++b) part |= uint64_t{bytes[b]} << (8 * b);
      bits |= part << i;
    }
    mask[word] = bits;
  }
}

// (a + b) >> 1, whose sum needs 17 bits: the samples that extrapolation adds reach nine times as
// far as others, and their average with a neighbour lies in the picture.
template <class V>
HWY_INLINE V HalfSum(V a, V b) {
  return hn::Add(hn::And(a, b), hn::ShiftRight<1>(hn::Xor(a, b)));
}
// (a + b + 1) >> 1, wrapping.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V HalfSumUp(D d, V a, V b) {
  return hn::ShiftRight<1>(hn::Add(hn::Add(a, b), hn::Set(d, 1)));
}

template <class V>
struct EvenOdd {
  V even, odd;
};

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
  return {even, hn::Add(hn::Add(h, h), HalfSum(even, even_after))};
}

// Column pass: what is kept from one row of sub-band coefficients to the next.
template <class V>
struct Column {
  EvenOdd<V> high;  // H of the row before
  EvenOdd<V> top;   // the even output row before
};
template <class V>
struct TwoRows {
  EvenOdd<V> odd_row;   // output row 2n - 1
  EvenOdd<V> even_row;  // output row 2n
};
template <class D, class V = hn::Vec<D>>
HWY_INLINE TwoRows<V> LiftColumn(D d, const EvenOdd<V>& low, const EvenOdd<V>& high, bool first,
                                 Column<V>* c) {
  const EvenOdd<V> before = first ? high : c->high;
  TwoRows<V> out;
  out.even_row.even = hn::Sub(low.even, HalfSumUp(d, before.even, high.even));
  out.even_row.odd = hn::Sub(low.odd, HalfSumUp(d, before.odd, high.odd));
  const EvenOdd<V> top = first ? out.even_row : c->top;
  out.odd_row.even =
      hn::Add(hn::Add(before.even, before.even), HalfSum(top.even, out.even_row.even));
  out.odd_row.odd = hn::Add(hn::Add(before.odd, before.odd), HalfSum(top.odd, out.even_row.odd));
  c->high = high;
  c->top = out.even_row;
  return out;
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
      const TwoRows<V> rows = LiftColumn(d, low, high, n == 0, &column);
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

template <class V>
struct FirstThird {
  V first, third;  // bytes 0 1 and 2 3 of each pixel, one pixel per 16-bit lane
};
template <bool kRgb, class D, class V = hn::Vec<D>>
HWY_INLINE FirstThird<V> ToPixels(D d, V y, V cb, V cr) {
  const V zero = hn::Zero(d);
  const V max = hn::Set(d, 255);
  const V luma = hn::ShiftRight<2>(hn::Add(y, hn::Set(d, 4096)));
  V r = hn::Add(luma, hn::MulHigh(cr, hn::Set(d, 22987)));
  V g = hn::Add(luma, hn::MulHigh(cb, hn::Set(d, -5636)));
  g = hn::Add(g, hn::MulHigh(cr, hn::Set(d, -11698)));
  V b = hn::Add(luma, hn::MulHigh(cb, hn::Set(d, 29000)));
  r = hn::Min(hn::Max(hn::ShiftRight<3>(r), zero), max);
  g = hn::Min(hn::Max(hn::ShiftRight<3>(g), zero), max);
  b = hn::Min(hn::Max(hn::ShiftRight<3>(b), zero), max);
  const V x = hn::Set(d, static_cast<int16_t>(0xFF00));
  return {hn::Or(kRgb ? r : b, hn::ShiftLeft<8>(g)), hn::Or(kRgb ? b : r, x)};
}

// Interleaves work within 128-bit blocks: with pairs of pixels dealt out over the blocks first, two
// interleaves leave the pixels in their order over whole vectors.
template <class D32>
HWY_INLINE auto DealIndices(D32 d32) {
  const size_t lanes = hn::Lanes(d32);
  HWY_ALIGN int32_t indices[hn::MaxLanes(D32())];
  const size_t blocks = (lanes + 3) / 4;
  for (size_t i = 0; i < lanes; ++i) {
    indices[i] = static_cast<int32_t>(i % 4 * blocks + i / 4);
  }
  return hn::SetTableIndices(d32, indices);
}

template <bool kRgb, class D, class Deal, class V = hn::Vec<D>>
HWY_INLINE void StoreRow(D d, const Deal& deal, const EvenOdd<V>& y, const EvenOdd<V>& cb,
                         const EvenOdd<V>& cr, uint8_t* p) {
  const hn::Repartition<uint32_t, D> d32;
  const hn::Repartition<uint16_t, D> d16;
  const hn::Repartition<uint8_t, D> d8;
  const FirstThird<V> even = ToPixels<kRgb>(d, y.even, cb.even, cr.even);
  const FirstThird<V> odd = ToPixels<kRgb>(d, y.odd, cb.odd, cr.odd);
  auto dealt = [&](V v) {
    return hn::BitCast(d16, hn::TableLookupLanes(hn::BitCast(d32, v), deal));
  };
  const auto e0 = dealt(even.first), e1 = dealt(even.third);
  const auto o0 = dealt(odd.first), o1 = dealt(odd.third);
  const auto e_low = hn::BitCast(d32, hn::InterleaveLower(d16, e0, e1));
  const auto e_high = hn::BitCast(d32, hn::InterleaveUpper(d16, e0, e1));
  const auto o_low = hn::BitCast(d32, hn::InterleaveLower(d16, o0, o1));
  const auto o_high = hn::BitCast(d32, hn::InterleaveUpper(d16, o0, o1));
  const size_t bytes = hn::Lanes(d8);
  hn::StoreU(hn::BitCast(d8, hn::InterleaveLower(d32, e_low, o_low)), d8, p);
  hn::StoreU(hn::BitCast(d8, hn::InterleaveUpper(d32, e_low, o_low)), d8, p + bytes);
  hn::StoreU(hn::BitCast(d8, hn::InterleaveLower(d32, e_high, o_high)), d8, p + 2 * bytes);
  hn::StoreU(hn::BitCast(d8, hn::InterleaveUpper(d32, e_high, o_high)), d8, p + 3 * bytes);
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
        rows[i] = LiftColumn(d, low, high, n == 0, &column[i]);
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
