// Expansion of wire pixels with Highway.
//
// Memory traffic per pixel: 1 to 4 bytes in, 4 bytes out; the output bandwidth is the floor (a
// 1080p frame is 8 MB). 15/16 bpp work in 16-bit lanes, low half G:B and high half X:R, about a
// dozen operations for a whole vector of pixels, and leave through an interleaving store. 24 bpp
// is a byte shuffle of four pixels at a time. 8 bpp is a table walk, which no vector unit speeds
// up: eight indices are fetched with one load and written as pairs.
// A row's rest is done by one more vector that ends exactly at the row's end, overlapping pixels
// already written (the same values again), so nothing outside the row is touched.
#include "codecs/simd/pixel_expand.h"

#include <cstring>

#include "codecs/simd/prefetch_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/pixel_expand.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

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

// PRECONDITION: width >= 6, so that 16 bytes before the row's end belong to the row.
template <bool kBgr>
HWY_INLINE void Expand24Row(const uint8_t* HWY_RESTRICT in, uint8_t* HWY_RESTRICT out,
                            size_t width) {
  const hn::FixedTag<uint8_t, 16> d;
  HWY_ALIGN static constexpr uint8_t kOrder[2][16] = {
      {2, 1, 0, 0x80, 5, 4, 3, 0x80, 8, 7, 6, 0x80, 11, 10, 9, 0x80},
      {0, 1, 2, 0x80, 3, 4, 5, 0x80, 6, 7, 8, 0x80, 9, 10, 11, 0x80}};
  HWY_ALIGN static constexpr uint8_t kOpaque[16] = {0, 0, 0, 0xFF, 0, 0, 0, 0xFF,
                                                    0, 0, 0, 0xFF, 0, 0, 0, 0xFF};
  const auto order = hn::Load(d, kOrder[kBgr ? 1 : 0]);
  const auto opaque = hn::Load(d, kOpaque);
  size_t x = 0;
  // Each load takes 16 bytes for 12: it may run into the next pixels, not past the row.
  for (; x + 6 <= width; x += 4) {
    const auto v = hn::TableLookupBytesOr0(hn::LoadU(d, in + 3 * x), order);
    hn::StoreU(hn::Or(v, opaque), d, out + 4 * x);
  }
  if (x < width) {
    // The last four pixels, from the 16 bytes that end with the row.
    const auto late = hn::Add(order, hn::Set(d, 4));
    const auto v = hn::TableLookupBytesOr0(hn::LoadU(d, in + 3 * width - 16), late);
    hn::StoreU(hn::Or(v, opaque), d, out + 4 * (width - 4));
    if (x + 4 < width) {  // five were left
      const auto before = hn::Add(order, hn::Set(d, 1));
      const auto w = hn::TableLookupBytesOr0(hn::LoadU(d, in + 3 * width - 16), before);
      hn::StoreU(hn::Or(w, opaque), d, out + 4 * (width - 5));
    }
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

template <bool kBgr>
void ExpandInOrder(const PixelSource& src, const PixelView& dst) {
  const size_t width = static_cast<size_t>(dst.width_px);
  const uint8_t* in = src.data;
  for (int32_t y = 0; y < dst.height_px; ++y, in += src.stride_bytes) {
    uint8_t* out = dst.row(y);
    PrefetchRow(dst, y + kPrefetchRowsAhead);
    switch (src.bits_per_pixel) {
      case 15:
        Expand16Row<5, kBgr>(in, out, width);
        break;
      case 16:
        Expand16Row<6, kBgr>(in, out, width);
        break;
      case 24:
        Expand24Row<kBgr>(in, out, width);
        break;
      default:
        if (src.keep_alpha) {
          Expand32Row<kBgr, true>(in, out, width);
        } else {
          Expand32Row<kBgr, false>(in, out, width);
        }
    }
  }
}

void ExpandPixelsKernel(const PixelSource& src, const PixelView& dst) {
  const size_t width = static_cast<size_t>(dst.width_px);
  const size_t one_vector = src.bits_per_pixel == 24   ? 6
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
