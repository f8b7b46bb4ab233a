#include "io/connect/follow.h"

#include <algorithm>

#include "codecs/wire/client_info.h"
#include "codecs/wire/error_info.h"
#include "codecs/wire/gcc.h"
#include "codecs/wire/licence.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/security.h"
#include "codecs/wire/server_pdus.h"
#include "codecs/wire/session_info.h"
#include "codecs/wire/share.h"
#include "codecs/wire/x224.h"

namespace mullion {
namespace {

constexpr uint8_t kPacketCompressed = 0x20;
constexpr uint8_t kWellKnownNsCodec = 1;   // RDP_CODEC_ID_NSCODEC, which peers use unannounced
constexpr uint8_t kWellKnownRemoteFx = 3;  // RDP_CODEC_ID_REMOTEFX

constexpr uint16_t kSkipJoinClient = 0x0800;  // RNS_UD_CS_SUPPORT_SKIP_CHANNELJOIN
constexpr uint32_t kSkipJoinServer = 0x0008;  // RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED

uint16_t PduTypeField(ByteView data) {
  return data.size() < 4 ? uint16_t{0} : static_cast<uint16_t>(data[2] | data[3] << 8);
}

// Whether I/O channel data begins with a share control header rather than a security header. Both
// are two words; the second is pduType with version 1 in the one and flagsHi, unused, in the other.
bool LooksLikeShare(ByteView data) {
  const unsigned type = PduTypeField(data);
  return (type & 0xFFF0) == 0x10 && (type & 0xF) != 0;
}

}  // namespace

SessionFollower::SessionFollower() { RebuildCodecs(); }

FollowEvent& SessionFollower::Emit(FollowKind kind, bool to_server, ByteView payload) {
  FollowEvent& event = events_.emplace_back();
  event.kind = kind;
  event.to_server = to_server;
  event.payload = payload;
  return event;
}

void SessionFollower::Disconnect(bool to_server, int reason) {
  facts_.disconnect_reason = reason;
  facts_.disconnect_by_client = to_server;
  active_ = false;
  finished_ = true;
  FollowEvent& event = Emit(FollowKind::kDisconnect, to_server, {});
  event.reason = reason;
  // A server that refuses a logon also says "user requested": there must have been a session.
  event.graceful = facts_.activations > 0 && (reason == 1 || reason == 3) &&
                   ErrorInfoIsGraceful(facts_.error_info);
}

Status SessionFollower::Feed(bool to_server, PduKind kind, ByteView pdu) {
  events_.clear();
  MULLION_TRY(failed_);
  if (finished_) return Ok();
  // The connect PDUs themselves are counted: they switch the counting on before it happens.
  const Status status = FeedKind(to_server, kind, pdu);
  if (to_server ? counting_client_ : counting_server_) {
    (to_server ? facts_.client_pdus : facts_.server_pdus) += 1;
    (to_server ? facts_.client_bytes : facts_.server_bytes) += pdu.size();
  }
  return status;
}

Status SessionFollower::FeedKind(bool to_server, PduKind kind, ByteView pdu) {
  switch (kind) {
    case PduKind::kCredSsp:
      ++facts_.credssp_messages;
      return Ok();
    case PduKind::kEarlyAuth: {
      ByteReader reader(pdu);
      if (reader.U32("authorizationResult") != 0) {
        facts_.early_auth_denied = true;
        Disconnect(to_server, -1);
      }
      return reader.status();
    }
    case PduKind::kFastPath:
      if (!to_server) Emit(FollowKind::kFastPath, to_server, pdu);
      return Ok();
    case PduKind::kTpkt:
      break;
  }
  X224Tpdu tpdu;
  MULLION_TRY(ParseX224(pdu, &tpdu));
  switch (tpdu.code) {
    case kX224ConnectionRequest:
      return Ok();  // what was asked for does not matter, what is confirmed does
    case kX224ConnectionConfirm:
      return FeedConfirm(tpdu.body);
    case kX224Data:
      return FeedMcs(to_server, tpdu.body);
    case kX224DisconnectRequest:
      Disconnect(to_server, -1);
      return Ok();
    default:
      return Fail(Err::kUnsupported, "x224.code", 5);
  }
}

Status SessionFollower::FeedConfirm(ByteView body) {
  X224Confirm confirm;
  MULLION_TRY(ParseX224Confirm(body, &confirm));
  if (confirm.failed) {
    facts_.negotiation_failure = confirm.failure_code;
    Disconnect(false, -1);
    return Ok();
  }
  facts_.security = SecurityName(confirm.protocol);
  return Ok();
}

Status SessionFollower::FeedMcs(bool to_server, ByteView body) {
  McsPdu mcs;
  MULLION_TRY(ParseMcs(body, &mcs));
  switch (mcs.type) {
    case McsType::kConnectInitial:
      counting_client_ = true;
      return FeedConnectInitial(mcs.data);
    case McsType::kConnectResponse:
      counting_server_ = true;
      if (mcs.result != 0) {
        Disconnect(to_server, -1);
        return Ok();
      }
      return FeedConnectResponse(mcs.data);
    case McsType::kAttachUserConfirm:
      if (mcs.result == 0) facts_.user_channel = mcs.user;
      return Ok();
    case McsType::kChannelJoinConfirm:
      for (ChannelFact& channel : facts_.channels) {
        if (channel.id == mcs.channel && mcs.result == 0) channel.joined = true;
      }
      return Ok();
    case McsType::kDisconnectProviderUltimatum:
      Disconnect(to_server, mcs.reason);
      return Ok();
    case McsType::kSendDataRequest:
    case McsType::kSendDataIndication:
      return FeedSendData(to_server, mcs.channel, mcs.data);
    case McsType::kErectDomainRequest:
    case McsType::kAttachUserRequest:
    case McsType::kChannelJoinRequest:
      return Ok();
  }
  return Ok();
}

Status SessionFollower::FeedConnectInitial(ByteView user_data) {
  ClientGcc gcc;
  MULLION_TRY(ParseClientGcc(user_data, &gcc));
  facts_.client_name = gcc.core.client_name;
  facts_.client_build = gcc.core.client_build;
  facts_.client_version = gcc.core.version;
  facts_.requested_width = gcc.core.desktop_width;
  facts_.requested_height = gcc.core.desktop_height;
  early_capabilities_ = gcc.core.early_capability_flags;
  facts_.channels.clear();
  for (ChannelDef& def : gcc.channels) {
    facts_.channels.push_back({std::move(def.name), 0, def.options, false});
  }
  // A stream that was decrypted before it was written may lack the negotiation.
  if (facts_.security.empty()) facts_.security = SecurityName(gcc.core.server_selected_protocol);
  return Ok();
}

Status SessionFollower::FeedConnectResponse(ByteView user_data) {
  ServerGcc gcc;
  MULLION_TRY(ParseServerGcc(user_data, &gcc));
  facts_.server_version = gcc.version;
  facts_.io_channel = gcc.io_channel;
  facts_.message_channel = gcc.message_channel;
  facts_.encryption_method = gcc.encryption_method;
  facts_.encryption_level = gcc.encryption_level;
  // With both sides' consent nobody sends joins.
  const bool joined = (early_capabilities_ & kSkipJoinClient) != 0 &&
                      (gcc.early_capability_flags & kSkipJoinServer) != 0;
  const size_t count = std::min(facts_.channels.size(), gcc.channel_ids.size());
  for (size_t i = 0; i < count; ++i) {
    facts_.channels[i].id = gcc.channel_ids[i];
    facts_.channels[i].joined = joined;
  }
  if (gcc.encryption_method != 0) {
    failed_ = Fail(Err::kUnsupported, "encrypted RDP security");
    return failed_;
  }
  return Ok();
}

Status SessionFollower::FeedSendData(bool to_server, uint16_t channel, ByteView data) {
  if (channel == 0) return Fail(Err::kMalformed, "channelId");
  if (channel == facts_.io_channel) return FeedIoChannel(to_server, data);
  if (channel == facts_.message_channel) {
    if (to_server) return Ok();
    uint16_t flags = 0;
    ByteView rest;
    MULLION_TRY(ParseSecurityHeader(data, &flags, &rest));
    Emit(FollowKind::kMessageChannel, to_server, rest).security_flags = flags;
    return Ok();
  }
  for (size_t i = 0; i < facts_.channels.size(); ++i) {
    if (facts_.channels[i].id != channel) continue;
    Emit(FollowKind::kChannelData, to_server, data).channel_index = static_cast<uint16_t>(i);
    return Ok();
  }
  // Before the connect response there are no channels; a server that refuses a logon may send
  // there.
  if (facts_.io_channel == 0) return Ok();
  return Fail(Err::kState, "channelId");
}

Status SessionFollower::FeedIoChannel(bool to_server, ByteView data) {
  if (LooksLikeShare(data)) return FeedShare(to_server, data);
  // A flow PDU or a deactivate all of version 0: once sharing, only a redirection has the header.
  const bool header = !sharing_ || (PduTypeField(data) & 0xF) == 0;
  return header ? FeedSecured(to_server, data) : FeedShare(to_server, data);
}

Status SessionFollower::FeedSecured(bool to_server, ByteView data) {
  uint16_t flags = 0;
  ByteView body;
  MULLION_TRY(ParseSecurityHeader(data, &flags, &body));
  if ((flags & (kSecEncrypt | kSecExchangePkt)) != 0) {
    failed_ = Fail(Err::kUnsupported, "encrypted RDP security");
    return failed_;
  }
  if ((flags & kSecInfoPkt) != 0 && to_server) {
    ClientInfo info;
    MULLION_TRY(ParseClientInfo(body, &info));
    facts_.compression = info.compression();
    facts_.compression_type = info.compression_type();
    facts_.autologon = (info.flags & kInfoAutologon) != 0;
    return Ok();
  }
  if ((flags & kSecLicensePkt) != 0 && !to_server) {
    LicencePdu licence;
    MULLION_TRY(ParseLicence(body, &licence));
    facts_.licensed = facts_.licensed || licence.finishes();
    return Ok();
  }
  if ((flags & kSecRedirectionPkt) != 0 && !to_server) {
    facts_.redirected = true;
    // The packet repeats the flags as its own first word.
    Emit(FollowKind::kRedirected, to_server, body);
  }
  return Ok();
}

Status SessionFollower::FeedShare(bool to_server, ByteView data) {
  ShareControls pdus(data);
  ShareControl pdu;
  Status first_error;
  // One PDU that cannot be read does not hide those behind it: each has its length.
  auto keep = [&first_error](Status status) {
    if (first_error.ok()) first_error = status;
  };
  while (pdus.Next(&pdu)) {
    switch (static_cast<ShareType>(pdu.type)) {
      case ShareType::kDemandActive:
        if (!to_server) keep(FeedDemandActive(pdu.body));
        break;
      case ShareType::kConfirmActive:
        if (to_server) keep(FeedConfirmActive(pdu.body));
        break;
      case ShareType::kDeactivateAll:
        if (to_server) break;
        ++facts_.deactivations;
        active_ = false;
        Emit(FollowKind::kDeactivated, to_server, pdu.body);
        break;
      case ShareType::kData:
        if (!to_server) keep(FeedShareData(pdu.body));
        break;
      case ShareType::kServerRedirect:
        if (to_server) break;
        facts_.redirected = true;
        Emit(FollowKind::kRedirected, to_server, pdu.body);
        break;
      default:
        break;
    }
  }
  keep(pdus.status());
  return first_error;
}

Status SessionFollower::FeedShareData(ByteView body) {
  ShareDataPdu data;
  MULLION_TRY(ParseShareData(body, &data));
  FollowEvent& event = Emit(FollowKind::kShareData, false, data.body);
  event.type2 = data.type2;
  event.compressed_type = data.compressed_type;
  event.uncompressed_length = data.uncompressed_length;
  if ((data.compressed_type & kPacketCompressed) != 0) return Ok();
  return TakeShareData(data.type2, data.body);
}

Status SessionFollower::TakeShareData(uint8_t type2, ByteView body) {
  if (type2 == static_cast<uint8_t>(ShareData::kSetErrorInfo)) {
    uint32_t code = 0;
    MULLION_TRY(ParseErrorInfo(body, &code));
    if (code != 0) facts_.error_info = code;  // "no error" is to be ignored
    return Ok();
  }
  if (type2 == static_cast<uint8_t>(ShareData::kSaveSessionInfo)) {
    SessionInfo info;
    MULLION_TRY(ParseSessionInfo(body, &info));
    // The extended form tells of cookies and errors, and comes without a logon too.
    if (info.type != SessionInfoType::kLogonExtended) facts_.logged_on = true;
    return Ok();
  }
  return Ok();
}

Status SessionFollower::FeedDemandActive(ByteView body) {
  ActivePdu pdu;
  MULLION_TRY(ParseDemandActive(body, &pdu));
  const Capabilities& caps = pdu.caps;
  if (caps.desktop_width == 0 || caps.desktop_height == 0) {
    return Fail(Err::kMalformed, "desktopWidth");
  }
  const bool changed = facts_.activations == 0 || facts_.desktop_width != caps.desktop_width ||
                       facts_.desktop_height != caps.desktop_height;
  facts_.desktop_width = caps.desktop_width;
  facts_.desktop_height = caps.desktop_height;
  facts_.desktop_bpp = caps.bits_per_pixel;
  facts_.server_order_support = caps.order_support;
  facts_.server_multifragment_max = caps.multifragment_max;
  facts_.virtual_channel_flags = caps.virtual_channel_flags;
  if (caps.virtual_channel_chunk != 0) facts_.channel_chunk_bytes = caps.virtual_channel_chunk;
  ++facts_.activations;
  server_codecs_.fill(BitmapCodec::kNone);
  for (const BitmapCodecDef& def : caps.codecs) server_codecs_[def.id] = def.codec;
  RebuildCodecs();
  sharing_ = true;
  active_ = true;
  Emit(FollowKind::kActivated, false, body).size_changed = changed;
  return Ok();
}

Status SessionFollower::FeedConfirmActive(ByteView body) {
  ActivePdu pdu;
  MULLION_TRY(ParseConfirmActive(body, &pdu));
  const Capabilities& caps = pdu.caps;
  facts_.client_order_support = caps.order_support;
  facts_.color_pointer_cache = caps.color_pointer_cache;
  facts_.pointer_cache = caps.pointer_cache;
  facts_.large_pointer_flags = caps.large_pointer_flags;
  facts_.multifragment_max = caps.multifragment_max;
  facts_.surface_command_flags = caps.surface_command_flags;
  facts_.frame_acknowledge = caps.has(CapType::kFrameAcknowledge);
  facts_.client_offers_codecs = !caps.codecs.empty();
  client_codecs_.fill(BitmapCodec::kNone);
  for (const BitmapCodecDef& def : caps.codecs) client_codecs_[def.id] = def.codec;
  RebuildCodecs();
  Emit(FollowKind::kConfirmed, true, body);
  return Ok();
}

void SessionFollower::RebuildCodecs() {
  facts_.codecs.fill(BitmapCodec::kNone);
  facts_.codecs[kWellKnownNsCodec] = BitmapCodec::kNsCodec;
  facts_.codecs[kWellKnownRemoteFx] = BitmapCodec::kRemoteFx;
  // Id 0 is raw whatever a server writes there: shadow servers offer every codec with id 0.
  for (size_t id = 1; id < facts_.codecs.size(); ++id) {
    if (client_codecs_[id] != BitmapCodec::kNone) {
      facts_.codecs[id] = client_codecs_[id];
    } else if (server_codecs_[id] != BitmapCodec::kNone) {
      facts_.codecs[id] = server_codecs_[id];
    }
  }
}

}  // namespace mullion
