// Real TLS conversations between OpenSSL and itself over memory, overheard byte by byte.
#ifndef MULLION_TESTS_SUPPORT_TLS_TALK_H_
#define MULLION_TESTS_SUPPORT_TLS_TALK_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/packet_builder.h"

namespace mullion::test {

struct TlsSetup {
  int version = TLS1_3_VERSION;
  std::string cipher;   // OpenSSL's name; of either version
  bool rsa_key = true;  // else ECDSA P-256
  bool encrypt_then_mac = true;
  bool extended_master_secret = true;
  bool tickets = true;  // TLS 1.2: tickets, or else session ids
  std::string client_groups, server_groups;
  uint32_t max_early_data = 0;
};

// A client's and a server's configuration; sessions are resumed within one.
class TlsWorld {
 public:
  explicit TlsWorld(const TlsSetup& setup);
  ~TlsWorld();
  TlsWorld(const TlsWorld&) = delete;
  TlsWorld& operator=(const TlsWorld&) = delete;

  SSL_CTX* client = nullptr;
  SSL_CTX* server = nullptr;
  SSL_SESSION* session = nullptr;  // the newest one that the client got
  std::string key_log;             // of the client
};

class TlsTalk {
 public:
  explicit TlsTalk(TlsWorld* world, bool resume = false);
  ~TlsTalk();
  TlsTalk(const TlsTalk&) = delete;
  TlsTalk& operator=(const TlsTalk&) = delete;

  bool Handshake();
  bool Write(bool to_server, ByteView bytes);  // and reads it at the other end
  bool KeyUpdate(bool to_server, bool request_back);
  bool Renegotiate();
  bool WriteEarlyData(ByteView bytes);
  void Shutdown();
  bool resumed() const { return SSL_session_reused(client_) == 1; }
  std::string version() const { return SSL_get_version(client_); }
  std::string cipher() const { return SSL_CIPHER_standard_name(SSL_get_current_cipher(client_)); }

  std::vector<std::pair<bool, Octets>> transcript;  // to_server, bytes on the wire
  Octets plain[2];                                  // [1]: to the server

 private:
  void Carry();
  bool Settle();

  SSL* client_;
  SSL* server_;
};

// Negotiation and transcript as packets, cut into segments of up to `segment_bytes`.
std::vector<TimedPacket> PacketsOf(const TlsTalk& talk, size_t segment_bytes,
                                   uint16_t client_port = 50000);

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_TLS_TALK_H_
