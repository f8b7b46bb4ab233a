// File formats, link types, byte orders, times; and files that are cut or wrong.
#include <doctest/doctest.h>

#include "io/capture/endpoint.h"
#include "io/capture/packet_file.h"
#include "tests/support/capture_recorder.h"
#include "tests/support/packet_builder.h"

namespace mullion::test {
namespace {

// A whole short session in the clear: 100 bytes to the server, 5000 back.
std::vector<TimedPacket> ShortSession(const PacketSpec& base = {}) {
  std::vector<TimedPacket> packets;
  TcpTalk talk(&packets, base);
  talk.Handshake();
  talk.Negotiate();
  talk.Data(true, Noise(100, 1));
  talk.Data(false, Noise(5000, 2));
  talk.Fin(true);
  talk.Fin(false);
  return packets;
}

void CheckShortSession(const CaptureRecorder& recorder) {
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.AllClosed());
  const RecordedConnection& c = recorder.connections[0];
  CHECK_MESSAGE(c.error.ok(), c.error.message);
  Octets to_server = ConnectionRequest(), to_client = ConnectionConfirm();
  const Octets up = Noise(100, 1), down = Noise(5000, 2);
  to_server.insert(to_server.end(), up.begin(), up.end());
  to_client.insert(to_client.end(), down.begin(), down.end());
  CHECK(c.bytes[1] == to_server);
  CHECK(c.bytes[0] == to_client);
}

void CheckFile(const Octets& file) {
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureBytes(file, &recorder);
  CHECK_MESSAGE(error.ok(), error.message);
  CheckShortSession(recorder);
}

TEST_CASE("every link type gives the same session, over IPv4 and IPv6, in pcap and pcapng") {
  constexpr uint16_t kLinks[] = {0, 1, 12, 14, 101, 108, 113, 228, 229, 276};
  for (const uint16_t link : kLinks) {
    for (const bool is_v6 : {false, true}) {
      CAPTURE(link);
      CAPTURE(is_v6);
      PacketSpec spec;
      spec.link_type = link;
      spec.is_v6 = is_v6;
      CheckFile(BuildPcap(ShortSession(spec), link));
      CheckFile(BuildPcapng(ShortSession(spec), "", link));
    }
  }
}

TEST_CASE(
    "VLAN tags, IP options, extension headers, TCP options, padding and offload are no hurdle") {
  PacketSpec specs[9];
  specs[0].vlan_tags = 1;
  specs[1].vlan_tags = 3;
  specs[2].ip_option_bytes = 40;
  specs[3].is_v6 = true;
  specs[3].ip_option_bytes = 24;
  specs[4].tcp_option_bytes = 40;
  specs[5].trailer_bytes = 22;
  specs[6].zero_ip_length = true;
  specs[7].fragment = 0x4000;  // only "do not fragment"
  specs[8].link_type = 0;
  specs[8].swapped_family = true;
  for (const PacketSpec& spec : specs) {
    CheckFile(BuildPcapng(ShortSession(spec), "", spec.link_type));
  }
}

TEST_CASE("pcap is read in both byte orders, with microseconds and nanoseconds") {
  for (const bool big_endian : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      CaptureRecorder recorder;
      REQUIRE(
          ReadCaptureBytes(BuildPcap(ShortSession(), 1, big_endian, nanoseconds), &recorder).ok());
      CheckShortSession(recorder);
      // The request is the fourth packet.
      CHECK(recorder.connections[0].open_ns == 1700000000000003000u);
    }
  }
}

TEST_CASE("pcapng is read in both byte orders, with every kind of packet block and unknown ones") {
  const std::vector<TimedPacket> packets = ShortSession();
  for (const bool big_endian : {false, true}) {
    PcapngBuilder builder(big_endian);
    builder.Section();
    builder.Interface();
    builder.Block(0x0BAD0BAD, Noise(300000, 5));
    builder.Block(5, Noise(20, 5));
    size_t i = 0;
    for (const TimedPacket& p : packets) {
      switch (i++ % 3) {
        case 0:
          builder.Enhanced(p.bytes, p.time_ns / 1000);
          break;
        case 1:
          builder.Obsolete(p.bytes, p.time_ns / 1000);
          break;
        default:
          builder.Simple(p.bytes);
          break;
      }
    }
    CheckFile(builder.bytes());
  }
}

TEST_CASE("sections of either byte order follow each other, and interfaces belong to theirs") {
  const std::vector<TimedPacket> packets = ShortSession();
  PcapngBuilder builder;
  builder.Section(false);
  builder.Interface(229);
  builder.Interface(1, 9);
  size_t i = 0;
  for (const TimedPacket& p : packets) {
    if (++i == 4) {
      builder.Section(true);
      builder.Interface(1, 9);
    }
    builder.Enhanced(p.bytes, p.time_ns, i < 4 ? 1 : 0);
  }
  CheckFile(builder.bytes());
}

TEST_CASE("time resolutions and offsets give nanoseconds") {
  const auto open_ns = [](int resolution, int64_t offset, uint64_t ticks) {
    PcapngBuilder builder;
    builder.Section();
    builder.Interface(1, resolution, offset);
    PacketSpec spec;
    const Octets request = ConnectionRequest();
    spec.payload = request;
    builder.Enhanced(BuildPacket(spec), ticks);
    CaptureRecorder recorder;
    REQUIRE(ReadCaptureBytes(builder.bytes(), &recorder).ok());
    REQUIRE(recorder.connections.size() == 1);
    return recorder.connections[0].open_ns;
  };
  CHECK(open_ns(-1, 0, 5) == 5000);
  CHECK(open_ns(6, 0, 5) == 5000);
  CHECK(open_ns(9, 0, 5) == 5);
  CHECK(open_ns(0, 0, 5) == 5000000000u);
  CHECK(open_ns(3, 7, 5) == 7005000000u);
  CHECK(open_ns(12, 0, 5999) == 5);
  CHECK(open_ns(0x80 | 10, 0, 1024 + 512) == 1500000000u);
  CHECK(open_ns(0x80 | 32, -1, uint64_t{3} << 32) == 2000000000u);
}

TEST_CASE("a file cut anywhere ends with an error that says where, and closes what was open") {
  PcapngBuilder builder;
  builder.Section();
  builder.Secrets("# nothing\n");
  builder.Interface(1, 9);
  for (const TimedPacket& p : ShortSession()) builder.Enhanced(p.bytes, p.time_ns);
  const Octets files[] = {builder.bytes(), BuildPcap(ShortSession())};
  for (const Octets& file : files) {
    int whole = 0;
    for (size_t size = 0; size < file.size(); size += size < 4096 ? 1 : 97) {
      // A copy of its own, so that an over-read is seen.
      const Octets cut(file.begin(), file.begin() + static_cast<ptrdiff_t>(size));
      CaptureRecorder recorder;
      const CaptureError error = ReadCaptureBytes(cut, &recorder);
      CHECK(recorder.AllClosed());
      if (error.ok()) {  // between two records
        ++whole;
      } else {
        CHECK(error.status.err == Err::kTruncated);
        CHECK(!error.message.empty());
        for (const RecordedConnection& c : recorder.connections) {
          CHECK(c.error.status.err == Err::kTruncated);
        }
      }
    }
    CHECK(whole >= 5);
    CHECK(whole <= 14);
  }
}

TEST_CASE("flipped bits never do harm") {
  const Octets file = BuildPcapng(ShortSession(), "CLIENT_RANDOM 00 11\n");
  for (size_t i = 0; i < file.size() * 8; i += i < 4096 ? 1 : 61) {
    Octets flipped = file;
    flipped[i / 8] = static_cast<uint8_t>(flipped[i / 8] ^ 1u << i % 8);
    CaptureRecorder recorder;
    (void)ReadCaptureBytes(flipped, &recorder);
    CHECK(recorder.AllClosed());
  }
}

TEST_CASE("wrong files are named for what is wrong with them") {
  CaptureRecorder recorder;
  CHECK(ReadCaptureFile("/nonexistent.pcapng", &recorder).status.err == Err::kIo);
  CHECK(ReadCaptureFile("/tmp", &recorder).status.err == Err::kIo);
  CHECK(ReadCaptureFile("/dev/null", &recorder).status.err == Err::kTruncated);
  CHECK(ReadCaptureBytes(Noise(100, 3), &recorder).status.err == Err::kUnsupported);

  PcapngBuilder no_interface;
  no_interface.Section();
  no_interface.Enhanced(Noise(60, 1), 0);
  CHECK(ReadCaptureBytes(no_interface.bytes(), &recorder).status.err == Err::kMalformed);

  Octets bad_length = BuildPcapng(ShortSession());
  bad_length[bad_length.size() - 4] ^= 4;
  CHECK(ReadCaptureBytes(bad_length, &recorder).status.err == Err::kMalformed);

  Octets huge = BuildPcap(ShortSession());
  huge[24 + 8 + 3] = 0x7F;
  CHECK(ReadCaptureBytes(huge, &recorder).status.err == Err::kLimit);

  const CaptureError link = ReadCaptureBytes(BuildPcap(ShortSession(), 105), &recorder);
  CHECK(link.status.err == Err::kUnsupported);
  CHECK(link.message.find("105") != std::string::npos);
}

TEST_CASE("an endpoint's text is parsed back, and nonsense is not") {
  const char* const good[] = {"1.2.3.4:5",      "255.255.255.255:65535", "[::]:0",
                              "[::1]:3389",     "[fe80::1:0:0:2]:1",     "[1:2:3:4:5:6:7:8]:9",
                              "[2001:db8::]:7", "[0:1:2:3:4:5:6:7]:8",   "[1::4:0:0:7:8]:1"};
  for (const char* text : good) {
    Endpoint e;
    CAPTURE(text);
    CHECK(ParseEndpoint(text, &e));
    CHECK(e.Text() == text);
  }
  const char* const bad[] = {"",
                             ":",
                             "1.2.3.4",
                             "1.2.3:4",
                             "1.2.3.4.5:6",
                             "1.2.3.256:1",
                             "1.2.3.4:65536",
                             "[::1]",
                             "[:::1]:1",
                             "[1:2:3:4:5:6:7]:8",
                             "[1:2:3:4:5:6:7:8:9]:1",
                             "[1::2::3]:1",
                             "[12345::]:1",
                             "[g::]:1",
                             "[1:2:3:4:5:6:7:8::]:1",
                             "[1:]:1",
                             "a.b.c.d:1",
                             "1..2.3:4"};
  for (const char* text : bad) {
    Endpoint e;
    CAPTURE(text);
    CHECK(!ParseEndpoint(text, &e));
  }
}

}  // namespace
}  // namespace mullion::test
