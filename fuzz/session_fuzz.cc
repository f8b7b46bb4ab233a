// A whole session: the bytes of both directions through framer, follower, lane, decoders, commits
// and events, inline (0 workers).
//
// Input: records of direction (1 byte, bit 0: to server), length (2 bytes, little endian), bytes.
#include <algorithm>

#include "fuzz/session_host.h"

MULLION_FUZZ_TARGET(session) {
  mln_limits limits{};
  limits.max_desktop_px = 2048 * 2048;
  limits.max_pdu_bytes = 4 << 20;
  mullion::fuzz::SessionHost host(limits);
  mullion::ByteReader reader(data);
  while (reader.ok() && reader.remaining() > 3) {
    const auto direction = static_cast<mln_direction>(reader.U8("direction") & 1);
    const size_t length = reader.U16("length");
    host.Feed(direction, reader.Take(std::min(length, reader.remaining()), "bytes"));
  }
}
