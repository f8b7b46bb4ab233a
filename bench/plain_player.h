// The floor under the pipeline: one thread, one loop, the same parsers and decoders, no engine.
//
// Draws bitmap updates, surface bits (raw, NSCodec, RemoteFX) and their bulk compression; not the
// graphics pipeline, whose state is the engine's.
// Ownership: borrows the script. Threads: one at a time.
// Errors: Play is false when something cannot be decoded, or nothing was there to draw.
#ifndef MULLION_BENCH_PLAIN_PLAYER_H_
#define MULLION_BENCH_PLAIN_PLAYER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/session_script.h"
#include "codecs/base/bytes.h"
#include "codecs/base/pixel_view.h"
#include "engine/pixel_memory.h"
#include "io/net/framer.h"

namespace mullion::bench {

class PlainPlayer {
 public:
  explicit PlainPlayer(const SessionScript& script);
  // The whole script, from a black framebuffer on, which is as new as a session's.
  bool Play();
  // FNV-1a-64 over B, G, R of every pixel of the last picture.
  uint64_t Hash() const;
  // Of the last Play(): CPU time inside the decoders of pictures, which the pipeline may spread
  // over workers; and the rest, which is one after the other.
  uint64_t decode_ns() const { return decode_ns_; }
  // Timing each decoder call costs time itself: Play() without it, unless asked.
  void set_timed(bool timed) { timed_ = timed; }

 private:
  struct Pdu {
    bool to_server = false;
    PduKind kind{};
    Bytes bytes;
  };
  class Run;

  const SessionScript& script_;
  std::vector<Pdu> pdus_;
  PixelMemory pixels_;
  PixelView frame_;
  bool timed_ = false;
  uint64_t decode_ns_ = 0;
};

// FNV-1a-64 over B, G, R of a BGRX picture.
uint64_t HashPicture(const uint8_t* data, int32_t width_px, int32_t height_px,
                     int64_t stride_bytes);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_PLAIN_PLAYER_H_
