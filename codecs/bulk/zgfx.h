// RDP 8.0 bulk decompression (ZGFX) of RDP_SEGMENTED_DATA, and its Lite form.
//
// Specification: MS-RDPEGFX 2.2.5 (structures), 3.1.9.1 (codes); Lite: MS-RDPEDYC 2.2.3.3, 2.2.3.4
// (history and segments of 8,192 bytes, type 0x06).
// Shapes: one whole RDP_SEGMENTED_DATA in, its reassembled bytes out, at most `max_size`.
// Ownership: the view form points into the history when it can (no copy) and else into a buffer of
// the inflater, valid until the next call; the vector form appends.
// Memory: nothing before the first call; then 2.45 MB (Lite: 24 KB) of which only what was written
// is resident, and for the view of a message that crosses the end of the ring a copy of it (Trim
// keeps up to 16 KB).
// Threads: one at a time.
// Errors: kTruncated, kMalformed (also when uncompressedSize is not what came out), kLimit (more
// than max_size), kUnsupported (another compression type). After an error the state is useless
// until Reset().
#ifndef MULLION_CODECS_BULK_ZGFX_H_
#define MULLION_CODECS_BULK_ZGFX_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/history_buffer.h"

namespace mullion {

class ZgfxInflater {
 public:
  enum class Variant : uint8_t { kRdp8, kRdp8Lite };

  explicit ZgfxInflater(Variant variant = Variant::kRdp8) : variant_(variant) {}

  Status Inflate(ByteView in, size_t max_size, ByteView* out);
  Status Inflate(ByteView in, size_t max_size, std::vector<uint8_t>* out);

  // What the last view pointed to is not needed any more: large memory of it is freed.
  void Trim();
  // Forgets the history and frees it.
  void Reset();

 private:
  struct Limits {
    uint32_t history;  // longest match distance
    uint32_t segment;  // most bytes that one segment may become
    uint8_t type;
  };
  const Limits& limits() const;
  size_t ring_size() const;

  Status InflateSegments(ByteReader* reader, uint32_t count, size_t size, ByteView* out);
  Status InflateSegment(ByteView segment, size_t offset, ByteView* out);
  Status InflateData(ByteView data, size_t offset, uint8_t* begin, uint8_t** end);

  Variant variant_;
  HistoryBuffer ring_;
  // A segment is always decoded in one piece. Where it would not fit before the end of the ring,
  // the lap is closed at that point and the next one begins at 0.
  // INVARIANT: the last limits().history bytes of output are [0, head_) and before them the end of
  // [0, lap_end_); lap_end_ >= history + kCopySlack, so that wide copies never reach them.
  size_t head_ = 0;
  size_t lap_end_ = 0;
  std::vector<uint8_t> joined_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_ZGFX_H_
