// RDP 4.0 (8 KB history) and RDP 5.0 (64 KB history) bulk decompression, MPPC.
//
// Specification: MS-RDPBCGR 3.1.8 (flags 3.1.8.3, codes 3.1.8.4).
// Shapes: one packet in, at most one history of bytes out. `flags` as on the wire; the type bits in
// it are not looked at, the variant is an argument (level 2 of RDP 6.1 is always kRdp5).
// Both variants share one state, as in every known peer: HistoryOffset goes on when a server
// changes the variant, and the 8 KB history is the first 8 KB of the large one.
// Ownership: *out points into the history (or is `in`, when not compressed) until the next call.
// Memory: nothing before the first compressed packet; then 16.1 KB (kRdp4), 128.1 KB (kRdp5, of
// which only what was written is resident).
// Threads: one at a time.
// Errors: kMalformed for a code that no encoder emits and for output past the end of the history,
// kTruncated for a packet that ends inside a token, kState for an 8 KB packet that continues a
// history already longer than 8 KB. After an error the state is useless until a flush.
#ifndef MULLION_CODECS_BULK_MPPC_H_
#define MULLION_CODECS_BULK_MPPC_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/bulk/history_buffer.h"

namespace mullion {

class MppcInflater {
 public:
  enum class Variant : uint8_t { kRdp4 = 0, kRdp5 = 1 };

  Status Inflate(Variant variant, uint8_t flags, ByteView in, ByteView* out);

 private:
  // Histories wrap: a match may reach behind offset 0 to what an earlier lap left at the end. Here
  // the earlier lap has a place of its own before the current one, so that every match is a plain
  // distance back and wide copies may write past their end.
  // INVARIANT: bytes = size of the earlier lap, size of the current lap, kCopySlack.
  // INVARIANT: HistoryBuffer[i] of the specification is current()[i] below offset_, and
  // earlier()[i] from there on; earlier() is zero from `dirty` on.
  struct Lap {
    HistoryBuffer bytes;
    uint32_t size = 0;
    uint32_t dirty = 0;

    uint8_t* earlier() const { return bytes.data(); }
    uint8_t* current() const { return bytes.data() + size; }
    void Fold(uint32_t offset);
    void Clear();
  };

  Status Prepare(Variant variant, uint8_t flags);
  void Switch(Variant variant);

  Lap laps_[2];
  Variant variant_ = Variant::kRdp5;
  uint32_t offset_ = 0;  // HistoryOffset, of the variant in use
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_MPPC_H_
