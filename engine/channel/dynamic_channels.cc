#include "engine/channel/dynamic_channels.h"

namespace mullion {

Status DynamicChannels::Take(bool to_server, ByteView message, DvcEvent* event) {
  *event = DvcEvent();
  DvcPdu pdu;
  MULLION_TRY(ParseDvc(to_server, message, &pdu));
  event->channel_id = pdu.channel_id;
  switch (pdu.cmd) {
    case DvcCmd::kCapabilities:
      event->kind = DvcEvent::Kind::kCapabilities;
      event->version = pdu.version;
      return Ok();
    case DvcCmd::kCreate: {
      if (to_server) {
        // A refused channel never opens.
        if (pdu.creation_status < 0) Refuse(pdu.channel_id);
        return Ok();
      }
      // A number that is used again without a close starts a new channel.
      channels_.erase(pdu.channel_id);
      if (channels_.size() == kMaxChannels) return Fail(Err::kLimit, "dvc.ChannelId");
      Channel& channel =
          channels_.try_emplace(pdu.channel_id, max_message_bytes_, source_).first->second;
      channel.name = pdu.name;
      event->kind = DvcEvent::Kind::kCreated;
      event->name = channel.name;
      return Ok();
    }
    case DvcCmd::kClose:
      if (channels_.erase(pdu.channel_id) > 0) event->kind = DvcEvent::Kind::kClosed;
      return Ok();
    case DvcCmd::kSoftSyncRequest:
      event->kind = DvcEvent::Kind::kSoftSync;
      return Ok();
    case DvcCmd::kSoftSyncResponse:
      return Ok();
    case DvcCmd::kDataFirst:
    case DvcCmd::kData:
    case DvcCmd::kDataFirstCompressed:
    case DvcCmd::kDataCompressed:
      return to_server ? Ok() : TakeData(pdu, event);
  }
  return Ok();
}

Status DynamicChannels::TakeData(const DvcPdu& pdu, DvcEvent* event) {
  const auto found = channels_.find(pdu.channel_id);
  // A recording may begin in the middle, and a close may cross data on its way.
  if (found == channels_.end()) return Ok();
  Channel& channel = found->second;
  if (channel.broken) return Ok();
  ByteView data = pdu.data;
  if (pdu.cmd == DvcCmd::kDataFirstCompressed || pdu.cmd == DvcCmd::kDataCompressed) {
    if (channel.inflater == nullptr) {
      channel.inflater = std::make_unique<ZgfxInflater>(ZgfxInflater::Variant::kRdp8Lite);
    }
    event->compressed = true;
    if (Status status = channel.inflater->Inflate(pdu.data, max_message_bytes_, &data);
        !status.ok()) {
      channel.broken = true;
      channel.inflater.reset();
      return Fail(Err::kState, status.field, status.offset);
    }
  }
  const bool first = pdu.cmd == DvcCmd::kDataFirst || pdu.cmd == DvcCmd::kDataFirstCompressed;
  bool complete = false;
  MULLION_TRY(first ? channel.assembler.First(pdu.total_length, data, &event->message, &complete)
                    : channel.assembler.Next(data, &event->message, &complete));
  if (!complete) return Ok();
  event->kind = DvcEvent::Kind::kMessage;
  event->name = channel.name;
  return Ok();
}

void DynamicChannels::Release(const DvcEvent& event) {
  if (event.kind != DvcEvent::Kind::kMessage) return;
  const auto found = channels_.find(event.channel_id);
  if (found != channels_.end()) found->second.assembler.Reset();
}

}  // namespace mullion
