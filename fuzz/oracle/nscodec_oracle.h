// libfreerdp2's NSCodec decoder on the same bytes. One context, as a client would keep it.
#ifndef MULLION_FUZZ_ORACLE_NSCODEC_ORACLE_H_
#define MULLION_FUZZ_ORACLE_NSCODEC_ORACLE_H_

#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion::oracle {

class NsCodecOracle {
 public:
  NsCodecOracle();
  ~NsCodecOracle();

  // Writes B,G,R and A (0xFF without an alpha plane) in wire order.
  // PRECONDITION: dst is kBgrx32 with a positive stride.
  bool Decode(ByteView in, const PixelView& dst);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_NSCODEC_ORACLE_H_
