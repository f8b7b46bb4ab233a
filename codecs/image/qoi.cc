// Every chunk depends on the pixel before it, so the work per pixel is a chain: load a byte, branch
// on its kind, add, hash, store to the table. A pixel is therefore one 32-bit word in the order of
// the destination, from its chunk to its store: deltas are added to all bytes at once and the hash
// is one multiplication. Runs are filled four bytes at a time.
//
// Bounds: a chunk has at most five bytes and the end marker eight, so a chunk that starts in front
// of the marker may be read without further checks.
#include "codecs/image/qoi.h"

#include <algorithm>
#include <cstring>

namespace mullion {
namespace {

constexpr size_t kHeaderSize = 14;
constexpr size_t kEndMarkerSize = 8;
constexpr uint32_t kAlphaMask = 0xFF000000;

// Puts a pixel together in memory order. Arguments are taken modulo 256.
template <bool kRgb>
constexpr uint32_t Pack(int red, int green, int blue) {
  const auto byte = [](int v) { return static_cast<uint32_t>(v) & 0xFF; };
  return kRgb ? byte(red) | byte(green) << 8 | byte(blue) << 16
              : byte(blue) | byte(green) << 8 | byte(red) << 16;
}

// (3 r + 5 g + 7 b + 11 a) mod 64: the bytes are spread so that one multiplication sums them, each
// with its factor, in the top byte; no other product reaches that byte.
template <bool kRgb>
uint32_t Hash(uint32_t pixel) {
  constexpr uint64_t kFirst = kRgb ? 3 : 7, kThird = kRgb ? 7 : 3;
  constexpr uint64_t kFactors = kFirst << 56 | kThird << 40 | uint64_t{5} << 16 | 11;
  const uint64_t wide = uint64_t{pixel} << 32 | pixel;
  return static_cast<uint32_t>((wide & 0xFF00FF0000FF00FF) * kFactors >> 56) & 63;
}

// Adds each byte modulo 256.
uint32_t AddBytes(uint32_t a, uint32_t b) {
  return ((a & 0x7F7F7F7F) + (b & 0x7F7F7F7F)) ^ ((a ^ b) & 0x80808080);
}

void Fill(uint8_t* out, uint32_t pixel, int32_t count) {
  for (int32_t i = 0; i < count; ++i) std::memcpy(out + i * 4, &pixel, 4);
}

template <bool kRgb>
Status DecodeChunks(ByteView in, const PixelView& dst, uint32_t opaque) {
  uint32_t index[64] = {};
  uint32_t pixel = kAlphaMask;
  const uint8_t* p = in.data() + kHeaderSize;
  const uint8_t* const end = in.data() + in.size() - kEndMarkerSize;
  int32_t run = 0;
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px;) {
      if (run > 0) {
        const int32_t count = std::min(run, dst.width_px - x);
        Fill(out + ptrdiff_t{x} * 4, pixel | opaque, count);
        run -= count;
        x += count;
        continue;
      }
      if (p >= end) return Fail(Err::kTruncated, "QOI chunk", in.size());
      const uint8_t tag = *p++;
      switch (tag >> 6) {
        case 0:  // QOI_OP_INDEX
          pixel = index[tag];
          break;
        case 1:  // QOI_OP_DIFF
          pixel =
              AddBytes(pixel, Pack<kRgb>((tag >> 4 & 3) - 2, (tag >> 2 & 3) - 2, (tag & 3) - 2));
          break;
        case 2: {  // QOI_OP_LUMA
          const int green = (tag & 63) - 32;
          const int others = *p++;
          pixel = AddBytes(pixel,
                           Pack<kRgb>(green - 8 + (others >> 4), green, green - 8 + (others & 15)));
          break;
        }
        default:
          if (tag == 0xFE || tag == 0xFF) {  // QOI_OP_RGB, QOI_OP_RGBA
            const uint32_t a = tag == 0xFF ? uint32_t{p[3]} << 24 : pixel & kAlphaMask;
            pixel = Pack<kRgb>(p[0], p[1], p[2]) | a;
            p += tag == 0xFF ? 4 : 3;
          } else {  // QOI_OP_RUN
            run = (tag & 63) + 1;
          }
          break;
      }
      index[Hash<kRgb>(pixel)] = pixel;
      if (run == 0) {
        const uint32_t word = pixel | opaque;
        std::memcpy(out + ptrdiff_t{x} * 4, &word, 4);
        ++x;
      }
    }
  }
  if (p > end) return Fail(Err::kTruncated, "QOI end marker", in.size());
  return Ok();
}

}  // namespace

Status DecodeQoi(ByteView in, const PixelView& dst, AlphaMode alpha) {
  ByteReader reader(in);
  const uint32_t magic = reader.U32Be("magic");
  const uint32_t width = reader.U32Be("width");
  const uint32_t height = reader.U32Be("height");
  const uint8_t channels = reader.U8("channels");
  const uint8_t colour_space = reader.U8("colorspace");
  MULLION_TRY(reader.status());
  if (magic != 0x716F6966) return Fail(Err::kMalformed, "magic", 0);  // "qoif"
  if (width == 0 || dst.width_px <= 0 || width != static_cast<uint32_t>(dst.width_px)) {
    return Fail(Err::kMalformed, "width", 4);
  }
  if (height == 0 || dst.height_px <= 0 || height != static_cast<uint32_t>(dst.height_px)) {
    return Fail(Err::kMalformed, "height", 8);
  }
  if (channels != 3 && channels != 4) return Fail(Err::kMalformed, "channels", 12);
  if (colour_space > 1) return Fail(Err::kMalformed, "colorspace", 13);
  if (reader.remaining() < kEndMarkerSize) {
    return Fail(Err::kTruncated, "QOI end marker", in.size());
  }
  const uint32_t opaque = alpha == AlphaMode::kKeep && channels == 4 ? 0 : kAlphaMask;
  return dst.format == PixelFormat::kRgbx32 ? DecodeChunks<true>(in, dst, opaque)
                                            : DecodeChunks<false>(in, dst, opaque);
}

}  // namespace mullion
