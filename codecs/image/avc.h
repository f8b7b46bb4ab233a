// H.264 byte streams to YUV 4:2:0 pictures, by libavcodec. No pixels yet: see avc420.h, avc444.h.
//
// Specification: MS-RDPEGFX 2.2.4.4 to 2.2.4.6; ITU-T H.264 Annex B.
// Shapes: 8-bit 4:2:0, whole macroblocks: a picture's sizes are multiples of 16 and the cropping
// of the stream is not applied, because the region rectangles crop (2.2.4.4).
// Built without libavcodec (meson -Davc=disabled) Available() is false and Decode() gives
// kUnsupported.
// Ownership: the decoder copies the bytes. A picture keeps its planes alive after the decoder;
// what counts its copies comes from the decoder's source, which outlives it.
// Memory: at most max_picture_px per picture, and the pictures that the stream asks to keep as
// references (H.264 allows 16). 128 KiB are kept for the next frame's bytes.
// Threads: a decoder is used by one thread at a time and starts none. Pictures are immutable and
// may be read, copied and destroyed on any thread.
// Errors: kMalformed (not H.264, damaged, or refers to pictures that never came), kState (no
// picture in these bytes), kUnsupported (not 8-bit 4:2:0, or no libavcodec), kLimit (larger
// pictures than the limit). The decoder stays usable: it goes on with the next frame.
// Global state: none is changed. libavcodec's messages of a decoder are sent below every level at
// which its default callback prints; what would make it print all the same is refused before.
#ifndef MULLION_CODECS_IMAGE_AVC_H_
#define MULLION_CODECS_IMAGE_AVC_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "codecs/base/byte_reader.h"
#include "codecs/base/bytes.h"
#include "codecs/base/status.h"
#include "codecs/simd/yuv.h"

namespace mullion {

// Refcounted planes. A copy shares them; an empty picture has none.
class AvcPicture {
 public:
  AvcPicture() = default;
  // `owner` keeps the planes of `view` alive.
  AvcPicture(const YuvView& view, std::shared_ptr<const void> owner)
      : view_(view), owner_(std::move(owner)) {}

  bool empty() const { return owner_ == nullptr; }
  const YuvView& view() const { return view_; }

 private:
  YuvView view_;
  std::shared_ptr<const void> owner_;
};

class AvcDecoder {
 public:
  static bool Available();

  // Nothing is allocated before the first Decode().
  explicit AvcDecoder(int64_t max_picture_px, BytesSource* source = nullptr);
  ~AvcDecoder();
  AvcDecoder(AvcDecoder&&) noexcept;
  AvcDecoder& operator=(AvcDecoder&&) noexcept;

  // One frame of one view. The views of AVC444 go through one decoder in the order of the stream.
  // After a failure *out is empty.
  Status Decode(ByteView annex_b, AvcPicture* out);

  // What the decoder itself holds (reference pictures, estimated), not the pictures handed out.
  size_t memory_bytes() const;

 private:
  struct Context;
  int64_t max_picture_px_;
  BytesSource* source_;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_AVC_H_
