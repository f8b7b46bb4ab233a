// Expansion of wire pixels with Highway.
//
// Memory traffic per pixel: 1 to 4 bytes in, 4 bytes out; the output bandwidth is the floor (a
// 1080p frame is 8 MB). 15/16 bpp work in 16-bit lanes, low half G:B and high half X:R, about a
// dozen operations for a whole vector of pixels, and leave through an interleaving store. 24 bpp
// is a permutation of words, which brings each four pixels to their block, and one of bytes. 8 bpp
// is a table walk, which no vector unit speeds up: eight indices are fetched with one load and
// written as pairs. A row's rest is done by one more vector that ends exactly at the row's end,
// overlapping pixels already written (the same values again), so nothing outside the row is
// touched.
#include "codecs/simd/pixel_expand.h"

#include <cstring>

#include "codecs/simd/prefetch_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pixel_expand.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "codecs/simd/load_pixels24-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mullion {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void ExpandPixelsKernel(const PixelSource& src, const PixelView& dst) {
  ExpandPixelsReference(src, dst);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// One vector of 15/16 bpp pixels; kGreenBits is 5 or 6, kBgr the order of the destination.
template <int kGreenBits, bool kBgr>
HWY_INLINE void Expand16Step(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out) {
  const hn::ScalableTag<uint16_t> d;
  const hn::Repartition<uint8_t, decltype(d)> d8;
  const auto v = hn::BitCast(d, hn::LoadU(d8, in));
  const auto top5 = hn::Set(d, 0xF8);
  const auto low3 = hn::Set(d, 0x07);
  const auto blue = hn::Or(hn::And(hn::ShiftLeft<3>(v), top5), hn::And(hn::ShiftRight<2>(v), low3));
  hn::Vec<decltype(d)> red, green;
  if constexpr (kGreenBits == 6) {
    red = hn::Or(hn::And(hn::ShiftRight<8>(v), top5), hn::ShiftRight<13>(v));
    // 4g + g/8 carries into bit 2 and past 255: an addition and a minimum, not an or.
    green = hn::Min(hn::Add(hn::And(hn::ShiftRight<3>(v), hn::Set(d, 0xFC)),
                            hn::And(hn::ShiftRight<8>(v), low3)),
                    hn::Set(d, 0xFF));
  } else {
    red = hn::Or(hn::And(hn::ShiftRight<7>(v), top5), hn::And(hn::ShiftRight<12>(v), low3));
    green = hn::Or(hn::And(hn::ShiftRight<2>(v), top5), hn::And(hn::ShiftRight<7>(v), low3));
  }
  const auto low = hn::Or(kBgr ? blue : red, hn::ShiftLeft<8>(green));
  const auto high = hn::Or(kBgr ? red : blue, hn::Set(d, 0xFF00));
  hn::StoreInterleaved2(low, high, d, reinterpret_cast<uint16_t*>(out));
}

template <int kGreenBits, bool kBgr>
HWY_INLINE void Expand16Row(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out,
                            size_t width) {
  const size_t lanes = hn::Lanes(hn::ScalableTag<uint16_t>());
  for (size_t x = 0; x + lanes <= width; x += lanes) {
    Expand16Step<kGreenBits, kBgr>(in + 2 * x, out + 4 * x);
  }
  if (width % lanes != 0) {
    Expand16Step<kGreenBits, kBgr>(in + 2 * (width - lanes), out + 4 * (width - lanes));
  }
}

using Pixels24 = hn::CappedTag<uint32_t, 16>;

template <bool kBgr>
HWY_INLINE void Expand24Step(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out) {
  const Pixels24 d;
  const hn::Repartition<uint8_t, Pixels24> d8;
  hn::StoreU(hn::BitCast(d8, LoadPixels24<!kBgr>(d, in)), d8, out);
}

template <bool kBgr>
HWY_INLINE void Expand24Row(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out,
                            size_t width) {
  const size_t lanes = hn::Lanes(Pixels24());
  for (size_t x = 0; x + lanes <= width; x += lanes) Expand24Step<kBgr>(in + 3 * x, out + 4 * x);
  if (width % lanes != 0) {
    Expand24Step<kBgr>(in + 3 * (width - lanes), out + 4 * (width - lanes));
  }
}

template <bool kBgr, bool kKeepAlpha>
HWY_INLINE void Expand32Step(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out) {
  const hn::ScalableTag<uint32_t> d;
  const hn::Repartition<uint8_t, decltype(d)> d8;
  auto v = hn::BitCast(d, hn::LoadU(d8, in));
  if constexpr (!kBgr) {
    const auto ga = hn::And(v, hn::Set(d, 0xFF00FF00u));
    const auto br = hn::And(v, hn::Set(d, 0x00FF00FFu));
    v = hn::Or(ga, hn::Or(hn::ShiftLeft<16>(br), hn::ShiftRight<16>(br)));
  }
  if constexpr (!kKeepAlpha) v = hn::Or(v, hn::Set(d, 0xFF000000u));
  hn::StoreU(hn::BitCast(d8, v), d8, out);
}

template <bool kBgr, bool kKeepAlpha>
HWY_INLINE void Expand32Row(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out,
                            size_t width) {
  const size_t lanes = hn::Lanes(hn::ScalableTag<uint32_t>());
  for (size_t x = 0; x + lanes <= width; x += lanes) {
    Expand32Step<kBgr, kKeepAlpha>(in + 4 * x, out + 4 * x);
  }
  if (width % lanes != 0) {
    Expand32Step<kBgr, kKeepAlpha>(in + 4 * (width - lanes), out + 4 * (width - lanes));
  }
}

// `colours` are in the destination's order with X set.
HWY_INLINE void Expand8Row(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out, size_t width,
                           const uint32_t* HWY_RESTRICT colours) {
  size_t x = 0;
  for (; x + 8 <= width; x += 8) {
    uint64_t indices;
    std::memcpy(&indices, in + x, 8);
    for (size_t i = 0; i < 8; i += 2) {
      const uint64_t pair =
          colours[indices & 0xFF] | static_cast<uint64_t>(colours[indices >> 8 & 0xFF]) << 32;
      std::memcpy(out + 4 * (x + i), &pair, 8);
      indices >>= 16;
    }
  }
  for (; x < width; ++x) std::memcpy(out + 4 * x, &colours[in[x]], 4);
}

void ExpandIndices(const PixelSource& src, const PixelView& dst) {
  uint32_t colours[256];
  for (int i = 0; i < 256; ++i) {
    const uint32_t c = src.palette[i] | 0xFF000000u;
    colours[i] = dst.format == PixelFormat::kBgrx32
                     ? c
                     : (c & 0xFF00FF00u) | (c << 16 & 0x00FF0000u) | (c >> 16 & 0x000000FFu);
  }
  for (int32_t y = 0; y < dst.height_px; ++y) {
    PrefetchRow(dst, y + kPrefetchRowsAhead);
    Expand8Row(src.data + static_cast<size_t>(y) * src.stride_bytes, dst.row(y),
               static_cast<size_t>(dst.width_px), colours);
  }
}

template <void (*kExpandRow)(const uint8_t*, uint8_t*, size_t)>
void ExpandRows(const PixelSource& src, const PixelView& dst) {
  const size_t width = static_cast<size_t>(dst.width_px);
  const uint8_t* in = src.data;
  for (int32_t y = 0; y < dst.height_px; ++y, in += src.stride_bytes) {
    PrefetchRow(dst, y + kPrefetchRowsAhead);
    kExpandRow(in, dst.row(y), width);
  }
}

template <bool kBgr>
void ExpandInOrder(const PixelSource& src, const PixelView& dst) {
  switch (src.bits_per_pixel) {
    case 15:
      return ExpandRows<Expand16Row<5, kBgr>>(src, dst);
    case 16:
      return ExpandRows<Expand16Row<6, kBgr>>(src, dst);
    case 24:
      return ExpandRows<Expand24Row<kBgr>>(src, dst);
    default:
      if (src.keep_alpha) return ExpandRows<Expand32Row<kBgr, true>>(src, dst);
      return ExpandRows<Expand32Row<kBgr, false>>(src, dst);
  }
}

void ExpandPixelsKernel(const PixelSource& src, const PixelView& dst) {
  const size_t width = static_cast<size_t>(dst.width_px);
  const size_t one_vector = src.bits_per_pixel == 24   ? hn::Lanes(Pixels24())
                            : src.bits_per_pixel == 32 ? hn::Lanes(hn::ScalableTag<uint32_t>())
                                                       : hn::Lanes(hn::ScalableTag<uint16_t>());
  if (src.bits_per_pixel == 8) {
    ExpandIndices(src, dst);
  } else if (width < one_vector) {
    ExpandPixelsReference(src, dst);  // too narrow for the overlapping last vector
  } else if (dst.format == PixelFormat::kBgrx32) {
    ExpandInOrder<true>(src, dst);
  } else {
    ExpandInOrder<false>(src, dst);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace mullion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {

HWY_EXPORT(ExpandPixelsKernel);

void ExpandPixels(const PixelSource& src, const PixelView& dst) {
  HWY_DYNAMIC_DISPATCH(ExpandPixelsKernel)(src, dst);
}

}  // namespace mullion
#endif  // HWY_ONCE
