#include "codecs/wire/session_info.h"

#include <algorithm>

#include "codecs/wire/text.h"

namespace mullion {
namespace {

constexpr uint32_t kFieldReconnectCookie = 1;  // LOGON_EX_AUTORECONNECTCOOKIE
constexpr uint32_t kFieldLogonErrors = 2;      // LOGON_EX_LOGONERRORS
constexpr uint32_t kReconnectPacketBytes = 28;

// A text of a fixed field, of which only the first `size` bytes count.
std::string FixedText(ByteReader* reader, size_t field_bytes, size_t size, const char* field) {
  const size_t at = reader->offset();
  const ByteView bytes = reader->Take(field_bytes, field);
  if (size > field_bytes) reader->SetError(Err::kMalformed, field, at);
  if (!reader->ok()) return {};
  return Utf16ToUtf8(bytes.first(size));
}

void ParseLogon(ByteReader* reader, SessionInfo* out) {
  const size_t domain = reader->U32("cbDomain");
  out->domain = FixedText(reader, 52, domain, "Domain");
  const size_t user = reader->U32("cbUserName");
  out->user = FixedText(reader, 512, user, "UserName");
  out->session_id = reader->U32("SessionId");
}

void ParseLogonLong(ByteReader* reader, SessionInfo* out) {
  const size_t at = reader->offset();
  if (reader->U16("Version") != 1) reader->SetError(Err::kMalformed, "Version", at);
  reader->Skip(4, "Size");
  out->session_id = reader->U32("SessionId");
  const size_t domain = reader->U32("cbDomain");
  const size_t user = reader->U32("cbUserName");
  reader->Skip(558, "Pad");
  if (domain > 52) reader->SetError(Err::kMalformed, "cbDomain", at + 10);
  if (user > 512) reader->SetError(Err::kMalformed, "cbUserName", at + 14);
  out->domain = Utf16ToUtf8(reader->Take(domain, "Domain"));
  out->user = Utf16ToUtf8(reader->Take(user, "UserName"));
}

void ParseExtended(ByteReader* reader, SessionInfo* out) {
  reader->Skip(2, "Length");
  const uint32_t fields = reader->U32("FieldsPresent");
  if ((fields & kFieldReconnectCookie) != 0) {
    reader->Skip(4, "cbFieldData");
    const size_t at = reader->offset();
    if (reader->U32("cbLen") != kReconnectPacketBytes) {
      reader->SetError(Err::kMalformed, "cbLen", at);
    }
    reader->Skip(4, "Version");
    out->reconnect_logon_id = reader->U32("LogonId");
    reader->Skip(16, "ArcRandomBits");
    out->has_reconnect_cookie = reader->ok();
  }
  if ((fields & kFieldLogonErrors) != 0) {
    reader->Skip(4, "cbFieldData");
    out->logon_error_type = reader->U32("ErrorNotificationType");
    out->logon_error_data = reader->U32("ErrorNotificationData");
    out->has_logon_error = reader->ok();
  }
}

}  // namespace

Status ParseSessionInfo(ByteView body, SessionInfo* out) {
  *out = SessionInfo{};
  ByteReader reader(body);
  const uint32_t type = reader.U32("infoType");
  MULLION_TRY(reader.status());
  out->type = static_cast<SessionInfoType>(type);
  switch (out->type) {
    case SessionInfoType::kLogon:
      ParseLogon(&reader, out);
      break;
    case SessionInfoType::kLogonLong:
      ParseLogonLong(&reader, out);
      break;
    case SessionInfoType::kPlainNotify:
      break;  // 576 bytes of padding, of which some servers send fewer
    case SessionInfoType::kLogonExtended:
      ParseExtended(&reader, out);
      break;
    default:
      return Fail(Err::kMalformed, "infoType", 0);
  }
  return reader.status();
}

}  // namespace mullion
