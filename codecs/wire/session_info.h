// Save session info: who logged on, the automatic reconnection cookie, logon errors.
//
// Spec: MS-RDPBCGR 2.2.10.1 (all four infoTypes).
// Shapes: the body of a share data PDU of type2 0x26. The cookie's random bits are not kept.
// Ownership: owns its strings. Over-read: never. Threads: pure.
// Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_SESSION_INFO_H_
#define MULLION_CODECS_WIRE_SESSION_INFO_H_

#include <cstdint>
#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's infoType.
enum class SessionInfoType : uint32_t {
  kLogon = 0,
  kLogonLong = 1,
  kPlainNotify = 2,
  kLogonExtended = 3,
};

struct SessionInfo {
  SessionInfoType type = SessionInfoType::kPlainNotify;
  std::string domain;
  std::string user;
  uint32_t session_id = 0;
  bool has_reconnect_cookie = false;
  uint32_t reconnect_logon_id = 0;
  bool has_logon_error = false;
  uint32_t logon_error_type = 0;  // ErrorNotificationType
  uint32_t logon_error_data = 0;  // ErrorNotificationData
};
Status ParseSessionInfo(ByteView body, SessionInfo* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SESSION_INFO_H_
