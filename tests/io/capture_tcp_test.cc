// TCP as captures have it: retransmitted, reordered, overlapping, wrapped, cut, reused.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "io/capture/tcp_stream.h"
#include "tests/support/capture_recorder.h"
#include "tests/support/packet_builder.h"

namespace mullion::test {
namespace {

Octets Join(const Octets& a, const Octets& b) {
  Octets all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

CaptureRecorder Read(const std::vector<TimedPacket>& packets) {
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureBytes(BuildPcapng(packets), &recorder);
  CHECK_MESSAGE(error.ok(), error.message);
  CHECK(recorder.AllClosed());
  return recorder;
}

TEST_CASE("segments in any order, repeated and cut differently, give the stream") {
  const Octets down = Noise(60000, 3);
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<TimedPacket> packets;
    // Both directions wrap.
    TcpTalk talk(&packets, {}, 0xFFFFFFF0u, 0xFFFF0000u + static_cast<uint32_t>(round) * 4000);
    talk.Handshake();
    talk.Negotiate();
    const uint32_t begin = talk.next(false);
    std::vector<std::pair<size_t, size_t>> cuts;  // offset, size
    for (int pass = 0; pass < 2; ++pass) {        // everything twice, cut differently
      for (size_t at = 0; at < down.size();) {
        const size_t size = std::min<size_t>(1 + random() % 3000, down.size() - at);
        cuts.emplace_back(at, size);
        at += size;
      }
    }
    std::shuffle(cuts.begin(), cuts.end(), random);
    for (const auto& [at, size] : cuts) {
      talk.SendAt(false, begin + static_cast<uint32_t>(at), kAck, ByteView(down).subspan(at, size));
    }
    talk.Advance(false, down.size());
    talk.Fin(false);
    talk.Fin(true);
    const CaptureRecorder recorder = Read(packets);
    REQUIRE(recorder.connections.size() == 1);
    CHECK_MESSAGE(recorder.connections[0].error.ok(), recorder.connections[0].error.message);
    CHECK(recorder.connections[0].bytes[0] == Join(ConnectionConfirm(), down));
  }
}

TEST_CASE("a capture whose packets are all shuffled still gives both streams") {
  const Octets up = Noise(3000, 1), down = Noise(9000, 2);
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<TimedPacket> packets;
    TcpTalk talk(&packets);
    talk.Handshake();
    talk.Negotiate();
    talk.Data(true, up, 700);
    talk.Data(false, down, 900);
    talk.Fin(true);
    talk.Fin(false);
    std::shuffle(packets.begin() + 3, packets.end(), random);  // behind the handshake
    const CaptureRecorder recorder = Read(packets);
    REQUIRE(recorder.connections.size() == 1);
    CHECK_MESSAGE(recorder.connections[0].error.ok(), recorder.connections[0].error.message);
    CHECK(recorder.connections[0].bytes[0] == Join(ConnectionConfirm(), down));
    CHECK(recorder.connections[0].bytes[1] == Join(ConnectionRequest(), up));
  }
}

TEST_CASE("a segment that never comes is a gap that names the connection and the range") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  talk.Data(false, Noise(100, 1));
  const uint32_t lost = talk.next(false);
  talk.Advance(false, 50);
  talk.Data(false, Noise(100, 2));
  SUBCASE("with FINs") {
    talk.Fin(true);
    talk.Fin(false);
  }
  SUBCASE("at the file's end") {}
  SUBCASE("with a reset") { talk.Send(true, kRst | kAck, {}); }
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  const RecordedConnection& c = recorder.connections[0];
  CHECK(c.error.status.err == Err::kTruncated);
  CHECK(c.bytes[0].size() == ConnectionConfirm().size() + 100);
  CHECK(c.error.message.find("10.0.0.1:50000 -> 10.0.0.2:3389") != std::string::npos);
  CHECK(c.error.message.find("50 bytes from the server") != std::string::npos);
  CHECK(c.error.message.find(std::to_string(lost) + " to " + std::to_string(lost + 49)) !=
        std::string::npos);
}

TEST_CASE("bytes missing before a FIN are a gap too") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  talk.Advance(false, 7);
  talk.Fin(false);
  talk.Fin(true);
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.status.err == Err::kTruncated);
}

TEST_CASE("a gap ends the connection when too much waits behind it, and the others go on") {
  std::vector<TimedPacket> packets;
  PacketSpec other;
  other.client_port = 50001;
  TcpTalk lossy(&packets), fine(&packets, other);
  for (TcpTalk* talk : {&lossy, &fine}) {
    talk->Handshake();
    talk->Negotiate();
  }
  lossy.Advance(false, 1);
  const Octets block = Noise(65000, 4);
  for (size_t sum = 0; sum < CaptureReader::kMaxGapBytes + block.size(); sum += block.size()) {
    lossy.Data(false, block, 65000);
  }
  fine.Data(false, block);
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 2);
  CHECK(recorder.connections[0].error.status.err == Err::kTruncated);
  CHECK(recorder.connections[0].close_ns < recorder.connections[1].close_ns);
  CHECK(recorder.connections[1].error.ok());
  CHECK(recorder.connections[1].bytes[0] == Join(ConnectionConfirm(), block));
}

TEST_CASE("packets cut by the snap length are a gap whose message says so") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  talk.Data(false, Noise(1000, 1));
  talk.Data(false, Noise(1000, 2));
  PcapngBuilder builder;
  builder.Section();
  builder.Interface(1, 9, 0, 96);
  size_t cut_offset = 0;
  for (const TimedPacket& p : packets) {
    if (p.bytes.size() > 96 && cut_offset == 0) cut_offset = builder.bytes().size();
    const size_t size = std::min<size_t>(p.bytes.size(), 96);
    builder.Enhanced(ByteView(p.bytes).first(size), p.time_ns, 0,
                     static_cast<uint32_t>(p.bytes.size()));
  }
  CaptureRecorder recorder;
  CHECK(ReadCaptureBytes(builder.bytes(), &recorder).ok());
  REQUIRE(recorder.connections.size() == 1);
  const CaptureError& error = recorder.connections[0].error;
  CHECK(error.status.err == Err::kTruncated);
  CHECK_MESSAGE(
      error.message.find("file offset " + std::to_string(cut_offset)) != std::string::npos,
      error.message);
}

TEST_CASE("a capture of headers only says why it holds no session") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  PcapngBuilder builder;
  builder.Section();
  builder.Interface(1, 9, 0, 54);
  for (const TimedPacket& p : packets) {
    builder.Enhanced(ByteView(p.bytes).first(54), p.time_ns, 0,
                     static_cast<uint32_t>(p.bytes.size()));
  }
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureBytes(builder.bytes(), &recorder);
  CHECK(error.status.err == Err::kTruncated);
  CHECK(error.message.find("cut when they were captured") != std::string::npos);
  CHECK(recorder.connections.empty());
}

TEST_CASE("IP fragments are a gap whose message says so") {
  for (const bool is_v6 : {false, true}) {
    std::vector<TimedPacket> packets;
    PacketSpec base;
    base.is_v6 = is_v6;
    TcpTalk talk(&packets, base);
    talk.Handshake();
    talk.Negotiate();
    const Octets data = Noise(2000, 1);
    PacketSpec first = base;
    first.to_server = false;
    first.sequence = talk.next(false);
    first.payload = ByteView(data).first(1004);
    first.fragment = is_v6 ? 1 : 0x2000;  // more fragments
    packets.push_back({BuildPacket(first), 0});
    PacketSpec second = first;
    second.payload = ByteView(data).last(976);
    second.fragment = is_v6 ? 1024 : 128;  // offset 1024
    packets.push_back({BuildPacket(second), 0});
    talk.Advance(false, data.size());
    talk.Data(false, data);
    const CaptureRecorder recorder = Read(packets);
    REQUIRE(recorder.connections.size() == 1);
    const CaptureError& error = recorder.connections[0].error;
    CHECK(error.status.err == Err::kTruncated);
    CHECK(error.message.find("IP fragments") != std::string::npos);
  }
}

TEST_CASE("sessions are found on any port, in either role, and other connections are not") {
  std::vector<TimedPacket> packets;
  PacketSpec odd;
  odd.client_port = 3389;
  odd.server_port = 443;
  odd.client_host = 9;
  PacketSpec web;
  web.client_port = 40000;
  TcpTalk session(&packets, odd), noise(&packets, web);
  noise.Handshake();
  session.Handshake();
  noise.Data(true, Noise(5000, 8));
  session.Negotiate();
  noise.Data(false, Noise(50000, 9));
  session.Data(true, Noise(10, 1));
  noise.Fin(true);
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].connection.client == "10.0.0.9:3389");
  CHECK(recorder.connections[0].connection.server == "10.0.0.2:443");
  CHECK(recorder.connections[0].error.ok());
}

TEST_CASE("a request in single bytes is recognised, and so is one whose confirm came first") {
  std::vector<TimedPacket> packets;
  SUBCASE("single bytes") {
    TcpTalk talk(&packets);
    talk.Handshake();
    talk.Data(true, ConnectionRequest("Cookie: mstshash=x\r\n"), 1);
    talk.Data(false, ConnectionConfirm(), 1);
    talk.Data(false, Noise(10, 1), 1);
  }
  SUBCASE("confirm first, without a handshake") {
    TcpTalk talk(&packets);
    talk.Advance(true, 39);
    talk.Data(false, ConnectionConfirm());
    talk.SendAt(true, talk.next(true) - 39, 0, ConnectionRequest("Cookie: mstshash=x\r\n"));
    talk.Data(false, Noise(10, 1), 1);
  }
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  const RecordedConnection& c = recorder.connections[0];
  CHECK(c.connection.client == "10.0.0.1:50000");
  CHECK(c.bytes[1] == ConnectionRequest("Cookie: mstshash=x\r\n"));
  CHECK(c.bytes[0] == Join(ConnectionConfirm(), Noise(10, 1)));
  CHECK(c.error.ok());
}

TEST_CASE("a capture that begins behind the SYN is followed from the request on") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  talk.Data(false, Noise(5000, 1));
  packets.erase(packets.begin(), packets.begin() + 3);
  std::swap(packets[2], packets[3]);
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.ok());
  CHECK(recorder.connections[0].bytes[0] == Join(ConnectionConfirm(), Noise(5000, 1)));
}

TEST_CASE("ports that are used again make a second session") {
  std::vector<TimedPacket> packets;
  for (uint32_t i = 0; i < 3; ++i) {
    TcpTalk talk(&packets, {}, 1000 + i * 100000, 5000 + i * 100000);
    talk.Handshake();
    talk.SendAt(true, 1000 + i * 100000, kSyn, {});  // a SYN that came twice
    talk.Negotiate();
    talk.Data(true, Noise(100 + i, i));
    if (i == 1) talk.Send(false, kRst | kAck, {});
    if (i == 2) {
      talk.Fin(true);
      talk.Fin(false);
    }
  }
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(recorder.connections[i].error.ok());
    CHECK(recorder.connections[i].bytes[1] == Join(ConnectionRequest(), Noise(100 + i, i)));
  }
}

TEST_CASE("many sessions, interleaved packet by packet, stay apart") {
  std::vector<TimedPacket> packets;
  std::vector<TcpTalk> talks;
  constexpr uint32_t kSessions = 300;
  for (uint32_t i = 0; i < kSessions; ++i) {
    PacketSpec base;
    base.client_port = static_cast<uint16_t>(40000 + i);
    base.is_v6 = i % 2 == 1;
    talks.emplace_back(&packets, base, i * 7919, i * 104729);
    talks.back().Handshake();
  }
  for (TcpTalk& talk : talks) talk.Negotiate();
  for (uint32_t round = 0; round < 5; ++round) {
    for (uint32_t i = 0; i < kSessions; ++i) talks[i].Data(false, Noise(300, i * 5 + round), 128);
  }
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == kSessions);
  for (uint32_t i = 0; i < kSessions; ++i) {
    Octets expected = ConnectionConfirm();
    for (uint32_t round = 0; round < 5; ++round) {
      expected = Join(expected, Noise(300, i * 5 + round));
    }
    CHECK(recorder.connections[i].bytes[0] == expected);
  }
}

TEST_CASE("keep-alive probes and old segments change nothing") {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets);
  talk.Handshake();
  talk.Negotiate();
  const uint8_t garbage[1] = {0xEE};
  talk.SendAt(true, talk.next(true) - 1, kAck, garbage);
  talk.SendAt(false, talk.next(false) - 0x20000000, kAck, Noise(100, 1));
  talk.SendAt(false, talk.next(false) + 0x50000000, kAck, Noise(100, 1));
  talk.Data(true, Noise(10, 1));
  const CaptureRecorder recorder = Read(packets);
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.ok());
  CHECK(recorder.connections[0].bytes[1] == Join(ConnectionRequest(), Noise(10, 1)));
}

TEST_CASE("bytes that wait are stored once") {
  TcpStream stream;
  stream.Start(0xFFFFFF00u);
  const Octets data = Noise(1000, 1);
  for (int i = 0; i < 5; ++i) {
    CHECK(stream.Insert(0xFFFFFF00u + 100, ByteView(data).subspan(100, 900)).empty());
    CHECK(stream.Insert(0xFFFFFF00u + 50, ByteView(data).subspan(50, 300)).empty());
    CHECK(stream.Insert(0xFFFFFF00u + 500, ByteView(data).subspan(500, 100)).empty());
  }
  CHECK(stream.buffered() == 950 + 2 * TcpStream::kChunkOverhead);
  CHECK(stream.HasGap());
  CHECK(stream.gap_size() == 50);
  const ByteView ready = stream.Insert(0xFFFFFF00u, ByteView(data).first(60));
  Octets all(ready.begin(), ready.end());
  Octets chunk;
  while (stream.PopReady(&chunk)) all = Join(all, chunk);
  CHECK(all == data);
  CHECK(stream.buffered() == 0);
  CHECK(!stream.HasGap());
}

}  // namespace
}  // namespace mullion::test
