// PDUs of the MCS message channel: network auto-detect, heartbeat, multitransport bootstrapping.
//
// Spec: MS-RDPBCGR 2.2.14 (auto-detect), 2.2.16.1 (heartbeat), 2.2.15.1 (initiate multitransport).
// Shapes: the bytes after the security header, whose flags say which PDU it is.
// Ownership: views. Over-read: never. Threads: pure. Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_MESSAGE_CHANNEL_H_
#define MULLION_CODECS_WIRE_MESSAGE_CHANNEL_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/status.h"

namespace mullion {

enum class AutoDetectKind : uint8_t {
  kUnknown,
  kRttRequest,
  kBandwidthStart,
  kBandwidthPayload,
  kBandwidthStop,
  kNetworkResult,
  kRttResponse,
  kBandwidthResults,
  kNetworkSync,
};
const char* AutoDetectName(AutoDetectKind kind);  // "rtt_request", ...

struct AutoDetect {
  AutoDetectKind kind = AutoDetectKind::kUnknown;
  bool response = false;  // client to server
  bool connect_time = false;
  uint16_t sequence = 0;
  uint16_t type = 0;  // requestType or responseType as sent
  ByteView payload;   // kBandwidthPayload, connect-time kBandwidthStop
  // kNetworkResult, kNetworkSync; 0 when absent:
  uint32_t base_rtt_ms = 0;
  uint32_t average_rtt_ms = 0;
  uint32_t bandwidth_kbit = 0;
  // kBandwidthResults:
  uint32_t time_delta_ms = 0;
  uint32_t byte_count = 0;
};
Status ParseAutoDetect(ByteView body, AutoDetect* out);
// What a client answers (after the security header).
void WriteRttResponse(uint16_t sequence, ByteWriter* out);
void WriteBandwidthResults(uint16_t sequence, bool connect_time, uint32_t time_delta_ms,
                           uint32_t byte_count, ByteWriter* out);

struct Heartbeat {
  uint8_t period_s = 0;
  uint8_t warn_after = 0;       // missed heartbeats
  uint8_t reconnect_after = 0;  // missed heartbeats
};
Status ParseHeartbeat(ByteView body, Heartbeat* out);

struct MultitransportRequest {
  uint32_t request_id = 0;
  uint16_t protocol = 0;  // 1 reliable, 2 lossy
  ByteView cookie;        // INVARIANT: 16 bytes
};
Status ParseMultitransportRequest(ByteView body, MultitransportRequest* out);

// By the security header's flags: "auto_detect_request", "heartbeat", ...; "unknown" for others.
const char* MessageChannelPduName(uint16_t security_flags);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_MESSAGE_CHANNEL_H_
