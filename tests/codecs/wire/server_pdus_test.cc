// Client info, licensing, session info, error info, redirection, the message channel.
#include <doctest/doctest.h>

#include "codecs/wire/client_info.h"
#include "codecs/wire/error_info.h"
#include "codecs/wire/licence.h"
#include "codecs/wire/message_channel.h"
#include "codecs/wire/security.h"
#include "codecs/wire/server_pdus.h"
#include "codecs/wire/session_info.h"
#include "codecs/wire/share.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

Buffer WithType(uint32_t type, const Buffer& body) {
  Buffer out;
  ByteWriter w(&out);
  w.U32(type);
  Append(&out, body);
  return out;
}

Buffer Utf16(std::string_view text) {
  Buffer out;
  for (const char c : text) out.insert(out.end(), {static_cast<uint8_t>(c), 0});
  out.insert(out.end(), {0, 0});
  return out;
}

TEST_CASE("session info of all four kinds") {
  const std::string p = "pdu/ironrdp-rdp.session_info-";
  const Buffer v1 = ReadVector(p + "logon_info_v1_buffer.in.bin");
  if (v1.empty()) return;
  SessionInfo info;
  REQUIRE(ParseSessionInfo(WithType(0, v1), &info).ok());
  CHECK(info.type == SessionInfoType::kLogon);
  CHECK(info.domain == "NTDEV");
  CHECK(info.user == "eltons");
  CHECK(info.session_id == 2);
  const Buffer bad_user = ReadVector(p + "logon_info_v1_with_invalid_user_name_size_buffer.in.bin");
  CHECK(ParseSessionInfo(WithType(0, bad_user), &info).err == Err::kMalformed);

  const Buffer v2 = ReadVector(p + "logon_info_v2_buffer.in.bin");
  REQUIRE(ParseSessionInfo(WithType(1, v2), &info).ok());
  CHECK(info.domain == "NTDEV");
  CHECK(info.user == "eltons");
  CHECK(info.session_id == 2);

  CHECK(ParseSessionInfo(WithType(2, {}), &info).ok());
  CHECK(ParseSessionInfo(WithType(9, {}), &info).err == Err::kMalformed);

  const Buffer extended =
      ReadVector(p + "logon_extended_with_invalid_logon_error_type_buffer.in.bin");
  REQUIRE(ParseSessionInfo(WithType(3, extended), &info).ok());
  CHECK(info.has_reconnect_cookie);
  CHECK(info.reconnect_logon_id == 2);
  CHECK(info.has_logon_error);
  CHECK(info.logon_error_type == 0xFFFFFFF0);  // unlisted: kept as it is
  const Buffer bad_cookie =
      ReadVector(p + "logon_extended_with_invalid_reconnect_packet_size_buffer.in.bin");
  CHECK(ParseSessionInfo(WithType(3, bad_cookie), &info).err == Err::kMalformed);
}

TEST_CASE("the specification's logon info, out of its share PDU") {
  const Buffer bytes = ReadVector("pdu/spec-ms-rdpbcgr-4.3.1-1-logon-info-version-2.in.bin");
  if (bytes.empty()) return;
  ShareControls pdus(bytes);
  ShareControl pdu;
  ShareDataPdu data;
  SessionInfo info;
  REQUIRE(pdus.Next(&pdu));
  REQUIRE(ParseShareData(pdu.body, &data).ok());
  REQUIRE(ParseSessionInfo(data.body, &info).ok());
  CHECK(info.type == SessionInfoType::kLogonLong);
  CHECK(info.domain == "NTDEV");
  CHECK(info.user == "eltons");
  CHECK(info.session_id == 2);
}

TEST_CASE("client info keeps everything but the password") {
  const Buffer ansi = ReadVector("pdu/ironrdp-src.client_info-client_info_buffer_ansi.in.bin");
  if (ansi.empty()) return;
  ClientInfo info;
  REQUIRE(ParseClientInfo(ansi, &info).ok());
  CHECK(info.code_page == 0x04090409);
  CHECK(info.domain == "NTDEV");
  CHECK(info.user == "eltons");
  CHECK(info.client_address == "157.59.242.156");
  CHECK(info.client_dir ==
        "C:\\depots\\w2k3_1\\termsrv\\newclient\\lib\\win32\\obj\\i386\\mstscax.dll");
  CHECK(info.compression());
  CHECK(info.compression_type() == 1);

  Buffer body;
  ByteWriter w(&body);
  w.U32(0);
  w.U32(kInfoUnicode | kInfoCompression | 3u << 9 | kInfoAutologon);
  for (const int size : {6, 8, 12, 0, 2}) w.U16(static_cast<uint16_t>(size));
  for (const char* text : {"dom", "user", "secret", "", "w"}) w.Bytes(Utf16(text));
  REQUIRE(ParseClientInfo(body, &info).ok());
  CHECK(info.domain == "dom");
  CHECK(info.user == "user");
  CHECK(info.alternate_shell.empty());
  CHECK(info.working_dir == "w");
  CHECK(info.compression_type() == 3);
  for (size_t size = 0; size < body.size(); ++size) {
    CHECK(ParseClientInfo(ByteView(body).first(size), &info).err == Err::kTruncated);
  }
}

TEST_CASE("licensing ends with a valid client or a new licence") {
  const Buffer valid =
      ReadVector("licence/ironrdp-rdp.server_license-status_valid_client_buffer.in.bin");
  if (valid.empty()) return;
  uint16_t flags = 0;
  ByteView body;
  LicencePdu pdu;
  REQUIRE(ParseSecurityHeader(valid, &flags, &body).ok());
  CHECK(flags == kSecLicensePkt);
  REQUIRE(ParseLicence(body, &pdu).ok());
  CHECK(std::string(LicencePduName(pdu.type)) == "error_alert");
  CHECK(pdu.error_code == kStatusValidClient);
  CHECK(pdu.state_transition == 2);
  CHECK(pdu.finishes());
  // The same with a size that is too large by four, as one server sends it.
  const Buffer larger = ReadVector("licence/ironrdp-src.rdp-server_license_buffer.in.bin");
  REQUIRE(ParseSecurityHeader(larger, &flags, &body).ok());
  REQUIRE(ParseLicence(body, &pdu).ok());
  CHECK(pdu.finishes());

  struct Row {
    const char* file;
    const char* name;
    bool finishes;
  };
  for (const Row& row :
       {Row{"4.1-0-server-license-request-server-license-request", "license_request", false},
        Row{"4.2-0-client-new-license-request-client-new-license-requ", "new_license_request",
            false},
        Row{"4.4-0-server-platform-challenge-server-platform-challeng", "platform_challenge",
            false},
        Row{"4.5-0-client-platform-challenge-response-client-platform",
            "platform_challenge_response", false},
        Row{"4.6-0-server-new-license-server-new-license", "new_license", true}}) {
    const Buffer bytes = ReadVector(std::string("licence/spec-ms-rdpele-") + row.file + ".in.bin");
    if (bytes.empty()) return;
    REQUIRE(ParseLicence(bytes, &pdu).ok());
    CHECK(std::string(LicencePduName(pdu.type)) == row.name);
    CHECK(pdu.finishes() == row.finishes);
  }
}

TEST_CASE("error info codes have the specification's names") {
  CHECK(std::string(ErrorInfoName(0x3)) == "ERRINFO_IDLE_TIMEOUT");
  CHECK(std::string(ErrorInfoName(0x1136)) == "ERRINFO_INVALIDMONITORCOUNT");
  CHECK(std::string(ErrorInfoName(0x1195)) == "ERRINFO_DECRYPTFAILED2");
  CHECK(std::string(ErrorInfoName(0)) == "ERRINFO_NONE");
  CHECK(std::string(ErrorInfoName(0x8)) == "unknown");
  CHECK(std::string(ErrorInfoName(0x10003)) == "unknown");
  CHECK(ErrorInfoIsGraceful(0xC));
  CHECK_FALSE(ErrorInfoIsGraceful(0x6));
}

TEST_CASE("auto-detect messages give their kind and values") {
  const std::string p = "autodetect/ironrdp-rdp.autodetect-";
  const Buffer payload = ReadVector(p + "bw_payload_wire.in.bin");
  if (payload.empty()) return;
  AutoDetect detect;
  REQUIRE(ParseAutoDetect(payload, &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kBandwidthPayload);
  CHECK(detect.sequence == 3);
  CHECK(detect.payload.size() == 4);
  REQUIRE(ParseAutoDetect(ReadVector(p + "bw_results_wire.in.bin"), &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kBandwidthResults);
  CHECK(detect.response);
  CHECK(detect.connect_time);
  CHECK(detect.time_delta_ms == 1000);
  CHECK(detect.byte_count == 4096);
  REQUIRE(ParseAutoDetect(ReadVector(p + "bw_stop_connect_wire.in.bin"), &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kBandwidthStop);
  CHECK(std::string(AutoDetectName(detect.kind)) == "bandwidth_stop");
  REQUIRE(ParseAutoDetect(ReadVector(p + "netchar_bw_rtt_wire.in.bin"), &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kNetworkResult);
  CHECK(detect.bandwidth_kbit == 500);
  CHECK(detect.average_rtt_ms == 22);
  CHECK(detect.base_rtt_ms == 0);
  CHECK(ParseAutoDetect(Buffer{6, 0, 1, 0, 0x99, 0x99}, &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kUnknown);
  CHECK(ParseAutoDetect(Buffer{5, 0, 1, 0, 1, 0}, &detect).err == Err::kMalformed);
}

TEST_CASE("auto-detect answers parse as what they are") {
  Buffer out;
  ByteWriter w(&out);
  AutoDetect detect;
  WriteRttResponse(7, &w);
  REQUIRE(ParseAutoDetect(out, &detect).ok());
  CHECK(detect.kind == AutoDetectKind::kRttResponse);
  CHECK(detect.sequence == 7);
  out.clear();
  WriteBandwidthResults(8, false, 30, 40, &w);
  REQUIRE(ParseAutoDetect(out, &detect).ok());
  CHECK(detect.type == 0x000B);
  CHECK(detect.byte_count == 40);
}

TEST_CASE("heartbeat and multitransport request") {
  Heartbeat heartbeat;
  REQUIRE(ParseHeartbeat(Buffer{0, 10, 2, 3}, &heartbeat).ok());
  CHECK(heartbeat.period_s == 10);
  CHECK(heartbeat.reconnect_after == 3);
  MultitransportRequest request;
  Buffer bytes(24);
  bytes[0] = 5;
  bytes[4] = 2;
  REQUIRE(ParseMultitransportRequest(bytes, &request).ok());
  CHECK(request.request_id == 5);
  CHECK(request.protocol == 2);
  CHECK(request.cookie.size() == 16);
  CHECK(std::string(MessageChannelPduName(kSecHeartbeat)) == "heartbeat");
}

TEST_CASE("redirection with and without padding, and without its password") {
  Buffer packet;
  ByteWriter w(&packet);
  w.U16(0x0400);
  w.U16(0);
  w.U32(9);
  w.U32(0x117);
  for (const Buffer& field :
       {Utf16("10.0.0.1"), Buffer{'l', 'b'}, Utf16("me"), Utf16("secret"), Utf16("host.example")}) {
    w.U32(static_cast<uint32_t>(field.size()));
    w.Bytes(field);
  }
  Buffer padded = {0, 0};
  Append(&padded, packet);
  for (const Buffer& bytes : {packet, padded}) {
    Redirection redirection;
    REQUIRE(ParseRedirection(bytes, &redirection).ok());
    CHECK(redirection.session_id == 9);
    CHECK(redirection.target_address == "10.0.0.1");
    CHECK(redirection.load_balance_info.size() == 2);
    CHECK(redirection.user == "me");
    CHECK(redirection.domain.empty());
    CHECK(redirection.target_fqdn == "host.example");
  }
}

TEST_CASE("monitor layout, sound, indicators, control") {
  Buffer bytes;
  ByteWriter w(&bytes);
  w.U32(2);
  for (const uint32_t v : {0u, 0u, 1919u, 1079u, 1u, 0xFFFFFB00u, 0u, 0xFFFFFFFFu, 1023u, 0u}) {
    w.U32(v);
  }
  MonitorLayout layout;
  REQUIRE(ParseMonitorLayout(bytes, &layout).ok());
  CHECK(layout.count == 2);
  CHECK(layout.monitors[1].area == Rect{-1280, 0, 1280, 1024});
  bytes[0] = 17;
  CHECK(ParseMonitorLayout(bytes, &layout).err == Err::kLimit);
  PlaySound sound;
  REQUIRE(ParsePlaySound(Buffer{100, 0, 0, 0, 0xB8, 1, 0, 0}, &sound).ok());
  CHECK(sound.duration_ms == 100);
  CHECK(sound.frequency_hz == 440);
  uint16_t leds = 0;
  REQUIRE(ParseKeyboardIndicators(Buffer{0, 0, 6, 0}, &leds).ok());
  CHECK(leds == 6);
  Control control;
  REQUIRE(ParseControl(Buffer{2, 0, 0xEF, 3, 0xEA, 3, 0, 0}, &control).ok());
  CHECK(control.action == 2);
  CHECK(control.grant_id == 1007);
  CHECK(control.control_id == 1002);
}

}  // namespace
}  // namespace mullion::test
