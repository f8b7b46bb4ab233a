// Dynamic virtual channels: the PDUs on the static channel "drdynvc", and putting messages
// together.
//
// Spec: MS-RDPEDYC 2.2 (2.2.1 capabilities, 2.2.2 create, 2.2.3 data, 2.2.4 close, 2.2.5
// soft-sync), 3.1.5.1 (fragmentation). Shapes: one message of the static channel (chunks joined and
// inflated) is one PDU. Ownership: views into the caller's bytes; the assembler owns its buffer.
// Over-read: never. Threads: one at a time. Errors: kTruncated, kMalformed, kUnsupported (a command
// that no version has), kLimit.
#ifndef MULLION_CODECS_WIRE_DVC_H_
#define MULLION_CODECS_WIRE_DVC_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/bytes_builder.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's Cmd.
enum class DvcCmd : uint8_t {
  kCreate = 1,
  kDataFirst = 2,
  kData = 3,
  kClose = 4,
  kCapabilities = 5,
  kDataFirstCompressed = 6,
  kDataCompressed = 7,
  kSoftSyncRequest = 8,
  kSoftSyncResponse = 9,
};
const char* DvcCmdName(uint8_t cmd);  // "create", ...; "unknown" for others

struct DvcPdu {
  DvcCmd cmd = DvcCmd::kData;
  uint32_t channel_id = 0;  // all but capabilities and soft-sync
  // kDataFirst, kDataFirstCompressed: bytes of the whole message, inflated.
  uint32_t total_length = 0;
  // Data commands; compressed ones hold RDP_SEGMENTED_DATA (RDP 8.0 Lite bulk).
  ByteView data;
  // kCreate, from the server:
  uint8_t priority = 0;   // class 0 to 3, version 2 on
  std::string_view name;  // without its zero
  // kCreate, from the client: an HRESULT, negative when it refuses.
  int32_t creation_status = 0;
  // kCapabilities:
  uint16_t version = 0;
  std::array<uint16_t, 4> priority_charges{};  // server, versions 2 and 3
  // kSoftSyncRequest: flags (1 TCP flushed, 2 channel lists present), lists as sent:
  // NumberOfTunnels times { TunnelType u32, count u16, count * id u32 }. kSoftSyncResponse: the
  // tunnel types, u32 each.
  uint16_t soft_sync_flags = 0;
  uint32_t tunnels = 0;
  ByteView tunnel_data;
};
Status ParseDvc(bool to_server, ByteView message, DvcPdu* out);

// Walks the lists of a soft-sync request: one call per tunnel. `ids` is count * 4 bytes.
class SoftSyncTunnels {
 public:
  explicit SoftSyncTunnels(const DvcPdu& pdu) : reader_(pdu.tunnel_data), left_(pdu.tunnels) {}
  bool Next(uint32_t* tunnel_type, ByteView* ids);
  Status status() const { return reader_.status(); }

 private:
  ByteReader reader_;
  uint32_t left_;
};

// What a client answers.
void WriteDvcCapabilitiesResponse(uint16_t version, ByteWriter* out);
void WriteDvcCreateResponse(uint32_t channel_id, int32_t status, ByteWriter* out);
void WriteDvcClose(uint32_t channel_id, ByteWriter* out);
// The header before a whole message of `size` bytes in one PDU.
void WriteDvcDataHeader(uint32_t channel_id, ByteWriter* out);
void WriteSoftSyncResponse(const uint32_t* tunnel_types, uint32_t count, ByteWriter* out);

// Joins the inflated fragments of one dynamic channel. Whole messages pass through without a copy.
// Memory: grows with the bytes received, never past `limit_bytes`.
class DvcAssembler {
 public:
  explicit DvcAssembler(size_t limit_bytes, BytesSource* source = nullptr)
      : limit_bytes_(limit_bytes), gathered_(source) {}

  // A data first PDU: `total_length` announced. A message that was open is dropped.
  Status First(uint32_t total_length, ByteView data, ByteView* message, bool* complete);
  // A data PDU: continues the open message, or is a whole one.
  Status Next(ByteView data, ByteView* message, bool* complete);
  // Drops what was gathered, and the memory of the last message.
  void Reset();
  size_t pending_bytes() const { return active_ ? gathered_.size() : 0; }

 private:
  Status Append(ByteView data, ByteView* message, bool* complete);

  size_t limit_bytes_;
  BytesBuilder gathered_;
  uint32_t total_length_ = 0;
  bool active_ = false;
};

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_DVC_H_
