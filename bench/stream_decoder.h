// One way to decode a whole stream: with Mullion (streams_mullion.cc) or with libfreerdp2
// (streams_peer.cc). What is timed is Decode() alone.
//
// Fairness: contexts are made and reset outside of Decode(), as their users would, and keep their
// memory; both sides decode into a full BGRX frame of the stream's size; bulk output is read where
// the decoder leaves it. Threads: one. Errors: Decode() returns false.
#ifndef MULLION_BENCH_STREAM_DECODER_H_
#define MULLION_BENCH_STREAM_DECODER_H_

#include <memory>

#include "bench/stream_file.h"
#include "codecs/base/pixel_view.h"

namespace mullion::bench {

class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  // Forgets all history and surface state, so that the next Decode() starts from the beginning.
  virtual void Reset(const Stream& stream) = 0;
  // Decodes every record in order. Pixels go to `frame`; bulk output is added to `hash` if that is
  // not null (it is null in timed rounds).
  virtual bool Decode(const Stream& stream, const PixelView& frame, Fnv* hash) = 0;
};

// Null: this side has no decoder for the stream's codec.
std::unique_ptr<StreamDecoder> MakeMullionDecoder(const Stream& stream);
std::unique_ptr<StreamDecoder> MakePeerDecoder(const Stream& stream);

// Codecs whose output is bytes, not a picture.
bool IsBulk(const Stream& stream);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_STREAM_DECODER_H_
