// RDP 6.0 bulk decompression (NCRUSH): LZ77 with two fixed Huffman codes and a cache of offsets.
//
// Specification: MS-RDPEGDI 3.1.8.1 (state 3.1.8.1.1, flags 3.1.8.1.3, tables 3.1.8.1.4.1 and .2,
// decoding 3.1.8.1.4.4).
// Shapes: one packet in, at most one history (64 KB) of bytes out.
// Ownership: *out points into the history (or is `in`, when not compressed) until the next call.
// Memory: nothing before the first compressed packet, then 64.1 KB.
// Threads: one at a time.
// Errors: kMalformed for a code that no encoder emits and for output past the end of the history,
// kTruncated for a packet without end-of-stream code. After an error the state is useless until a
// flush.
#ifndef MULLION_CODECS_BULK_NCRUSH_H_
#define MULLION_CODECS_BULK_NCRUSH_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/history_buffer.h"

namespace mullion {

class NcrushInflater {
 public:
  Status Inflate(uint8_t flags, ByteView in, ByteView* out);

 private:
  void SlideBack();

  HistoryBuffer history_;
  // HistoryOffset. INVARIANT: the history from here on counts as zeros, whatever stands there: a
  // slide and a flush clear it, and nothing else moves the offset back.
  uint32_t offset_ = 0;
  // OffsetCache: four copy-offsets of 16 bits, the latest lowest. 0 = none.
  uint64_t offset_cache_ = 0;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_NCRUSH_H_
