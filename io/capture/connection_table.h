// Finds the RDP sessions among a capture's TCP connections and keeps each one's streams in order.
//
// A connection is a candidate from its SYN (or from a segment that holds a whole X.224 connection
// request or confirm) until its first bytes show what it is. All others cost nothing: no state is
// kept for them.
// Specification: RFC 9293; [MS-RDPBCGR] 2.2.1.1 (X.224 connection request in a TPKT).
// Ownership: borrows the key log and, during a call, the sink and the segment.
// Memory: kMaxCandidates, kMaxSessions, and CaptureReader's limits on buffered bytes.
// Threads: one at a time.
// Errors: told to the sink when a connection is closed.
#ifndef MULLION_IO_CAPTURE_CONNECTION_TABLE_H_
#define MULLION_IO_CAPTURE_CONNECTION_TABLE_H_

#include <deque>
#include <map>
#include <memory>

#include "io/capture/link.h"
#include "io/capture/session_stream.h"
#include "io/capture/tcp_stream.h"

namespace mullion {

class ConnectionTable {
 public:
  static constexpr size_t kMaxCandidates = 8192;
  static constexpr size_t kMaxSessions = 8192;

  explicit ConnectionTable(KeyLog* keys) : keys_(keys) {}

  // `file_offset` is where the packet's record begins, for messages.
  void OnSegment(CaptureSink* sink, const TcpSegment& segment, uint64_t time_ns,
                 uint64_t file_offset);
  // Secrets were added.
  void OnSecrets(CaptureSink* sink);
  // Closes everything; with `error` if that is one (the file's own).
  void Finish(CaptureSink* sink, const CaptureError& error);

  uint32_t sessions_seen() const { return next_id_; }

 private:
  // Endpoint 0 is the lesser one; side 0 is what endpoint 0 sends.
  struct Key {
    Endpoint ends[2];
    auto operator<=>(const Key&) const = default;
  };
  struct Side {
    TcpStream stream;
    bool initial_known = false;
    uint32_t initial = 0;         // sequence number of the SYN, or that before the first byte
    std::vector<uint8_t> prefix;  // candidates: what came before the connection is recognised
  };
  struct Flow {
    Side sides[2];
    uint64_t serial = 0;
    uint64_t last_time_ns = 0;
    int client = -1;  // the client's side, once recognised
    std::unique_ptr<SessionStream> session;
    size_t counted = 0;               // the part of buffered_ that is this flow's
    uint32_t incomplete_packets = 0;  // cut by the snap length or fragmented
    uint64_t first_incomplete_offset = 0;
  };
  using Flows = std::map<Key, Flow>;

  Flow* AddFlow(const Key& key);
  void Begin(Flow* flow, int side, uint32_t initial);
  Flow* OnSyn(CaptureSink* sink, const Key& key, Flow* flow, int side, uint32_t sequence,
              uint64_t time_ns);
  // These give false when the flow is gone afterwards.
  bool Deliver(CaptureSink* sink, const Key& key, Flow* flow, int side, uint64_t time_ns,
               ByteView bytes);
  bool Recognise(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns);
  bool CheckLimits(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns);
  void Close(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns, CaptureError error);
  CaptureError GapError(const Key& key, const Flow& flow, int side) const;
  CaptureError SessionError(const Key& key, const Flow& flow, Status status) const;
  std::string Name(const Key& key, const Flow& flow) const;

  KeyLog* keys_;
  Flows flows_;
  std::deque<std::pair<Key, uint64_t>> candidates_;  // oldest first; with the flow's serial
  uint64_t next_serial_ = 0;
  uint32_t next_id_ = 0;
  size_t sessions_ = 0;  // open ones
  size_t buffered_ = 0;
};

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_CONNECTION_TABLE_H_
