#include "codecs/wire/dvc.h"

#include <algorithm>

namespace mullion {
namespace {

// cbId and Len: 0, 1, 2 stand for one, two, four bytes; 3 is forbidden.
uint32_t SizedField(ByteReader* reader, unsigned code, const char* field) {
  switch (code) {
    case 0:
      return reader->U8(field);
    case 1:
      return reader->U16(field);
    case 2:
      return reader->U32(field);
    default:
      reader->SetError(Err::kMalformed, field, 0);
      return 0;
  }
}

unsigned SizeCode(uint32_t value) { return value < 0x100 ? 0u : value < 0x10000 ? 1u : 2u; }

void WriteHeader(DvcCmd cmd, uint32_t channel_id, ByteWriter* out) {
  const unsigned code = SizeCode(channel_id);
  out->U8(static_cast<uint8_t>(static_cast<unsigned>(cmd) << 4 | code));
  if (code == 0) out->U8(static_cast<uint8_t>(channel_id));
  if (code == 1) out->U16(static_cast<uint16_t>(channel_id));
  if (code == 2) out->U32(channel_id);
}

void ParseCreate(bool to_server, ByteReader* reader, DvcPdu* out) {
  if (to_server) {
    out->creation_status = reader->I32("CreationStatus");
    return;
  }
  const size_t at = reader->offset();
  const ByteView rest = reader->TakeRest();
  const auto zero = std::find(rest.begin(), rest.end(), uint8_t{0});
  if (zero == rest.end()) {
    reader->SetError(Err::kTruncated, "ChannelName", at);
    return;
  }
  out->name = {reinterpret_cast<const char*>(rest.data()),
               static_cast<size_t>(zero - rest.begin())};
}

void ParseCapabilities(bool to_server, ByteReader* reader, DvcPdu* out) {
  reader->Skip(1, "Pad");
  out->version = reader->U16("Version");
  if (to_server || out->version < 2) return;
  for (uint16_t& charge : out->priority_charges) charge = reader->U16("PriorityCharge");
}

void ParseSoftSyncRequest(ByteReader* reader, DvcPdu* out) {
  reader->Skip(1, "Pad");
  const size_t length_at = reader->offset();
  const size_t length = reader->U32("SoftSync.Length");
  out->soft_sync_flags = reader->U16("SoftSync.Flags");
  out->tunnels = reader->U16("NumberOfTunnels");
  // Length counts from itself on.
  constexpr size_t kCounted = 8;
  if (length < kCounted) reader->SetError(Err::kMalformed, "SoftSync.Length", length_at);
  out->tunnel_data = reader->Take(length - kCounted, "SoftSyncChannelLists");
}

void ParseSoftSyncResponse(ByteReader* reader, DvcPdu* out) {
  reader->Skip(1, "Pad");
  out->tunnels = reader->U32("NumberOfTunnels");
  if (out->tunnels > reader->remaining() / 4) {
    reader->SetError(Err::kTruncated, "TunnelsToSwitch", reader->offset());
  }
  out->tunnel_data = reader->Take(size_t{out->tunnels} * 4, "TunnelsToSwitch");
}

}  // namespace

const char* DvcCmdName(uint8_t cmd) {
  switch (static_cast<DvcCmd>(cmd)) {
    case DvcCmd::kCreate:
      return "create";
    case DvcCmd::kDataFirst:
      return "data_first";
    case DvcCmd::kData:
      return "data";
    case DvcCmd::kClose:
      return "close";
    case DvcCmd::kCapabilities:
      return "capabilities";
    case DvcCmd::kDataFirstCompressed:
      return "data_first_compressed";
    case DvcCmd::kDataCompressed:
      return "data_compressed";
    case DvcCmd::kSoftSyncRequest:
      return "soft_sync_request";
    case DvcCmd::kSoftSyncResponse:
      return "soft_sync_response";
  }
  return "unknown";
}

Status ParseDvc(bool to_server, ByteView message, DvcPdu* out) {
  *out = DvcPdu{};
  ByteReader reader(message);
  const unsigned header = reader.U8("dvc.header");
  const unsigned id_code = header & 0x3;
  const unsigned length_code = header >> 2 & 0x3;
  out->cmd = static_cast<DvcCmd>(header >> 4);
  MULLION_TRY(reader.status());
  switch (out->cmd) {
    case DvcCmd::kCapabilities:
      ParseCapabilities(to_server, &reader, out);
      break;
    case DvcCmd::kSoftSyncRequest:
      ParseSoftSyncRequest(&reader, out);
      break;
    case DvcCmd::kSoftSyncResponse:
      ParseSoftSyncResponse(&reader, out);
      break;
    case DvcCmd::kCreate:
      out->channel_id = SizedField(&reader, id_code, "ChannelId");
      out->priority = static_cast<uint8_t>(length_code);
      ParseCreate(to_server, &reader, out);
      break;
    case DvcCmd::kDataFirst:
    case DvcCmd::kDataFirstCompressed:
      out->channel_id = SizedField(&reader, id_code, "ChannelId");
      out->total_length = SizedField(&reader, length_code, "Length");
      out->data = reader.TakeRest();
      break;
    case DvcCmd::kData:
    case DvcCmd::kDataCompressed:
      out->channel_id = SizedField(&reader, id_code, "ChannelId");
      out->data = reader.TakeRest();
      break;
    case DvcCmd::kClose:
      out->channel_id = SizedField(&reader, id_code, "ChannelId");
      break;
    default:
      return Fail(Err::kUnsupported, "dvc.Cmd", 0);
  }
  return reader.status();
}

bool SoftSyncTunnels::Next(uint32_t* tunnel_type, ByteView* ids) {
  if (left_ == 0 || !reader_.ok()) return false;
  --left_;
  *tunnel_type = reader_.U32("TunnelType");
  const size_t count = reader_.U16("NumberOfDVCs");
  *ids = reader_.Take(count * 4, "ListOfDVCIds");
  return reader_.ok();
}

void WriteDvcCapabilitiesResponse(uint16_t version, ByteWriter* out) {
  out->U8(static_cast<unsigned>(DvcCmd::kCapabilities) << 4);
  out->U8(0);
  out->U16(version);
}

void WriteDvcCreateResponse(uint32_t channel_id, int32_t status, ByteWriter* out) {
  WriteHeader(DvcCmd::kCreate, channel_id, out);
  out->U32(static_cast<uint32_t>(status));
}

void WriteDvcClose(uint32_t channel_id, ByteWriter* out) {
  WriteHeader(DvcCmd::kClose, channel_id, out);
}

void WriteDvcDataHeader(uint32_t channel_id, ByteWriter* out) {
  WriteHeader(DvcCmd::kData, channel_id, out);
}

void WriteSoftSyncResponse(const uint32_t* tunnel_types, uint32_t count, ByteWriter* out) {
  out->U8(static_cast<unsigned>(DvcCmd::kSoftSyncResponse) << 4);
  out->U8(0);
  out->U32(count);
  for (uint32_t i = 0; i < count; ++i) out->U32(tunnel_types[i]);
}

Status DvcAssembler::First(uint32_t total_length, ByteView data, ByteView* message,
                           bool* complete) {
  *complete = false;
  *message = {};
  if (total_length > limit_bytes_) {
    Reset();
    return Fail(Err::kLimit, "dvc.Length");
  }
  total_length_ = total_length;
  active_ = false;
  if (data.size() == total_length) {
    *message = data;
    *complete = true;
    return Ok();
  }
  Reset();
  active_ = true;
  return Append(data, message, complete);
}

Status DvcAssembler::Next(ByteView data, ByteView* message, bool* complete) {
  *complete = false;
  *message = {};
  if (active_) return Append(data, message, complete);
  if (data.size() > limit_bytes_) return Fail(Err::kLimit, "dvc.Data");
  *message = data;
  *complete = true;
  return Ok();
}

Status DvcAssembler::Append(ByteView data, ByteView* message, bool* complete) {
  if (data.size() > total_length_ - gathered_.size()) {
    Reset();
    return Fail(Err::kMalformed, "dvc.Length");
  }
  gathered_.Append(data);
  if (gathered_.size() == total_length_) {
    active_ = false;
    *message = gathered_.view();
    *complete = true;
  }
  return Ok();
}

void DvcAssembler::Reset() {
  active_ = false;
  (void)gathered_.Take();
}

}  // namespace mullion
