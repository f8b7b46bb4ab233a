#include "codecs/wire/message_channel.h"

#include "codecs/wire/security.h"

namespace mullion {
namespace {

constexpr uint8_t kTypeRequest = 0;
constexpr uint8_t kTypeResponse = 1;

void ParseRequest(ByteReader* reader, AutoDetect* out) {
  switch (out->type) {
    case 0x1001:
      out->connect_time = true;
      [[fallthrough]];
    case 0x0001:
      out->kind = AutoDetectKind::kRttRequest;
      break;
    case 0x1014:
      out->connect_time = true;
      [[fallthrough]];
    case 0x0014:
    case 0x0114:
      out->kind = AutoDetectKind::kBandwidthStart;
      break;
    case 0x0002:
      out->kind = AutoDetectKind::kBandwidthPayload;
      out->connect_time = true;
      out->payload = reader->Take(reader->U16("payloadLength"), "payload");
      break;
    case 0x002B:
      out->kind = AutoDetectKind::kBandwidthStop;
      out->connect_time = true;
      out->payload = reader->Take(reader->U16("payloadLength"), "payload");
      break;
    case 0x0429:
    case 0x0629:
      out->kind = AutoDetectKind::kBandwidthStop;
      break;
    case 0x0840:
      out->kind = AutoDetectKind::kNetworkResult;
      out->base_rtt_ms = reader->U32("baseRTT");
      out->average_rtt_ms = reader->U32("averageRTT");
      break;
    case 0x0880:
      out->kind = AutoDetectKind::kNetworkResult;
      out->bandwidth_kbit = reader->U32("bandwidth");
      out->average_rtt_ms = reader->U32("averageRTT");
      break;
    case 0x08C0:
      out->kind = AutoDetectKind::kNetworkResult;
      out->base_rtt_ms = reader->U32("baseRTT");
      out->bandwidth_kbit = reader->U32("bandwidth");
      out->average_rtt_ms = reader->U32("averageRTT");
      break;
    default:
      break;
  }
}

void ParseResponse(ByteReader* reader, AutoDetect* out) {
  switch (out->type) {
    case 0x0000:
      out->kind = AutoDetectKind::kRttResponse;
      break;
    case 0x0003:
      out->connect_time = true;
      [[fallthrough]];
    case 0x000B:
      out->kind = AutoDetectKind::kBandwidthResults;
      out->time_delta_ms = reader->U32("timeDelta");
      out->byte_count = reader->U32("byteCount");
      break;
    case 0x0018:
      out->kind = AutoDetectKind::kNetworkSync;
      out->connect_time = true;
      out->bandwidth_kbit = reader->U32("bandwidth");
      out->base_rtt_ms = reader->U32("rtt");
      break;
    default:
      break;
  }
}

}  // namespace

const char* AutoDetectName(AutoDetectKind kind) {
  switch (kind) {
    case AutoDetectKind::kUnknown:
      return "unknown";
    case AutoDetectKind::kRttRequest:
      return "rtt_request";
    case AutoDetectKind::kBandwidthStart:
      return "bandwidth_start";
    case AutoDetectKind::kBandwidthPayload:
      return "bandwidth_payload";
    case AutoDetectKind::kBandwidthStop:
      return "bandwidth_stop";
    case AutoDetectKind::kNetworkResult:
      return "network_result";
    case AutoDetectKind::kRttResponse:
      return "rtt_response";
    case AutoDetectKind::kBandwidthResults:
      return "bandwidth_results";
    case AutoDetectKind::kNetworkSync:
      return "network_sync";
  }
  return "unknown";
}

Status ParseAutoDetect(ByteView body, AutoDetect* out) {
  *out = AutoDetect{};
  ByteReader reader(body);
  const uint8_t header_length = reader.U8("headerLength");
  const uint8_t header_type = reader.U8("headerTypeId");
  out->sequence = reader.U16("sequenceNumber");
  out->type = reader.U16("requestType");
  MULLION_TRY(reader.status());
  if (header_length < 6) return Fail(Err::kMalformed, "headerLength", 0);
  if (header_type != kTypeRequest && header_type != kTypeResponse) {
    return Fail(Err::kMalformed, "headerTypeId", 1);
  }
  out->response = header_type == kTypeResponse;
  out->response ? ParseResponse(&reader, out) : ParseRequest(&reader, out);
  return reader.status();
}

void WriteRttResponse(uint16_t sequence, ByteWriter* out) {
  out->U8(6);
  out->U8(kTypeResponse);
  out->U16(sequence);
  out->U16(0);
}

void WriteBandwidthResults(uint16_t sequence, bool connect_time, uint32_t time_delta_ms,
                           uint32_t byte_count, ByteWriter* out) {
  out->U8(14);
  out->U8(kTypeResponse);
  out->U16(sequence);
  out->U16(connect_time ? 0x0003 : 0x000B);
  out->U32(time_delta_ms);
  out->U32(byte_count);
}

Status ParseHeartbeat(ByteView body, Heartbeat* out) {
  ByteReader reader(body);
  reader.Skip(1, "reserved");
  out->period_s = reader.U8("period");
  out->warn_after = reader.U8("count1");
  out->reconnect_after = reader.U8("count2");
  return reader.status();
}

Status ParseMultitransportRequest(ByteView body, MultitransportRequest* out) {
  ByteReader reader(body);
  out->request_id = reader.U32("requestId");
  out->protocol = reader.U16("requestedProtocol");
  reader.Skip(2, "reserved");
  out->cookie = reader.Take(16, "securityCookie");
  return reader.status();
}

const char* MessageChannelPduName(uint16_t security_flags) {
  if ((security_flags & kSecAutoDetectReq) != 0) return "auto_detect_request";
  if ((security_flags & kSecAutoDetectRsp) != 0) return "auto_detect_response";
  if ((security_flags & kSecHeartbeat) != 0) return "heartbeat";
  if ((security_flags & kSecTransportReq) != 0) return "multitransport_request";
  if ((security_flags & kSecTransportRsp) != 0) return "multitransport_response";
  return "unknown";
}

}  // namespace mullion
