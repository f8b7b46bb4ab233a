// Fast-path output: the server's short header, its updates, and the fragments of one update.
//
// Spec: MS-RDPBCGR 2.2.9.1.2 (TS_FP_UPDATE_PDU), 2.2.9.1.2.1 (TS_FP_UPDATE).
// Shapes: one framed PDU in, a view of its updates out; the iterator walks them in wire order.
// Ownership: everything parsed is a view into the caller's bytes. Over-read: never.
// Threads: one at a time.
// Errors: kTruncated, kMalformed with the field; kUnsupported for encrypted PDUs.
#ifndef MULLION_CODECS_WIRE_FASTPATH_H_
#define MULLION_CODECS_WIRE_FASTPATH_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/bytes_builder.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's updateCode (MS-RDPBCGR 2.2.9.1.2.1).
enum class FastPathCode : uint8_t {
  kOrders = 0,
  kBitmap = 1,
  kPalette = 2,
  kSynchronize = 3,
  kSurfaceCommands = 4,
  kPointerHidden = 5,
  kPointerDefault = 6,
  kPointerPosition = 8,
  kPointerColor = 9,
  kPointerCached = 10,
  kPointerNew = 11,
  kPointerLarge = 12,
};

// "orders", "bitmap", ...; "unknown" for a code that no specification names.
const char* FastPathCodeName(uint8_t code);

// INVARIANT: the numbers are the wire's fragmentation bits.
enum class Fragmentation : uint8_t { kSingle = 0, kLast = 1, kFirst = 2, kNext = 3 };

struct FastPathOutput {
  uint8_t flags = 0;  // FASTPATH_OUTPUT_SECURE_CHECKSUM 1, FASTPATH_OUTPUT_ENCRYPTED 2
  ByteView updates;   // everything after the header
};

// `pdu` is exactly one framed PDU. An encrypted one (RDP security with RC4) is kUnsupported.
Status ParseFastPathOutput(ByteView pdu, FastPathOutput* out);

struct FastPathUpdate {
  uint8_t code = 0;  // a FastPathCode, or unknown: skip and count
  Fragmentation fragmentation = Fragmentation::kSingle;
  // 0 when the update carries none; else PACKET_COMPRESSED 0x20, AT_FRONT 0x40, FLUSHED 0x80 and
  // the type in the low four bits (MS-RDPBCGR 3.1.8.2.1).
  uint8_t compression_flags = 0;
  ByteView data;  // compressed if compression_flags says so
};

// Walks the updates of one PDU. Next is false at the end and after an error; status() says which.
class FastPathUpdates {
 public:
  explicit FastPathUpdates(ByteView updates) : reader_(updates) {}
  bool Next(FastPathUpdate* update);
  Status status() const { return reader_.status(); }
  size_t remaining() const { return reader_.remaining(); }  // bytes

 private:
  ByteReader reader_;
};

// Puts the (already inflated) fragments of one update together. Single updates pass through
// without a copy. Memory: what was gathered of the update, which is at most `limit_bytes`.
class FragmentAssembler {
 public:
  explicit FragmentAssembler(size_t limit_bytes, BytesSource* source = nullptr)
      : limit_bytes_(limit_bytes), gathered_(source) {}
  void set_limit(size_t limit_bytes) { limit_bytes_ = limit_bytes; }

  // `*complete` is true when `*whole` holds the update: valid until the next Add or Reset, or as
  // long as `data` for a single one. kMalformed: a next or last fragment without a first, or a code
  // that changes midway; kLimit: too large. Both drop what was gathered.
  Status Add(uint8_t code, Fragmentation fragmentation, ByteView data, ByteView* whole,
             bool* complete);
  // The update that Add has just completed of fragments, with its memory: no copy.
  Bytes Take() { return gathered_.Take(); }
  void Reset();
  size_t pending_bytes() const { return active_ ? gathered_.size() : 0; }

 private:
  size_t limit_bytes_;
  BytesBuilder gathered_;
  uint8_t code_ = 0;
  bool active_ = false;
};

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_FASTPATH_H_
