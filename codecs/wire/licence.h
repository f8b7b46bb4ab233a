// Licensing PDUs: which one, and whether it ends the licensing phase.
//
// Spec: MS-RDPBCGR 2.2.1.12 (licensing), 2.2.1.12.1.1 (preamble), 2.2.1.12.1.3 (error message);
// MS-RDPELE 2.2.2.
// Shapes: the bytes after the security header. Ownership: views. Over-read: never. Threads: pure.
// Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_LICENCE_H_
#define MULLION_CODECS_WIRE_LICENCE_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's bMsgType.
enum class LicenceType : uint8_t {
  kLicenseRequest = 0x01,
  kPlatformChallenge = 0x02,
  kNewLicense = 0x03,
  kUpgradeLicense = 0x04,
  kLicenseInfo = 0x12,
  kNewLicenseRequest = 0x13,
  kPlatformChallengeResponse = 0x15,
  kErrorAlert = 0xFF,
};

inline constexpr uint32_t kStatusValidClient = 7;

struct LicencePdu {
  uint8_t type = 0;  // a LicenceType, or unknown
  uint8_t flags = 0;
  uint32_t error_code = 0;        // kErrorAlert
  uint32_t state_transition = 0;  // kErrorAlert: 1 abort, 2 no transition, 3 reset, 4 resend
  ByteView body;                  // after the preamble
  // The server has what it wants: demand active comes next.
  bool finishes() const {
    return type == static_cast<uint8_t>(LicenceType::kNewLicense) ||
           type == static_cast<uint8_t>(LicenceType::kUpgradeLicense) ||
           (type == static_cast<uint8_t>(LicenceType::kErrorAlert) &&
            error_code == kStatusValidClient);
  }
};
Status ParseLicence(ByteView body, LicencePdu* out);
const char* LicencePduName(uint8_t type);  // "license_request", ...; "unknown" for others

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_LICENCE_H_
