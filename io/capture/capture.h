// Captured RDP sessions, decrypted: a capture file in, each session's two byte streams out.
//
// Reads pcapng and pcap; follows every TCP connection that begins with an X.224 connection request
// ([MS-RDPBCGR] 2.2.1.1), on any port; decrypts TLS 1.2 and 1.3 with the secrets of the file's
// Decryption Secrets Blocks or of a key log file. Streams that are not TLS after the negotiation
// pass as they are: RDP security, or sessions that were decrypted before they were written.
// Also reads what has no connection around it, as connection 0: the pcap form of bare surface
// commands (OnSurfaceCommands), and files of bare graphics pipeline PDUs (OnGraphics).
//
// Shapes: times are nanoseconds since 1970. Bytes arrive in order within each direction; across
// directions in capture order, as far as reassembly and TLS allow.
// Ownership: views passed to a sink live during the call.
// Memory: bounded, whatever the file's size: a read buffer, out-of-order segments up to
// kMaxBufferedBytes over all connections, secrets.
// Threads: one at a time per reader.
// Errors: Open and Next speak of the file; a connection's own troubles are told in its OnClose and
// leave the others alone. Every connection that was opened is closed, also when the file fails.
#ifndef MULLION_IO_CAPTURE_CAPTURE_H_
#define MULLION_IO_CAPTURE_CAPTURE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "codecs/base/byte_reader.h"
#include "io/capture/capture_error.h"

namespace mullion {

class ByteSource;

struct CapturedConnection {
  uint32_t id;                 // 0, 1, 2 ... in order of appearance
  std::string client, server;  // "address:port"; empty where there was no connection
};

class CaptureSink {
 public:
  virtual ~CaptureSink();
  // An X.224 connection request was seen.
  virtual void OnOpen(const CapturedConnection& connection, uint64_t time_ns) = 0;
  // The TLS version and cipher suite, once they are known; not called for plain streams.
  virtual void OnTls(uint32_t id, const char* version, const char* cipher) = 0;
  // Decrypted bytes, and the clear X.224 negotiation before them.
  virtual void OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) = 0;
  // error.ok() after FIN, RST or the file's end; otherwise a gap, missing secrets, a bad record...
  virtual void OnClose(uint32_t id, uint64_t time_ns, const CaptureError& error) = 0;
  // One record of a file of bare surface commands (TS_SURFCMD), in place of OnBytes.
  virtual void OnSurfaceCommands(uint32_t id, uint64_t time_ns, ByteView commands);
  // One PDU of a file of bare graphics pipeline PDUs (io/capture/graphics_dump.h), in place of
  // OnBytes. Such files have no times: time_ns is 0.
  virtual void OnGraphics(uint32_t id, uint64_t time_ns, ByteView pdu);
};

class CaptureReader {
 public:
  static constexpr size_t kMaxBufferedBytes = size_t{64} << 20;  // all connections together
  static constexpr size_t kMaxGapBytes = size_t{16} << 20;  // one direction, waiting for a segment

  CaptureReader();
  ~CaptureReader();
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  // `keylog_path` may be empty. Call once.
  CaptureError Open(const std::string& path, const std::string& keylog_path);
  // The same over any source of bytes; `keylog` is the text of a key log.
  CaptureError OpenSource(std::unique_ptr<ByteSource> source, const std::string& keylog);

  // Reads one packet or block and delivers what follows from it. *more is false at the end and
  // after an error; every connection is closed then.
  CaptureError Next(CaptureSink* sink, bool* more);

  // Bytes of the file consumed so far, and its size (0 when unknown): for progress bars.
  uint64_t offset() const;
  uint64_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_CAPTURE_H_
