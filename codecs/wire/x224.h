// TPKT and X.224 class 0: connection request and confirm with the security negotiation, data.
//
// Spec: MS-RDPBCGR 2.2.1.1, 2.2.1.2 (negotiation 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2);
// X.224 13.3, 13.4, 13.7; T.123 8. Shapes: a whole TPKT PDU in. Ownership: views into it; strings
// are copies. Over-read: never. Threads: pure functions. Errors: kTruncated, kMalformed with the
// field.
#ifndef MULLION_CODECS_WIRE_X224_H_
#define MULLION_CODECS_WIRE_X224_H_

#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the TPDU codes.
inline constexpr uint8_t kX224ConnectionRequest = 0xE0;
inline constexpr uint8_t kX224ConnectionConfirm = 0xD0;
inline constexpr uint8_t kX224Data = 0xF0;
inline constexpr uint8_t kX224DisconnectRequest = 0x80;

// Bits of requestedProtocols; selectedProtocol is one of them, or 0 for RDP security.
inline constexpr uint32_t kProtocolRdp = 0;
inline constexpr uint32_t kProtocolSsl = 1;
inline constexpr uint32_t kProtocolHybrid = 2;
inline constexpr uint32_t kProtocolRdsTls = 4;
inline constexpr uint32_t kProtocolHybridEx = 8;
inline constexpr uint32_t kProtocolRdsAad = 16;
// "rdp", "tls", "nla", "rdstls", "nla-ex", "aad"; "unknown" for others.
const char* SecurityName(uint32_t selected_protocol);

struct X224Tpdu {
  uint8_t code = 0;  // kX224...
  // kX224Data: the user data. Request and confirm: what follows the class byte.
  ByteView body;
};
// `pdu` is a whole TPKT PDU; bytes past the TPKT length are not looked at.
Status ParseX224(ByteView pdu, X224Tpdu* out);

struct X224Request {
  std::string token;  // cookie ("mstshash=...") or routing token, without CRLF
  bool has_negotiation = false;
  uint8_t flags = 0;
  uint32_t protocols = 0;
};
Status ParseX224Request(ByteView body, X224Request* out);

struct X224Confirm {
  bool has_negotiation = false;  // false: an old server, RDP security
  bool failed = false;
  uint8_t flags = 0;
  uint32_t protocol = 0;      // selectedProtocol
  uint32_t failure_code = 0;  // when failed
};
Status ParseX224Confirm(ByteView body, X224Confirm* out);
// "ssl_required_by_server", ...; "unknown" for others.
const char* NegotiationFailureName(uint32_t code);

// Appends whole TPKT PDUs.
void WriteX224Request(const X224Request& request, ByteWriter* out);
// The seven bytes before `user_data_size` bytes of MCS.
void WriteX224DataHeader(size_t user_data_size, ByteWriter* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_X224_H_
