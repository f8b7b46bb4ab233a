#include "codecs/wire/server_pdus.h"

#include "codecs/wire/security.h"
#include "codecs/wire/text.h"

namespace mullion {
namespace {

// Bits of RedirFlags that announce a field, in the order of the fields.
constexpr uint32_t kHasTargetAddress = 0x0001;
constexpr uint32_t kHasLoadBalance = 0x0002;
constexpr uint32_t kHasUser = 0x0004;
constexpr uint32_t kHasDomain = 0x0008;
constexpr uint32_t kHasPassword = 0x0010;
constexpr uint32_t kHasTargetFqdn = 0x0100;

Status ParseWord(ByteView body, const char* field, uint32_t* value) {
  ByteReader reader(body);
  *value = reader.U32(field);
  return reader.status();
}

}  // namespace

Status ParseErrorInfo(ByteView body, uint32_t* code) { return ParseWord(body, "errorInfo", code); }

Status ParseStatusInfo(ByteView body, uint32_t* code) {
  return ParseWord(body, "statusCode", code);
}

Status ParseMonitorLayout(ByteView body, MonitorLayout* out) {
  ByteReader reader(body);
  out->count = 0;
  const uint32_t count = reader.U32("monitorCount");
  if (count > kMaxMonitors) return Fail(Err::kLimit, "monitorCount", 0);
  for (uint32_t i = 0; i < count; ++i) {
    MULLION_TRY(ParseMonitorDef(&reader, &out->monitors[i]));
    out->count = i + 1;
  }
  return reader.status();
}

Status ParsePlaySound(ByteView body, PlaySound* out) {
  ByteReader reader(body);
  out->duration_ms = reader.U32("duration");
  out->frequency_hz = reader.U32("frequency");
  return reader.status();
}

Status ParseKeyboardIndicators(ByteView body, uint16_t* led_flags) {
  ByteReader reader(body);
  reader.Skip(2, "UnitId");
  *led_flags = reader.U16("LedFlags");
  return reader.status();
}

Status ParseControl(ByteView body, Control* out) {
  ByteReader reader(body);
  out->action = reader.U16("action");
  out->grant_id = reader.U16("grantId");
  out->control_id = reader.U32("controlId");
  return reader.status();
}

Status ParseRedirection(ByteView body, Redirection* out) {
  *out = Redirection{};
  ByteReader reader(body);
  if (reader.U16("redirection.Flags") != kSecRedirectionPkt &&
      reader.U16("redirection.Flags") != kSecRedirectionPkt) {
    reader.SetError(Err::kMalformed, "redirection.Flags", 0);
  }
  reader.Skip(2, "redirection.Length");
  out->session_id = reader.U32("SessionID");
  out->flags = reader.U32("RedirFlags");
  MULLION_TRY(reader.status());
  auto field = [&](uint32_t flag, const char* name) -> ByteView {
    if ((out->flags & flag) == 0) return {};
    return reader.Take(reader.U32(name), name);
  };
  out->target_address = Utf16ToUtf8(field(kHasTargetAddress, "TargetNetAddress"));
  out->load_balance_info = field(kHasLoadBalance, "LoadBalanceInfo");
  out->user = Utf16ToUtf8(field(kHasUser, "UserName"));
  out->domain = Utf16ToUtf8(field(kHasDomain, "Domain"));
  (void)field(kHasPassword, "Password");
  out->target_fqdn = Utf16ToUtf8(field(kHasTargetFqdn, "TargetFQDN"));
  return reader.status();
}

}  // namespace mullion
