// libfreerdp2's Progressive decoder on the same bytes. One surface, as a client would keep it.
#ifndef MULLION_FUZZ_ORACLE_PROGRESSIVE_ORACLE_H_
#define MULLION_FUZZ_ORACLE_PROGRESSIVE_ORACLE_H_

#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion::oracle {

class ProgressiveOracle {
 public:
  ProgressiveOracle(int32_t width_px, int32_t height_px);
  ~ProgressiveOracle();

  // Draws one stream onto dst, which has the surface's size.
  // PRECONDITION: dst is kBgrx32 with a positive stride.
  bool Decode(ByteView stream, const PixelView& dst);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_PROGRESSIVE_ORACLE_H_
