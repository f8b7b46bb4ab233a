// libfreerdp2's ClearCodec decoder on the same messages. One context, as a client would keep it.
#ifndef MULLION_FUZZ_ORACLE_CLEAR_ORACLE_H_
#define MULLION_FUZZ_ORACLE_CLEAR_ORACLE_H_

#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion::oracle {

class ClearOracle {
 public:
  ClearOracle();
  ~ClearOracle();

  // Writes B,G,R,X. PRECONDITION: dst is kBgrx32 with a positive stride.
  bool Decode(ByteView in, const PixelView& dst);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_CLEAR_ORACLE_H_
