// Static virtual channels: the chunk header, and putting chunks together.
//
// Spec: MS-RDPBCGR 2.2.6.1.1 (CHANNEL_PDU_HEADER), 3.1.5.2.2 (processing).
// Shapes: the payload of one MCS Send Data on a static channel is a header and one chunk. Chunks
// are inflated one by one (flags bits 16 to 23), then joined. Ownership: views into the caller's
// bytes; the assembler owns its buffer. Over-read: never. Threads: one at a time. Errors:
// kTruncated, kMalformed, kLimit with the field.
#ifndef MULLION_CODECS_WIRE_SVC_H_
#define MULLION_CODECS_WIRE_SVC_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/bytes_builder.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr uint32_t kChannelFlagFirst = 0x00000001;
inline constexpr uint32_t kChannelFlagLast = 0x00000002;
inline constexpr uint32_t kChannelFlagShowProtocol = 0x00000010;
inline constexpr uint32_t kChannelFlagSuspend = 0x00000020;
inline constexpr uint32_t kChannelFlagResume = 0x00000040;
inline constexpr uint32_t kChannelFlagShadowPersistent = 0x00000080;
inline constexpr uint32_t kChannelPacketCompressed = 0x00200000;
inline constexpr uint32_t kChannelPacketAtFront = 0x00400000;
inline constexpr uint32_t kChannelPacketFlushed = 0x00800000;

struct ChannelChunk {
  uint32_t total_length = 0;  // of the whole message, inflated
  uint32_t flags = 0;
  ByteView data;
  // As in the share data header: PACKET_COMPRESSED 0x20 and so on, type in the low four bits.
  uint8_t compression_flags() const { return static_cast<uint8_t>(flags >> 16); }
};

Status ParseChannelChunk(ByteView payload, ChannelChunk* out);
void WriteChannelHeader(uint32_t total_length, uint32_t flags, ByteWriter* out);

// Joins the inflated chunks of one channel. A message in one chunk passes through without a copy.
// Memory: grows with the bytes received (not with the announced length), never past `limit_bytes`.
class ChannelAssembler {
 public:
  explicit ChannelAssembler(size_t limit_bytes, BytesSource* source = nullptr)
      : limit_bytes_(limit_bytes), gathered_(source) {}

  // `data` is the chunk's inflated bytes. `*complete` is true when `*message` holds the message:
  // valid until the next Add or Reset, or as long as `data` for a single chunk. kMalformed: a chunk
  // without a first, or more bytes than announced; kLimit: announced too large. Both drop what was
  // gathered; a first chunk while another message is open drops that one, as servers do.
  Status Add(uint32_t flags, uint32_t total_length, ByteView data, ByteView* message,
             bool* complete);
  // Drops what was gathered, and the memory of the last message.
  void Reset();
  size_t pending_bytes() const { return active_ ? gathered_.size() : 0; }

 private:
  size_t limit_bytes_;
  BytesBuilder gathered_;
  uint32_t total_length_ = 0;
  bool active_ = false;
};

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SVC_H_
