// A session made in code: a desktop of any size, and RemoteFX frames of any size on it.
//
// Ownership: everything is copied out. Threads: pure functions.
#ifndef MULLION_BENCH_SYNTHETIC_SESSION_H_
#define MULLION_BENCH_SYNTHETIC_SESSION_H_

#include <cstdint>
#include <vector>

#include "codecs/base/rect.h"

namespace mullion::bench {

struct SyntheticPdu {
  bool to_server = false;
  std::vector<uint8_t> bytes;
};

// The connection sequence up to the confirm active: RemoteFX is codec 3.
std::vector<SyntheticPdu> ConnectPdus(int32_t width_px, int32_t height_px);

// One frame: RemoteFX over `place`, between frame markers, as fast-path PDUs of one fragmented
// update. `seed` changes the picture: text-like edges on smooth ground.
std::vector<uint8_t> FramePdus(const Rect& place, int seed);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_SYNTHETIC_SESSION_H_
