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
      (void)Close(pdu.channel_id);
      if (pdu.name.size() > kMaxNameBytes) return Fail(Err::kLimit, "ChannelName");
      if (channels_.size() == kMaxChannels) return Fail(Err::kLimit, "dvc.ChannelId");
      Channel& channel =
          channels_.try_emplace(pdu.channel_id, max_message_bytes_, source_).first->second;
      channel.name = pdu.name;
      event->kind = DvcEvent::Kind::kCreated;
      event->name = channel.name;
      return Ok();
    }
    case DvcCmd::kClose:
      if (Close(pdu.channel_id)) event->kind = DvcEvent::Kind::kClosed;
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
  pending_bytes_ -= channel.assembler.pending_bytes();
  const Status status =
      first ? channel.assembler.First(pdu.total_length, data, &event->message, &complete)
            : channel.assembler.Next(data, &event->message, &complete);
  const size_t pending = channel.assembler.pending_bytes();
  pending_bytes_ += pending;
  if (!complete && channel.inflater != nullptr) channel.inflater->Trim();
  MULLION_TRY(status);
  if (pending_bytes_ > 2 * max_message_bytes_) {
    pending_bytes_ -= pending;
    channel.assembler.Reset();
    return Fail(Err::kLimit, "dvc.Data");
  }
  if (!complete) return Ok();
  event->kind = DvcEvent::Kind::kMessage;
  event->name = channel.name;
  return Ok();
}

bool DynamicChannels::Close(uint32_t channel_id) {
  const auto found = channels_.find(channel_id);
  if (found == channels_.end()) return false;
  pending_bytes_ -= found->second.assembler.pending_bytes();
  channels_.erase(found);
  return true;
}

void DynamicChannels::Release(const DvcEvent& event) {
  if (event.kind != DvcEvent::Kind::kMessage) return;
  const auto found = channels_.find(event.channel_id);
  if (found == channels_.end()) return;
  found->second.assembler.Reset();
  if (found->second.inflater != nullptr) found->second.inflater->Trim();
}

}  // namespace mullion
