// The capture reader: whole files, TCP streams against a plain model, TLS connections.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "io/capture/endpoint.h"
#include "io/capture/tcp_stream.h"
#include "io/tls/passive.h"
#include "tests/support/capture_recorder.h"

namespace mullion {
namespace {

// Any file: ids, order of calls and the closing of everything are checked by the recorder.
MULLION_FUZZ_TARGET(pcapng) {
  test::CaptureRecorder recorder;
  const CaptureError error = test::ReadCaptureBytes(data, &recorder);
  MULLION_FUZZ_CHECK(recorder.AllClosed());
  MULLION_FUZZ_CHECK(error.ok() == error.message.empty());
  for (const test::RecordedConnection& c : recorder.connections) {
    size_t graphics = 0;
    for (const auto& pdu : c.graphics) graphics += pdu.size();
    MULLION_FUZZ_CHECK(c.bytes[0].size() + c.bytes[1].size() + graphics <= data.size());
    MULLION_FUZZ_CHECK(c.error.ok() == c.error.message.empty());
    Endpoint e;
    MULLION_FUZZ_CHECK(c.connection.client.empty() || ParseEndpoint(c.connection.client, &e));
  }
}

uint8_t ByteAt(size_t offset) { return static_cast<uint8_t>(offset * 131 >> 3 ^ offset); }

// Segments of one stream in any order: what is delivered is the covered beginning, no more and no
// less. Input: four bytes of initial sequence number, then segments of (offset, size), 16 bits
// each.
MULLION_FUZZ_TARGET(tcp_reassembly) {
  ByteReader r(data);
  const uint32_t initial = r.U32("initial");
  TcpStream stream;
  stream.Start(initial);
  constexpr size_t kSpan = 4096 + 1024;
  static const std::vector<uint8_t> content = [] {
    std::vector<uint8_t> bytes(kSpan);
    for (size_t i = 0; i < kSpan; ++i) bytes[i] = ByteAt(i);
    return bytes;
  }();
  std::vector<char> covered(kSpan);
  size_t delivered = 0;
  const auto deliver = [&delivered](ByteView bytes) {
    MULLION_FUZZ_CHECK(!bytes.empty());
    for (const uint8_t b : bytes) MULLION_FUZZ_CHECK(b == ByteAt(delivered++));
  };
  std::vector<uint8_t> chunk;
  size_t segments = 0;
  while (r.remaining() >= 4 && ++segments < 500) {
    const size_t offset = r.U16("offset") % 4096;
    const size_t size = r.U16("size") % 1024;
    std::fill(covered.begin() + static_cast<ptrdiff_t>(offset),
              covered.begin() + static_cast<ptrdiff_t>(offset + size), char{1});
    const ByteView ready = stream.Insert(initial + static_cast<uint32_t>(offset),
                                         ByteView(content).subspan(offset, size));
    if (!ready.empty()) deliver(ready);
    while (stream.PopReady(&chunk)) deliver(chunk);
  }
  const size_t expected =
      static_cast<size_t>(std::find(covered.begin(), covered.end(), char{0}) - covered.begin());
  MULLION_FUZZ_CHECK(delivered == expected);
  MULLION_FUZZ_CHECK(stream.delivered() == delivered);
  MULLION_FUZZ_CHECK(stream.HasGap() ==
                     (std::find(covered.begin() + static_cast<ptrdiff_t>(expected), covered.end(),
                                char{1}) != covered.end()));
  MULLION_FUZZ_CHECK(stream.HasGap() || stream.buffered() == 0);
}

class Plaintext : public PassiveTlsOutput {
 public:
  void OnTlsNegotiated(const char*, const char*) override { ++negotiated; }
  void OnTlsPlaintext(bool to_server, ByteView bytes) override {
    MULLION_FUZZ_CHECK(negotiated == 1);
    MULLION_FUZZ_CHECK(!bytes.empty());
    all[to_server ? 1 : 0].insert(all[to_server ? 1 : 0].end(), bytes.begin(), bytes.end());
  }
  int negotiated = 0;
  std::vector<uint8_t> all[2];
};

// Input: key log text, a zero byte, then pieces of the two directions: direction (1 byte, its
// lowest bit), size (2 bytes), bytes. How the pieces are cut must make no difference.
MULLION_FUZZ_TARGET(tls_records) {
  const auto end = std::find(data.begin(), data.end(), uint8_t{0});
  const std::string log(data.begin(), end);
  const ByteView rest = data.subspan(std::min(log.size() + 1, data.size()));
  Status results[2];
  Plaintext outputs[2];
  for (const bool in_bytes : {false, true}) {
    KeyLog keys;
    if (!keys.Add(log).ok()) return;
    Plaintext& output = outputs[in_bytes ? 1 : 0];
    PassiveTls tls(&keys, &output);
    ByteReader r(rest);
    Status status = Ok();
    while (status.ok() && r.remaining() >= 3) {
      const bool to_server = (r.U8("direction") & 1) != 0;
      const size_t size = r.U16("size");
      ByteView piece = r.Take(std::min(size, r.remaining()), "piece");
      while (status.ok() && !piece.empty()) {
        const size_t step = in_bytes ? 1 : piece.size();
        status = tls.Feed(to_server, piece.first(step));
        piece = piece.subspan(step);
      }
    }
    if (status.ok()) status = tls.Finish();
    results[in_bytes ? 1 : 0] = status;
    MULLION_FUZZ_CHECK(status.ok() || status.field[0] != '\0');
  }
  // Which of two directions' errors comes first may depend on the cut; success may not.
  MULLION_FUZZ_CHECK(results[0].ok() == results[1].ok());
  if (results[0].ok()) {
    MULLION_FUZZ_CHECK(outputs[0].all[0] == outputs[1].all[0]);
    MULLION_FUZZ_CHECK(outputs[0].all[1] == outputs[1].all[1]);
  }
}

}  // namespace
}  // namespace mullion
