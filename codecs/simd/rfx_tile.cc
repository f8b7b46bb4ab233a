// Memory traffic, per tile: the 24 KiB of coefficients are read once (twice with dequantisation),
// 3 x 2.5 KiB of LL bands are written and read, and 16 KiB of pixels are written. The 64x64 samples
// of the last level never exist in memory: its row pass, its column pass and the colour transform
// happen in registers, one row of sub-band coefficients (two rows of pixels) at a time.
//
// The row pass makes even and odd columns in separate vectors. They stay apart through the column
// pass and the colour transform, which work lane by lane, and meet in the last interleave, where
// bytes have to be shuffled anyway. Neighbours come from loads one element aside, which are cheaper
// than lane shifts; at a line's ends one lane is replaced.
#if defined(__clang__)
// With clang's UBSan and fuzzer coverage in every Highway operation this file compiles for many
// minutes. AddressSanitizer stays on, and the twins are compiled with everything.
#pragma clang attribute push(__attribute__((no_sanitize("undefined", "coverage"))), \
                             apply_to = function)
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/rfx_tile.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "codecs/simd/prefetch_rows.h"
#include "codecs/simd/rfx_tile.h"
#include "codecs/simd/tile_lifting-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void Unfold(const uint16_t* codes, int16_t* plane) { RfxUnfoldCodesReference(codes, plane); }
void Dequantize(const uint8_t* shifts, int16_t* plane) { RfxDequantizeReference(shifts, plane); }
void DequantizeCodes(const uint8_t* shifts, uint16_t* codes) {
  int16_t plane[kRfxPlaneSize];
  RfxUnfoldCodesReference(codes, plane);
  RfxDequantizeReference(shifts, plane);
  std::memcpy(codes, plane, sizeof(plane));
}
void DrawTile(const int16_t* y, const int16_t* cb, const int16_t* cr, const PixelView& dst) {
  RfxDrawTileReference(y, cb, cr, dst);
}

#else

void Unfold(const uint16_t* codes, int16_t* plane) {
  const hn::CappedTag<uint16_t, 64> d;
  const hn::RebindToSigned<decltype(d)> di;
  for (size_t i = 0; i < kRfxPlaneSize; i += hn::Lanes(d)) {
    hn::StoreU(hn::BitCast(di, UnfoldVector(d, hn::LoadU(d, codes + i))), di, plane + i);
  }
}

void DequantizeCodes(const uint8_t* shifts, uint16_t* codes) {
  const hn::CappedTag<uint16_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  for (int band = 0; band < kLl3; ++band) {
    const int shift = shifts[band];
    uint16_t* const end = codes + kRfxBandStart[band + 1];
    for (uint16_t* p = codes + kRfxBandStart[band]; p < end; p += lanes) {
      hn::StoreU(hn::ShiftLeftSame(UnfoldVector(d, hn::LoadU(d, p)), shift), d, p);
    }
  }
  uint16_t* const ll = codes + kRfxBandStart[kLl3];
  UnfoldSums(ll, kRfxPlaneSize - kRfxBandStart[kLl3], shifts[kLl3], ll);
}

void Dequantize(const uint8_t* shifts, int16_t* plane) {
  unsigned sum = 0;
  for (int i = kRfxBandStart[kLl3]; i < kRfxPlaneSize; ++i) {
    sum += static_cast<uint16_t>(plane[i]);
    plane[i] = static_cast<int16_t>(static_cast<uint16_t>(sum << shifts[kLl3]));
  }
  const hn::CappedTag<int16_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  for (int band = 0; band < kLl3; ++band) {
    const int shift = shifts[band];
    if (shift == 0) continue;
    int16_t* const end = plane + kRfxBandStart[band + 1];
    for (int16_t* p = plane + kRfxBandStart[band]; p < end; p += lanes) {
      hn::StoreU(hn::ShiftLeftSame(hn::LoadU(d, p), shift), d, p);
    }
  }
}

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
// Lines of 8, 16 and 32 samples are single vectors here, and there is one operation that moves
// their lanes by one across the whole vector (which Highway 1.0.3 does not have).
alignas(64) constexpr int16_t kLaneBefore[32] = {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                                 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                                 21, 22, 23, 24, 25, 26, 27, 28, 29, 30};
// Lane 0 stays, every other one goes up.
template <class D>
HWY_INLINE hn::Vec<D> Up(D d, hn::Vec<D> v) {
  const auto index = hn::LoadU(d, kLaneBefore);
  if constexpr (hn::MaxLanes(D()) == 32) {
    return hn::Vec<D>{_mm512_permutexvar_epi16(index.raw, v.raw)};
  } else if constexpr (hn::MaxLanes(D()) == 16) {
    return hn::Vec<D>{_mm256_permutexvar_epi16(index.raw, v.raw)};
  } else {
    return hn::Vec<D>{_mm_permutexvar_epi16(index.raw, v.raw)};
  }
}
// The last lane stays, every other one goes down.
template <class D>
HWY_INLINE hn::Vec<D> Down(D d, hn::Vec<D> v) {
  constexpr auto kLast = static_cast<int16_t>(hn::MaxLanes(D()) - 1);
  const auto index = hn::Min(hn::Iota(d, 1), hn::Set(d, kLast));
  if constexpr (kLast == 31) {
    return hn::Vec<D>{_mm512_permutexvar_epi16(index.raw, v.raw)};
  } else if constexpr (kLast == 15) {
    return hn::Vec<D>{_mm256_permutexvar_epi16(index.raw, v.raw)};
  } else {
    return hn::Vec<D>{_mm_permutexvar_epi16(index.raw, v.raw)};
  }
}

// Row pass of a line of Lanes(d) low and high coefficients.
template <class D, class V = hn::Vec<D>>
HWY_INLINE EvenOdd<V> LiftRow(D d, const int16_t* low, const int16_t* high, size_t, size_t) {
  const V h = hn::LoadU(d, high);
  const V even = hn::Sub(hn::LoadU(d, low), HalfSumUp(d, Up(d, h), h));
  return {even, hn::Add(hn::Add(h, h), HalfSum<false>(even, Down(d, even)))};
}
#else
// Row pass: lanes x.. of a line of `size` low and high coefficients.
// Over-read: high[x - 1], low[x + lanes] and high[x + lanes], also at the line's ends, where the
// caller provides for one readable element.
template <class D, class V = hn::Vec<D>>
HWY_INLINE EvenOdd<V> LiftRow(D d, const int16_t* low, const int16_t* high, size_t x, size_t size) {
  const size_t lanes = hn::Lanes(d);
  const V h = hn::LoadU(d, high + x);
  V before = hn::LoadU(d, high + x - 1);
  if (x == 0) before = hn::IfThenElse(hn::FirstN(d, 1), h, before);
  const V even = hn::Sub(hn::LoadU(d, low + x), HalfSumUp(d, before, h));
  V even_after = hn::Sub(hn::LoadU(d, low + x + 1), HalfSumUp(d, h, hn::LoadU(d, high + x + 1)));
  if (x + lanes == size) even_after = hn::IfThenElse(hn::FirstN(d, lanes - 1), even_after, even);
  return {even, hn::Add(hn::Add(h, h), HalfSum<false>(even, even_after))};
}
#endif  // HWY_TARGET <= HWY_AVX3

// The last output row, below which the signal is mirrored.
template <class V>
HWY_INLINE EvenOdd<V> LastRow(const Column<V>& c) {
  return {hn::Add(hn::Add(c.high.even, c.high.even), HalfSum<false>(c.top.even, c.top.even)),
          hn::Add(hn::Add(c.high.odd, c.high.odd), HalfSum<false>(c.top.odd, c.top.odd))};
}

// Levels 3 and 2: kSize x kSize bands to a 2 kSize x 2 kSize LL band in memory.
// PRECONDITION: bands[-1] is readable, and so is one element behind ll.
template <size_t kSize>
HWY_INLINE void InverseLevel(const int16_t* bands, const int16_t* ll, int16_t* out) {
  const hn::CappedTag<int16_t, kSize> d;
  using V = hn::Vec<decltype(d)>;
  constexpr size_t kArea = kSize * kSize;
  for (size_t x = 0; x < kSize; x += hn::Lanes(d)) {
    Column<V> column;
    int16_t* o = out + 2 * x;
    for (size_t n = 0; n < kSize; ++n) {
      const int16_t* const row = bands + n * kSize;
      const EvenOdd<V> low = LiftRow(d, ll + n * kSize, row, x, kSize);
      const EvenOdd<V> high = LiftRow(d, row + kArea, row + 2 * kArea, x, kSize);
      const TwoRows<V> rows = LiftColumn<false>(d, low, high, n == 0, &column);
      if (n != 0) hn::StoreInterleaved2(rows.odd_row.even, rows.odd_row.odd, d, o - 2 * kSize);
      hn::StoreInterleaved2(rows.even_row.even, rows.even_row.odd, d, o);
      o += 4 * kSize;
    }
    const EvenOdd<V> last = LastRow(column);
    hn::StoreInterleaved2(last.even, last.odd, d, o - 2 * kSize);
  }
}

// Scratch of one plane. The element behind each LL band, and the one before HL1's first row, are
// read (and not used) by LiftRow.
struct PlaneScratch {
  int16_t ll2[16 * 16 + 8];
  int16_t ll1[32 * 32 + 8];
  int16_t hl1_row0[8 + 32 + 8];
};

HWY_INLINE void InverseLevels3And2(const int16_t* plane, PlaneScratch* s) {
  int16_t ll3[64 + 8];
  std::memcpy(ll3, plane + kRfxBandStart[kLl3], 64 * sizeof(int16_t));
  std::memset(ll3 + 64, 0, 8 * sizeof(int16_t));
  std::memset(s->ll2 + 256, 0, 8 * sizeof(int16_t));
  std::memset(s->ll1 + 1024, 0, 8 * sizeof(int16_t));
  InverseLevel<8>(plane + kRfxBandStart[kHl3], ll3, s->ll2);
  InverseLevel<16>(plane + kRfxBandStart[kHl2], s->ll2, s->ll1);
  std::memset(s->hl1_row0, 0, sizeof(s->hl1_row0));
  std::memcpy(s->hl1_row0 + 8, plane, 32 * sizeof(int16_t));
}

template <bool kRgb>
HWY_INLINE void DrawTileAs(const int16_t* const planes[3], const PixelView& dst) {
  const hn::CappedTag<int16_t, 32> d;
  using V = hn::Vec<decltype(d)>;
  PlaneScratch scratch[3];
  for (int i = 0; i < 3; ++i) InverseLevels3And2(planes[i], &scratch[i]);
  const auto deal = DealIndices(hn::Repartition<uint32_t, decltype(d)>());

  for (size_t x = 0; x < 32; x += hn::Lanes(d)) {
    Column<V> column[3];
    for (size_t n = 0; n < 32; ++n) {
      TwoRows<V> rows[3];
      HWY_UNROLL(3)
      for (int i = 0; i < 3; ++i) {
        const int16_t* const row = planes[i] + n * 32;
        const int16_t* const hl = n == 0 ? scratch[i].hl1_row0 + 8 : row;
        const EvenOdd<V> low = LiftRow(d, scratch[i].ll1 + n * 32, hl, x, 32);
        const EvenOdd<V> high = LiftRow(d, row + 1024, row + 2048, x, 32);
        rows[i] = LiftColumn<false>(d, low, high, n == 0, &column[i]);
      }
      if (x == 0) {
        const auto ahead = static_cast<int32_t>(2 * n) + kPrefetchRowsAhead;
        PrefetchRow(dst, ahead);
        PrefetchRow(dst, ahead + 1);
      }
      uint8_t* const p = dst.row(static_cast<int32_t>(2 * n)) + 8 * x;
      if (n != 0) {
        StoreRow<kRgb>(d, deal, rows[0].odd_row, rows[1].odd_row, rows[2].odd_row,
                       p - dst.stride_bytes);
      }
      StoreRow<kRgb>(d, deal, rows[0].even_row, rows[1].even_row, rows[2].even_row, p);
    }
    StoreRow<kRgb>(d, deal, LastRow(column[0]), LastRow(column[1]), LastRow(column[2]),
                   dst.row(63) + 8 * x);
  }
}

void DrawTile(const int16_t* y, const int16_t* cb, const int16_t* cr, const PixelView& dst) {
  const int16_t* const planes[3] = {y, cb, cr};
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
HWY_EXPORT(DequantizeCodes);
HWY_EXPORT(DrawTile);

void RfxUnfoldCodes(const uint16_t* codes, int16_t* plane) {
  HWY_DYNAMIC_DISPATCH(Unfold)(codes, plane);
}
void RfxDequantizeCodes(const uint8_t shifts[kRfxBandCount], uint16_t* codes_to_plane) {
  HWY_DYNAMIC_DISPATCH(DequantizeCodes)(shifts, codes_to_plane);
}
void RfxDequantize(const uint8_t shifts[kRfxBandCount], int16_t* plane) {
  HWY_DYNAMIC_DISPATCH(Dequantize)(shifts, plane);
}
void RfxDrawTile(const int16_t* y, const int16_t* cb, const int16_t* cr, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(DrawTile)(y, cb, cr, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE

#if defined(__clang__)
#pragma clang attribute pop
#endif
