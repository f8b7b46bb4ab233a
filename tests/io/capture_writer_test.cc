// What CaptureWriter writes is what CaptureReader reads, and what tshark calls well-formed.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "io/capture/writer.h"
#include "tests/support/capture_recorder.h"

namespace mullion::test {
namespace {

namespace fs = std::filesystem;
const fs::path kCaptures = MULLION_SOURCE_DIR "/../shared/captures/a";

class VectorSink : public ByteSink {
 public:
  explicit VectorSink(std::vector<uint8_t>* out) : out_(out) {}
  bool Write(ByteView bytes) override {
    out_->insert(out_->end(), bytes.begin(), bytes.end());
    return true;
  }

 private:
  std::vector<uint8_t>* out_;
};

// Writes what it is told.
class Copy : public CaptureSink {
 public:
  explicit Copy(CaptureWriter* writer) : writer_(writer) {}
  void OnOpen(const CapturedConnection& c, uint64_t time_ns) override {
    ids_.push_back(writer_->OpenConnection(time_ns, c.client, c.server));
  }
  void OnTls(uint32_t, const char*, const char*) override {}
  void OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) override {
    writer_->Bytes(ids_[id], to_server, time_ns, bytes);
  }
  void OnClose(uint32_t id, uint64_t time_ns, const CaptureError&) override {
    writer_->CloseConnection(ids_[id], time_ns);
  }

 private:
  CaptureWriter* writer_;
  std::vector<uint32_t> ids_;
};

TEST_CASE("recordings survive being written decrypted and read again, to the byte") {
  if (!fs::is_directory(kCaptures)) {
    std::printf("skipped: no %s\n", kCaptures.c_str());
    return;
  }
  for (const auto& entry : fs::directory_iterator(kCaptures)) {
    if (entry.path().extension() != ".pcapng") continue;
    CAPTURE(entry.path().filename().string());
    CaptureRecorder first, second;
    REQUIRE(ReadCaptureFile(entry.path(), &first).ok());
    std::vector<uint8_t> written;
    CaptureWriter writer;
    writer.OpenSink(std::make_unique<VectorSink>(&written));
    Copy copy(&writer);
    REQUIRE(ReadCaptureFile(entry.path(), &copy).ok());
    CHECK(writer.Finish().ok());
    const CaptureError error = ReadCaptureBytes(written, &second);
    CHECK_MESSAGE(error.ok(), error.message);
    REQUIRE(first.connections.size() == second.connections.size());
    CHECK(second.AllClosed());
    for (size_t i = 0; i < first.connections.size(); ++i) {
      const RecordedConnection& a = first.connections[i];
      const RecordedConnection& b = second.connections[i];
      CHECK(b.error.ok());
      CHECK(a.bytes[0] == b.bytes[0]);
      CHECK(a.bytes[1] == b.bytes[1]);
      CHECK(a.connection.client == b.connection.client);
      CHECK(a.connection.server == b.connection.server);
      CHECK(a.open_ns == b.open_ns);
      CHECK(a.close_ns == b.close_ns);
      CHECK(b.tls_version.empty());
    }
  }
}

std::vector<uint8_t> Pattern(size_t size, uint32_t seed) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& b : bytes) {
    seed = seed * 1664525 + 1013904223;
    b = static_cast<uint8_t>(seed >> 24);
  }
  return bytes;
}

constexpr uint8_t kRequest[] = {3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0};
constexpr uint8_t kConfirm[] = {3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0};

// Three sessions at once, one of them IPv6, one without addresses.
void WriteSome(CaptureWriter* writer, const std::vector<uint8_t>& data) {
  const uint64_t start = uint64_t{1700000000} * 1000000000 + 123456789;
  const char* const names[3][2] = {
      {"10.1.2.3:50000", "10.1.2.4:3389"}, {"[fe80::1]:50001", "[2001:db8::7]:3390"}, {"", ""}};
  uint32_t ids[3];
  for (int i = 0; i < 3; ++i) {
    ids[i] = writer->OpenConnection(start + static_cast<uint64_t>(i), names[i][0], names[i][1]);
    writer->Bytes(ids[i], true, start + 10, kRequest);
    writer->Bytes(ids[i], false, start + 20, kConfirm);
  }
  for (int round = 0; round < 3; ++round) {
    for (const uint32_t id : ids) writer->Bytes(id, round == 1, start + 1000, data);
  }
  writer->CloseConnection(ids[1], start + 2000);
  CHECK(writer->Finish().ok());
}

TEST_CASE("interleaved sessions, IPv6 and made-up endpoints are written and read") {
  const std::vector<uint8_t> data = Pattern(3000001, 7);
  std::vector<uint8_t> written;
  CaptureWriter writer;
  writer.OpenSink(std::make_unique<VectorSink>(&written));
  WriteSome(&writer, data);
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureBytes(written, &recorder);
  CHECK_MESSAGE(error.ok(), error.message);
  REQUIRE(recorder.connections.size() == 3);
  CHECK(recorder.AllClosed());
  CHECK(recorder.connections[1].connection.server == "[2001:db8::7]:3390");
  CHECK(recorder.connections[1].connection.client == "[fe80::1]:50001");
  CHECK(recorder.connections[2].connection.server == "10.77.1.1:3389");
  for (const RecordedConnection& c : recorder.connections) {
    CHECK(c.error.ok());
    std::vector<uint8_t> to_server(std::begin(kRequest), std::end(kRequest));
    to_server.insert(to_server.end(), data.begin(), data.end());
    CHECK(c.bytes[1] == to_server);
    CHECK(c.bytes[0].size() == sizeof(kConfirm) + 2 * data.size());
    CHECK(c.open_ns % 1000000000 == 123456799);
  }
}

TEST_CASE("tshark finds no malformed packets, bad checksums or lost segments in what we write") {
  if (std::system("command -v tshark >/dev/null 2>&1") != 0) {
    std::printf("skipped: no tshark\n");
    return;
  }
  const fs::path path = fs::temp_directory_path() / "mullion_writer_test.pcapng";
  CaptureWriter writer;
  REQUIRE(writer.Open(path).ok());
  WriteSome(&writer, Pattern(500000, 9));
  const std::string command =
      "tshark -r " + path.string() +
      " -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE --disable-protocol tpkt"
      " -Y 'tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 ||"
      " ip.checksum.status == 0' 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string complaints;
  char text[256];
  while (std::fgets(text, sizeof(text), pipe) != nullptr) complaints += text;
  CHECK(pclose(pipe) == 0);
  CHECK_MESSAGE(complaints.empty(), complaints);
  fs::remove(path);
}

TEST_CASE("a writer that cannot write says so") {
  CaptureWriter nowhere;
  const CaptureError error = nowhere.Open("/nonexistent/x.pcapng");
  CHECK(error.status.err == Err::kIo);
  CHECK(error.message.find("/nonexistent/x.pcapng") != std::string::npos);
  CaptureWriter full;
  if (full.Open("/dev/full").ok()) {
    full.OpenConnection(0, "", "");
    CHECK(full.Finish().status.err == Err::kIo);
  }
}

}  // namespace
}  // namespace mullion::test
