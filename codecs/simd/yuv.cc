// One and a half or three bytes in, four out: bound by memory, if the arithmetic is cheap enough.
//
// Chroma arithmetic runs in 16-bit lanes, one lane per two pixels of a row. In 4:2:0 that lane's
// sample serves both pixels, and the two rows of a pair too; in 4:4:4 it is done twice, for the
// even and the odd column. The products stay in 16 bits because the whole part of a coefficient
// is added afterwards: 403 d / 256 = d + 147 d / 256, 475 d / 256 = d + 219 d / 256.
// What it yields is a signed offset that is added to luma and clamped. Split into its positive and
// its negative part, of which one is zero, it fits bytes (at most 238), and the clamped sum is a
// saturating add of the one and a saturating subtract of the other.
//
// Rows go in pairs and columns in vectors of even width, so that a vector's chroma is whole. What
// does not fit (an odd first column, fewer than 16 pixels at the end) is left to the plain twin;
// region rectangles come in multiples of 16.
#include "codecs/simd/yuv.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/yuv.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

#include <algorithm>

#include "codecs/simd/prefetch_rows.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

template <class D>
using D16 = hn::Repartition<int16_t, D>;
template <class D>
using V16 = hn::Vec<D16<D>>;

// The two parts of each channel's offset. In bytes, or in the low bytes of 16-bit lanes.
template <class V>
struct Offsets {
  V red_plus, red_minus, green_plus, green_minus, blue_plus, blue_minus;
};

// `u` and `v` are samples of 0..255 in 16-bit lanes.
template <class D>
HWY_INLINE Offsets<V16<D>> OffsetsOf(D, V16<D> u_sample, V16<D> v_sample) {
  const D16<D> d;
  const auto bias = hn::Set(d, int16_t{128});
  const auto zero = hn::Zero(d);
  const auto u = hn::Sub(u_sample, bias);
  const auto v = hn::Sub(v_sample, bias);
  const auto half = hn::Set(d, int16_t{128});
  const auto times = [d](V16<D> samples, int16_t factor) {
    return hn::Mul(samples, hn::Set(d, factor));
  };
  const auto red = hn::Add(v, hn::ShiftRight<8>(hn::Add(times(v, 147), half)));
  const auto blue = hn::Add(u, hn::ShiftRight<8>(hn::Add(times(u, 219), half)));
  const auto green = hn::ShiftRight<8>(hn::Add(hn::Add(times(u, -48), times(v, -120)), half));
  return {hn::Max(red, zero),   hn::Max(hn::Neg(red), zero),
          hn::Max(green, zero), hn::Max(hn::Neg(green), zero),
          hn::Max(blue, zero),  hn::Max(hn::Neg(blue), zero)};
}

// Low bytes of `even` and of `odd`, in turn.
template <class D>
HWY_INLINE hn::Vec<D> Weave(D d, V16<D> even, V16<D> odd) {
  return hn::BitCast(d, hn::Or(even, hn::ShiftLeft<8>(odd)));
}

template <class D>
HWY_INLINE Offsets<hn::Vec<D>> Weave(D d, const Offsets<V16<D>>& even, const Offsets<V16<D>>& odd) {
  return {Weave(d, even.red_plus, odd.red_plus),     Weave(d, even.red_minus, odd.red_minus),
          Weave(d, even.green_plus, odd.green_plus), Weave(d, even.green_minus, odd.green_minus),
          Weave(d, even.blue_plus, odd.blue_plus),   Weave(d, even.blue_minus, odd.blue_minus)};
}

template <bool kRgb, class D, class V = hn::Vec<D>>
HWY_INLINE void StorePixels(D d, const Offsets<V>& offsets, const uint8_t* HWY_RESTRICT luma,
                            uint8_t* HWY_RESTRICT out) {
  const auto y = hn::LoadU(d, luma);
  const auto shift = [y](V plus, V minus) {
    return hn::SaturatedSub(hn::SaturatedAdd(y, plus), minus);
  };
  const auto red = shift(offsets.red_plus, offsets.red_minus);
  const auto green = shift(offsets.green_plus, offsets.green_minus);
  const auto blue = shift(offsets.blue_plus, offsets.blue_minus);
  const auto opaque = hn::Set(d, uint8_t{0xFF});
  if constexpr (kRgb) {
    hn::StoreInterleaved4(red, green, blue, opaque, d, out);
  } else {
    hn::StoreInterleaved4(blue, green, red, opaque, d, out);
  }
}

// A vector of samples, one per 16-bit lane.
template <class D>
HWY_INLINE V16<D> LoadWide(D, const uint8_t* HWY_RESTRICT samples) {
  return hn::PromoteTo(D16<D>(), hn::LoadU(hn::Half<D>(), samples));
}
template <class D>
HWY_INLINE V16<D> EvenBytes(D, hn::Vec<D> bytes) {
  const D16<D> d16;
  return hn::And(hn::BitCast(d16, bytes), hn::Set(d16, int16_t{0xFF}));
}
template <class D>
HWY_INLINE V16<D> OddBytes(D, hn::Vec<D> bytes) {
  const hn::Repartition<uint16_t, D> du16;
  return hn::BitCast(D16<D>(), hn::ShiftRight<8>(hn::BitCast(du16, bytes)));
}

// The even pixel's sample, from the average of four and the other three (even + odd row).
template <class D>
HWY_INLINE V16<D> ReverseFilter(D, V16<D> average, V16<D> right, V16<D> below, V16<D> diagonal) {
  const D16<D> d;
  const auto others = hn::Add(right, hn::Add(below, diagonal));
  const auto raw = hn::Sub(hn::ShiftLeft<2>(average), others);
  const auto reversed = hn::Min(hn::Max(raw, hn::Zero(d)), hn::Set(d, int16_t{255}));
  const auto change = hn::Abs(hn::Sub(reversed, average));
  return hn::IfThenElse(hn::Gt(change, hn::Set(d, int16_t{30})), reversed, average);
}

// One chroma plane of a pair of rows at full resolution: even and odd columns of both rows.
template <class D>
struct ChromaPair {
  V16<D> even[2], odd[2];
};

// Two rows of the picture, or one of them: `out` is null for a row that is not drawn.
struct RowPair {
  uint8_t* out[2];
};

[[gnu::always_inline]] inline void PrefetchSamples(const uint8_t* row, int32_t left,
                                                   int32_t right) {
  for (int32_t x = left; x < right; x += 64) __builtin_prefetch(row + x);
  __builtin_prefetch(row + right - 1);
}

// Sources know their planes' rows for one pair of rows; Convert() does one vector at column x
// (even) of it. Each load stays inside of the planes because x + lanes is.
struct Source420 {
  const uint8_t* luma[2];
  const uint8_t* chroma[2];

  Source420(const YuvView& main, int32_t y)
      : luma{main.row(0, y), main.row(0, y + 1)}, chroma{main.row(1, y / 2), main.row(2, y / 2)} {}

  HWY_INLINE void Prefetch(int32_t left, int32_t right) const {
    for (const uint8_t* row : luma) PrefetchSamples(row, left, right);
    for (const uint8_t* row : chroma) PrefetchSamples(row, left / 2, right / 2);
  }

  template <bool kRgb, class D>
  HWY_INLINE void Convert(D d, size_t x, uint8_t* out0, uint8_t* out1) const {
    const auto offsets =
        OffsetsOf(d, LoadWide(d, chroma[0] + x / 2), LoadWide(d, chroma[1] + x / 2));
    const auto both = Weave(d, offsets, offsets);
    if (out0 != nullptr) StorePixels<kRgb>(d, both, luma[0] + x, out0);
    if (out1 != nullptr) StorePixels<kRgb>(d, both, luma[1] + x, out1);
  }
};

// What both layouts share: `Derived::Auxiliary` loads all but the even column of the even row.
template <class Derived>
struct Source444 {
  const uint8_t* luma[2];
  const uint8_t* average[2];

  Source444(const YuvView& main, int32_t y)
      : luma{main.row(0, y), main.row(0, y + 1)}, average{main.row(1, y / 2), main.row(2, y / 2)} {}

  HWY_INLINE void PrefetchMain(int32_t left, int32_t right) const {
    for (const uint8_t* row : luma) PrefetchSamples(row, left, right);
    for (const uint8_t* row : average) PrefetchSamples(row, left / 2, right / 2);
  }

  template <bool kRgb, class D>
  HWY_INLINE void Convert(D d, size_t x, uint8_t* out0, uint8_t* out1) const {
    ChromaPair<D> u, v;
    static_cast<const Derived*>(this)->Auxiliary(d, x, 0, &u);
    static_cast<const Derived*>(this)->Auxiliary(d, x, 1, &v);
    if (out0 != nullptr) {
      u.even[0] = ReverseFilter(d, LoadWide(d, average[0] + x / 2), u.odd[0], u.even[1], u.odd[1]);
      v.even[0] = ReverseFilter(d, LoadWide(d, average[1] + x / 2), v.odd[0], v.even[1], v.odd[1]);
      StorePixels<kRgb>(
          d, Weave(d, OffsetsOf(d, u.even[0], v.even[0]), OffsetsOf(d, u.odd[0], v.odd[0])),
          luma[0] + x, out0);
    }
    if (out1 != nullptr) {
      StorePixels<kRgb>(
          d, Weave(d, OffsetsOf(d, u.even[1], v.even[1]), OffsetsOf(d, u.odd[1], v.odd[1])),
          luma[1] + x, out1);
    }
  }
};

struct SourceV1 : Source444<SourceV1> {
  const uint8_t* odd_columns[2];  // of the even row
  const uint8_t* odd_row[2];

  SourceV1(const YuvView& main, const YuvView& aux, int32_t y)
      : Source444(main, y), odd_columns{aux.row(1, y / 2), aux.row(2, y / 2)} {
    const int32_t in_macroblock = (y & ~15) + (y & 15) / 2;
    odd_row[0] = aux.row(0, in_macroblock);
    odd_row[1] = aux.row(0, in_macroblock + 8);
  }

  HWY_INLINE void Prefetch(int32_t left, int32_t right) const {
    PrefetchMain(left, right);
    for (const uint8_t* row : odd_row) PrefetchSamples(row, left, right);
    for (const uint8_t* row : odd_columns) PrefetchSamples(row, left / 2, right / 2);
  }

  template <class D>
  HWY_INLINE void Auxiliary(D d, size_t x, int c, ChromaPair<D>* out) const {
    out->odd[0] = LoadWide(d, odd_columns[c] + x / 2);
    const auto row = hn::LoadU(d, odd_row[c] + x);
    out->even[1] = EvenBytes(d, row);
    out->odd[1] = OddBytes(d, row);
  }
};

struct SourceV2 : Source444<SourceV2> {
  const uint8_t* odd_columns[2][2];  // of U and V, of each row
  const uint8_t* fourths[2][2];      // of U and V: columns 4n and 4n + 2 of the odd row

  SourceV2(const YuvView& main, const YuvView& aux, int32_t y) : Source444(main, y) {
    for (int c = 0; c < 2; ++c) {
      for (int row = 0; row < 2; ++row) {
        odd_columns[c][row] = aux.row(0, y + row) + c * (aux.width_px / 2);
      }
      for (int phase = 0; phase < 2; ++phase) {
        fourths[c][phase] = aux.row(1 + phase, y / 2) + c * (aux.width_px / 4);
      }
    }
  }

  HWY_INLINE void Prefetch(int32_t left, int32_t right) const {
    PrefetchMain(left, right);
    for (int c = 0; c < 2; ++c) {
      for (const uint8_t* row : odd_columns[c]) PrefetchSamples(row, left / 2, right / 2);
      for (const uint8_t* row : fourths[c]) PrefetchSamples(row, left / 4, right / 4);
    }
  }

  template <class D>
  HWY_INLINE void Auxiliary(D d, size_t x, int c, ChromaPair<D>* out) const {
    out->odd[0] = LoadWide(d, odd_columns[c][0] + x / 2);
    out->odd[1] = LoadWide(d, odd_columns[c][1] + x / 2);
    // One sample per 32-bit lane, that is per four pixels; the second goes to the upper half.
    const hn::Repartition<int32_t, D> d32;
    const hn::Half<hn::Half<D>> quarter;
    const auto first = hn::PromoteTo(d32, hn::LoadU(quarter, fourths[c][0] + x / 4));
    const auto second = hn::PromoteTo(d32, hn::LoadU(quarter, fourths[c][1] + x / 4));
    out->even[1] = hn::BitCast(D16<D>(), hn::Or(first, hn::ShiftLeft<16>(second)));
  }
};

// Vectors of `d` from column *x on, as many as fit before `end`.
template <bool kRgb, class D, class Source>
HWY_INLINE void ConvertVectors(D d, const Source& source, const RowPair& rows, int32_t left,
                               int32_t end, int32_t* x) {
  const int32_t lanes = static_cast<int32_t>(hn::Lanes(d));
  for (; *x + lanes <= end; *x += lanes) {
    const ptrdiff_t at = ptrdiff_t{*x - left} * 4;
    source.template Convert<kRgb>(d, static_cast<size_t>(*x),
                                  rows.out[0] == nullptr ? nullptr : rows.out[0] + at,
                                  rows.out[1] == nullptr ? nullptr : rows.out[1] + at);
  }
}

// `source_at(y)` makes the source for rows y, y + 1 (y even); `plain(rect)` converts by the twin.
template <bool kRgb, size_t kAlign, class SourceAt, class Plain>
HWY_INLINE void ConvertPart(const Rect& part, const PixelView& dst, const SourceAt& source_at,
                            const Plain& plain) {
  constexpr int32_t kRowsAhead = 8;
  constexpr int32_t kPrefetchMaxWidthPx = 256;
  constexpr int32_t kMask = static_cast<int32_t>(kAlign) - 1;
  const hn::ScalableTag<uint8_t> d;
  const hn::CappedTag<uint8_t, 16> small;
  const int32_t start = std::min((part.x + kMask) & ~kMask, part.right());
  const bool prefetch = part.w <= kPrefetchMaxWidthPx;
  for (int32_t y = part.y & ~1; prefetch && y < part.y + kRowsAhead; y += 2) {
    if (y < part.bottom()) source_at(y).Prefetch(part.x, part.right());
  }
  int32_t x = start;
  for (int32_t y = part.y & ~1; y < part.bottom(); y += 2) {
    const auto row_or_null = [&](int32_t row) {
      return row >= part.y && row < part.bottom() ? dst.row(row - part.y) : nullptr;
    };
    PrefetchRow(dst, y - part.y + kPrefetchRowsAhead);
    PrefetchRow(dst, y - part.y + kPrefetchRowsAhead + 1);
    const int32_t ahead = y + kRowsAhead;
    if (prefetch && ahead < part.bottom()) source_at(ahead).Prefetch(part.x, part.right());
    const RowPair rows = {{row_or_null(y), row_or_null(y + 1)}};
    const auto source = source_at(y);
    x = start;
    ConvertVectors<kRgb>(d, source, rows, part.x, part.right(), &x);
    ConvertVectors<kRgb>(small, source, rows, part.x, part.right(), &x);
  }
  if (start > part.x) plain(Rect{part.x, part.y, start - part.x, part.h});
  if (x < part.right()) plain(Rect{x, part.y, part.right() - x, part.h});
}

template <bool kRgb>
HWY_INLINE void Convert420To(const YuvView& main, const Rect& part, const PixelView& dst) {
  ConvertPart<kRgb, 2>(
      part, dst, [&](int32_t y) { return Source420(main, y); },
      [&](const Rect& rest) {
        ConvertYuv420Reference(main, rest,
                               dst.Sub({rest.x - part.x, rest.y - part.y, rest.w, rest.h}));
      });
}

template <bool kRgb, size_t kAlign, class Source>
HWY_INLINE void Convert444To(Yuv444Layout layout, const YuvView& main, const YuvView& aux,
                             const Rect& part, const PixelView& dst) {
  ConvertPart<kRgb, kAlign>(
      part, dst, [&](int32_t y) { return Source(main, aux, y); },
      [&](const Rect& rest) {
        ConvertYuv444Reference(layout, main, aux, rest,
                               dst.Sub({rest.x - part.x, rest.y - part.y, rest.w, rest.h}));
      });
}

#endif  // HWY_TARGET != HWY_SCALAR

void Convert420(const YuvView& main, const Rect& part, const PixelView& dst) {
#if HWY_TARGET == HWY_SCALAR
  ConvertYuv420Reference(main, part, dst);
#else
  const bool rgb = dst.format == PixelFormat::kRgbx32;
  rgb ? Convert420To<true>(main, part, dst) : Convert420To<false>(main, part, dst);
#endif
}

void Convert444(Yuv444Layout layout, const YuvView& main, const YuvView& aux, const Rect& part,
                const PixelView& dst) {
#if HWY_TARGET == HWY_SCALAR
  ConvertYuv444Reference(layout, main, aux, part, dst);
#else
  const bool rgb = dst.format == PixelFormat::kRgbx32;
  if (layout == Yuv444Layout::kV1) {
    rgb ? Convert444To<true, 2, SourceV1>(layout, main, aux, part, dst)
        : Convert444To<false, 2, SourceV1>(layout, main, aux, part, dst);
  } else {
    rgb ? Convert444To<true, 4, SourceV2>(layout, main, aux, part, dst)
        : Convert444To<false, 4, SourceV2>(layout, main, aux, part, dst);
  }
#endif
}

}  // namespace
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {
HWY_EXPORT(Convert420);
HWY_EXPORT(Convert444);
void ConvertYuv420(const YuvView& main, const Rect& part, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(Convert420)(main, part, dst);
}
void ConvertYuv444(Yuv444Layout layout, const YuvView& main, const YuvView& aux, const Rect& part,
                   const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(Convert444)(layout, main, aux, part, dst);
}
}  // namespace mullion
#endif  // HWY_ONCE
