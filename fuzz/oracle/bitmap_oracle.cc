#include "fuzz/oracle/bitmap_oracle.h"

#include <freerdp/codec/color.h>
#include <freerdp/codec/interleaved.h>
#include <freerdp/codec/planar.h>
#include <freerdp/constants.h>
#include <winpr/wlog.h>

#include <cstdlib>
#include <cstring>

namespace mullion::oracle {
namespace {

uint32_t U32(int32_t v) { return static_cast<uint32_t>(v); }
uint32_t Stride(const PixelView& view) { return static_cast<uint32_t>(view.stride_bytes); }
uint32_t Size(ByteView in) { return static_cast<uint32_t>(in.size()); }
uint32_t OpaqueFormat(const PixelView& view) {
  return view.format == PixelFormat::kBgrx32 ? PIXEL_FORMAT_BGRX32 : PIXEL_FORMAT_RGBX32;
}

gdiPalette MakePalette(const Palette* palette) {
  gdiPalette out = {};
  out.format = PIXEL_FORMAT_BGRX32;
  for (uint32_t i = 0; palette != nullptr && i < 256; ++i) {
    const uint32_t c = palette->entries[i];
    out.palette[i] = FreeRDPGetColor(out.format, static_cast<BYTE>(c >> 16),
                                     static_cast<BYTE>(c >> 8), static_cast<BYTE>(c), 0xFF);
  }
  return out;
}

void FlipRows(const PixelView& view) {
  const size_t bytes = static_cast<size_t>(view.width_px) * 4;
  std::vector<uint8_t> row(bytes);
  for (int32_t a = 0, b = view.height_px - 1; a < b; ++a, --b) {
    std::memcpy(row.data(), view.row(a), bytes);
    std::memcpy(view.row(a), view.row(b), bytes);
    std::memcpy(view.row(b), row.data(), bytes);
  }
}

// The peer leaves X alone where it likes to.
void SetOpaque(const PixelView& view) {
  for (int32_t y = 0; y < view.height_px; ++y) {
    for (int32_t x = 0; x < view.width_px; ++x) view.row(y)[4 * x + 3] = 0xFF;
  }
}

}  // namespace

struct BitmapOracle::Context {
  BITMAP_INTERLEAVED_CONTEXT* interleaved = bitmap_interleaved_context_new(FALSE);
  BITMAP_INTERLEAVED_CONTEXT* compressor = bitmap_interleaved_context_new(TRUE);
  BITMAP_PLANAR_CONTEXT* planar = freerdp_bitmap_planar_context_new(0, 64, 64);
  int32_t planar_width = 0, planar_height = 0;

  ~Context() {
    bitmap_interleaved_context_free(interleaved);
    bitmap_interleaved_context_free(compressor);
    freerdp_bitmap_planar_context_free(planar);
  }
};

BitmapOracle::BitmapOracle() : context_(std::make_unique<Context>()) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
}
BitmapOracle::~BitmapOracle() = default;

bool BitmapOracle::DecodeInterleaved(ByteView in, int bits_per_pixel, const Palette* palette,
                                     const PixelView& dst) {
  if (in.empty()) return false;
  const gdiPalette colours = MakePalette(palette);
  if (!interleaved_decompress(context_->interleaved, in.data(), Size(in), U32(dst.width_px),
                              U32(dst.height_px), U32(bits_per_pixel), dst.data, OpaqueFormat(dst),
                              Stride(dst), 0, 0, U32(dst.width_px), U32(dst.height_px), &colours)) {
    return false;
  }
  if (leave_) return true;
  FlipRows(dst);
  SetOpaque(dst);
  return true;
}

bool BitmapOracle::DecodePlanar(ByteView in, const PixelView& dst, bool keep_alpha) {
  if (in.empty()) return false;
  if (context_->planar_width != dst.width_px || context_->planar_height != dst.height_px) {
    if (!freerdp_bitmap_planar_context_reset(context_->planar, U32(dst.width_px),
                                             U32(dst.height_px))) {
      return false;
    }
    context_->planar_width = dst.width_px;
    context_->planar_height = dst.height_px;
  }
  const bool bgr = dst.format == PixelFormat::kBgrx32;
  const uint32_t format = !keep_alpha ? OpaqueFormat(dst)
                          : bgr       ? PIXEL_FORMAT_BGRA32
                                      : PIXEL_FORMAT_RGBA32;
  if (!planar_decompress(context_->planar, in.data(), Size(in), U32(dst.width_px),
                         U32(dst.height_px), dst.data, format, Stride(dst), 0, 0, U32(dst.width_px),
                         U32(dst.height_px), FALSE)) {
    return false;
  }
  if (!keep_alpha && !leave_) SetOpaque(dst);
  return true;
}

bool BitmapOracle::CopyRaw(ByteView in, int bits_per_pixel, const Palette* palette,
                           size_t stride_bytes, const PixelView& dst) {
  const gdiPalette colours = MakePalette(palette);
  const uint32_t format = bits_per_pixel == 8    ? PIXEL_FORMAT_RGB8
                          : bits_per_pixel == 15 ? PIXEL_FORMAT_RGB15
                          : bits_per_pixel == 16 ? PIXEL_FORMAT_RGB16
                          : bits_per_pixel == 24 ? PIXEL_FORMAT_BGR24
                                                 : PIXEL_FORMAT_BGRX32;
  if (!freerdp_image_copy(dst.data, OpaqueFormat(dst), Stride(dst), 0, 0, U32(dst.width_px),
                          U32(dst.height_px), in.data(), format,
                          static_cast<uint32_t>(stride_bytes), 0, 0, &colours, FREERDP_FLIP_NONE)) {
    return false;
  }
  if (!leave_) SetOpaque(dst);
  return true;
}

std::vector<uint8_t> BitmapOracle::EncodeInterleaved(const PixelView& src, int bits_per_pixel) {
  std::vector<uint8_t> out(64 * 64 * 8);
  uint32_t size = static_cast<uint32_t>(out.size());
  if (!interleaved_compress(context_->compressor, out.data(), &size, U32(src.width_px),
                            U32(src.height_px), src.data, PIXEL_FORMAT_BGRX32, Stride(src), 0, 0,
                            nullptr, U32(bits_per_pixel))) {
    size = 0;
  }
  out.resize(size);
  return out;
}

std::vector<uint8_t> BitmapOracle::EncodePlanar(const PixelView& src, bool rle, bool alpha) {
  DWORD flags = 0;
  if (rle) flags |= PLANAR_FORMAT_HEADER_RLE;
  if (!alpha) flags |= PLANAR_FORMAT_HEADER_NA;
  BITMAP_PLANAR_CONTEXT* planar =
      freerdp_bitmap_planar_context_new(flags, U32(src.width_px), U32(src.height_px));
  if (planar == nullptr) return {};
  uint32_t size = 0;
  BYTE* bytes = freerdp_bitmap_compress_planar(
      planar, src.data, alpha ? PIXEL_FORMAT_BGRA32 : PIXEL_FORMAT_BGRX32, U32(src.width_px),
      U32(src.height_px), Stride(src), nullptr, &size);
  std::vector<uint8_t> out;
  if (bytes != nullptr) out.assign(bytes, bytes + size);
  std::free(bytes);
  freerdp_bitmap_planar_context_free(planar);
  return out;
}

}  // namespace mullion::oracle
