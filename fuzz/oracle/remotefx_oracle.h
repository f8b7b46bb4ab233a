// libfreerdp2's RemoteFX decoder on the same bytes. One context, as a client would keep it, set up
// as clients do (SIMD on; tiles of one message on its thread pool).
#ifndef MULLION_FUZZ_ORACLE_REMOTEFX_ORACLE_H_
#define MULLION_FUZZ_ORACLE_REMOTEFX_ORACLE_H_

#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion::oracle {

class RemoteFxOracle {
 public:
  RemoteFxOracle(int32_t width_px, int32_t height_px);
  ~RemoteFxOracle();

  // Draws the message's last frame, clipped to its region.
  // PRECONDITION: dst is kBgrx32 with a positive stride of 4 * width_px.
  bool Decode(ByteView message, const PixelView& dst);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_REMOTEFX_ORACLE_H_
