// From the secrets of a key log to the keys of a direction's records.
//
// Specification: TLS 1.2 RFC 5246 sections 5 and 6.3; TLS 1.3 RFC 8446 sections 7.1 to 7.3.
// Ownership: fills the caller's structures. Threads: any.
// Errors: kInternal when OpenSSL refuses (an algorithm that the installation has switched off).
#ifndef MULLION_IO_TLS_KEY_SCHEDULE_H_
#define MULLION_IO_TLS_KEY_SCHEDULE_H_

#include <array>

#include "io/tls/cipher_suite.h"
#include "io/tls/key_log.h"

namespace mullion {

// What one direction needs to open its records.
struct TlsKeys {
  std::array<uint8_t, 32> key{};      // suite.key_size bytes
  std::array<uint8_t, 12> iv{};       // AEAD: 12 bytes, but TLS 1.2 AES-GCM: 4 (the salt)
  std::array<uint8_t, 48> mac_key{};  // kAesCbc: TlsHashSize(suite.mac_hash) bytes
};

Status DeriveTls12Keys(const CipherSuite& suite, const TlsSecret& master,
                       const TlsRandom& client_random, const TlsRandom& server_random,
                       TlsKeys* client_write, TlsKeys* server_write);

Status DeriveTls13Keys(const CipherSuite& suite, const TlsSecret& traffic_secret, TlsKeys* keys);

// The secret that follows `traffic_secret` after a KeyUpdate.
Status UpdateTls13Secret(const CipherSuite& suite, TlsSecret* traffic_secret);

}  // namespace mullion

#endif  // MULLION_IO_TLS_KEY_SCHEDULE_H_
