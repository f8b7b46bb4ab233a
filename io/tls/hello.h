// ClientHello and ServerHello, as far as a passive listener needs them.
//
// Specification: RFC 8446 sections 4.1.2 to 4.1.4, RFC 5246 section 7.4.1, RFC 5077 (tickets),
// RFC 7366 (encrypt-then-MAC).
// Shapes: the handshake message's body, without its 4-byte header.
// Ownership: everything is copied out. Threads: any.
// Errors: kTruncated or kMalformed with the field's name and its offset in the body.
#ifndef MULLION_IO_TLS_HELLO_H_
#define MULLION_IO_TLS_HELLO_H_

#include <vector>

#include "io/tls/key_log.h"

namespace mullion {

struct ClientHello {
  TlsRandom random{};
  std::vector<uint8_t> session_id;
  std::vector<uint8_t> ticket;  // session_ticket extension (TLS 1.2)
  bool early_data = false;
};

struct ServerHello {
  TlsRandom random{};
  std::vector<uint8_t> session_id;
  uint16_t version = 0;  // the negotiated one: 0x0303 or 0x0304
  uint16_t cipher_suite = 0;
  uint8_t compression = 0;
  bool encrypt_then_mac = false;
  bool retry_request = false;  // a HelloRetryRequest in the form of a ServerHello
};

Status ParseClientHello(ByteView body, ClientHello* hello);
Status ParseServerHello(ByteView body, ServerHello* hello);

}  // namespace mullion

#endif  // MULLION_IO_TLS_HELLO_H_
