#include "codecs/wire/gcc.h"

#include <algorithm>
#include <cstring>

#include "codecs/wire/text.h"

namespace mullion {
namespace {

constexpr uint8_t kT124Key[] = {0x00, 0x05, 0x00, 0x14, 0x7C, 0x00, 0x01};

size_t PerLength(ByteReader* reader) {
  size_t length = reader->U8("per.length");
  if ((length & 0x80) != 0) length = (length & 0x7F) << 8 | reader->U8("per.length");
  return length;
}

void Expect(ByteReader* reader, ByteView expected, const char* field) {
  const size_t at = reader->offset();
  const ByteView got = reader->Take(expected.size(), field);
  if (!std::equal(got.begin(), got.end(), expected.begin(), expected.end())) {
    reader->SetError(Err::kMalformed, field, at);
  }
}

// The H.221 key of the user data set, then the blocks. A length past the end is cut to it: servers
// exist whose response counts more than they send.
ByteView UserDataSet(ByteReader* reader, const char* key) {
  reader->Skip(1, "userData.sets");
  reader->Skip(1, "userData.choice");
  const size_t at = reader->offset();
  const size_t key_size = size_t{reader->U8("h221Key.length")} + 4;
  const ByteView found = reader->Take(key_size, "h221Key");
  if (key_size != 4 || (found.size() == 4 && std::memcmp(found.data(), key, 4) != 0)) {
    reader->SetError(Err::kMalformed, "h221Key", at);
  }
  const size_t length = PerLength(reader);
  return reader->Take(std::min(length, reader->remaining()), "userData");
}

template <typename Out>
Status ParseBlocks(ByteView blocks, Status (*parse)(uint16_t, ByteView, Out*), Out* out) {
  ByteReader reader(blocks);
  while (reader.remaining() >= 4) {
    const size_t at = reader.offset();
    const uint16_t type = reader.U16("header.type");
    const size_t length = reader.U16("header.length");
    if (length < 4) return Fail(Err::kMalformed, "header.length", at + 2);
    const ByteView block = reader.Take(length - 4, "header.length");
    MULLION_TRY(reader.status());
    Status status = parse(type, block, out);
    if (!status.ok()) {
      status.offset += static_cast<uint32_t>(at + 4);
      return status;
    }
  }
  return Ok();
}

Status ParseChannels(ByteReader* reader, std::vector<ChannelDef>* channels) {
  const uint32_t count = reader->U32("channelCount");
  if (count > kMaxStaticChannels) return Fail(Err::kLimit, "channelCount", 0);
  channels->clear();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    ChannelDef channel;
    channel.name = AsciiText(reader->Take(8, "channelDef.name"));
    channel.options = reader->U32("channelDef.options");
    channels->push_back(std::move(channel));
  }
  return reader->status();
}

Status ParseMonitors(ByteReader* reader, std::vector<MonitorDef>* monitors) {
  reader->Skip(4, "flags");
  const uint32_t count = reader->U32("monitorCount");
  if (count > kMaxMonitors) return Fail(Err::kLimit, "monitorCount", 4);
  monitors->clear();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    MonitorDef monitor;
    MULLION_TRY(ParseMonitorDef(reader, &monitor));
    monitors->push_back(monitor);
  }
  return reader->status();
}

Status ParseMonitorAttributes(ByteReader* reader, std::vector<MonitorAttributes>* out) {
  constexpr uint32_t kAttributeBytes = 20;
  reader->Skip(4, "flags");
  const uint32_t size = reader->U32("monitorAttributeSize");
  const uint32_t count = reader->U32("monitorCount");
  MULLION_TRY(reader->status());
  if (size != kAttributeBytes) return Fail(Err::kMalformed, "monitorAttributeSize", 4);
  if (count > kMaxMonitors) return Fail(Err::kLimit, "monitorCount", 8);
  out->clear();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    MonitorAttributes a;
    a.physical_width_mm = reader->U32("physicalWidth");
    a.physical_height_mm = reader->U32("physicalHeight");
    a.orientation = reader->U32("orientation");
    a.desktop_scale_factor = reader->U32("desktopScaleFactor");
    a.device_scale_factor = reader->U32("deviceScaleFactor");
    out->push_back(a);
  }
  return reader->status();
}

}  // namespace

Status ParseMonitorDef(ByteReader* reader, MonitorDef* out) {
  const size_t at = reader->offset();
  const int32_t left = reader->I32("monitorDef.left");
  const int32_t top = reader->I32("monitorDef.top");
  const int32_t right = reader->I32("monitorDef.right");
  const int32_t bottom = reader->I32("monitorDef.bottom");
  const uint32_t flags = reader->U32("monitorDef.flags");
  MULLION_TRY(reader->status());
  // The virtual desktop lies within 32766 pixels, so anything near 2^31 is not a monitor.
  constexpr int32_t kFar = 1 << 20;
  if (right < left || bottom < top || left < -kFar || top < -kFar || right > kFar ||
      bottom > kFar) {
    return Fail(Err::kMalformed, "monitorDef.right", at + 8);
  }
  out->area = RectFromEdges(left, top, right + 1, bottom + 1);
  out->primary = (flags & 1) != 0;
  return Ok();
}

Status ParseClientCore(ByteView block, ClientCore* out) {
  *out = ClientCore{};
  ByteReader reader(block);
  out->version = reader.U32("version");
  out->desktop_width = reader.U16("desktopWidth");
  out->desktop_height = reader.U16("desktopHeight");
  reader.Skip(4, "colorDepth");  // and SASSequence
  out->keyboard_layout = reader.U32("keyboardLayout");
  out->client_build = reader.U32("clientBuild");
  out->client_name = Utf16ToUtf8(reader.Take(32, "clientName"));
  reader.Skip(12, "keyboardType");  // subtype and function keys too
  reader.Skip(64, "imeFileName");
  MULLION_TRY(reader.status());

  // Every further field is optional, and one's absence means that of all after it.
  reader.Skip(8, "postBeta2ColorDepth");  // clientProductId, serialNumber
  out->high_color_depth = reader.U16("highColorDepth");
  out->supported_color_depths = reader.U16("supportedColorDepths");
  out->early_capability_flags = reader.U16("earlyCapabilityFlags");
  reader.Skip(64, "clientDigProductId");
  out->connection_type = reader.U8("connectionType");
  reader.Skip(1, "pad1octet");
  out->server_selected_protocol = reader.U32("serverSelectedProtocol");
  out->physical_width_mm = reader.U32("desktopPhysicalWidth");
  out->physical_height_mm = reader.U32("desktopPhysicalHeight");
  out->orientation = reader.U16("desktopOrientation");
  out->desktop_scale_factor = reader.U32("desktopScaleFactor");
  out->device_scale_factor = reader.U32("deviceScaleFactor");
  return Ok();
}

Status ParseClientBlock(uint16_t type, ByteView block, ClientGcc* out) {
  ByteReader reader(block);
  switch (type) {
    case kCsCore:
      return ParseClientCore(block, &out->core);
    case kCsSecurity:
      out->has_security = true;
      out->encryption_methods = reader.U32("encryptionMethods");
      out->ext_encryption_methods = reader.U32("extEncryptionMethods");
      break;
    case kCsNet:
      return ParseChannels(&reader, &out->channels);
    case kCsCluster:
      out->has_cluster = true;
      out->cluster_flags = reader.U32("cluster.flags");
      out->redirected_session_id = reader.U32("redirectedSessionID");
      break;
    case kCsMonitor:
      return ParseMonitors(&reader, &out->monitors);
    case kCsMonitorEx:
      return ParseMonitorAttributes(&reader, &out->monitor_attributes);
    case kCsMessageChannel:
      out->has_message_channel = true;
      break;
    case kCsMultitransport:
      out->multitransport_flags = reader.U32("multitransport.flags");
      break;
    default:
      break;  // later versions add blocks
  }
  return reader.status();
}

Status ParseServerBlock(uint16_t type, ByteView block, ServerGcc* out) {
  ByteReader reader(block);
  switch (type) {
    case kScCore:
      out->version = reader.U32("version");
      if (reader.remaining() >= 4) out->requested_protocols = reader.U32("requestedProtocols");
      if (reader.remaining() >= 4) out->early_capability_flags = reader.U32("earlyFlags");
      break;
    case kScSecurity:
      out->encryption_method = reader.U32("encryptionMethod");
      out->encryption_level = reader.U32("encryptionLevel");
      break;
    case kScNet: {
      out->io_channel = reader.U16("MCSChannelId");
      const uint16_t count = reader.U16("channelCount");
      if (count > kMaxStaticChannels) return Fail(Err::kLimit, "channelCount", 2);
      out->channel_ids.clear();
      for (uint16_t i = 0; i < count && reader.ok(); ++i) {
        out->channel_ids.push_back(reader.U16("channelIdArray"));
      }
      break;
    }
    case kScMessageChannel:
      out->message_channel = reader.U16("MCSChannelID");
      break;
    case kScMultitransport:
      out->multitransport_flags = reader.U32("multitransport.flags");
      break;
    default:
      break;
  }
  return reader.status();
}

Status ParseClientGcc(ByteView user_data, ClientGcc* out) {
  *out = ClientGcc{};
  ByteReader reader(user_data);
  Expect(&reader, kT124Key, "t124Identifier");
  (void)PerLength(&reader);
  reader.Skip(1, "connectGCCPDU");
  reader.Skip(1, "conferenceCreateRequest.selection");
  // The conference name: digits of four bits, the count sent less one; then padding.
  const size_t digits = size_t{reader.U8("conferenceName.length")} + 1;
  reader.Skip((digits + 1) / 2, "conferenceName");
  reader.Skip(1, "padding");
  const ByteView blocks = UserDataSet(&reader, "Duca");
  MULLION_TRY(reader.status());
  return ParseBlocks(blocks, &ParseClientBlock, out);
}

Status ParseServerGcc(ByteView user_data, ServerGcc* out) {
  *out = ServerGcc{};
  ByteReader reader(user_data);
  Expect(&reader, kT124Key, "t124Identifier");
  (void)PerLength(&reader);
  reader.Skip(1, "connectGCCPDU");
  reader.Skip(2, "nodeID");
  reader.Skip(reader.U8("tag.length"), "tag");
  reader.Skip(1, "result");
  const ByteView blocks = UserDataSet(&reader, "McDn");
  MULLION_TRY(reader.status());
  return ParseBlocks(blocks, &ParseServerBlock, out);
}

}  // namespace mullion
