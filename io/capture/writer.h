// Writes decrypted sessions as pcapng that Wireshark, and our own reader, open.
//
// Each session becomes a synthetic TCP connection over Ethernet and IPv4 (IPv6 for such endpoints):
// handshake, data, FINs, correct checksums and sequence numbers. Times have nanoseconds.
// Specification: draft-ietf-opsawg-pcapng; RFC 791, 8200, 9293.
// Shapes: the bytes of each direction in any portions; cut into segments of kMaxPayload here.
// Ownership: owns its output; `bytes` are copied. Memory: one buffer of kBuffer bytes.
// Threads: one at a time.
// Errors: sticky; Finish tells (a full disk, say). Ids that are not open are ignored.
#ifndef MULLION_IO_CAPTURE_WRITER_H_
#define MULLION_IO_CAPTURE_WRITER_H_

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "io/capture/capture_error.h"
#include "io/capture/endpoint.h"

namespace mullion {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual bool Write(ByteView bytes) = 0;
};

class CaptureWriter {
 public:
  static constexpr size_t kMaxPayload = 32768;
  static constexpr size_t kBuffer = size_t{256} << 10;

  CaptureWriter() = default;
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  // Creates or replaces the file. Call one of these, once.
  CaptureError Open(const std::string& path);
  void OpenSink(std::unique_ptr<ByteSink> sink);

  // Endpoints as CapturedConnection has them; what is no "address:port" gets a made-up address
  // (10.77.0.0/16; server port 3389). Gives the id for the calls below.
  uint32_t OpenConnection(uint64_t time_ns, const std::string& client, const std::string& server);
  void Bytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes);
  void CloseConnection(uint32_t id, uint64_t time_ns);

  // Closes what is open, writes the rest, and says whether all went well.
  CaptureError Finish();

 private:
  struct Connection {
    Endpoint ends[2];                 // [1]: the server
    uint32_t next[2] = {};            // the next sequence number of each end
    uint32_t unacknowledged[2] = {};  // bytes that this end sent since the other one sent
    uint64_t last_time_ns = 0;
  };

  void Segment(Connection* c, int from, uint64_t time_ns, uint8_t flags, ByteView payload);
  void EndConnection(Connection* c, uint64_t time_ns);
  void Flush();

  std::unique_ptr<ByteSink> sink_;
  std::string path_;
  std::vector<uint8_t> buffer_;
  std::vector<uint8_t> frame_;
  std::unordered_map<uint32_t, Connection> connections_;
  uint32_t next_id_ = 0;
  CaptureError error_;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_WRITER_H_
