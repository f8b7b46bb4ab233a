// T.125 MCS: connect initial and response (BER), the domain PDUs that RDP uses (aligned PER).
//
// Spec: MS-RDPBCGR 2.2.1.3 to 2.2.1.9, 2.2.2.3; T.125 sections 7 and 10.
// Shapes: the user data of an X.224 data TPDU in. Ownership: views into it. Over-read: never.
// Threads: pure functions. Errors: kTruncated, kMalformed, kUnsupported with the field.
#ifndef MULLION_CODECS_WIRE_MCS_H_
#define MULLION_CODECS_WIRE_MCS_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the choices of DomainMCSPDU; the two connect PDUs are ours.
enum class McsType : uint8_t {
  kErectDomainRequest = 1,
  kDisconnectProviderUltimatum = 8,
  kAttachUserRequest = 10,
  kAttachUserConfirm = 11,
  kChannelJoinRequest = 14,
  kChannelJoinConfirm = 15,
  kSendDataRequest = 25,
  kSendDataIndication = 26,
  kConnectInitial = 101,
  kConnectResponse = 102,
};

struct McsPdu {
  McsType type = McsType::kErectDomainRequest;
  uint8_t result = 0;  // confirms and connect response: 0 is rt-successful
  uint8_t reason = 0;  // disconnect: 0 domain, 1 provider, 2 token, 3 user, 4 channel
  uint16_t user = 0;   // initiator's id, 1001 added
  uint16_t channel = 0;
  // Send data: its user data. Connect initial and response: the GCC user data.
  ByteView data;
};
// kUnsupported: a domain PDU that RDP does not use.
Status ParseMcs(ByteView tpdu_data, McsPdu* out);
const char* McsDisconnectReasonName(int reason);  // "user_requested", ...; "none" for others

void WriteErectDomain(ByteWriter* out);
void WriteAttachUser(ByteWriter* out);
void WriteChannelJoin(uint16_t user, uint16_t channel, ByteWriter* out);
// The header before `size` bytes of user data; size must be under 32768.
void WriteSendDataRequest(uint16_t user, uint16_t channel, size_t size, ByteWriter* out);
void WriteDisconnectUltimatum(uint8_t reason, ByteWriter* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_MCS_H_
