// Secrets of TLS connections, as NSS key log lines give them and as earlier connections left them.
//
// Specification: the NSS key log format (draft-ietf-tls-keylogfile); RFC 5246 section 7.3 and
// RFC 5077 for the resumption of TLS 1.2 sessions.
// Shapes: text, one secret per line: LABEL, 32 bytes of client random, the secret, both in hex.
// Ownership: copies everything; pointers it returns live until the next call that adds.
// Threads: one at a time.
// Errors: kLimit when more connections are named than kMaxConnections. Lines that are not
// understood are skipped: the format asks for that, and logs hold labels we have no use for.
#ifndef MULLION_IO_TLS_KEY_LOG_H_
#define MULLION_IO_TLS_KEY_LOG_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

using TlsRandom = std::array<uint8_t, 32>;

enum class TlsSecretLabel : uint8_t {
  kClientRandom = 0,  // TLS 1.2: the master secret
  kClientHandshake = 1,
  kServerHandshake = 2,
  kClientTraffic = 3,
  kServerTraffic = 4,
};
constexpr size_t kTlsSecretLabels = 5;
const char* TlsSecretLabelName(TlsSecretLabel label);

// INVARIANT: size <= 48 (SHA-384 is the longest hash of any suite; master secrets are 48 bytes).
struct TlsSecret {
  uint8_t size = 0;
  std::array<uint8_t, 48> bytes{};
  ByteView view() const { return {bytes.data(), size}; }
};

class KeyLog {
 public:
  static constexpr size_t kMaxConnections = size_t{1} << 17;  // about 50 MB when full
  static constexpr size_t kMaxResumable = size_t{1} << 12;

  // Adds every secret in `text`, which ends at a line's end.
  Status Add(std::string_view text);

  // nullptr when there is none.
  const TlsSecret* Find(const TlsRandom& client_random, TlsSecretLabel label) const;

  // TLS 1.2 resumption: the master secret by session id or by ticket. The oldest are forgotten.
  void Remember(ByteView id_or_ticket, const TlsSecret& master);
  const TlsSecret* FindResumable(ByteView id_or_ticket) const;

 private:
  Status AddLine(std::string_view line);

  std::map<TlsRandom, std::array<TlsSecret, kTlsSecretLabels>> by_random_;
  std::map<std::string, TlsSecret> resumable_;
  std::vector<std::string> resumable_order_;  // a ring of kMaxResumable keys
  size_t resumable_next_ = 0;
};

std::string TlsHex(ByteView bytes);

}  // namespace mullion

#endif  // MULLION_IO_TLS_KEY_LOG_H_
