#include "io/tls/record_cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>

namespace mullion {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kBlockSize = 16;

const EVP_CIPHER* Algorithm(const CipherSuite& suite) {
  const bool small = suite.key_size == 16;
  switch (suite.cipher) {
    case TlsCipher::kAesGcm:
      return small ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    case TlsCipher::kChaCha20Poly1305:
      return EVP_chacha20_poly1305();
    case TlsCipher::kAesCbc:
      return small ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
  }
  return nullptr;
}

Status BadRecord() { return Fail(Err::kMalformed, "TLS record"); }

void StoreBe64(uint64_t v, uint8_t* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(v >> (56 - 8 * i));
}

// seq_num, type, version, length: what TLS 1.2 authenticates beside the content.
void WritePseudoHeader(uint64_t sequence, uint8_t type, uint16_t version, size_t length,
                       uint8_t out[13]) {
  StoreBe64(sequence, out);
  out[8] = type;
  out[9] = static_cast<uint8_t>(version >> 8);
  out[10] = static_cast<uint8_t>(version);
  out[11] = static_cast<uint8_t>(length >> 8);
  out[12] = static_cast<uint8_t>(length);
}

}  // namespace

RecordCipher::RecordCipher(const CipherSuite& suite, const TlsKeys& keys, bool encrypt_then_mac)
    : suite_(suite), keys_(keys), encrypt_then_mac_(encrypt_then_mac) {}

RecordCipher::~RecordCipher() {
  EVP_CIPHER_CTX_free(context_);
  EVP_MAC_CTX_free(mac_);
}

Status RecordCipher::Create(const CipherSuite& suite, const TlsKeys& keys, bool encrypt_then_mac,
                            std::unique_ptr<RecordCipher>* cipher) {
  std::unique_ptr<RecordCipher> made(new RecordCipher(suite, keys, encrypt_then_mac));
  MULLION_TRY(made->Init());
  *cipher = std::move(made);
  return Ok();
}

Status RecordCipher::Init() {
  context_ = EVP_CIPHER_CTX_new();
  if (context_ == nullptr ||
      EVP_DecryptInit_ex(context_, Algorithm(suite_), nullptr, keys_.key.data(), nullptr) != 1) {
    return Fail(Err::kInternal, "TLS cipher");
  }
  if (suite_.cipher != TlsCipher::kAesCbc) return Ok();
  EVP_CIPHER_CTX_set_padding(context_, 0);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (hmac == nullptr) return Fail(Err::kInternal, "TLS MAC");
  mac_ = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                       const_cast<char*>(TlsHashName(suite_.mac_hash)), 0),
      OSSL_PARAM_construct_end(),
  };
  if (mac_ == nullptr ||
      EVP_MAC_init(mac_, keys_.mac_key.data(), TlsHashSize(suite_.mac_hash), params) != 1) {
    return Fail(Err::kInternal, "TLS MAC");
  }
  return Ok();
}

Status RecordCipher::Open(uint8_t* type, uint16_t version, ByteView fragment, ByteView* plain) {
  plain_.resize(fragment.size());
  size_t size = 0;
  if (suite_.cipher == TlsCipher::kAesCbc) {
    MULLION_TRY(OpenCbc(*type, version, fragment, &size));
  } else {
    MULLION_TRY(OpenAead(*type, version, fragment, &size));
  }
  ++sequence_;
  if (suite_.tls13) {  // TLSInnerPlaintext: content, type, any number of zeros
    while (size > 0 && plain_[size - 1] == 0) --size;
    if (size == 0) return BadRecord();
    *type = plain_[--size];
  }
  const size_t content_offset =
      suite_.cipher == TlsCipher::kAesCbc ? kBlockSize : 0;  // behind the vector
  *plain = ByteView(plain_).subspan(content_offset, size);
  return Ok();
}

Status RecordCipher::OpenAead(uint8_t type, uint16_t version, ByteView fragment,
                              size_t* plain_size) {
  const bool explicit_nonce = !suite_.tls13 && suite_.cipher == TlsCipher::kAesGcm;
  const size_t overhead = (explicit_nonce ? 8 : 0) + kTagSize;
  if (fragment.size() < overhead) return BadRecord();
  const size_t size = fragment.size() - overhead;

  uint8_t nonce[12];
  std::memcpy(nonce, keys_.iv.data(), sizeof(nonce));
  if (explicit_nonce) {
    std::memcpy(nonce + 4, fragment.data(), 8);
    fragment = fragment.subspan(8);
  } else {
    uint8_t counter[8];
    StoreBe64(sequence_, counter);
    for (int i = 0; i < 8; ++i) nonce[4 + i] ^= counter[i];
  }
  uint8_t extra[13];
  int extra_size = 13;
  if (suite_.tls13) {  // the record header itself, with the length on the wire
    extra[0] = type;
    extra[1] = static_cast<uint8_t>(version >> 8);
    extra[2] = static_cast<uint8_t>(version);
    extra[3] = static_cast<uint8_t>(fragment.size() >> 8);
    extra[4] = static_cast<uint8_t>(fragment.size());
    extra_size = 5;
  } else {
    WritePseudoHeader(sequence_, type, version, size, extra);
  }
  uint8_t tag[kTagSize];
  std::memcpy(tag, fragment.data() + size, kTagSize);
  int length = 0;
  if (EVP_DecryptInit_ex(context_, nullptr, nullptr, nullptr, nonce) != 1 ||
      EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag) != 1 ||
      EVP_DecryptUpdate(context_, nullptr, &length, extra, extra_size) != 1 ||
      EVP_DecryptUpdate(context_, plain_.data(), &length, fragment.data(),
                        static_cast<int>(size)) != 1 ||
      EVP_DecryptFinal_ex(context_, plain_.data() + length, &length) != 1) {
    return BadRecord();
  }
  *plain_size = size;
  return Ok();
}

Status RecordCipher::OpenCbc(uint8_t type, uint16_t version, ByteView fragment,
                             size_t* plain_size) {
  const size_t mac_size = TlsHashSize(suite_.mac_hash);
  if (encrypt_then_mac_) {
    if (fragment.size() < mac_size) return BadRecord();
    const ByteView mac = fragment.last(mac_size);
    fragment = fragment.first(fragment.size() - mac_size);
    MULLION_TRY(CheckMac(type, version, fragment, mac));
  }
  if (fragment.size() < 2 * kBlockSize || fragment.size() % kBlockSize != 0) return BadRecord();
  // Decrypted in place behind the vector, so that offsets are those of the fragment.
  int length = 0;
  if (EVP_DecryptInit_ex(context_, nullptr, nullptr, nullptr, fragment.data()) != 1 ||
      EVP_DecryptUpdate(context_, plain_.data() + kBlockSize, &length, fragment.data() + kBlockSize,
                        static_cast<int>(fragment.size() - kBlockSize)) != 1) {
    return BadRecord();
  }
  size_t size = fragment.size() - kBlockSize;
  const uint8_t* content = plain_.data() + kBlockSize;
  // No timing concerns: nobody can question this reader about the bytes of a finished capture.
  const size_t padding = content[size - 1];
  if (padding + 1 > size) return BadRecord();
  for (size_t i = 0; i < padding; ++i) {
    if (content[size - 2 - i] != padding) return BadRecord();
  }
  size -= padding + 1;
  if (!encrypt_then_mac_) {
    if (size < mac_size) return BadRecord();
    size -= mac_size;
    MULLION_TRY(CheckMac(type, version, {content, size}, {content + size, mac_size}));
  }
  *plain_size = size;
  return Ok();
}

Status RecordCipher::CheckMac(uint8_t type, uint16_t version, ByteView content, ByteView mac) {
  uint8_t header[13];
  WritePseudoHeader(sequence_, type, version, content.size(), header);
  uint8_t expected[EVP_MAX_MD_SIZE];
  size_t size = 0;
  if (EVP_MAC_init(mac_, nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(mac_, header, sizeof(header)) != 1 ||
      EVP_MAC_update(mac_, content.data(), content.size()) != 1 ||
      EVP_MAC_final(mac_, expected, &size, sizeof(expected)) != 1) {
    return Fail(Err::kInternal, "TLS MAC");
  }
  if (size != mac.size() || std::memcmp(expected, mac.data(), size) != 0) return BadRecord();
  return Ok();
}

}  // namespace mullion
