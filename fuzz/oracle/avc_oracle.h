// libfreerdp2's AVC420 and AVC444 decoders (with the H.264 decoder that it was built with) on the
// same bytes. One context, as a client keeps one per surface.
#ifndef MULLION_FUZZ_ORACLE_AVC_ORACLE_H_
#define MULLION_FUZZ_ORACLE_AVC_ORACLE_H_

#include <memory>
#include <span>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/simd/yuv.h"
#include "codecs/wire/avc.h"

namespace mullion::oracle {

class AvcOracle {
 public:
  AvcOracle(int32_t width_px, int32_t height_px);
  ~AvcOracle();

  // PRECONDITION: dst is kBgrx32 with a positive stride, of the context's size; rectangles lie in
  // it.
  bool Decode420(ByteView bitstream, std::span<const Rect> region, const PixelView& dst);
  bool Decode444(Yuv444Layout layout, const Avc444Stream& stream, const PixelView& dst);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_AVC_ORACLE_H_
