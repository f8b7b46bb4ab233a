// One recognised RDP connection: clear negotiation first, then TLS or plain RDP.
//
// Specification: [MS-RDPBCGR] 1.3.1.1 and 5.4.1: one TPKT each way, then the chosen security.
// Which one is seen from the bytes, not from the negotiation, because sessions that were decrypted
// before they were written negotiate TLS and go on in the clear: a TLS record begins with 0x16 (or
// 0x15, an alert) and 0x03; TPKT begins with 0x03, CredSSP with 0x30, fast-path with neither.
// Ownership: borrows the key log and, during a call, the sink. Threads: one at a time.
// Errors: those of PassiveTls; sticky.
#ifndef MULLION_IO_CAPTURE_SESSION_STREAM_H_
#define MULLION_IO_CAPTURE_SESSION_STREAM_H_

#include "io/capture/capture.h"
#include "io/tls/passive.h"

namespace mullion {

class SessionStream : private PassiveTlsOutput {
 public:
  SessionStream(uint32_t id, KeyLog* keys) : id_(id), tls_(keys, this) {}

  // Takes the next bytes of one direction and delivers what they give.
  Status Feed(CaptureSink* sink, bool to_server, uint64_t time_ns, ByteView bytes);
  // New secrets are there.
  Status Retry(CaptureSink* sink, uint64_t time_ns);
  // No bytes will follow.
  Status Finish() { return tls_.Finish(); }

  uint32_t id() const { return id_; }
  const std::string& detail() const { return tls_.detail(); }
  size_t buffered() const { return tls_.buffered(); }

 private:
  enum class Phase : uint8_t { kNegotiation, kDetect, kPlain, kTls };
  struct Direction {
    Phase phase = Phase::kNegotiation;
    uint8_t head[4] = {};  // the TPKT header; in kDetect the first byte that follows it
    uint32_t head_size = 0;
    uint32_t body_left = 0;
  };

  ByteView Negotiation(Direction* d, bool to_server, ByteView bytes);
  void OnTlsNegotiated(const char* version, const char* cipher) override;
  void OnTlsPlaintext(bool to_server, ByteView bytes) override;

  const uint32_t id_;
  PassiveTls tls_;
  Direction directions_[2];
  CaptureSink* sink_ = nullptr;  // during a call
  uint64_t time_ns_ = 0;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_SESSION_STREAM_H_
