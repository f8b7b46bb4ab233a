// The three layers of a ClearCodec bitmap, and how they write pixels. Part of the decoder, not to
// be used from elsewhere.
//
// MS-RDPEGFX 2.2.4.1.1.1 (residual), 2.2.4.1.1.2 (bands), 2.2.4.1.1.3 (subcodecs).
// Shapes: `in` is exactly the layer's bytes; `offset` is where they stand in the message, for
// errors. Threads: one at a time per cache. Errors: as ClearDecoder::Decode.
#ifndef MULLION_CODECS_IMAGE_CLEAR_LAYERS_H_
#define MULLION_CODECS_IMAGE_CLEAR_LAYERS_H_

#include <algorithm>
#include <cstring>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/image/clear_storage.h"
#include "codecs/image/nscodec.h"

namespace mullion::clear {

[[nodiscard]] Status DecodeResidual(ByteView in, size_t offset, const PixelView& dst);
[[nodiscard]] Status DecodeBands(ByteView in, size_t offset, BarCaches* caches,
                                 const PixelView& dst);
[[nodiscard]] Status DecodeSubcodecs(ByteView in, size_t offset, NsCodecScratch* scratch,
                                     const PixelView& dst);

// A cached word (bytes B,G,R,X) in the order of the destination; its own inverse.
inline uint32_t ToFormat(uint32_t bgrx, PixelFormat format) {
  if (format == PixelFormat::kBgrx32) return bgrx;
  return (bgrx & 0xFF00FF00) | (bgrx >> 16 & 0xFF) | (bgrx & 0xFF) << 16;
}

// Blue, green, red as they stand on the wire.
inline uint32_t ReadColour(ByteReader* reader, const char* field) {
  return 0xFF000000 | reader->U24(field);
}

// The run length that both layers write in one, three or seven bytes.
inline uint32_t ReadRunLength(ByteReader* reader) {
  uint32_t length = reader->U8("runLengthFactor1");
  if (length == 0xFF) length = reader->U16("runLengthFactor2");
  if (length == 0xFFFF) length = reader->U32("runLengthFactor3");
  return length;
}

// Writes pixels from left to right, then from top to bottom.
class RasterWriter {
 public:
  explicit RasterWriter(const PixelView& dst)
      : dst_(dst), left_(static_cast<uint64_t>(dst.bounds().area())), out_(dst.data) {}

  uint64_t left() const { return left_; }

  // `pixel` is in the destination's order. PRECONDITION: count <= left().
  void Fill(uint32_t pixel, uint64_t count) {
    left_ -= count;
    while (count > 0) {
      const auto width = static_cast<uint64_t>(dst_.width_px - x_);
      const auto now = static_cast<int32_t>(std::min(count, width));
      for (int32_t i = 0; i < now; ++i) std::memcpy(out_ + ptrdiff_t{x_ + i} * 4, &pixel, 4);
      count -= static_cast<uint64_t>(now);
      x_ += now;
      if (x_ == dst_.width_px) {
        x_ = 0;
        // The row behind the last is never pointed at.
        if (++y_ < dst_.height_px) out_ = dst_.row(y_);
      }
    }
  }

 private:
  PixelView dst_;
  uint64_t left_;
  uint8_t* out_;
  int32_t x_ = 0;
  int32_t y_ = 0;
};

}  // namespace mullion::clear

#endif  // MULLION_CODECS_IMAGE_CLEAR_LAYERS_H_
