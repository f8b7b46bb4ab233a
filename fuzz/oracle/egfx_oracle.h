// libfreerdp2's graphics pipeline on the same PDUs: surfaces, caches, codecs, output, without a
// window. Codecs as in 2.11.7, AVC left out.
//
// For sessions that a server could send: 2.11.7 reads and writes outside of its buffers for some
// that none does. New surfaces are not cleared by it.
// Threads: one at a time. Ownership: the views die with the oracle or at the next Process().
#ifndef MULLION_FUZZ_ORACLE_EGFX_ORACLE_H_
#define MULLION_FUZZ_ORACLE_EGFX_ORACLE_H_

#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion::oracle {

class EgfxOracle {
 public:
  EgfxOracle(int32_t width_px, int32_t height_px);
  ~EgfxOracle();
  EgfxOracle(const EgfxOracle&) = delete;
  EgfxOracle& operator=(const EgfxOracle&) = delete;

  // Every PDU of one inflated message; false at the first that is refused.
  bool Process(ByteView message);

  // BGRX32: what a client shows, and what a surface holds (an empty view without one of that id).
  PixelView output() const;
  PixelView surface(uint16_t id) const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_EGFX_ORACLE_H_
