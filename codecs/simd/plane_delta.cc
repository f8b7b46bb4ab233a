// Scan-line deltas with Highway.
//
// Five byte operations a vector; the rows form a chain, but within a row every vector is
// independent, so from 64 columns on it runs at load/store speed. Rows are contiguous, hence for
// width >= a vector the rows need not be told apart at all: byte i depends on byte i - width only,
// and a vector's inputs were stored at least one vector earlier.
#include "codecs/simd/plane_delta.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/plane_delta.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void AddPlaneDeltasKernel(uint8_t* plane, size_t width, size_t rows) {
  AddPlaneDeltasReference(plane, width, rows);
}

void AddRowDeltasKernel(uint8_t* row, const uint8_t* deltas, size_t width) {
  AddRowDeltasReference(row, deltas, width);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> DecodeDelta(D d, hn::Vec<D> coded) {
  const hn::Repartition<uint16_t, D> d16;
  // Bytes have no shift of their own: shift pairs and drop the neighbour's bit.
  const auto half =
      hn::And(hn::BitCast(d, hn::ShiftRight<1>(hn::BitCast(d16, coded))), hn::Set(d, 0x7F));
  return hn::Xor(half, hn::Sub(hn::Zero(d), hn::And(coded, hn::Set(d, 1))));
}

template <class D>
HWY_INLINE void AddDeltas(D d, uint8_t* plane, size_t width, size_t size) {
  const size_t lanes = hn::Lanes(d);
  const uint8_t* row_above = plane - width;
  size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const auto above = hn::LoadU(d, row_above + i);
    hn::StoreU(hn::Add(above, DecodeDelta(d, hn::LoadU(d, plane + i))), d, plane + i);
  }
  for (; i < size; ++i) {
    const unsigned coded = plane[i];
    plane[i] = static_cast<uint8_t>(row_above[i] + ((coded >> 1) ^ (0u - (coded & 1))));
  }
}

// Rows of whole vectors, few enough for each to have its column's sums in a register: where a row
// is one vector, the next row would wait for the store of this one.
template <class D>
HWY_INLINE void AddDeltasByColumn(D d, uint8_t* plane, size_t width, size_t rows) {
  for (size_t x = 0; x < width; x += hn::Lanes(d)) {
    auto sum = hn::LoadU(d, plane + x - width);
    uint8_t* p = plane + x;
    for (size_t y = 0; y < rows; ++y, p += width) {
      sum = hn::Add(sum, DecodeDelta(d, hn::LoadU(d, p)));
      hn::StoreU(sum, d, p);
    }
  }
}

void AddPlaneDeltasKernel(uint8_t* plane, size_t width, size_t rows) {
  const hn::ScalableTag<uint8_t> full;
  constexpr size_t kFewVectors = 4;
  if (width % hn::Lanes(full) == 0 && width <= kFewVectors * hn::Lanes(full)) {
    AddDeltasByColumn(full, plane, width, rows);
  } else if (width >= hn::Lanes(full)) {
    AddDeltas(full, plane, width, width * rows);
  } else if (width >= 16) {
    AddDeltas(hn::FixedTag<uint8_t, 16>(), plane, width, width * rows);
  } else {
    AddPlaneDeltasReference(plane, width, rows);
  }
}

void AddRowDeltasKernel(uint8_t* HWY_RESTRICT row, const uint8_t* HWY_RESTRICT deltas,
                        size_t width) {
  const hn::CappedTag<uint8_t, kRowDeltasSlack> d;
  for (size_t i = 0; i < width; i += hn::Lanes(d)) {
    const auto delta = DecodeDelta(d, hn::LoadU(d, deltas + i));
    hn::StoreU(hn::Add(hn::LoadU(d, row + i), delta), d, row + i);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(AddPlaneDeltasKernel);
HWY_EXPORT(AddRowDeltasKernel);

void AddPlaneDeltas(uint8_t* plane, size_t width, size_t rows) {
  HWY_DYNAMIC_DISPATCH(AddPlaneDeltasKernel)(plane, width, rows);
}

void AddRowDeltas(uint8_t* row, const uint8_t* deltas, size_t width) {
  HWY_DYNAMIC_DISPATCH(AddRowDeltasKernel)(row, deltas, width);
}

}  // namespace mullion
#endif  // HWY_ONCE
