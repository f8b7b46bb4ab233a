#include "codecs/wire/svc.h"

namespace mullion {

Status ParseChannelChunk(ByteView payload, ChannelChunk* out) {
  ByteReader reader(payload);
  out->total_length = reader.U32("channelPduHeader.length");
  out->flags = reader.U32("channelPduHeader.flags");
  out->data = reader.TakeRest();
  return reader.status();
}

void WriteChannelHeader(uint32_t total_length, uint32_t flags, ByteWriter* out) {
  out->U32(total_length);
  out->U32(flags);
}

Status ChannelAssembler::Add(uint32_t flags, uint32_t total_length, ByteView data,
                             ByteView* message, bool* complete) {
  *complete = false;
  *message = {};
  const bool first = (flags & kChannelFlagFirst) != 0;
  const bool last = (flags & kChannelFlagLast) != 0;
  if (first && last) {
    Reset();
    if (data.size() > limit_bytes_) return Fail(Err::kLimit, "channelPduHeader.length", 0);
    *message = data;
    *complete = true;
    return Ok();
  }
  if (first) {
    if (total_length > limit_bytes_) {
      Reset();
      return Fail(Err::kLimit, "channelPduHeader.length", 0);
    }
    Reset();
    total_length_ = total_length;
    active_ = true;
  } else if (!active_) {
    return Fail(Err::kMalformed, "channelPduHeader.flags", 4);
  }
  if (data.size() > total_length_ - gathered_.size()) {
    Reset();
    return Fail(Err::kMalformed, "channelPduHeader.length", 0);
  }
  gathered_.Append(data);
  if (last) {
    active_ = false;
    *message = gathered_.view();
    *complete = true;
  }
  return Ok();
}

void ChannelAssembler::Reset() {
  active_ = false;
  (void)gathered_.Take();
}

}  // namespace mullion
