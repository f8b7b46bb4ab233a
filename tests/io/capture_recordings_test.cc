// The real recordings of /work/shared/captures through the whole reader.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/capture_recorder.h"
#include "tests/support/json.h"

namespace mullion::test {
namespace {

namespace fs = std::filesystem;
const fs::path kCaptures = MULLION_SOURCE_DIR "/../shared/captures";

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_CASE("every recording decrypts to as many bytes as were counted when it was made") {
  if (!fs::is_directory(kCaptures / "a")) {
    std::printf("skipped: no %s\n", (kCaptures / "a").c_str());
    return;
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(kCaptures / "a")) {
    if (entry.path().extension() != ".pcapng") continue;
    CAPTURE(entry.path().filename().string());
    const std::string json = ReadText(fs::path(entry.path()).replace_extension(".json"));
    CaptureRecorder recorder;
    const CaptureError error = ReadCaptureFile(entry.path(), &recorder);
    CHECK_MESSAGE(error.ok(), error.message);
    CHECK(recorder.AllClosed());
    Json info;
    std::string json_error;
    REQUIRE_MESSAGE(ParseJson(json, &info, &json_error), json_error);
    const bool is_tls = info["tls"].is_object();
    CHECK(recorder.connections.size() == static_cast<size_t>(info["tcp_connections"].Int()));
    // The json counts what one connection carries inside TLS (failed logons come twice, and are
    // equal), or all of the payload where there is no TLS.
    const char* const names[2] = {is_tls ? "plaintext_s2c_bytes" : "s2c",
                                  is_tls ? "plaintext_c2s_bytes" : "c2s"};
    for (const RecordedConnection& c : recorder.connections) {
      CHECK_MESSAGE(c.error.ok(), c.error.message);
      CHECK(c.connection.server == "127.0.0.1:3389");
      CHECK(c.close_ns >= c.open_ns);
      CHECK(c.tls_version == (is_tls ? "TLS 1.3" : ""));
      for (int i = 0; i < 2; ++i) {
        const long long expected = info[is_tls ? "tls" : "tcp_payload_bytes"][names[i]].Int();
        CHECK(c.bytes[i].size() - c.clear_bytes[i] == static_cast<size_t>(expected));
        REQUIRE(c.bytes[i].size() > 6);
        CHECK(c.bytes[i][0] == 3);  // the negotiation's TPKT is delivered too
        CHECK(c.bytes[i][5] == (i == 1 ? 0xE0 : 0xD0));
      }
    }
    ++files;
  }
  CHECK(files > 0);
}

TEST_CASE("a pcap of bare surface commands gives its records, one by one") {
  const fs::path path = kCaptures / "public/freerdp-rfx_test/freerdp-rfx_test-pcap.in.pcap";
  if (!fs::exists(path)) {
    std::printf("skipped: no %s\n", path.c_str());
    return;
  }
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureFile(path, &recorder);
  CHECK_MESSAGE(error.ok(), error.message);
  CHECK(recorder.AllClosed());
  REQUIRE(recorder.connections.size() == 1);
  const RecordedConnection& c = recorder.connections[0];
  CHECK(c.connection.client.empty());
  CHECK(c.bytes[0].empty());
  size_t sum = 24;
  for (const auto& record : c.surface_commands) sum += 16 + record.size();
  CHECK(sum == fs::file_size(path));
  CHECK(c.surface_commands.front().size() == 8);  // a frame marker
}

}  // namespace
}  // namespace mullion::test
