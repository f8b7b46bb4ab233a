#include "io/tls/cipher_suite.h"

namespace mullion {
namespace {

constexpr TlsHash k1 = TlsHash::kSha1;
constexpr TlsHash k256 = TlsHash::kSha256;
constexpr TlsHash k384 = TlsHash::kSha384;

constexpr CipherSuite Gcm(uint16_t id, uint8_t key_size, const char* name, bool tls13 = false) {
  return {id, TlsCipher::kAesGcm, key_size, key_size == 16 ? k256 : k384, k1, tls13, name};
}
constexpr CipherSuite ChaCha(uint16_t id, const char* name, bool tls13 = false) {
  return {id, TlsCipher::kChaCha20Poly1305, 32, k256, k1, tls13, name};
}
constexpr CipherSuite Cbc(uint16_t id, uint8_t key_size, TlsHash mac, const char* name) {
  return {id, TlsCipher::kAesCbc, key_size, mac == k384 ? k384 : k256, mac, false, name};
}

constexpr CipherSuite kSuites[] = {
    Gcm(0x1301, 16, "TLS_AES_128_GCM_SHA256", true),
    Gcm(0x1302, 32, "TLS_AES_256_GCM_SHA384", true),
    ChaCha(0x1303, "TLS_CHACHA20_POLY1305_SHA256", true),
    Gcm(0xC02B, 16, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    Gcm(0xC02C, 32, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    Gcm(0xC02F, 16, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    Gcm(0xC030, 32, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    Gcm(0x009C, 16, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    Gcm(0x009D, 32, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    Gcm(0x009E, 16, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    Gcm(0x009F, 32, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    Gcm(0x00A2, 16, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"),
    Gcm(0x00A3, 32, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"),
    Gcm(0x00A6, 16, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"),
    Gcm(0x00A7, 32, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"),
    ChaCha(0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    ChaCha(0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    ChaCha(0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    Cbc(0x002F, 16, k1, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    Cbc(0x0032, 16, k1, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"),
    Cbc(0x0033, 16, k1, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
    Cbc(0x0034, 16, k1, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    Cbc(0x0035, 32, k1, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    Cbc(0x0038, 32, k1, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"),
    Cbc(0x0039, 32, k1, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    Cbc(0x003A, 32, k1, "TLS_DH_anon_WITH_AES_256_CBC_SHA"),
    Cbc(0x003C, 16, k256, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    Cbc(0x003D, 32, k256, "TLS_RSA_WITH_AES_256_CBC_SHA256"),
    Cbc(0x0040, 16, k256, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256"),
    Cbc(0x0067, 16, k256, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
    Cbc(0x006A, 32, k256, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256"),
    Cbc(0x006B, 32, k256, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
    Cbc(0x006C, 16, k256, "TLS_DH_anon_WITH_AES_128_CBC_SHA256"),
    Cbc(0x006D, 32, k256, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"),
    Cbc(0xC009, 16, k1, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    Cbc(0xC00A, 32, k1, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    Cbc(0xC013, 16, k1, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    Cbc(0xC014, 32, k1, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    Cbc(0xC018, 16, k1, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"),
    Cbc(0xC019, 32, k1, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
    Cbc(0xC023, 16, k256, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    Cbc(0xC024, 32, k384, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    Cbc(0xC027, 16, k256, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    Cbc(0xC028, 32, k384, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
};

}  // namespace

const CipherSuite* FindCipherSuite(uint16_t id) {
  for (const CipherSuite& suite : kSuites) {
    if (suite.id == id) return &suite;
  }
  return nullptr;
}

}  // namespace mullion
