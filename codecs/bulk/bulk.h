// Bulk decompression of one direction of one session: whatever type each packet says.
//
// Specification: MS-RDPBCGR 3.1.8.3 (8 KB and 64 KB), MS-RDPEGDI 3.1.8.1 (RDP 6.0), 3.1.8.2
// (RDP 6.1). RDP 8.0 (graphics and dynamic channels) has its own framing: zgfx.h.
// Shapes: `flags` is the compression flags byte as on the wire (fast-path compressionFlags,
// slow-path compressedType, channel flags >> 16): type in the low four bits, 0x20 compressed, 0x40
// at front, 0x80 flushed. One packet in, at most 131,070 bytes more than `in` out.
// Histories: 8 KB and 64 KB packets share one, RDP 6.0 and RDP 6.1 have one each; a packet changes
// only the history of its type, and a packet that is not compressed enters none (its flushed and
// at-front flags still count).
// Ownership: *out points into the history, or is `in` when not compressed; valid until the next
// call and while `in` is.
// Memory: 24 bytes until the first compressed packet of a type; then 16 KB (8K), 128 KB (64K),
// 64 KB (RDP 6.0), 1.9 MB + 128 KB (RDP 6.1), resident only as far as they were written.
// Threads: one at a time.
// Errors: kMalformed, kTruncated, kState, kUnsupported for an unknown type. The session is lost:
// the history cannot follow the server's any more.
#ifndef MULLION_CODECS_BULK_BULK_H_
#define MULLION_CODECS_BULK_BULK_H_

#include <cstdint>
#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/bulk_flags.h"

namespace mullion {

class MppcInflater;
class NcrushInflater;
class XcrushInflater;

class BulkInflater {
 public:
  BulkInflater();
  ~BulkInflater();
  BulkInflater(BulkInflater&&) noexcept;
  BulkInflater& operator=(BulkInflater&&) noexcept;

  Status Inflate(uint8_t flags, ByteView in, ByteView* out);

  // Forgets every history and frees it (a reconnection).
  void Reset();

 private:
  std::unique_ptr<MppcInflater> mppc_;
  std::unique_ptr<NcrushInflater> ncrush_;
  std::unique_ptr<XcrushInflater> xcrush_;
};

// "8K", "64K", "NCRUSH", "XCRUSH", or "unknown", of the type bits of `flags`.
const char* BulkTypeName(uint8_t flags);

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_BULK_H_
