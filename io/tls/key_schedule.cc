#include "io/tls/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace mullion {
namespace {

OSSL_PARAM Octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size());
}
OSSL_PARAM Text(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

Status RunKdf(const char* algorithm, const OSSL_PARAM* params, uint8_t* out, size_t size) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
      EVP_KDF_fetch(nullptr, algorithm, nullptr), EVP_KDF_free);
  if (kdf == nullptr) return Fail(Err::kInternal, "key derivation");
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
  if (context == nullptr || EVP_KDF_derive(context.get(), out, size, params) != 1) {
    return Fail(Err::kInternal, "key derivation");
  }
  return Ok();
}

// HKDF-Expand-Label with an empty context.
Status ExpandLabel(const CipherSuite& suite, ByteView secret, std::string_view label, uint8_t* out,
                   size_t size) {
  uint8_t info[32];
  const size_t label_size = 6 + label.size();
  info[0] = 0;
  info[1] = static_cast<uint8_t>(size);
  info[2] = static_cast<uint8_t>(label_size);
  std::memcpy(info + 3, "tls13 ", 6);
  std::memcpy(info + 9, label.data(), label.size());
  info[3 + label_size] = 0;
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      Text(OSSL_KDF_PARAM_DIGEST, TlsHashName(suite.prf_hash)),
      Octets(OSSL_KDF_PARAM_KEY, secret),
      Octets(OSSL_KDF_PARAM_INFO, {info, 4 + label_size}),
      OSSL_PARAM_construct_end(),
  };
  return RunKdf("HKDF", params, out, size);
}

}  // namespace

Status DeriveTls12Keys(const CipherSuite& suite, const TlsSecret& master,
                       const TlsRandom& client_random, const TlsRandom& server_random,
                       TlsKeys* client_write, TlsKeys* server_write) {
  constexpr std::string_view kLabel = "key expansion";
  uint8_t seed[kLabel.size() + 64];
  std::memcpy(seed, kLabel.data(), kLabel.size());
  std::memcpy(seed + kLabel.size(), server_random.data(), 32);
  std::memcpy(seed + kLabel.size() + 32, client_random.data(), 32);

  const bool cbc = suite.cipher == TlsCipher::kAesCbc;
  const size_t mac_size = cbc ? TlsHashSize(suite.mac_hash) : 0;
  // CBC carries its initialisation vectors in the records since TLS 1.1.
  const size_t iv_size = cbc ? 0 : suite.cipher == TlsCipher::kAesGcm ? 4 : 12;
  uint8_t block[2 * (48 + 32 + 12)];
  const size_t block_size = 2 * (mac_size + suite.key_size + iv_size);
  const OSSL_PARAM params[] = {
      Text(OSSL_KDF_PARAM_DIGEST, TlsHashName(suite.prf_hash)),
      Octets(OSSL_KDF_PARAM_SECRET, master.view()),
      Octets(OSSL_KDF_PARAM_SEED, {seed, sizeof(seed)}),
      OSSL_PARAM_construct_end(),
  };
  MULLION_TRY(RunKdf("TLS1-PRF", params, block, block_size));
  const uint8_t* next = block;
  const auto take = [&next](uint8_t* to, size_t size) {
    std::memcpy(to, next, size);
    next += size;
  };
  take(client_write->mac_key.data(), mac_size);
  take(server_write->mac_key.data(), mac_size);
  take(client_write->key.data(), suite.key_size);
  take(server_write->key.data(), suite.key_size);
  take(client_write->iv.data(), iv_size);
  take(server_write->iv.data(), iv_size);
  return Ok();
}

Status DeriveTls13Keys(const CipherSuite& suite, const TlsSecret& traffic_secret, TlsKeys* keys) {
  MULLION_TRY(ExpandLabel(suite, traffic_secret.view(), "key", keys->key.data(), suite.key_size));
  return ExpandLabel(suite, traffic_secret.view(), "iv", keys->iv.data(), keys->iv.size());
}

Status UpdateTls13Secret(const CipherSuite& suite, TlsSecret* traffic_secret) {
  TlsSecret next;
  next.size = static_cast<uint8_t>(TlsHashSize(suite.prf_hash));
  MULLION_TRY(
      ExpandLabel(suite, traffic_secret->view(), "traffic upd", next.bytes.data(), next.size));
  *traffic_secret = next;
  return Ok();
}

}  // namespace mullion
