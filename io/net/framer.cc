#include "io/net/framer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mullion {
namespace {

constexpr size_t kMaxHeader = 6;  // a TSRequest's tag, 0x84 and four bytes of length
constexpr size_t kTpktHeader = 4;
constexpr size_t kMinTpktBytes = kTpktHeader + 3;  // an X.224 data header
constexpr size_t kEarlyAuthBytes = 4;
constexpr uint8_t kDerSequence = 0x30;
constexpr uint8_t kTpktVersion = 0x03;

}  // namespace

void Framer::Push(Bytes chunk) {
  if (chunk.empty()) return;
  // Forget consumed chunks; moving at most as many as are forgotten keeps this linear over all.
  if (head_ > 0 && head_ * 2 >= chunks_.size()) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<ptrdiff_t>(head_));
    head_ = 0;
  }
  buffered_ += chunk.size();
  chunks_.push_back(std::move(chunk));
}

size_t Framer::PeekHeader(uint8_t* header) const {
  size_t have = 0;
  for (size_t i = head_; i < chunks_.size() && have < kMaxHeader; ++i) {
    const size_t take = std::min(kMaxHeader - have, chunks_[i].size());
    std::memcpy(header + have, chunks_[i].data(), take);
    have += take;
  }
  return have;
}

bool Framer::ExpectsCredSsp() const {
  if (expect_ == Expect::kAuto) return tpkts_ <= 1;
  return expect_ == Expect::kNla;
}

Status Framer::Measure(const uint8_t* header, size_t have, PduKind* kind, size_t* length) const {
  *length = 0;
  const uint8_t first = header[0];
  if (first == kTpktVersion) {
    *kind = PduKind::kTpkt;
    if (have < kTpktHeader) return Ok();
    *length = static_cast<size_t>(header[2]) << 8 | header[3];
    if (*length < kMinTpktBytes) return Fail(Err::kMalformed, "tpktHeader.length", 2);
    return Ok();
  }
  if (ExpectsCredSsp() && first == kDerSequence) {
    *kind = PduKind::kCredSsp;
    if (have < 2) return Ok();
    size_t size = header[1];
    size_t prefix = 2;
    if (size >= 0x80) {
      const size_t count = size & 0x7F;
      if (count == 0 || count > 4) return Fail(Err::kMalformed, "TSRequest.length", 1);
      prefix += count;
      if (have < prefix) return Ok();
      size = 0;
      for (size_t i = 2; i < prefix; ++i) size = size << 8 | header[i];
    }
    if (size > kMaxCredSspBytes) return Fail(Err::kLimit, "TSRequest.length", 1);
    *length = prefix + size;
    return Ok();
  }
  // No fast-path PDU begins 00 00 (length 0) or 05 (action 1), so neither hides a real one.
  if (ExpectsCredSsp() && seen_credssp_ && (first == 0x00 || first == 0x05)) {
    *kind = PduKind::kEarlyAuth;
    *length = kEarlyAuthBytes;
    return Ok();
  }
  if ((first & 0x3) != 0) return Fail(Err::kMalformed, "fpHeader.action", 0);
  *kind = PduKind::kFastPath;
  if (have < 2) return Ok();
  size_t size = header[1];
  size_t prefix = 2;
  if ((size & 0x80) != 0) {
    prefix = 3;
    if (have < prefix) return Ok();
    size = (size & 0x7F) << 8 | header[2];
  }
  if (size < prefix) return Fail(Err::kMalformed, "fpHeader.length1", 1);
  *length = size;
  return Ok();
}

Bytes Framer::Consume(size_t length) {
  buffered_ -= length;
  stream_offset_ += length;
  Bytes& front = chunks_[head_];
  if (length < front.size()) {
    Bytes pdu = front.Slice(0, length);
    front = front.Slice(length, front.size() - length);
    return pdu;
  }
  if (length == front.size()) return std::move(chunks_[head_++]);

  Bytes pdu = Bytes::Allocate(length, source_);
  size_t done = 0;
  while (done < length) {
    Bytes& chunk = chunks_[head_];
    const size_t take = std::min(length - done, chunk.size());
    std::memcpy(pdu.mutable_data() + done, chunk.data(), take);
    done += take;
    if (take < chunk.size()) {
      chunk = chunk.Slice(take, chunk.size() - take);
    } else {
      chunk = Bytes();
      ++head_;
    }
  }
  return pdu;
}

Status Framer::Next(Bytes* pdu, PduKind* kind, bool* got) {
  *got = false;
  MULLION_TRY(failed_);
  uint8_t header[kMaxHeader] = {};
  const size_t have = PeekHeader(header);
  if (have == 0) return Ok();
  size_t length = 0;
  if (Status status = Measure(header, have, kind, &length); !status.ok()) {
    status.offset += static_cast<uint32_t>(stream_offset_);
    failed_ = status;
    return status;
  }
  if (length == 0 || buffered_ < length) return Ok();
  *pdu = Consume(length);
  *got = true;
  if (*kind == PduKind::kTpkt) ++tpkts_;
  if (*kind == PduKind::kCredSsp) seen_credssp_ = true;
  return Ok();
}

}  // namespace mullion
