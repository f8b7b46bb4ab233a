#include "io/capture/connection_table.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr size_t kMaxPrefix = 65536;  // behind a confirm whose request has not come yet

enum class Opening : uint8_t { kUnknown, kOther, kRequest, kConfirm };

// What a stream is by its first bytes: TPKT version 3, then the X.224 code.
Opening Classify(ByteView bytes) {
  if (bytes.size() > 0 && bytes[0] != 3) return Opening::kOther;
  if (bytes.size() > 1 && bytes[1] != 0) return Opening::kOther;
  if (bytes.size() < 6) return Opening::kUnknown;
  const size_t length = static_cast<size_t>(bytes[2]) << 8 | bytes[3];
  if (length < 11 || bytes[4] < 6 || bytes[4] + size_t{5} > length) return Opening::kOther;
  if (bytes[5] == 0xE0) return Opening::kRequest;
  if (bytes[5] == 0xD0) return Opening::kConfirm;
  return Opening::kOther;
}

// The same for a segment out of nowhere, which must hold all of the TPKT.
Opening ClassifyWhole(ByteView payload) {
  const Opening opening = Classify(payload);
  if (opening != Opening::kRequest && opening != Opening::kConfirm) return Opening::kOther;
  const size_t length = static_cast<size_t>(payload[2]) << 8 | payload[3];
  return length <= payload.size() ? opening : Opening::kOther;
}

}  // namespace

std::string ConnectionTable::Name(const Key& key, const Flow& flow) const {
  const int client = flow.client < 0 ? 0 : flow.client;
  return "connection " + key.ends[client].Text() + " -> " + key.ends[1 - client].Text();
}

CaptureError ConnectionTable::GapError(const Key& key, const Flow& flow, int side) const {
  const TcpStream& stream = flow.sides[side].stream;
  std::string message = Name(key, flow) + ": " + std::to_string(stream.gap_size()) +
                        " bytes from the " + (side == flow.client ? "client" : "server") +
                        " are missing, TCP sequence numbers " +
                        std::to_string(stream.next_sequence()) + " to " +
                        std::to_string(stream.gap_end_sequence() - 1);
  if (flow.incomplete_packets > 0) {
    message += "; " + std::to_string(flow.incomplete_packets) +
               " packets of this connection are incomplete (cut when captured, or IP fragments), "
               "the first at file offset " +
               std::to_string(flow.first_incomplete_offset);
  }
  return MakeCaptureError(Err::kTruncated, "TCP sequence", stream.delivered(), std::move(message));
}

CaptureError ConnectionTable::SessionError(const Key& key, const Flow& flow, Status status) const {
  if (status.ok()) return {};
  std::string message = Name(key, flow) + ": ";
  message += flow.session->detail().empty() ? std::string(status.field) : flow.session->detail();
  return {status, std::move(message)};
}

ConnectionTable::Flow* ConnectionTable::AddFlow(const Key& key) {
  candidates_.emplace_back(key, next_serial_);
  if (candidates_.size() > kMaxCandidates) {  // the oldest has had its time
    const auto [old_key, serial] = candidates_.front();
    candidates_.pop_front();
    const auto old = flows_.find(old_key);
    if (old != flows_.end() && old->second.serial == serial && old->second.session == nullptr) {
      buffered_ -= old->second.counted;
      flows_.erase(old);
    }
  }
  Flow* flow = &flows_[key];
  flow->serial = next_serial_++;
  return flow;
}

void ConnectionTable::Begin(Flow* flow, int side, uint32_t initial) {
  Side& s = flow->sides[side];
  if (s.initial_known) return;
  s.initial_known = true;
  s.initial = initial;
  s.stream.Start(initial + 1);
}

ConnectionTable::Flow* ConnectionTable::OnSyn(CaptureSink* sink, const Key& key, Flow* flow,
                                              int side, uint32_t sequence, uint64_t time_ns) {
  if (flow != nullptr && flow->sides[side].initial_known && flow->sides[side].initial != sequence) {
    Close(sink, key, flow, time_ns, {});  // the ports are used again
    flow = nullptr;
  }
  if (flow == nullptr) flow = AddFlow(key);
  Begin(flow, side, sequence);
  return flow;
}

void ConnectionTable::OnSegment(CaptureSink* sink, const TcpSegment& segment, uint64_t time_ns,
                                uint64_t file_offset) {
  const int side = segment.source < segment.destination ? 0 : 1;
  Key key;
  key.ends[side] = segment.source;
  key.ends[1 - side] = segment.destination;
  const auto found = flows_.find(key);
  Flow* flow = found != flows_.end() ? &found->second : nullptr;

  uint32_t sequence = segment.sequence;
  if ((segment.flags & kTcpSyn) != 0) {
    flow = OnSyn(sink, key, flow, side, sequence, time_ns);
    ++sequence;
  }
  Opening opening = Opening::kOther;
  if (flow == nullptr || !flow->sides[side].initial_known) {
    opening = ClassifyWhole(segment.payload);
    if (flow == nullptr && opening == Opening::kOther) return;
    if (flow == nullptr) flow = AddFlow(key);
    if (!segment.payload.empty()) Begin(flow, side, sequence - 1);
  }
  // Without a SYN, the request's acknowledgement tells where the server's stream begins.
  if (opening == Opening::kRequest && (segment.flags & kTcpAck) != 0) {
    Begin(flow, 1 - side, segment.acknowledgement - 1);
  }
  flow->last_time_ns = time_ns;
  Side& s = flow->sides[side];
  if (segment.missing_bytes > 0 || segment.is_fragment) {
    if (flow->incomplete_packets++ == 0) flow->first_incomplete_offset = file_offset;
  }
  if (s.stream.started()) {
    const ByteView ready = s.stream.Insert(sequence, segment.payload);
    if (!ready.empty() && !Deliver(sink, key, flow, side, time_ns, ready)) return;
    std::vector<uint8_t> chunk;
    while (!ready.empty() && s.stream.PopReady(&chunk)) {
      if (!Deliver(sink, key, flow, side, time_ns, chunk)) return;
    }
    const uint32_t end =
        sequence + static_cast<uint32_t>(segment.payload.size()) + segment.missing_bytes;
    if ((segment.flags & (kTcpFin | kTcpRst)) != 0) s.stream.SetEnd(end);
  }
  if (!CheckLimits(sink, key, flow, time_ns)) return;
  const Side& other = flow->sides[1 - side];
  const bool reset = (segment.flags & kTcpRst) != 0;
  if ((reset && !s.stream.HasGap()) || (s.stream.finished() && other.stream.finished())) {
    Close(sink, key, flow, time_ns, {});
  }
}

bool ConnectionTable::Deliver(CaptureSink* sink, const Key& key, Flow* flow, int side,
                              uint64_t time_ns, ByteView bytes) {
  if (flow->session != nullptr) {
    const Status status = flow->session->Feed(sink, side == flow->client, time_ns, bytes);
    if (status.ok()) return true;
    Close(sink, key, flow, time_ns, SessionError(key, *flow, status));
    return false;
  }
  std::vector<uint8_t>& prefix = flow->sides[side].prefix;
  prefix.insert(prefix.end(), bytes.begin(), bytes.end());
  const Opening opening = Classify(prefix);
  if (opening == Opening::kRequest) {
    flow->client = side;
    return Recognise(sink, key, flow, time_ns);
  }
  if (opening == Opening::kOther || (opening == Opening::kConfirm && prefix.size() > kMaxPrefix)) {
    Close(sink, key, flow, time_ns, {});
    return false;
  }
  return true;
}

bool ConnectionTable::Recognise(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns) {
  const int client = flow->client;
  flow->session = std::make_unique<SessionStream>(next_id_++, keys_);
  ++sessions_;
  sink->OnOpen({flow->session->id(), key.ends[client].Text(), key.ends[1 - client].Text()},
               time_ns);
  if (sessions_ > kMaxSessions) {
    Close(sink, key, flow, time_ns,
          MakeCaptureError(Err::kLimit, "sessions", 0,
                           Name(key, *flow) + ": too many sessions are open at once"));
    return false;
  }
  for (const int side : {client, 1 - client}) {
    const std::vector<uint8_t> prefix = std::move(flow->sides[side].prefix);
    if (!prefix.empty() && !Deliver(sink, key, flow, side, time_ns, prefix)) return false;
  }
  return true;
}

bool ConnectionTable::CheckLimits(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns) {
  size_t sum = flow->session != nullptr ? flow->session->buffered() : 0;
  size_t most = 0;
  for (const Side& s : flow->sides) {
    sum += s.stream.buffered() + s.prefix.size();
    most = std::max(most, s.stream.buffered());
  }
  buffered_ += sum - flow->counted;
  flow->counted = sum;
  if (most <= CaptureReader::kMaxGapBytes && buffered_ <= CaptureReader::kMaxBufferedBytes) {
    return true;
  }
  CaptureError error;
  if (most == 0) {  // not a gap but TLS that waits for its secrets
    error = SessionError(key, *flow, flow->session->Finish());
    if (error.ok()) {
      error = MakeCaptureError(Err::kLimit, "buffered bytes", 0,
                               Name(key, *flow) + ": too many bytes wait in all connections");
    }
  }
  Close(sink, key, flow, time_ns, std::move(error));
  return false;
}

void ConnectionTable::Close(CaptureSink* sink, const Key& key, Flow* flow, uint64_t time_ns,
                            CaptureError error) {
  if (flow->session != nullptr) {
    for (const int side : {flow->client, 1 - flow->client}) {
      if (error.ok() && flow->sides[side].stream.HasGap()) error = GapError(key, *flow, side);
    }
    if (error.ok()) error = SessionError(key, *flow, flow->session->Finish());
    sink->OnClose(flow->session->id(), time_ns, error);
    --sessions_;
  }
  buffered_ -= flow->counted;
  flows_.erase(Key(key));  // `key` may be the map's own
}

void ConnectionTable::OnSecrets(CaptureSink* sink) {
  for (auto it = flows_.begin(); it != flows_.end();) {
    const Key key = it->first;
    Flow* flow = &it->second;
    ++it;  // closing erases the flow
    if (flow->session == nullptr || flow->session->buffered() == 0) continue;
    const Status status = flow->session->Retry(sink, flow->last_time_ns);
    if (!status.ok()) {
      Close(sink, key, flow, flow->last_time_ns, SessionError(key, *flow, status));
    } else {
      (void)CheckLimits(sink, key, flow, flow->last_time_ns);
    }
  }
}

void ConnectionTable::Finish(CaptureSink* sink, const CaptureError& error) {
  std::map<uint32_t, std::pair<Key, Flow*>> by_id;  // closed in order of appearance
  for (auto& [key, flow] : flows_) {
    if (flow.session != nullptr) by_id.insert({flow.session->id(), {key, &flow}});
  }
  for (auto& [id, open] : by_id) {
    Close(sink, open.first, open.second, open.second->last_time_ns, error);
  }
  flows_.clear();
  candidates_.clear();
  buffered_ = 0;
}

}  // namespace mullion
