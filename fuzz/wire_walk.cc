#include "fuzz/wire_walk.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "codecs/wire/bitmap.h"
#include "codecs/wire/caps.h"
#include "codecs/wire/client_info.h"
#include "codecs/wire/dvc.h"
#include "codecs/wire/error_info.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/gcc.h"
#include "codecs/wire/licence.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/message_channel.h"
#include "codecs/wire/pointer.h"
#include "codecs/wire/preconnection.h"
#include "codecs/wire/security.h"
#include "codecs/wire/server_pdus.h"
#include "codecs/wire/session_info.h"
#include "codecs/wire/share.h"
#include "codecs/wire/surface.h"
#include "codecs/wire/svc.h"
#include "codecs/wire/text.h"
#include "codecs/wire/x224.h"
#include "fuzz/wire_checks.h"

namespace mullion::fuzz {
namespace {

Status WalkSessionInfo(ByteView data) {
  SessionInfo info;
  const Status status = Checked(data, ParseSessionInfo(data, &info));
  CheckUtf8(info.domain);
  CheckUtf8(info.user);
  return status;
}

void WalkShareBody(uint8_t type2, ByteView body) {
  MULLION_FUZZ_CHECK(SharePduName(type2)[0] != '\0');
  switch (static_cast<ShareData>(type2)) {
    case ShareData::kUpdate:
      (void)WalkBitmap(body);
      break;
    case ShareData::kPointer:
      (void)WalkPointer(body);
      break;
    case ShareData::kSaveSessionInfo:
      (void)WalkSessionInfo(body);
      break;
    case ShareData::kSetErrorInfo: {
      uint32_t code = 0;
      if (Checked(body, ParseErrorInfo(body, &code)).ok()) {
        MULLION_FUZZ_CHECK(ErrorInfoName(code)[0] != '\0');
      }
      break;
    }
    case ShareData::kMonitorLayout: {
      MonitorLayout layout;
      (void)Checked(body, ParseMonitorLayout(body, &layout));
      MULLION_FUZZ_CHECK(layout.count <= kMaxMonitors);
      for (uint32_t i = 0; i < layout.count; ++i) {
        MULLION_FUZZ_CHECK(!layout.monitors[i].area.empty());
      }
      break;
    }
    default: {
      PlaySound sound;
      Control control;
      uint32_t code = 0;
      uint16_t leds = 0;
      (void)Checked(body, ParsePlaySound(body, &sound));
      (void)Checked(body, ParseControl(body, &control));
      (void)Checked(body, ParseStatusInfo(body, &code));
      (void)Checked(body, ParseKeyboardIndicators(body, &leds));
      break;
    }
  }
}

}  // namespace

Status WalkX224(ByteView data) {
  X224Tpdu tpdu;
  MULLION_TRY(Checked(data, ParseX224(data, &tpdu)));
  Touch(data, tpdu.body);
  X224Request request;
  X224Confirm confirm;
  switch (tpdu.code) {
    case kX224ConnectionRequest: {
      const Status status = Checked(tpdu.body, ParseX224Request(tpdu.body, &request));
      CheckUtf8(request.token);
      return status;
    }
    case kX224ConnectionConfirm:
      return Checked(tpdu.body, ParseX224Confirm(tpdu.body, &confirm));
    case kX224Data:
      return WalkMcsGcc(tpdu.body);
    default:
      return Ok();
  }
}

Status WalkMcsGcc(ByteView data) {
  McsPdu mcs;
  MULLION_TRY(Checked(data, ParseMcs(data, &mcs)));
  Touch(data, mcs.data);
  ClientGcc client;
  ServerGcc server;
  if (mcs.type == McsType::kConnectInitial) {
    const Status status = Checked(mcs.data, ParseClientGcc(mcs.data, &client));
    CheckUtf8(client.core.client_name);
    MULLION_FUZZ_CHECK(client.channels.size() <= kMaxStaticChannels);
    MULLION_FUZZ_CHECK(client.monitors.size() <= kMaxMonitors);
    MULLION_FUZZ_CHECK(client.monitor_attributes.size() <= kMaxMonitors);
    for (const ChannelDef& channel : client.channels) {
      MULLION_FUZZ_CHECK(channel.name.size() <= 8);
      CheckUtf8(channel.name);
    }
    return status;
  }
  if (mcs.type == McsType::kConnectResponse) {
    const Status status = Checked(mcs.data, ParseServerGcc(mcs.data, &server));
    MULLION_FUZZ_CHECK(server.channel_ids.size() <= kMaxStaticChannels);
    return status;
  }
  return Ok();
}

Status WalkCaps(ByteView data) {
  ActivePdu demand;
  ActivePdu confirm;
  const Status first = Checked(data, ParseDemandActive(data, &demand));
  const Status second = Checked(data, ParseConfirmActive(data, &confirm));
  for (const ActivePdu* pdu : {&demand, &confirm}) {
    MULLION_FUZZ_CHECK(pdu->caps.codecs.size() <= 255);
    for (const BitmapCodecDef& def : pdu->caps.codecs) {
      Touch(data, def.properties);
      MULLION_FUZZ_CHECK(BitmapCodecName(def.codec)[0] != '\0');
    }
  }
  return first.ok() ? first : second;
}

Status WalkCapability(ByteView data) {
  ByteReader reader(data);
  const uint16_t type = reader.U16("type");
  const ByteView body = reader.TakeRest();
  MULLION_TRY(reader.status());
  Capabilities caps;
  MULLION_FUZZ_CHECK(CapTypeName(type)[0] != '\0');
  return Checked(body, ParseCapability(type, body, &caps));
}

Status WalkShare(ByteView data) {
  ShareControls pdus(data);
  ShareControl pdu;
  while (pdus.Next(&pdu)) {
    Touch(data, pdu.body);
    switch (static_cast<ShareType>(pdu.type)) {
      case ShareType::kData: {
        ShareDataPdu share;
        if (!Checked(pdu.body, ParseShareData(pdu.body, &share)).ok()) break;
        Touch(pdu.body, share.body);
        WalkShareBody(share.type2, share.body);
        break;
      }
      case ShareType::kDemandActive:
      case ShareType::kConfirmActive:
        (void)WalkCaps(pdu.body);
        break;
      case ShareType::kServerRedirect: {
        Redirection redirection;
        (void)Checked(pdu.body, ParseRedirection(pdu.body, &redirection));
        break;
      }
      default:
        break;
    }
  }
  return Checked(data, pdus.status());
}

Status WalkFastPath(ByteView data) {
  FastPathOutput output;
  MULLION_TRY(Checked(data, ParseFastPathOutput(data, &output)));
  Touch(data, output.updates);
  constexpr size_t kLimit = 4096;
  FragmentAssembler fragments(kLimit);
  FastPathUpdates updates(output.updates);
  FastPathUpdate update;
  while (updates.Next(&update)) {
    Touch(output.updates, update.data);
    MULLION_FUZZ_CHECK(FastPathCodeName(update.code)[0] != '\0');
    ByteView whole;
    bool complete = false;
    const Status status =
        fragments.Add(update.code, update.fragmentation, update.data, &whole, &complete);
    MULLION_FUZZ_CHECK(status.ok() || !complete);
    MULLION_FUZZ_CHECK(fragments.pending_bytes() <= kLimit);
    if (!complete) continue;
    Touch(whole, whole);
    switch (static_cast<FastPathCode>(update.code)) {
      case FastPathCode::kBitmap:
      case FastPathCode::kPalette:
        (void)WalkBitmap(whole);
        break;
      case FastPathCode::kSurfaceCommands:
        (void)WalkSurface(whole);
        break;
      case FastPathCode::kOrders: {
        OrdersUpdate orders;
        (void)Checked(whole, ParseFastPathOrders(whole, &orders));
        Touch(whole, orders.orders);
        break;
      }
      default: {
        PointerUpdate pointer;
        (void)Checked(whole, ParseFastPathPointer(update.code, whole, &pointer));
        Touch(whole, pointer.xor_mask);
        Touch(whole, pointer.and_mask);
        break;
      }
    }
  }
  return Checked(output.updates, updates.status());
}

Status WalkSurface(ByteView data) {
  SurfaceCommands commands(data);
  SurfaceCommand command;
  size_t count = 0;
  while (commands.Next(&command)) {
    ++count;
    if (command.cmd == SurfaceCmd::kFrameMarker) continue;
    Touch(data, command.bits.data);
    MULLION_FUZZ_CHECK(!command.bits.dest.empty());
    MULLION_FUZZ_CHECK(command.bits.dest.right() <= 65535 && command.bits.dest.x >= 0);
  }
  MULLION_FUZZ_CHECK(count <= data.size() / 4);
  return Checked(data, commands.status());
}

Status WalkBitmap(ByteView data) {
  uint16_t type = 0;
  MULLION_TRY(Checked(data, ParseUpdateType(data, &type)));
  switch (static_cast<UpdateType>(type)) {
    case UpdateType::kBitmap: {
      BitmapRects rects(data);
      BitmapRect rect;
      size_t count = 0;
      while (rects.Next(&rect)) {
        ++count;
        Touch(data, rect.data);
        MULLION_FUZZ_CHECK(rect.dest.w >= 1 && rect.dest.w <= 65536);
        MULLION_FUZZ_CHECK(rect.dest.h >= 1 && rect.dest.h <= 65536);
      }
      MULLION_FUZZ_CHECK(count <= rects.count() && count <= data.size() / 18);
      MULLION_FUZZ_CHECK(!rects.status().ok() || count == rects.count());
      return Checked(data, rects.status());
    }
    case UpdateType::kPalette: {
      PaletteUpdate palette;
      MULLION_TRY(Checked(data, ParsePalette(data, &palette)));
      Touch(data, palette.entries);
      MULLION_FUZZ_CHECK(palette.count >= 1 && palette.count <= 256);
      MULLION_FUZZ_CHECK(palette.entries.size() == palette.count * size_t{3});
      return Ok();
    }
    case UpdateType::kOrders: {
      OrdersUpdate orders;
      MULLION_TRY(Checked(data, ParseSlowPathOrders(data, &orders)));
      Touch(data, orders.orders);
      return Ok();
    }
    default:
      return Ok();
  }
}

Status WalkPointer(ByteView data) {
  PointerUpdate pointer;
  const Status slow = Checked(data, ParsePointerPdu(data, &pointer));
  if (slow.ok()) {
    Touch(data, pointer.xor_mask);
    Touch(data, pointer.and_mask);
    MULLION_FUZZ_CHECK(pointer.width_px <= kMaxPointerSidePx);
    MULLION_FUZZ_CHECK(pointer.height_px <= kMaxPointerSidePx);
  }
  if (data.empty()) return slow;
  const ByteView rest = data.subspan(1);
  const Status fast = Checked(rest, ParseFastPathPointer(data[0], rest, &pointer));
  if (fast.ok()) {
    Touch(rest, pointer.xor_mask);
    Touch(rest, pointer.and_mask);
    MULLION_FUZZ_CHECK(pointer.width_px <= kMaxPointerSidePx);
  }
  return slow;
}

Status WalkSvc(ByteView data) {
  constexpr size_t kLimit = 4096;
  ChannelAssembler assembler(kLimit);
  ByteReader reader(data);
  Status last;
  while (reader.ok() && reader.remaining() > 0) {
    const size_t size = reader.U8("chunk");
    const ByteView payload = reader.Take(std::min(size, reader.remaining()), "chunk");
    ChannelChunk chunk;
    last = Checked(payload, ParseChannelChunk(payload, &chunk));
    if (!last.ok()) continue;
    Touch(payload, chunk.data);
    ByteView message;
    bool complete = false;
    last = assembler.Add(chunk.flags, chunk.total_length, chunk.data, &message, &complete);
    MULLION_FUZZ_CHECK(last.ok() || !complete);
    MULLION_FUZZ_CHECK(assembler.pending_bytes() <= kLimit);
    if (complete) {
      MULLION_FUZZ_CHECK(message.size() <= kLimit);
      Touch(message, message);
    }
  }
  return last;
}

Status WalkDvc(ByteView data) {
  DvcPdu pdu;
  (void)Checked(data, ParseDvc(true, data, &pdu));
  Touch(data, pdu.data);
  Touch(data, pdu.tunnel_data);
  MULLION_TRY(Checked(data, ParseDvc(false, data, &pdu)));
  Touch(data, pdu.data);
  Touch(data, pdu.tunnel_data);
  MULLION_FUZZ_CHECK(pdu.name.size() < data.size());
  if (pdu.cmd == DvcCmd::kSoftSyncRequest) {
    SoftSyncTunnels tunnels(pdu);
    uint32_t type = 0;
    ByteView ids;
    while (tunnels.Next(&type, &ids)) Touch(data, ids);
  }
  constexpr size_t kLimit = 4096;
  DvcAssembler assembler(kLimit);
  ByteView message;
  bool complete = false;
  Status status = assembler.First(pdu.total_length, pdu.data, &message, &complete);
  MULLION_FUZZ_CHECK(status.ok() || !complete);
  for (int i = 0; i < 3 && !complete; ++i) {
    status = assembler.Next(data.first(std::min<size_t>(data.size(), 100)), &message, &complete);
    MULLION_FUZZ_CHECK(assembler.pending_bytes() <= kLimit);
    if (complete) Touch(message, message);
  }
  return Ok();
}

Status WalkConnectBlocks(ByteView data) {
  ClientInfo info;
  (void)Checked(data, ParseClientInfo(data, &info));
  for (const std::string* text : {&info.domain, &info.user, &info.alternate_shell,
                                  &info.working_dir, &info.client_address, &info.client_dir}) {
    CheckUtf8(*text);
  }
  LicencePdu licence;
  if (Checked(data, ParseLicence(data, &licence)).ok()) Touch(data, licence.body);
  (void)WalkSessionInfo(data);
  Redirection redirection;
  if (Checked(data, ParseRedirection(data, &redirection)).ok()) {
    Touch(data, redirection.load_balance_info);
    CheckUtf8(redirection.target_address);
  }
  AutoDetect detect;
  if (Checked(data, ParseAutoDetect(data, &detect)).ok()) Touch(data, detect.payload);
  Heartbeat heartbeat;
  (void)Checked(data, ParseHeartbeat(data, &heartbeat));
  MultitransportRequest transport;
  if (Checked(data, ParseMultitransportRequest(data, &transport)).ok()) {
    MULLION_FUZZ_CHECK(transport.cookie.size() == 16);
  }
  Preconnection preconnection;
  if (Checked(data, ParsePreconnection(data, &preconnection)).ok()) {
    MULLION_FUZZ_CHECK(preconnection.size >= 16 && preconnection.size <= data.size());
    CheckUtf8(preconnection.text);
  }
  CheckUtf8(Utf16ToUtf8(data));
  CheckUtf8(AsciiText(data));
  return Ok();
}

const WireWalk* AllWireWalks(size_t* count) {
  static constexpr WireWalk kWalks[] = {
      {"x224", WalkX224},
      {"mcs_gcc", WalkMcsGcc},
      {"caps", WalkCaps},
      {"capability", WalkCapability},
      {"share", WalkShare},
      {"fastpath_output", WalkFastPath},
      {"surface_commands", WalkSurface},
      {"bitmap_update", WalkBitmap},
      {"pointer_update", WalkPointer},
      {"svc", WalkSvc},
      {"dvc", WalkDvc},
      {"egfx", WalkEgfx},
      {"connect_blocks", WalkConnectBlocks},
  };
  *count = std::size(kWalks);
  return kWalks;
}

}  // namespace mullion::fuzz
