#include "io/capture/session_stream.h"

#include <algorithm>
#include <cstring>

namespace mullion {
namespace {

constexpr size_t kTpktHeader = 4;
constexpr uint8_t kTlsAlert = 0x15;
constexpr uint8_t kTlsHandshake = 0x16;

bool MayBeTls(uint8_t first) { return first == kTlsHandshake || first == kTlsAlert; }

}  // namespace

// Delivers what belongs to the direction's first TPKT and returns what follows it.
ByteView SessionStream::Negotiation(Direction* d, bool to_server, ByteView bytes) {
  size_t used = 0;
  while (d->head_size < kTpktHeader && used < bytes.size()) {
    d->head[d->head_size++] = bytes[used++];
    if (d->head_size == kTpktHeader) {
      const size_t length = static_cast<size_t>(d->head[2]) << 8 | d->head[3];
      d->body_left = static_cast<uint32_t>(std::max(length, kTpktHeader) - kTpktHeader);
    }
  }
  if (d->head[0] != 3) d->phase = Phase::kPlain;  // no TPKT: whoever reads it may judge
  if (d->head_size == kTpktHeader) {
    const size_t take = std::min<size_t>(d->body_left, bytes.size() - used);
    used += take;
    d->body_left -= static_cast<uint32_t>(take);
    if (d->body_left == 0 && d->phase == Phase::kNegotiation) {
      d->phase = Phase::kDetect;
      d->head_size = 0;
    }
  }
  if (used > 0) sink_->OnBytes(id_, to_server, time_ns_, bytes.first(used));
  return bytes.subspan(used);
}

Status SessionStream::Feed(CaptureSink* sink, bool to_server, uint64_t time_ns, ByteView bytes) {
  sink_ = sink;
  time_ns_ = time_ns;
  Direction& d = directions_[to_server ? 1 : 0];
  if (d.phase == Phase::kNegotiation) bytes = Negotiation(&d, to_server, bytes);
  if (bytes.empty()) return Ok();
  if (d.phase == Phase::kDetect) {
    uint8_t two[2] = {d.head_size == 1 ? d.head[0] : bytes[0], 0};
    if (MayBeTls(two[0])) {
      if (d.head_size + bytes.size() < 2) {
        d.head[0] = two[0];
        d.head_size = 1;
        return Ok();
      }
      two[1] = d.head_size == 1 ? bytes[0] : bytes[1];
    }
    d.phase = MayBeTls(two[0]) && two[1] == 3 ? Phase::kTls : Phase::kPlain;
    if (d.head_size == 1) {
      const uint8_t first[1] = {d.head[0]};
      d.head_size = 0;
      MULLION_TRY(Feed(sink, to_server, time_ns, first));
    }
  }
  if (d.phase == Phase::kTls) return tls_.Feed(to_server, bytes);
  sink->OnBytes(id_, to_server, time_ns, bytes);
  return Ok();
}

Status SessionStream::Retry(CaptureSink* sink, uint64_t time_ns) {
  sink_ = sink;
  time_ns_ = time_ns;
  return tls_.Retry();
}

void SessionStream::OnTlsNegotiated(const char* version, const char* cipher) {
  sink_->OnTls(id_, version, cipher);
}

void SessionStream::OnTlsPlaintext(bool to_server, ByteView bytes) {
  sink_->OnBytes(id_, to_server, time_ns_, bytes);
}

}  // namespace mullion
