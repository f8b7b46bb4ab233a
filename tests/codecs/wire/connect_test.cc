// X.224, MCS and GCC: the values of the specification's examples, and what servers really send.
#include <doctest/doctest.h>

#include "codecs/wire/gcc.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/preconnection.h"
#include "codecs/wire/text.h"
#include "codecs/wire/x224.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

McsPdu ParseMcsVector(const std::string& name) {
  const Buffer bytes = ReadVector(name);
  McsPdu mcs;
  if (bytes.empty()) return mcs;
  X224Tpdu tpdu;
  REQUIRE(ParseX224(bytes, &tpdu).ok());
  CHECK(tpdu.code == kX224Data);
  REQUIRE(ParseMcs(tpdu.body, &mcs).ok());
  return mcs;
}

TEST_CASE("the specification's connection request holds a cookie and asks for RDP security") {
  const Buffer bytes =
      ReadVector("pdu/spec-ms-rdpbcgr-4.1.1-0-client-x-224-connection-request-pdu.in.bin");
  if (bytes.empty()) return;
  X224Tpdu tpdu;
  REQUIRE(ParseX224(bytes, &tpdu).ok());
  CHECK(tpdu.code == kX224ConnectionRequest);
  X224Request request;
  REQUIRE(ParseX224Request(tpdu.body, &request).ok());
  CHECK(request.token == "Cookie: mstshash=eltons");
  CHECK(request.has_negotiation);
  CHECK(request.flags == 0);
  CHECK(request.protocols == kProtocolRdp);

  Buffer again;
  ByteWriter writer(&again);
  WriteX224Request(request, &writer);
  CHECK(again == bytes);
}

TEST_CASE("the specification's connection confirm selects RDP security") {
  const Buffer bytes =
      ReadVector("pdu/spec-ms-rdpbcgr-4.1.2-0-server-x-224-connection-confirm-pdu.in.bin");
  if (bytes.empty()) return;
  X224Tpdu tpdu;
  REQUIRE(ParseX224(bytes, &tpdu).ok());
  CHECK(tpdu.code == kX224ConnectionConfirm);
  X224Confirm confirm;
  REQUIRE(ParseX224Confirm(tpdu.body, &confirm).ok());
  CHECK(confirm.has_negotiation);
  CHECK_FALSE(confirm.failed);
  CHECK(confirm.protocol == kProtocolRdp);
}

TEST_CASE("a confirm without negotiation is an old server, a failure keeps its code") {
  X224Confirm confirm;
  REQUIRE(ParseX224Confirm({}, &confirm).ok());
  CHECK_FALSE(confirm.has_negotiation);
  X224Tpdu tpdu;
  const Buffer failure = ConnectionConfirm(3, 5);
  REQUIRE(ParseX224(failure, &tpdu).ok());
  REQUIRE(ParseX224Confirm(tpdu.body, &confirm).ok());
  CHECK(confirm.failed);
  CHECK(std::string(NegotiationFailureName(confirm.failure_code)) == "hybrid_required_by_server");
}

TEST_CASE("the specification's MCS domain PDUs give their ids") {
  const std::string p = "connect/spec-ms-rdpbcgr-";
  if (ReadVector(p + "4.1.5-0-client-mcs-erect-domain-request-pdu.in.bin").empty()) return;
  CHECK(ParseMcsVector(p + "4.1.5-0-client-mcs-erect-domain-request-pdu.in.bin").type ==
        McsType::kErectDomainRequest);
  CHECK(ParseMcsVector(p + "4.1.6-0-client-mcs-attach-user-request-pdu.in.bin").type ==
        McsType::kAttachUserRequest);
  const McsPdu attach = ParseMcsVector(p + "4.1.7-0-server-mcs-attach-user-confirm-pdu.in.bin");
  CHECK(attach.type == McsType::kAttachUserConfirm);
  CHECK(attach.result == 0);
  CHECK(attach.user == 1007);
  const McsPdu join =
      ParseMcsVector(p + "4.1.8.2.1-0-client-join-request-pdu-for-channel-1003-i-o-chann.in.bin");
  CHECK(join.type == McsType::kChannelJoinRequest);
  CHECK(join.user == 1007);
  CHECK(join.channel == 1003);
  const McsPdu joined =
      ParseMcsVector(p + "4.1.8.5.2-0-server-join-confirm-pdu-for-channel-1006-rdpsnd-ch.in.bin");
  CHECK(joined.type == McsType::kChannelJoinConfirm);
  CHECK(joined.result == 0);
  CHECK(joined.channel == 1006);
  const McsPdu end = ParseMcsVector(p + "4.2.3-0-mcs-disconnect-provider-ultimatum-pdu.in.bin");
  CHECK(end.type == McsType::kDisconnectProviderUltimatum);
  CHECK(end.reason == 3);
  CHECK(std::string(McsDisconnectReasonName(end.reason)) == "user_requested");
}

TEST_CASE("what is written is what is parsed, and what the specification shows") {
  Buffer out;
  ByteWriter w(&out);
  WriteErectDomain(&w);
  CHECK(out == Buffer{0x04, 0x01, 0x00, 0x01, 0x00});
  out.clear();
  WriteAttachUser(&w);
  CHECK(out == Buffer{0x28});
  out.clear();
  WriteChannelJoin(1007, 1003, &w);
  CHECK(out == Buffer{0x38, 0x00, 0x06, 0x03, 0xEB});
  for (uint8_t reason = 0; reason < 5; ++reason) {
    out.clear();
    WriteDisconnectUltimatum(reason, &w);
    McsPdu mcs;
    REQUIRE(ParseMcs(out, &mcs).ok());
    CHECK(mcs.reason == reason);
    if (reason == 3) CHECK(out == Buffer{0x21, 0x80});
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{127}, size_t{128}, size_t{32000}}) {
    out.clear();
    WriteSendDataRequest(1007, 1004, size, &w);
    out.resize(out.size() + size, 0x55);
    McsPdu mcs;
    REQUIRE(ParseMcs(out, &mcs).ok());
    CHECK(mcs.type == McsType::kSendDataRequest);
    CHECK(mcs.user == 1007);
    CHECK(mcs.channel == 1004);
    CHECK(mcs.data.size() == size);
  }
}

TEST_CASE("a send data PDU that promises more than it holds is truncated") {
  McsPdu mcs;
  const Status status = ParseMcs(Buffer{0x68, 0, 6, 3, 0xEB, 0x70, 5, 1, 2}, &mcs);
  CHECK(status.err == Err::kTruncated);
  CHECK(std::string(status.field) == "userData");
}

TEST_CASE("connect initial and response give up their blocks") {
  X224Tpdu tpdu;
  McsPdu mcs;
  const Buffer initial = ConnectInitial(1280, 1024, {"rdpdr", "cliprdr", "drdynvc"});
  REQUIRE(ParseX224(initial, &tpdu).ok());
  REQUIRE(ParseMcs(tpdu.body, &mcs).ok());
  CHECK(mcs.type == McsType::kConnectInitial);
  ClientGcc client;
  REQUIRE(ParseClientGcc(mcs.data, &client).ok());
  CHECK(client.core.client_name == "tester");
  CHECK(client.core.desktop_width == 1280);
  CHECK(client.core.client_build == 2600);
  REQUIRE(client.channels.size() == 3);
  CHECK(client.channels[1].name == "cliprdr");
  CHECK(client.has_message_channel);

  const Buffer response = ConnectResponse(3);
  REQUIRE(ParseX224(response, &tpdu).ok());
  REQUIRE(ParseMcs(tpdu.body, &mcs).ok());
  CHECK(mcs.type == McsType::kConnectResponse);
  CHECK(mcs.result == 0);
  ServerGcc server;
  REQUIRE(ParseServerGcc(mcs.data, &server).ok());
  CHECK(server.io_channel == 1003);
  CHECK(server.message_channel == 1010);
  CHECK(server.channel_ids == std::vector<uint16_t>{1004, 1005, 1006});
  CHECK(server.encryption_method == 0);
}

TEST_CASE("a client core block of any optional length parses") {
  const Buffer full = ReadVector("connect/ctxis-gcc-gcc_client_core_data_expected.in.bin");
  if (full.empty()) return;
  constexpr size_t kHeader = 4;
  constexpr size_t kMandatory = 128;
  const ByteView block = ByteView(full).subspan(kHeader);
  ClientCore core;
  REQUIRE(ParseClientCore(block, &core).ok());
  CHECK(core.version == 0x00080004);
  CHECK(core.desktop_width == 1280);
  CHECK(core.desktop_height == 1024);
  CHECK(core.keyboard_layout == 0x409);
  CHECK(core.client_build == 3790);
  CHECK(core.client_name == "ELTONS-DEV2");
  CHECK(core.high_color_depth == 24);
  CHECK(core.supported_color_depths == 7);
  CHECK(core.early_capability_flags == 1);
  for (size_t size = 0; size <= block.size(); ++size) {
    CHECK(ParseClientCore(block.first(size), &core).ok() == (size >= kMandatory));
  }
}

TEST_CASE("monitors keep negative origins; absurd edges are refused") {
  const Buffer bytes =
      ReadVector("connect/ironrdp-src.monitor_data-monitor_data_with_monitors_buffer.in.bin");
  if (bytes.empty()) return;
  ClientGcc gcc;
  REQUIRE(ParseClientBlock(kCsMonitor, bytes, &gcc).ok());
  REQUIRE(gcc.monitors.size() == 2);
  CHECK(gcc.monitors[0].area == Rect{0, 0, 1920, 1080});
  CHECK(gcc.monitors[0].primary);
  CHECK(gcc.monitors[1].area == Rect{-1280, 0, 1280, 1024});
  CHECK_FALSE(gcc.monitors[1].primary);
  Buffer bad = bytes;
  for (size_t i = 8; i < 12; ++i) bad[i] = 0x80;  // left: -2139062144
  CHECK(ParseClientBlock(kCsMonitor, bad, &gcc).err == Err::kMalformed);
}

TEST_CASE("more channels or monitors than the protocol has are refused") {
  ClientGcc gcc;
  Buffer net(4 + 32 * 12, 'a');
  net[0] = 32;
  net[1] = net[2] = net[3] = 0;
  CHECK(ParseClientBlock(kCsNet, net, &gcc).err == Err::kLimit);
  net[0] = 31;
  CHECK(ParseClientBlock(kCsNet, net, &gcc).ok());
  CHECK(gcc.channels.size() == 31);
}

TEST_CASE("server network data lists the channels' ids") {
  const Buffer bytes = ReadVector(
      "connect/ironrdp-src.network_data-server_network_data_with_channels_id_buffer.in.bin");
  if (bytes.empty()) return;
  ServerGcc gcc;
  REQUIRE(ParseServerBlock(kScNet, bytes, &gcc).ok());
  CHECK(gcc.io_channel == 1003);
  CHECK(gcc.channel_ids == std::vector<uint16_t>{1004, 1005, 1006});
}

TEST_CASE("a GCC length past the end is cut to it") {
  X224Tpdu tpdu;
  McsPdu mcs;
  const Buffer response = ConnectResponse(1);
  REQUIRE(ParseX224(response, &tpdu).ok());
  REQUIRE(ParseMcs(tpdu.body, &mcs).ok());
  Buffer gcc(mcs.data.begin(), mcs.data.end());
  gcc[22] = 0xFF;  // the length of the blocks
  ServerGcc server;
  REQUIRE(ParseServerGcc(gcc, &server).ok());
  CHECK(server.io_channel == 1003);
}

TEST_CASE("preconnection PDUs of both versions, and sizes that lie") {
  const std::string p = "pdu/ironrdp-tests.pcb-preconnection_pdu_";
  if (ReadVector(p + "v1_null_size_buf.in.bin").empty()) return;
  Preconnection pdu;
  CHECK(ParsePreconnection(ReadVector(p + "v1_null_size_buf.in.bin"), &pdu).err == Err::kMalformed);
  CHECK(ParsePreconnection(ReadVector(p + "v1_large_size_buf.in.bin"), &pdu).err ==
        Err::kTruncated);
  Buffer v2 = ReadVector(p + "v2_large_payload_size_buf.in.bin");
  CHECK(ParsePreconnection(v2, &pdu).err == Err::kTruncated);
  v2[16] = 7;  // characters with their zero
  REQUIRE(ParsePreconnection(v2, &pdu).ok());
  CHECK(pdu.text == "TestVM");
  CHECK(pdu.size == 32);
}

TEST_CASE("UTF-16 becomes UTF-8, whatever it holds") {
  CHECK(Utf16ToUtf8(Buffer{'a', 0, 0xE4, 0, 0xAC, 0x20, 0, 0, 'z', 0}) == "a\xC3\xA4\xE2\x82\xAC");
  CHECK(Utf16ToUtf8(Buffer{0x3D, 0xD8, 0x00, 0xDE}) == "\xF0\x9F\x98\x80");
  CHECK(Utf16ToUtf8(Buffer{0x3D, 0xD8, 'x', 0}) == "\xEF\xBF\xBDx");
  CHECK(Utf16ToUtf8(Buffer{0x00, 0xDE}) == "\xEF\xBF\xBD");
  CHECK(Utf16ToUtf8(Buffer{0x3D}).empty());
  CHECK(AsciiText(Buffer{'a', 7, 0xFF, 0, 'b'}) == "a??");
}

}  // namespace
}  // namespace mullion::test
