// The channel half of the unpacker: static channels are joined, dynamic ones followed, and, in a
// session that answers, spoken to.
#include <algorithm>
#include <string_view>
#include <utility>

#include "codecs/base/byte_writer.h"
#include "codecs/image/avc.h"
#include "codecs/wire/dvc.h"
#include "codecs/wire/egfx.h"
#include "engine/unpack.h"

namespace mullion {
namespace {

constexpr uint16_t kDvcVersion = 3;
constexpr uint32_t kFullCacheBytes = 100u << 20;                // MS-RDPEGFX 3.3.1.4
constexpr int32_t kRefused = static_cast<int32_t>(0x80004005);  // E_FAIL

// A peer's name as part of a counter's: bounded, and safe to print.
std::string Printable(std::string_view name) {
  std::string text(name.substr(0, 64));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return text;
}

}  // namespace

void Unpacker::HandleChannel(const FollowEvent& event) {
  const auto& names = follower_.facts().channels;
  const char* name =
      event.channel_index < names.size() ? names[event.channel_index].name.c_str() : "unknown";
  counters_.Count("pdu", "channel_data");
  ChannelChunk chunk;
  if (Status status = ParseChannelChunk(event.payload, &chunk); !status.ok()) {
    return QueueLost("channel", status);
  }
  ByteView data;
  if (Status status = Inflate(chunk.compression_flags(), chunk.data, "channel", &data);
      !status.ok()) {
    return EndSession(status, false, std::string("bulk history: ") + status.field);
  }
  while (channels_.size() <= event.channel_index && channels_.size() < names.size()) {
    channels_.emplace_back(pipeline_->limits.max_channel_bytes, pipeline_->bytes);
  }
  if (event.channel_index >= channels_.size()) return;
  ByteView message;
  bool complete = false;
  if (Status status = channels_[event.channel_index].Add(chunk.flags, chunk.total_length, data,
                                                         &message, &complete);
      !status.ok()) {
    return QueueLost("channel", status);
  }
  if (!complete) return;
  counters_.Count("channel", Printable(name));
  if (std::string_view(name) == "drdynvc") HandleDynamic(/*to_server=*/false, message);
  channels_[event.channel_index].Reset();
}

// The client's half of the dynamic channels: refusals, closes, and what it tells the pipeline.
void Unpacker::HandleClientChannel(const FollowEvent& event) {
  const auto& names = follower_.facts().channels;
  if (event.channel_index >= names.size() || names[event.channel_index].name != "drdynvc") return;
  ChannelChunk chunk;
  ByteView message;
  bool complete = false;
  // A client's bytes cost nobody a pixel: what cannot be read is passed over.
  if (!ParseChannelChunk(event.payload, &chunk).ok() || chunk.compression_flags() != 0) return;
  if (!client_dynamic_.Add(chunk.flags, chunk.total_length, chunk.data, &message, &complete).ok() ||
      !complete) {
    return;
  }
  HandleDynamic(/*to_server=*/true, message);
  client_dynamic_.Reset();
}

void Unpacker::HandleDynamic(bool to_server, ByteView message) {
  DvcEvent event;
  if (Status status = dynamic_.Take(to_server, message, &event); !status.ok()) {
    if (to_server) return;
    if (graphics_channel_ != event.channel_id) return QueueLost("dynamic_channel", status);
    // A message of the graphics pipeline that is not whole tears a hole into its history.
    return EndSession(status, false, std::string("dynamic channel: ") + status.field);
  }
  HandleDynamicEvent(to_server, event);
  dynamic_.Release(event);
}

void Unpacker::HandleDynamicEvent(bool to_server, const DvcEvent& event) {
  if (event.compressed) counters_.Count("bulk", "zgfx_lite");
  if (!to_server && pipeline_->outbox.open()) Answer(event);
  switch (event.kind) {
    case DvcEvent::Kind::kCreated:
      counters_.Count("dynamic", Printable(event.name));
      if (event.name != kEgfxChannelName) {
        // Not before the name was counted: it goes with the channel.
        if (pipeline_->outbox.open()) dynamic_.Refuse(event.channel_id);
        return;
      }
      if (graphics_channel_) egfx_.Close(packet_.time_ns, packet_.arrival_ns);
      graphics_channel_ = event.channel_id;
      return;
    case DvcEvent::Kind::kClosed:
      if (graphics_channel_ != event.channel_id) return;
      graphics_channel_.reset();
      return egfx_.Close(packet_.time_ns, packet_.arrival_ns);
    case DvcEvent::Kind::kMessage:
      if (graphics_channel_ != event.channel_id) return;
      return egfx_.Begin(event.message, packet_.time_ns, packet_.arrival_ns);
    case DvcEvent::Kind::kSoftSync:
      counters_.Count("pdu", "soft_sync");
      return;
    case DvcEvent::Kind::kCapabilities:
    case DvcEvent::Kind::kNone:
      return;
  }
}

// What a client has to say at once. Only the graphics pipeline is spoken here: other channels are
// refused. There are no multitransport tunnels, so a soft-sync is answered with none.
void Unpacker::Answer(const DvcEvent& event) {
  const SessionFacts& facts = follower_.facts();
  for (const ChannelFact& channel : facts.channels) {
    if (channel.name == "drdynvc") pipeline_->outbox.SetRoute(facts.user_channel, channel.id);
  }
  std::vector<uint8_t> pdu;
  ByteWriter writer(&pdu);
  const bool graphics = event.name == kEgfxChannelName;
  switch (event.kind) {
    case DvcEvent::Kind::kCapabilities:
      WriteDvcCapabilitiesResponse(std::min(event.version, kDvcVersion), &writer);
      return pipeline_->outbox.Send(pdu);
    case DvcEvent::Kind::kCreated:
      WriteDvcCreateResponse(event.channel_id, graphics ? 0 : kRefused, &writer);
      pipeline_->outbox.Send(pdu);
      if (!graphics) return;
      pipeline_->outbox.SetGraphicsChannel(event.channel_id);
      return AdvertiseCapabilities();
    case DvcEvent::Kind::kClosed:
      if (graphics_channel_ == event.channel_id) pipeline_->outbox.SetGraphicsChannel(0);
      WriteDvcClose(event.channel_id, &writer);
      return pipeline_->outbox.Send(pdu);
    case DvcEvent::Kind::kSoftSync:
      WriteSoftSyncResponse(nullptr, 0, &writer);
      return pipeline_->outbox.Send(pdu);
    case DvcEvent::Kind::kMessage:
    case DvcEvent::Kind::kNone:
      return;
  }
}

// MS-RDPEGFX 2.2.3: every version, each with what this build decodes and the limits let in.
void Unpacker::AdvertiseCapabilities() {
  const bool avc = AvcDecoder::Available();
  const uint32_t small = pipeline_->limits.max_cache_bytes < kFullCacheBytes ? kEgfxSmallCache : 0;
  const uint32_t flags = small | (avc ? 0 : kEgfxAvcDisabled);
  const EgfxCapset capsets[] = {
      {kEgfxVersion8, small},
      {kEgfxVersion81, avc ? kEgfxSmallCache | kEgfxAvc420Enabled : small},
      {kEgfxVersion10, flags},
      {kEgfxVersion101, 0},
      {kEgfxVersion102, flags},
      {kEgfxVersion103, avc ? 0 : kEgfxAvcDisabled},
      {kEgfxVersion104, flags},
      {kEgfxVersion105, flags},
      {kEgfxVersion106, flags},
      {kEgfxVersion107, flags},
  };
  std::vector<uint8_t> pdu;
  ByteWriter writer(&pdu);
  // Version 10.1 has no flag to turn AVC off with.
  if (avc) {
    WriteEgfxCapsAdvertise(capsets, &writer);
  } else {
    std::vector<EgfxCapset> without;
    for (const EgfxCapset& capset : capsets) {
      if (capset.version != kEgfxVersion101) without.push_back(capset);
    }
    WriteEgfxCapsAdvertise(without, &writer);
  }
  pipeline_->outbox.SendGraphics(pdu);
}

}  // namespace mullion
