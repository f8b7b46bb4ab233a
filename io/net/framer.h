// Splits one direction of a decrypted RDP byte stream into PDUs.
//
// Spec: MS-RDPBCGR 2.2.1.1 (TPKT), 2.2.9.1.2 and 2.2.8.1.2 (fast path), 2.2.10.2 (early user
// authorization result); MS-CSSP 2.2.1 (TSRequest).
// Shapes: chunks of any size in, whole PDUs with their framing out.
// Ownership: a PDU that lies in one chunk is a slice of it; one that straddles chunks is copied
// once. Memory: the chunks pushed and not yet consumed; call Next until it gives nothing.
// Threads: one at a time.
// Errors: kMalformed, kLimit with the field and the offset in the stream (low 32 bits). A framing
// error is final: the stream has no other way to find the next PDU.
#ifndef MULLION_IO_NET_FRAMER_H_
#define MULLION_IO_NET_FRAMER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/bytes.h"
#include "codecs/base/status.h"

namespace mullion {

enum class PduKind : uint8_t {
  kTpkt,       // 03 00 and a 16-bit big-endian length
  kFastPath,   // action bits 0 and a length of one or two bytes
  kCredSsp,    // a TSRequest: DER SEQUENCE of definite length
  kEarlyAuth,  // four bytes of Early User Authorization Result (server to client, hybrid-ex)
};

class Framer {
 public:
  // kAuto recognises CredSSP by itself: between the first TPKT (X.224 negotiation) and the second
  // (MCS connect), 0x30 begins a TSRequest and, after one, 0x00 or 0x05 an early authorization
  // result; anywhere else they are fast path. kNla says that CredSSP is what comes, kPdus that it
  // is over or never was.
  enum class Expect : uint8_t { kAuto, kNla, kPdus };

  static constexpr size_t kMaxTpktBytes = 65535;
  static constexpr size_t kMaxFastPathBytes = 32767;
  static constexpr size_t kMaxCredSspBytes = 65536;

  // PDUs that straddle chunks are joined in memory of `source`.
  explicit Framer(BytesSource* source = nullptr) : source_(source) {}

  void Push(Bytes chunk);
  // The next whole PDU, if there is one: `*got` is false when more bytes are needed.
  Status Next(Bytes* pdu, PduKind* kind, bool* got);
  void SetExpect(Expect expect) { expect_ = expect; }

  size_t buffered_bytes() const { return buffered_; }        // pushed, not yet given out
  uint64_t stream_offset() const { return stream_offset_; }  // of the next PDU's first byte

 private:
  // The first bytes of the PDU, at most six, gathered across chunks; returns how many.
  size_t PeekHeader(uint8_t* header) const;
  // `*length` is 0 when the header is not complete yet.
  Status Measure(const uint8_t* header, size_t have, PduKind* kind, size_t* length) const;
  Bytes Consume(size_t length);
  bool ExpectsCredSsp() const;

  BytesSource* source_;
  std::vector<Bytes> chunks_;  // INVARIANT: chunks_[head_..] are not empty
  size_t head_ = 0;
  size_t buffered_ = 0;
  uint64_t stream_offset_ = 0;
  uint32_t tpkts_ = 0;
  bool seen_credssp_ = false;
  Expect expect_ = Expect::kAuto;
  Status failed_;
};

}  // namespace mullion

#endif  // MULLION_IO_NET_FRAMER_H_
