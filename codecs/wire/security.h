// The basic security header that a few PDUs carry even when nothing is encrypted.
//
// Spec: MS-RDPBCGR 2.2.8.1.1.2.1 (TS_SECURITY_HEADER), 5.3 (when it is there).
// Ownership: views. Over-read: never. Threads: pure. Errors: kTruncated.
#ifndef MULLION_CODECS_WIRE_SECURITY_H_
#define MULLION_CODECS_WIRE_SECURITY_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr uint16_t kSecExchangePkt = 0x0001;
inline constexpr uint16_t kSecTransportReq = 0x0002;
inline constexpr uint16_t kSecTransportRsp = 0x0004;
inline constexpr uint16_t kSecEncrypt = 0x0008;
inline constexpr uint16_t kSecInfoPkt = 0x0040;
inline constexpr uint16_t kSecLicensePkt = 0x0080;
inline constexpr uint16_t kSecRedirectionPkt = 0x0400;
inline constexpr uint16_t kSecAutoDetectReq = 0x1000;
inline constexpr uint16_t kSecAutoDetectRsp = 0x2000;
inline constexpr uint16_t kSecHeartbeat = 0x4000;

inline Status ParseSecurityHeader(ByteView data, uint16_t* flags, ByteView* rest) {
  ByteReader reader(data);
  *flags = reader.U16("securityHeader.flags");
  reader.Skip(2, "securityHeader.flagsHi");
  *rest = reader.TakeRest();
  return reader.status();
}

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SECURITY_H_
