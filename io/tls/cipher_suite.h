// The cipher suites whose records we can open: AEAD for TLS 1.2 and 1.3, AES-CBC for TLS 1.2.
//
// Specification: RFC 8446 appendix B.4, RFC 5288, 5289, 7905, 5246 appendix A.5, 4492.
// Ownership: static tables. Threads: any. Errors: FindCipherSuite gives nullptr.
#ifndef MULLION_IO_TLS_CIPHER_SUITE_H_
#define MULLION_IO_TLS_CIPHER_SUITE_H_

#include <cstddef>
#include <cstdint>

namespace mullion {

enum class TlsHash : uint8_t { kSha1, kSha256, kSha384 };
enum class TlsCipher : uint8_t { kAesGcm, kChaCha20Poly1305, kAesCbc };

struct CipherSuite {
  uint16_t id;
  TlsCipher cipher;
  uint8_t key_size;  // bytes
  TlsHash prf_hash;  // TLS 1.2: of the PRF; TLS 1.3: of HKDF
  TlsHash mac_hash;  // kAesCbc only
  bool tls13;
  const char* name;
};

const CipherSuite* FindCipherSuite(uint16_t id);

constexpr const char* TlsHashName(TlsHash hash) {
  return hash == TlsHash::kSha1 ? "SHA1" : hash == TlsHash::kSha256 ? "SHA256" : "SHA384";
}
constexpr size_t TlsHashSize(TlsHash hash) {
  return hash == TlsHash::kSha1 ? 20 : hash == TlsHash::kSha256 ? 32 : 48;
}

}  // namespace mullion

#endif  // MULLION_IO_TLS_CIPHER_SUITE_H_
