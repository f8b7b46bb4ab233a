// RDP 6.1 bulk decompression (XCRUSH): long matches in a 2,000,000 byte history (level 1), whose
// result may have been compressed again with RDP 5.0 (level 2).
//
// Specification: MS-RDPEGDI 2.2.2.4.1 (RDP61_COMPRESSED_DATA), 3.1.8.2 (decompression 3.1.8.2.3).
// Shapes: one packet in, at most 131,070 bytes and the literals out.
// L1_PACKET_AT_FRONT only moves the offset: 2.2.2.4.1 says that it also clears the history, but
// the encoders at large (3.1.8.2.2.2: "a simple reset of the history offset") go on to refer to
// what is behind it.
// Ownership: *out points into the history (or is `in`, when not compressed) until the next call.
// Memory: nothing before the first compressed packet; then 1.9 MB of which only what was written is
// resident, and what level 2 takes (mppc.h).
// Threads: one at a time.
// Errors: kMalformed, kTruncated. After an error the state is useless until a flush.
#ifndef MULLION_CODECS_BULK_XCRUSH_H_
#define MULLION_CODECS_BULK_XCRUSH_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/history_buffer.h"
#include "codecs/bulk/mppc.h"

namespace mullion {

class XcrushInflater {
 public:
  Status Inflate(uint8_t flags, ByteView in, ByteView* out);

 private:
  Status InflateLevel1(uint8_t flags, ByteView in, ByteView* out);

  MppcInflater level2_;
  HistoryBuffer history_;
  uint32_t offset_ = 0;  // HistoryOffset
  uint32_t dirty_ = 0;   // INVARIANT: the history is zero from here on
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_XCRUSH_H_
