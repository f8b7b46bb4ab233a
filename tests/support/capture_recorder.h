// A CaptureSink that keeps everything, and a loop that reads a whole capture into it.
#ifndef MULLION_TESTS_SUPPORT_CAPTURE_RECORDER_H_
#define MULLION_TESTS_SUPPORT_CAPTURE_RECORDER_H_

#include <memory>
#include <string>
#include <vector>

#include "io/capture/capture.h"
#include "io/capture/source.h"

namespace mullion::test {

struct RecordedConnection {
  CapturedConnection connection;
  std::string tls_version, tls_cipher;
  std::vector<uint8_t> bytes[2];  // [1]: to the server
  size_t clear_bytes[2] = {};     // those delivered before OnTls
  uint64_t open_ns = 0, close_ns = 0;
  std::vector<std::vector<uint8_t>> surface_commands;
  std::vector<std::vector<uint8_t>> graphics;
  bool closed = false;
  CaptureError error;
};

class CaptureRecorder : public CaptureSink {
 public:
  std::vector<RecordedConnection> connections;
  std::vector<std::string> protocol_errors;  // calls that the interface forbids

  void OnOpen(const CapturedConnection& connection, uint64_t time_ns) override {
    if (connection.id != connections.size()) protocol_errors.push_back("ids are not in order");
    connections.emplace_back();
    connections.back().connection = connection;
    connections.back().open_ns = time_ns;
  }
  void OnTls(uint32_t id, const char* version, const char* cipher) override {
    RecordedConnection& c = At(id);
    c.tls_version = version;
    c.tls_cipher = cipher;
    for (int i = 0; i < 2; ++i) c.clear_bytes[i] = c.bytes[i].size();
  }
  void OnBytes(uint32_t id, bool to_server, uint64_t, ByteView bytes) override {
    if (bytes.empty()) protocol_errors.push_back("no bytes");
    std::vector<uint8_t>& all = At(id).bytes[to_server ? 1 : 0];
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  void OnClose(uint32_t id, uint64_t time_ns, const CaptureError& error) override {
    RecordedConnection& c = At(id);
    c.closed = true;
    c.close_ns = time_ns;
    c.error = error;
  }
  void OnSurfaceCommands(uint32_t id, uint64_t, ByteView commands) override {
    At(id).surface_commands.emplace_back(commands.begin(), commands.end());
  }
  void OnGraphics(uint32_t id, uint64_t, ByteView pdu) override {
    At(id).graphics.emplace_back(pdu.begin(), pdu.end());
  }
  bool AllClosed() const {
    for (const RecordedConnection& c : connections) {
      if (!c.closed) return false;
    }
    return protocol_errors.empty();
  }

 private:
  RecordedConnection& At(uint32_t id) {
    if (id >= connections.size() || connections[id].closed) {
      protocol_errors.push_back("a call for a connection that is not open");
      if (id >= connections.size()) connections.resize(id + 1);
    }
    return connections[id];
  }
};

// Reads to the end; gives the reader's own error.
inline CaptureError ReadAll(CaptureReader* reader, CaptureSink* sink) {
  bool more = true;
  while (more) {
    CaptureError error = reader->Next(sink, &more);
    if (!error.ok()) return error;
  }
  return {};
}
inline CaptureError ReadCaptureFile(const std::string& path, CaptureSink* sink,
                                    const std::string& keylog_path = "") {
  CaptureReader reader;
  CaptureError error = reader.Open(path, keylog_path);
  return error.ok() ? ReadAll(&reader, sink) : error;
}
inline CaptureError ReadCaptureBytes(ByteView bytes, CaptureSink* sink,
                                     const std::string& keylog = "") {
  CaptureReader reader;
  CaptureError error = reader.OpenSource(MakeMemorySource(bytes), keylog);
  return error.ok() ? ReadAll(&reader, sink) : error;
}

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_CAPTURE_RECORDER_H_
