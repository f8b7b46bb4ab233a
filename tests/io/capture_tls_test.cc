// Every kind of TLS that the recordings lack: OpenSSL talks to itself, and the reader listens.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>

#include "io/tls/cipher_suite.h"
#include "io/tls/key_log.h"
#include "tests/support/capture_recorder.h"
#include "tests/support/tls_talk.h"

namespace mullion::test {
namespace {

void CheckPlain(const RecordedConnection& c, const TlsTalk& talk) {
  CHECK_MESSAGE(c.error.ok(), c.error.message);
  const Octets clear[2] = {ConnectionConfirm(), ConnectionRequest()};
  for (int i = 0; i < 2; ++i) {
    Octets expected = clear[i];
    expected.insert(expected.end(), talk.plain[i].begin(), talk.plain[i].end());
    CHECK(c.bytes[i] == expected);
  }
  CHECK(c.tls_version == (talk.version() == "TLSv1.3" ? "TLS 1.3" : "TLS 1.2"));
  CHECK(c.tls_cipher == talk.cipher());
}

void CheckTalk(const TlsTalk& talk, const std::string& key_log) {
  for (const size_t segment_bytes : {size_t{1460}, size_t{61}, size_t{60000}}) {
    CaptureRecorder recorder;
    const Octets file = BuildPcapng(PacketsOf(talk, segment_bytes), key_log);
    const CaptureError error = ReadCaptureBytes(file, &recorder);
    CHECK_MESSAGE(error.ok(), error.message);
    REQUIRE(recorder.connections.size() == 1);
    CheckPlain(recorder.connections[0], talk);
  }
}

// Data of many sizes, both ways.
void Chat(TlsTalk* talk, uint32_t seed) {
  for (const size_t size : {1, 15, 16, 17, 200, 20000, 16384}) {
    REQUIRE(talk->Write(true, Noise(size, seed)));
    REQUIRE(talk->Write(false, Noise(3 * size, seed + 1)));
  }
}

TEST_CASE("every cipher suite of the table that OpenSSL speaks is decrypted") {
  struct Variant {
    bool rsa_key, encrypt_then_mac, extended_master_secret;
  };
  constexpr Variant kVariants[] = {
      {true, true, true}, {true, false, false}, {false, true, false}, {false, false, true}};
  size_t spoken = 0;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_cipher_list(context, "ALL:eNULL:@SECLEVEL=0");
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    const CipherSuite* suite = FindCipherSuite(SSL_CIPHER_get_protocol_id(cipher));
    if (suite == nullptr) continue;
    CAPTURE(suite->name);
    CHECK(std::string(suite->name) == SSL_CIPHER_standard_name(cipher));
    bool any = false;
    for (const Variant& v : kVariants) {
      TlsSetup setup;
      setup.version = suite->tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
      setup.cipher = SSL_CIPHER_get_name(cipher);
      setup.rsa_key = v.rsa_key;
      setup.encrypt_then_mac = v.encrypt_then_mac;
      setup.extended_master_secret = v.extended_master_secret;
      TlsWorld world(setup);
      TlsTalk talk(&world);
      if (!talk.Handshake()) continue;  // the other kind of key
      any = true;
      Chat(&talk, 5);
      talk.Shutdown();
      CheckTalk(talk, world.key_log);
    }
    if (!any) continue;  // DSS
    ++spoken;
  }
  SSL_CTX_free(context);
  CHECK(spoken >= 30);
}

TEST_CASE("TLS 1.3 key updates in both directions are followed") {
  for (const char* cipher :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    CAPTURE(cipher);
    TlsSetup setup;
    setup.cipher = cipher;
    TlsWorld world(setup);
    TlsTalk talk(&world);
    REQUIRE(talk.Handshake());
    Chat(&talk, 1);
    REQUIRE(talk.KeyUpdate(true, false));
    Chat(&talk, 2);
    REQUIRE(talk.KeyUpdate(false, true));
    Chat(&talk, 3);
    for (int i = 0; i < 3; ++i) REQUIRE(talk.KeyUpdate(true, true));
    Chat(&talk, 4);
    CheckTalk(talk, world.key_log);
  }
}

TEST_CASE("a TLS 1.3 hello retry request is followed") {
  TlsSetup setup;
  setup.cipher = "TLS_AES_128_GCM_SHA256";
  setup.client_groups = "X25519:P-384";
  setup.server_groups = "P-384";
  TlsWorld world(setup);
  TlsTalk talk(&world);
  REQUIRE(talk.Handshake());
  Chat(&talk, 1);
  CheckTalk(talk, world.key_log);
}

TEST_CASE("TLS 1.3 resumption works with the key log of its own connection") {
  TlsSetup setup;
  setup.cipher = "TLS_AES_256_GCM_SHA384";
  TlsWorld world(setup);
  TlsTalk first(&world);
  REQUIRE(first.Handshake());
  Chat(&first, 1);
  first.Shutdown();
  TlsTalk second(&world, true);
  REQUIRE(second.Handshake());
  REQUIRE(second.resumed());
  Chat(&second, 2);
  CheckTalk(first, world.key_log);
  CheckTalk(second, world.key_log);
}

TEST_CASE("TLS 1.2 resumption works with its own key log, or with that of the first connection") {
  for (const bool tickets : {false, true}) {
    for (const char* cipher : {"ECDHE-RSA-AES256-GCM-SHA384", "AES128-SHA"}) {
      CAPTURE(tickets);
      CAPTURE(cipher);
      TlsSetup setup;
      setup.version = TLS1_2_VERSION;
      setup.cipher = cipher;
      setup.tickets = tickets;
      TlsWorld world(setup);
      TlsTalk first(&world);
      REQUIRE(first.Handshake());
      Chat(&first, 1);
      first.Shutdown();
      const std::string first_log = world.key_log;
      TlsTalk second(&world, true);
      REQUIRE(second.Handshake());
      REQUIRE(second.resumed());
      Chat(&second, 2);
      CheckTalk(second, world.key_log);

      std::vector<TimedPacket> packets = PacketsOf(first, 1000, 50001);
      const std::vector<TimedPacket> more = PacketsOf(second, 1000, 50002);
      packets.insert(packets.end(), more.begin(), more.end());
      CaptureRecorder recorder;
      REQUIRE(ReadCaptureBytes(BuildPcapng(packets, first_log), &recorder).ok());
      REQUIRE(recorder.connections.size() == 2);
      CheckPlain(recorder.connections[0], first);
      CheckPlain(recorder.connections[1], second);
    }
  }
}

TEST_CASE("a TLS 1.2 renegotiation changes the keys in the middle of the stream") {
  for (const char* cipher : {"ECDHE-RSA-AES128-GCM-SHA256", "AES256-SHA256"}) {
    TlsSetup setup;
    setup.version = TLS1_2_VERSION;
    setup.cipher = cipher;
    TlsWorld world(setup);
    TlsTalk talk(&world);
    REQUIRE(talk.Handshake());
    Chat(&talk, 1);
    REQUIRE(talk.Renegotiate());
    Chat(&talk, 2);
    CheckTalk(talk, world.key_log);
  }
}

TlsSetup Tls13() {
  TlsSetup setup;
  setup.cipher = "TLS_AES_128_GCM_SHA256";
  return setup;
}

TEST_CASE("without its secret a connection fails with the client random; others are decrypted") {
  TlsWorld world(Tls13());
  TlsTalk known(&world);
  REQUIRE(known.Handshake());
  Chat(&known, 1);
  const std::string log = world.key_log;
  TlsTalk unknown(&world);
  REQUIRE(unknown.Handshake());
  Chat(&unknown, 2);
  std::vector<TimedPacket> packets = PacketsOf(known, 1000, 50001);
  const std::vector<TimedPacket> more = PacketsOf(unknown, 1000, 50002);
  packets.insert(packets.end(), more.begin(), more.end());
  CaptureRecorder recorder;
  REQUIRE(ReadCaptureBytes(BuildPcapng(packets, log), &recorder).ok());
  REQUIRE(recorder.connections.size() == 2);
  CheckPlain(recorder.connections[0], known);
  const RecordedConnection& c = recorder.connections[1];
  CHECK(c.error.status.err == Err::kState);
  CHECK(c.tls_version == "TLS 1.3");
  // The client random stands in the log's last lines.
  const std::string random = world.key_log.substr(world.key_log.rfind("EXPORTER_SECRET ") + 16, 64);
  CHECK_MESSAGE(c.error.message.find(random) != std::string::npos, c.error.message);
  CHECK(c.error.message.find("SECRET") != std::string::npos);
}

TEST_CASE("a connection without secrets does not hold the whole file in memory") {
  TlsWorld world(Tls13());
  TlsTalk talk(&world);
  REQUIRE(talk.Handshake());
  for (int i = 0; i < 20; ++i) REQUIRE(talk.Write(false, Noise(30000, 1)));
  const std::vector<TimedPacket> packets = PacketsOf(talk, 60000);
  CaptureRecorder recorder;
  REQUIRE(ReadCaptureBytes(BuildPcapng(packets), &recorder).ok());
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.status.err == Err::kState);
  CHECK(recorder.connections[0].close_ns < packets[packets.size() - 4].time_ns);
}

TEST_CASE("secrets may come in a later block, and from a file of their own") {
  TlsWorld world(Tls13());
  TlsTalk talk(&world);
  REQUIRE(talk.Handshake());
  REQUIRE(talk.Write(true, Noise(500, 1)));
  REQUIRE(talk.Write(false, Noise(500, 1)));
  const std::vector<TimedPacket> packets = PacketsOf(talk, 1000);
  PcapngBuilder builder;
  builder.Section();
  builder.Interface(1, 9);
  for (size_t i = 0; i < packets.size(); ++i) {
    if (i + 4 == packets.size()) builder.Secrets(world.key_log);
    builder.Enhanced(packets[i].bytes, packets[i].time_ns);
  }
  CaptureRecorder late;
  REQUIRE(ReadCaptureBytes(builder.bytes(), &late).ok());
  REQUIRE(late.connections.size() == 1);
  CheckPlain(late.connections[0], talk);

  const std::string base = "/tmp/mullion_capture_tls_test";
  const auto write = [](const std::string& path, const void* data, size_t size) {
    std::FILE* f = std::fopen(path.c_str(), "wb");
    REQUIRE(f != nullptr);
    CHECK(std::fwrite(data, 1, size, f) == size);
    std::fclose(f);
  };
  std::string log = "# comment\r\n\n";
  for (int i = 0; i < 9000; ++i) log += "SOMETHING_ELSE 00112233 44556677\r\n";
  log += world.key_log;
  log.pop_back();  // the last line need not end
  const Octets file = BuildPcapng(packets);
  write(base + ".keys", log.data(), log.size());
  write(base + ".pcapng", file.data(), file.size());
  CaptureRecorder separate;
  const CaptureError error = ReadCaptureFile(base + ".pcapng", &separate, base + ".keys");
  CHECK_MESSAGE(error.ok(), error.message);
  REQUIRE(separate.connections.size() == 1);
  CheckPlain(separate.connections[0], talk);
  CHECK(ReadCaptureFile(base + ".pcapng", &separate, base + ".none").status.err == Err::kIo);
  std::remove((base + ".keys").c_str());
  std::remove((base + ".pcapng").c_str());
}

TEST_CASE("early data is refused with a clear error") {
  TlsSetup setup = Tls13();
  setup.max_early_data = 10000;
  TlsWorld world(setup);
  TlsTalk first(&world);
  REQUIRE(first.Handshake());
  Chat(&first, 1);
  first.Shutdown();
  TlsTalk second(&world, true);
  REQUIRE(second.WriteEarlyData(Noise(100, 1)));
  CaptureRecorder recorder;
  REQUIRE(ReadCaptureBytes(BuildPcapng(PacketsOf(second, 1000), world.key_log), &recorder).ok());
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.status.err == Err::kUnsupported);
  CHECK(recorder.connections[0].error.message.find("0-RTT") != std::string::npos);
}

TEST_CASE("a changed record, a wrong secret and other versions are errors of that connection") {
  TlsWorld world(Tls13());
  TlsTalk talk(&world);
  REQUIRE(talk.Handshake());
  Chat(&talk, 1);
  std::string log = world.key_log;
  SUBCASE("a changed byte") { talk.transcript.back().second.back() ^= 1; }
  SUBCASE("a wrong secret") {
    const size_t line = log.find("SERVER_TRAFFIC_SECRET_0");
    char& digit = log[log.find('\n', line) - 1];
    digit = digit == '0' ? '1' : '0';
  }
  CaptureRecorder recorder;
  REQUIRE(ReadCaptureBytes(BuildPcapng(PacketsOf(talk, 1000), log), &recorder).ok());
  REQUIRE(recorder.connections.size() == 1);
  CHECK(recorder.connections[0].error.status.err == Err::kMalformed);
  CHECK(recorder.connections[0].error.message.find("server") != std::string::npos);
}

TEST_CASE("TLS 1.0 and 1.1 are refused by name") {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsSetup setup;
    setup.version = version;
    setup.cipher = "AES128-SHA";
    TlsWorld world(setup);
    TlsTalk talk(&world);
    if (!talk.Handshake()) continue;  // switched off in this OpenSSL
    CaptureRecorder recorder;
    REQUIRE(ReadCaptureBytes(BuildPcapng(PacketsOf(talk, 1000), world.key_log), &recorder).ok());
    REQUIRE(recorder.connections.size() == 1);
    CHECK(recorder.connections[0].error.status.err == Err::kUnsupported);
    CHECK(recorder.connections[0].error.message.find("0x030") != std::string::npos);
  }
}

TEST_CASE("the two directions of a handshake may be captured in any order") {
  TlsWorld world(Tls13());
  TlsTalk talk(&world);
  REQUIRE(talk.Handshake());
  for (int i = 0; i < 3; ++i) REQUIRE(talk.Write(i != 1, Noise(300, 1)));
  std::stable_sort(talk.transcript.begin(), talk.transcript.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  CheckTalk(talk, world.key_log);  // the server's stream first, as a whole
  std::stable_sort(talk.transcript.begin(), talk.transcript.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  CheckTalk(talk, world.key_log);
}

TEST_CASE("a key log forgets nothing it should keep and keeps nothing without bounds") {
  KeyLog keys;
  TlsSecret secret;
  secret.size = 48;
  for (uint32_t i = 0; i < 3 * KeyLog::kMaxResumable; ++i) {
    const Octets id = Noise(32, i);
    keys.Remember(id, secret);
    CHECK(keys.FindResumable(id) != nullptr);
  }
  CHECK(keys.FindResumable(Noise(32, 0)) == nullptr);
  Status status = Ok();
  for (uint32_t i = 0; i <= KeyLog::kMaxConnections && status.ok(); ++i) {
    status = keys.Add("CLIENT_RANDOM " + TlsHex(Noise(32, i)) + " 00");
  }
  CHECK(status.err == Err::kLimit);
}

}  // namespace
}  // namespace mullion::test
