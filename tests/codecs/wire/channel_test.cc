// Static channel chunks and dynamic channel PDUs.
#include <doctest/doctest.h>

#include "codecs/wire/dvc.h"
#include "codecs/wire/svc.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

std::string Text(ByteView view) { return {view.begin(), view.end()}; }

TEST_CASE("a chunk is a header and data") {
  const Buffer bytes =
      ReadVector("pdu/spec-ms-rdpbcgr-4.4-1-annotated-server-to-client-virtual-channel-pdu.in.bin");
  if (bytes.empty()) return;
  ChannelChunk chunk;
  REQUIRE(ParseChannelChunk(bytes, &chunk).ok());
  CHECK(chunk.total_length == 8);
  CHECK(chunk.flags == (kChannelFlagFirst | kChannelFlagLast));
  CHECK(chunk.data.size() == 8);
  CHECK(chunk.compression_flags() == 0);
  Buffer header;
  ByteWriter w(&header);
  WriteChannelHeader(8, kChannelFlagFirst | kChannelPacketCompressed | 0x00010000, &w);
  REQUIRE(ParseChannelChunk(header, &chunk).ok());
  CHECK(chunk.compression_flags() == 0x21);
}

TEST_CASE("chunks join; a single one is not copied") {
  ChannelAssembler assembler(100);
  ByteView message;
  bool complete = false;
  const Buffer abc = {'a', 'b', 'c'};
  const Buffer def = {'d', 'e', 'f'};
  REQUIRE(assembler.Add(3, 3, abc, &message, &complete).ok());
  CHECK(complete);
  CHECK(message.data() == abc.data());
  REQUIRE(assembler.Add(kChannelFlagFirst, 6, abc, &message, &complete).ok());
  CHECK_FALSE(complete);
  CHECK(assembler.pending_bytes() == 3);
  REQUIRE(assembler.Add(kChannelFlagLast, 6, def, &message, &complete).ok());
  REQUIRE(complete);
  CHECK(Text(message) == "abcdef");
  CHECK(assembler.pending_bytes() == 0);
}

TEST_CASE("chunks that break the rules are refused, and the next message is whole again") {
  ChannelAssembler assembler(100);
  ByteView message;
  bool complete = false;
  const Buffer abc = {'a', 'b', 'c'};
  CHECK(assembler.Add(0, 6, abc, &message, &complete).err == Err::kMalformed);
  CHECK(assembler.Add(kChannelFlagFirst, 101, abc, &message, &complete).err == Err::kLimit);
  CHECK(assembler.Add(kChannelFlagFirst, 2, abc, &message, &complete).err == Err::kMalformed);
  REQUIRE(assembler.Add(kChannelFlagFirst, 4, abc, &message, &complete).ok());
  CHECK(assembler.Add(kChannelFlagLast, 4, abc, &message, &complete).err == Err::kMalformed);
  CHECK(assembler.pending_bytes() == 0);
  REQUIRE(assembler.Add(kChannelFlagFirst, 50, abc, &message, &complete).ok());
  REQUIRE(assembler.Add(kChannelFlagFirst, 6, abc, &message, &complete).ok());
  REQUIRE(assembler.Add(kChannelFlagLast, 6, abc, &message, &complete).ok());
  CHECK(Text(message) == "abcabc");
}

DvcPdu ParseVector(bool to_server, const std::string& name, const Buffer& bytes) {
  CAPTURE(name);
  DvcPdu pdu;
  CHECK(ParseDvc(to_server, bytes, &pdu).ok());
  return pdu;
}

TEST_CASE("the dynamic channel vectors") {
  auto spec = [](const std::string& name) {
    return ReadVector("dvc/spec-ms-rdpedyc-" + name + "-pdu.in.bin");
  };
  if (spec("4.4.1-0-dvc-close").empty()) return;
  const Buffer caps = spec("4.1.1-0-dvc-capabilities-request-version2");
  DvcPdu pdu = ParseVector(false, "capabilities", caps);
  CHECK(pdu.cmd == DvcCmd::kCapabilities);
  CHECK(pdu.version == 2);
  CHECK(pdu.priority_charges[0] == 0x3333);
  CHECK(pdu.priority_charges[3] == 0x04A7);
  Buffer out;
  ByteWriter w(&out);
  WriteDvcCapabilitiesResponse(2, &w);
  CHECK(out == spec("4.1.2-0-dvc-capabilities-response"));

  const Buffer create = spec("4.2.1-0-dvc-create-request");
  pdu = ParseVector(false, "create", create);
  CHECK(pdu.cmd == DvcCmd::kCreate);
  CHECK(pdu.channel_id == 3);
  CHECK(pdu.name == "testdvc");
  out.clear();
  WriteDvcCreateResponse(3, 0, &w);
  CHECK(out == spec("4.2.2-0-dvc-create-response"));
  pdu = ParseVector(true, "create response", out);
  CHECK(pdu.creation_status == 0);

  const Buffer first = spec("4.3.1-0-dvc-data-first");
  pdu = ParseVector(false, "data first", first);
  CHECK(pdu.cmd == DvcCmd::kDataFirst);
  CHECK(pdu.channel_id == 3);
  CHECK(pdu.total_length == 0x0C7B);
  CHECK(pdu.data.size() == first.size() - 4);
  const Buffer compressed = spec("4.3.3-0-dvc-data-first-compressed");
  pdu = ParseVector(false, "compressed", compressed);
  CHECK(pdu.cmd == DvcCmd::kDataFirstCompressed);
  CHECK(pdu.data[0] == 0xE0);
  const Buffer close = spec("4.4.1-0-dvc-close");
  pdu = ParseVector(false, "close", close);
  CHECK(pdu.cmd == DvcCmd::kClose);
  out.clear();
  WriteDvcClose(3, &w);
  CHECK(out == close);
}

TEST_CASE("soft-sync request and response") {
  const Buffer request = ReadVector("dvc/ironrdp-tests.dvc.soft_sync-request_encoded.in.bin");
  if (request.empty()) return;
  DvcPdu pdu = ParseVector(false, "request", request);
  CHECK(pdu.cmd == DvcCmd::kSoftSyncRequest);
  CHECK(pdu.soft_sync_flags == 3);
  SoftSyncTunnels tunnels(pdu);
  uint32_t type = 0;
  ByteView ids;
  REQUIRE(tunnels.Next(&type, &ids));
  CHECK(type == 1);
  REQUIRE(ids.size() == 4);
  CHECK(ids[0] == 3);
  CHECK(ids[1] == 3);
  CHECK_FALSE(tunnels.Next(&type, &ids));
  CHECK(tunnels.status().ok());
  Buffer out;
  ByteWriter w(&out);
  const uint32_t switched = 1;
  WriteSoftSyncResponse(&switched, 1, &w);
  CHECK(out == ReadVector("dvc/ironrdp-tests.dvc.soft_sync-response_encoded.in.bin"));
  pdu = ParseVector(true, "response", out);
  CHECK(pdu.tunnels == 1);
  CHECK(pdu.tunnel_data.size() == 4);
}

TEST_CASE("channel ids of one, two and four bytes") {
  for (const uint32_t id : {0u, 255u, 256u, 65535u, 65536u, 0xFFFFFFFFu}) {
    Buffer out;
    ByteWriter w(&out);
    WriteDvcDataHeader(id, &w);
    w.U8('x');
    DvcPdu pdu;
    REQUIRE(ParseDvc(false, out, &pdu).ok());
    CHECK(pdu.cmd == DvcCmd::kData);
    CHECK(pdu.channel_id == id);
    CHECK(Text(pdu.data) == "x");
  }
  DvcPdu pdu;
  CHECK(ParseDvc(false, Buffer{0x33, 1, 2, 3, 4}, &pdu).err == Err::kMalformed);
  CHECK(ParseDvc(false, Buffer{0xF0, 1}, &pdu).err == Err::kUnsupported);
  CHECK(ParseDvc(false, Buffer{0x10, 1, 'n', 'o'}, &pdu).err == Err::kTruncated);
}

TEST_CASE("dynamic messages join within a limit") {
  DvcAssembler assembler(8);
  ByteView message;
  bool complete = false;
  const Buffer abc = {'a', 'b', 'c'};
  REQUIRE(assembler.Next(abc, &message, &complete).ok());
  CHECK(complete);
  CHECK(message.data() == abc.data());
  REQUIRE(assembler.First(3, abc, &message, &complete).ok());
  CHECK(complete);
  REQUIRE(assembler.First(6, abc, &message, &complete).ok());
  CHECK_FALSE(complete);
  REQUIRE(assembler.Next(abc, &message, &complete).ok());
  REQUIRE(complete);
  CHECK(Text(message) == "abcabc");
  CHECK(assembler.First(9, abc, &message, &complete).err == Err::kLimit);
  REQUIRE(assembler.First(4, abc, &message, &complete).ok());
  CHECK(assembler.Next(abc, &message, &complete).err == Err::kMalformed);
  CHECK(assembler.pending_bytes() == 0);
}

}  // namespace
}  // namespace mullion::test
