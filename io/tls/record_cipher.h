// Opens the protected records of one direction of a TLS connection.
//
// Specification: TLS 1.2 RFC 5246 section 6.2.3, RFC 5288, RFC 7905, RFC 7366 (encrypt-then-MAC);
// TLS 1.3 RFC 8446 section 5.2.
// Shapes: a record's header (type, legacy version) and its fragment as it was on the wire.
// Ownership: the plaintext that Open gives lives in this object until the next Open.
// Threads: one at a time.
// Errors: kMalformed "TLS record" when lengths, padding, MAC or tag are wrong (a wrong key looks
// the same); kInternal when OpenSSL lacks the algorithm.
#ifndef MULLION_IO_TLS_RECORD_CIPHER_H_
#define MULLION_IO_TLS_RECORD_CIPHER_H_

#include <memory>
#include <vector>

#include "io/tls/key_schedule.h"

struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

namespace mullion {

class RecordCipher {
 public:
  ~RecordCipher();
  RecordCipher(const RecordCipher&) = delete;
  RecordCipher& operator=(const RecordCipher&) = delete;

  static Status Create(const CipherSuite& suite, const TlsKeys& keys, bool encrypt_then_mac,
                       std::unique_ptr<RecordCipher>* cipher);

  // Opens the next record of this direction; the sequence number counts along.
  // TLS 1.3: *type becomes the inner type. PRECONDITION: fragment.size() < 65536.
  Status Open(uint8_t* type, uint16_t version, ByteView fragment, ByteView* plain);

 private:
  RecordCipher(const CipherSuite& suite, const TlsKeys& keys, bool encrypt_then_mac);
  Status Init();
  Status OpenAead(uint8_t type, uint16_t version, ByteView fragment, size_t* plain_size);
  Status OpenCbc(uint8_t type, uint16_t version, ByteView fragment, size_t* plain_size);
  Status CheckMac(uint8_t type, uint16_t version, ByteView content, ByteView mac);

  const CipherSuite& suite_;
  TlsKeys keys_;
  bool encrypt_then_mac_;
  uint64_t sequence_ = 0;
  evp_cipher_ctx_st* context_ = nullptr;
  evp_mac_ctx_st* mac_ = nullptr;  // kAesCbc only
  std::vector<uint8_t> plain_;
};

}  // namespace mullion

#endif  // MULLION_IO_TLS_RECORD_CIPHER_H_
