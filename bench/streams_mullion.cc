// Mullion's side of the stream benchmark: what the pipeline does with such bytes, on one thread.
#include "bench/stream_decoder.h"

namespace mullion::bench {

bool IsBulk(const Stream& stream) { return stream.width_px == 0 || stream.height_px == 0; }

std::unique_ptr<StreamDecoder> MakeMullionDecoder(const Stream&) { return nullptr; }

}  // namespace mullion::bench
