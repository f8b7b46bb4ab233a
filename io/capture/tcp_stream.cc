#include "io/capture/tcp_stream.h"

#include <algorithm>

namespace mullion {
namespace {

// No window is larger (RFC 7323); what lies further ahead belongs to another connection.
constexpr uint64_t kMaxWindow = uint64_t{1} << 30;

}  // namespace

void TcpStream::Start(uint32_t sequence) {
  started_ = true;
  first_ = next_ = (uint64_t{1} << 32) + sequence;  // room for offsets before the first
}

uint64_t TcpStream::ToOffset(uint32_t sequence) const {
  const int32_t distance = static_cast<int32_t>(sequence - static_cast<uint32_t>(next_));
  return next_ + static_cast<uint64_t>(int64_t{distance});
}

ByteView TcpStream::Insert(uint32_t sequence, ByteView payload) {
  if (payload.empty()) return {};
  const uint64_t begin = ToOffset(sequence);
  const uint64_t end = begin + payload.size();
  if (end <= next_) return {};
  if (begin <= next_) {
    const ByteView fresh = payload.subspan(static_cast<size_t>(next_ - begin));
    next_ = end;
    return fresh;
  }
  if (begin - next_ > kMaxWindow) return {};
  // Ahead: keep the parts that do not wait yet.
  uint64_t at = begin;
  auto it = chunks_.upper_bound(begin);
  if (it != chunks_.begin()) {
    const auto before = std::prev(it);
    at = std::max(at, before->first + before->second.size());
  }
  while (at < end) {
    const uint64_t limit = it == chunks_.end() ? end : std::min(end, it->first);
    if (at < limit) {
      const ByteView part =
          payload.subspan(static_cast<size_t>(at - begin), static_cast<size_t>(limit - at));
      chunks_.emplace_hint(it, at, std::vector<uint8_t>(part.begin(), part.end()));
      buffered_ += part.size() + kChunkOverhead;
    }
    if (it == chunks_.end()) break;
    at = it->first + it->second.size();
    ++it;
  }
  return {};
}

bool TcpStream::PopReady(std::vector<uint8_t>* chunk) {
  while (!chunks_.empty()) {
    const auto it = chunks_.begin();
    if (it->first > next_) return false;
    const uint64_t end = it->first + it->second.size();
    buffered_ -= it->second.size() + kChunkOverhead;
    const bool fresh = end > next_;
    if (fresh) {
      *chunk = std::move(it->second);
      chunk->erase(chunk->begin(), chunk->begin() + static_cast<ptrdiff_t>(next_ - it->first));
      next_ = end;
    }
    chunks_.erase(it);
    if (fresh) return true;
  }
  return false;
}

void TcpStream::SetEnd(uint32_t sequence) {
  const uint64_t end = ToOffset(sequence);
  // The first one counts: a stray RST moves no end.
  if (has_end_) return;
  has_end_ = true;
  end_ = end;
}

}  // namespace mullion
