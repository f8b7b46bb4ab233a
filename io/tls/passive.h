// Decrypts a TLS connection that somebody else had, from its bytes in both directions and its
// secrets.
//
// Specification: TLS 1.2 RFC 5246, TLS 1.3 RFC 8446; resumption of both; KeyUpdate; renegotiation.
// Shapes: each direction is a stream of records, fed in pieces of any size from its first record.
// A direction waits (kMaxPending bytes at most) for the hello of the other one, since captures may
// hold the two directions in a slightly different order, and for secrets that come later.
// Ownership: borrows the KeyLog and the output; plaintext views live during the call.
// Threads: one at a time.
// Errors: sticky. kState when secrets or hellos are missing (detail() names the client random),
// kUnsupported for versions, suites and early data, kMalformed for bad records, kLimit.
#ifndef MULLION_IO_TLS_PASSIVE_H_
#define MULLION_IO_TLS_PASSIVE_H_

#include <memory>
#include <string>

#include "io/tls/hello.h"
#include "io/tls/record_cipher.h"

namespace mullion {

class PassiveTlsOutput {
 public:
  virtual ~PassiveTlsOutput() = default;
  // The negotiated version ("TLS 1.3") and suite; static strings.
  virtual void OnTlsNegotiated(const char* version, const char* cipher) = 0;
  virtual void OnTlsPlaintext(bool to_server, ByteView bytes) = 0;
};

class PassiveTls {
 public:
  static constexpr size_t kMaxPending = size_t{128} << 10;  // per direction

  PassiveTls(KeyLog* keys, PassiveTlsOutput* output) : keys_(keys), output_(output) {}

  Status Feed(bool to_server, ByteView bytes);
  // Tries again what waited, after secrets were added.
  Status Retry();
  // Says what is missing when no bytes will follow: ok if every whole record was decrypted.
  Status Finish();

  // Bytes that wait, for the owner's accounting.
  size_t buffered() const { return directions_[0].pending.size() + directions_[1].pending.size(); }
  // A sentence about the error.
  const std::string& detail() const { return detail_; }

 private:
  enum class Step : uint8_t { kDone, kNeedBytes, kWaitHello, kWaitSecret };

  struct Direction {
    std::vector<uint8_t> pending;  // from the first record that could not be opened yet
    Step waiting = Step::kNeedBytes;
    bool closed = false;  // by close_notify or a fatal alert: what follows is no TLS
    // 0: clear. TLS 1.2: 1 after ChangeCipherSpec. TLS 1.3: 1 handshake, 2 application secrets.
    uint8_t epoch = 0;
    std::unique_ptr<RecordCipher> cipher;  // made when the first record of the epoch comes
    TlsSecret traffic_secret;              // TLS 1.3: that of `cipher`, for KeyUpdate
    uint8_t key_change = 0;  // TLS 1.3: the message that changes keys behind this record
    // The handshake message that is being collected; messages cross records.
    uint8_t header[4] = {};
    uint32_t header_size = 0;
    uint32_t body_left = 0;
    std::vector<uint8_t> body;  // kept for the types that matter
  };

  Status Pump(bool to_server, ByteView fresh);
  Status PumpBoth();
  Status OpenRecord(bool to_server, ByteView record, Step* step);
  Status Content(bool to_server, uint8_t type, bool was_protected, ByteView content);
  Status InstallCipher(bool to_server, Step* step);
  Status HandshakeBytes(bool to_server, ByteView bytes);
  Status HandshakeMessage(bool to_server, uint8_t type, ByteView body);
  Status OnServerHello(ByteView body);
  Status ChangeKeys(Direction* d);
  Status MasterSecret(const TlsSecret** master, Step* step);
  Status Explain(Status status, const std::string& detail);
  std::string MissingSecret(TlsSecretLabel label) const;
  Direction& direction(bool to_server) { return directions_[to_server ? 1 : 0]; }

  KeyLog* keys_;
  PassiveTlsOutput* output_;
  Direction directions_[2];
  Status status_;
  std::string detail_;

  bool have_client_hello_ = false;
  bool have_server_hello_ = false;
  bool tls13_ = false;           // known from the ServerHello, or from a retry request before it
  bool full_handshake_ = false;  // TLS 1.2: the server sent a certificate or key exchange
  ClientHello client_hello_;
  ServerHello server_hello_;
  const CipherSuite* suite_ = nullptr;
  TlsSecret master_;  // TLS 1.2
  std::vector<uint8_t> new_ticket_;
  TlsSecretLabel wanted_ = TlsSecretLabel::kClientRandom;  // what kWaitSecret waits for
};

}  // namespace mullion

#endif  // MULLION_IO_TLS_PASSIVE_H_
