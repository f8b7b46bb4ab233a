#include "codecs/wire/licence.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr size_t kPreambleBytes = 4;

}  // namespace

Status ParseLicence(ByteView body, LicencePdu* out) {
  *out = LicencePdu{};
  ByteReader reader(body);
  out->type = reader.U8("preamble.bMsgType");
  out->flags = reader.U8("preamble.flags");
  const size_t size = reader.U16("preamble.wMsgSize");
  MULLION_TRY(reader.status());
  if (size < kPreambleBytes) return Fail(Err::kMalformed, "preamble.wMsgSize", 2);
  // Servers are known to send a size that is too large: the packet's end decides then.
  out->body = reader.Take(std::min(size - kPreambleBytes, reader.remaining()), "licence.body");
  if (out->type == static_cast<uint8_t>(LicenceType::kErrorAlert)) {
    ByteReader alert(out->body);
    out->error_code = alert.U32("dwErrorCode");
    out->state_transition = alert.U32("dwStateTransition");
    if (!alert.ok()) return Fail(Err::kTruncated, "dwErrorCode", kPreambleBytes);
  }
  return reader.status();
}

const char* LicencePduName(uint8_t type) {
  switch (static_cast<LicenceType>(type)) {
    case LicenceType::kLicenseRequest:
      return "license_request";
    case LicenceType::kPlatformChallenge:
      return "platform_challenge";
    case LicenceType::kNewLicense:
      return "new_license";
    case LicenceType::kUpgradeLicense:
      return "upgrade_license";
    case LicenceType::kLicenseInfo:
      return "license_info";
    case LicenceType::kNewLicenseRequest:
      return "new_license_request";
    case LicenceType::kPlatformChallengeResponse:
      return "platform_challenge_response";
    case LicenceType::kErrorAlert:
      return "error_alert";
  }
  return "unknown";
}

}  // namespace mullion
