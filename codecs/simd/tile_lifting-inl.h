// What the wavelet and colour kernels of rfx_tile.cc and progressive_tile.cc have in common.
// Vectors of 16-bit lanes, sums wrap around but where they say otherwise; see rfx_tile.h for the
// arithmetic.
#if defined(MULLION_CODECS_SIMD_TILE_LIFTING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULLION_CODECS_SIMD_TILE_LIFTING_INL_H_
#undef MULLION_CODECS_SIMD_TILE_LIFTING_INL_H_
#else
#define MULLION_CODECS_SIMD_TILE_LIFTING_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;

// 2 * magnitude - sign to the value: half of it, complemented where it is odd.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V UnfoldVector(D d, V code) {
  const V odd = hn::And(code, hn::Set(d, 1));
  return hn::Xor(hn::ShiftRight<1>(code), hn::Sub(hn::Zero(d), odd));
}

// LL3: `count` codes, at most 96, of differences to their sums, shifted left. In blocks of 8, where
// sums take three additions; one lane, the last, goes on to the next block.
HWY_INLINE void UnfoldSums(const uint16_t* codes, size_t count, int shift, uint16_t* out) {
  const hn::CappedTag<uint16_t, 8> d;
  const hn::Repartition<uint8_t, decltype(d)> d8;
  const auto last_lane = hn::BitCast(d8, hn::Set(d, 0x0F0E));
  uint16_t block[96] = {};
  std::memcpy(block, codes, count * sizeof(*codes));
  auto before = hn::Zero(d);
  for (size_t i = 0; i < count; i += 8) {
    auto sum = UnfoldVector(d, hn::LoadU(d, block + i));
    sum = hn::Add(sum, hn::ShiftLeftLanes<1>(d, sum));
    sum = hn::Add(sum, hn::ShiftLeftLanes<2>(d, sum));
    sum = hn::Add(sum, hn::ShiftLeftLanes<4>(d, sum));
    sum = hn::Add(sum, before);
    before = hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d8, sum), last_lane));
    hn::StoreU(hn::ShiftLeftSame(sum, shift), d, block + i);
  }
  std::memcpy(out, block, count * sizeof(*out));
}

// (a + b) >> 1. kWide: as if the sum had 17 bits; otherwise it wraps.
template <bool kWide, class V>
HWY_INLINE V HalfSum(V a, V b) {
  if constexpr (kWide) return hn::Add(hn::And(a, b), hn::ShiftRight<1>(hn::Xor(a, b)));
  return hn::ShiftRight<1>(hn::Add(a, b));
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
template <bool kWide, class D, class V = hn::Vec<D>>
HWY_INLINE TwoRows<V> LiftColumn(D d, const EvenOdd<V>& low, const EvenOdd<V>& high, bool first,
                                 Column<V>* c) {
  const EvenOdd<V> before = first ? high : c->high;
  TwoRows<V> out;
  out.even_row.even = hn::Sub(low.even, HalfSumUp(d, before.even, high.even));
  out.even_row.odd = hn::Sub(low.odd, HalfSumUp(d, before.odd, high.odd));
  const EvenOdd<V> top = first ? out.even_row : c->top;
  out.odd_row.even =
      hn::Add(hn::Add(before.even, before.even), HalfSum<kWide>(top.even, out.even_row.even));
  out.odd_row.odd =
      hn::Add(hn::Add(before.odd, before.odd), HalfSum<kWide>(top.odd, out.even_row.odd));
  c->high = high;
  c->top = out.even_row;
  return out;
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

// Interleaves work within 128-bit blocks. With pairs of pixels dealt out over the blocks first, the
// two interleaves below leave the pixels in their order over whole vectors.
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

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#endif  // include guard, once for each target
