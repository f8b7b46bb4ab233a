// Work per plane: 8 KiB, which the pass has just written or is about to read, lie in the
// first-level cache, so vectors and stores are what counts. One look at the whole plane makes the
// masks, without a branch; then only words in use are visited, by counting bits, so that the branch
// predictor misses once a plane and not once a word. Masks stand before all values: where a word's
// values start depends on the words before it by additions only.
//
// Values are gathered and spread eight bytes at a time by a table of shuffles (4 KiB for both), as
// many as the mask has of each eight. AVX-512's own compress and expand of bytes (VBMI2, which
// Highway 1.0.3 leaves out) would take a third off packing and nothing off unpacking: 2 % of an
// upgrade pass, not worth a second version of all this. Highway's Compress is slower on all
// targets.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/sparse_plane.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "codecs/simd/sparse_plane.h"

#ifndef MULLION_CODECS_SIMD_SPARSE_PLANE_TABLE
#define MULLION_CODECS_SIMD_SPARSE_PLANE_TABLE
namespace mullion {
namespace {

// By a mask of eight lanes: which ones it has, one after the other; and where in that row each lane
// stands, -1 for those that it does not have.
struct LaneOrders {
  int8_t gather[256][8], spread[256][8];
};
constexpr LaneOrders kLaneOrders = [] {
  LaneOrders orders{};
  for (int mask = 0; mask < 256; ++mask) {
    int8_t count = 0;
    for (int8_t lane = 0; lane < 8; ++lane) {
      const bool has = (mask >> lane & 1) != 0;
      orders.spread[mask][lane] = has ? count : int8_t{-1};
      if (has) orders.gather[mask][count++] = lane;
    }
  }
  return orders;
}();

}  // namespace
}  // namespace mullion
#endif  // MULLION_CODECS_SIMD_SPARSE_PLANE_TABLE

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

size_t Pack(const int16_t* plane, uint8_t* packed) {
  return PackSparsePlaneReference(plane, packed);
}
size_t Unpack(const uint8_t* packed, int16_t* plane) {
  return UnpackSparsePlaneReference(packed, plane);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE uint64_t LoadWord(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
HWY_INLINE void StoreWord(uint64_t word, uint8_t* p) { std::memcpy(p, &word, 8); }

HWY_INLINE bool IsWide(const int16_t* word) {
  const hn::CappedTag<int16_t, 32> d;
  auto magnitudes = hn::Zero(d);  // those of negative values less one
  for (size_t i = 0; i < 64; i += hn::Lanes(d)) {
    const auto v = hn::LoadU(d, word + i);
    magnitudes = hn::Or(magnitudes, hn::Xor(v, hn::BroadcastSignBit(v)));
  }
  return !hn::AllFalse(d, hn::Gt(magnitudes, hn::Set(d, 127)));
}

// Wide words are few: LL3's, and those of the sharpest edges.
HWY_INLINE uint8_t* PackWide(const int16_t* word, uint64_t mask, uint8_t* values) {
  for (; mask != 0; mask &= mask - 1, values += 2) {
    std::memcpy(values, word + hwy::Num0BitsBelowLS1Bit_Nonzero64(mask), 2);
  }
  return values;
}
HWY_INLINE const uint8_t* UnpackWide(const uint8_t* values, uint64_t mask, int16_t* word) {
  for (; mask != 0; mask &= mask - 1, values += 2) {
    std::memcpy(word + hwy::Num0BitsBelowLS1Bit_Nonzero64(mask), values, 2);
  }
  return values;
}

HWY_INLINE uint8_t* PackNarrow(const int16_t* word, uint64_t mask, uint8_t* values) {
  const hn::FixedTag<int16_t, 8> d;
  const hn::FixedTag<int8_t, 8> d8;
  for (size_t i = 0; i < 64; i += 8, mask >>= 8) {
    const auto bytes = hn::DemoteTo(d8, hn::LoadU(d, word + i));
    const auto order = hn::LoadU(d8, kLaneOrders.gather[mask & 255]);
    hn::StoreU(hn::TableLookupBytes(bytes, order), d8, reinterpret_cast<int8_t*>(values));
    values += hwy::PopCount(mask & 255);
  }
  return values;
}
HWY_INLINE const uint8_t* UnpackNarrow(const uint8_t* values, uint64_t mask, int16_t* word) {
  const hn::FixedTag<int16_t, 8> d;
  const hn::FixedTag<int8_t, 8> d8;
  for (size_t i = 0; i < 64; i += 8, mask >>= 8) {
    const auto bytes = hn::LoadU(d8, reinterpret_cast<const int8_t*>(values));
    const auto order = hn::LoadU(d8, kLaneOrders.spread[mask & 255]);
    hn::StoreU(hn::PromoteTo(d, hn::TableLookupBytesOr0(bytes, order)), d, word + i);
    values += hwy::PopCount(mask & 255);
  }
  return values;
}

size_t Pack(const int16_t* plane, uint8_t* packed) {
  const hn::CappedTag<int16_t, 32> d;
  const auto zero = hn::Zero(d);
  uint64_t masks[kSparsePlaneWords];
  auto* const mask_bytes = reinterpret_cast<uint8_t*>(masks);  // as on all targets, little endian
  for (size_t i = 0; i < kRfxPlaneSize; i += hn::Lanes(d)) {
    hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, plane + i), zero), mask_bytes + i / 8);
  }
  uint64_t used = 0, wide = 0;
  for (size_t w = 0; w < kSparsePlaneWords; ++w) used |= uint64_t{masks[w] != 0} << w;
  StoreWord(used, packed);
  uint8_t* mask_out = packed + 16;
  uint8_t* values = mask_out + 8 * hwy::PopCount(used);
  for (; used != 0; used &= used - 1) {
    const size_t w = hwy::Num0BitsBelowLS1Bit_Nonzero64(used);
    const int16_t* const word = plane + w * 64;
    StoreWord(masks[w], mask_out);
    mask_out += 8;
    if (IsWide(word)) {
      wide |= uint64_t{1} << w;
      values = PackWide(word, masks[w], values);
    } else {
      values = PackNarrow(word, masks[w], values);
    }
  }
  StoreWord(wide, packed + 8);
  return static_cast<size_t>(values - packed);
}

size_t Unpack(const uint8_t* packed, int16_t* plane) {
  uint64_t used = LoadWord(packed);
  const uint64_t wide = LoadWord(packed + 8);
  const uint8_t* mask_in = packed + 16;
  const uint8_t* values = mask_in + 8 * hwy::PopCount(used);
  std::memset(plane, 0, kRfxPlaneSize * sizeof(*plane));
  for (; used != 0; used &= used - 1) {
    const size_t w = hwy::Num0BitsBelowLS1Bit_Nonzero64(used);
    const uint64_t mask = LoadWord(mask_in);
    mask_in += 8;
    values = (wide >> w & 1) != 0 ? UnpackWide(values, mask, plane + w * 64)
                                  : UnpackNarrow(values, mask, plane + w * 64);
  }
  return static_cast<size_t>(values - packed);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(Pack);
HWY_EXPORT(Unpack);

size_t PackSparsePlane(const int16_t* plane, uint8_t* packed) {
  return HWY_DYNAMIC_DISPATCH(Pack)(plane, packed);
}
size_t UnpackSparsePlane(const uint8_t* packed, int16_t* plane) {
  return HWY_DYNAMIC_DISPATCH(Unpack)(packed, plane);
}

}  // namespace mullion
#endif  // HWY_ONCE
