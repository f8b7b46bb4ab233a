// connect, pdu, fastpath, caps, licence, autodetect, dvc, egfx, fuzz: the wire parsers.
//
// Such vectors have no output: a PDU passes when its parser takes it whole. Which parser that is
// follows from the group and the name, as the manifest says no more. The values in them are checked
// by tests/codecs/wire.
#include <algorithm>

#include "codecs/wire/avc.h"
#include "codecs/wire/bitmap.h"
#include "codecs/wire/caps.h"
#include "codecs/wire/client_info.h"
#include "codecs/wire/dvc.h"
#include "codecs/wire/egfx.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/gcc.h"
#include "codecs/wire/licence.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/message_channel.h"
#include "codecs/wire/preconnection.h"
#include "codecs/wire/security.h"
#include "codecs/wire/session_info.h"
#include "codecs/wire/share.h"
#include "codecs/wire/surface.h"
#include "codecs/wire/svc.h"
#include "codecs/wire/x224.h"
#include "fuzz/wire_walk.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/run_wire.h"

namespace mullion::vectors {
namespace {

bool Has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

Outcome FromStatus(const Status& status) { return status.ok() ? Pass() : Failed(Describe(status)); }

// For bytes whose name says that something in them is missing or wrong.
Outcome MustFail(const Status& status) {
  return status.ok() ? Failed("accepted, where an error was due") : Pass();
}

std::vector<uint8_t> Prefixed(std::initializer_list<uint8_t> prefix, ByteView bytes) {
  std::vector<uint8_t> out(prefix);
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

Status ParseWholeTpkt(ByteView bytes) {
  X224Tpdu tpdu;
  MULLION_TRY(ParseX224(bytes, &tpdu));
  X224Request request;
  X224Confirm confirm;
  if (tpdu.code == kX224ConnectionRequest) return ParseX224Request(tpdu.body, &request);
  if (tpdu.code == kX224ConnectionConfirm) return ParseX224Confirm(tpdu.body, &confirm);
  McsPdu mcs;
  MULLION_TRY(ParseMcs(tpdu.body, &mcs));
  ClientGcc client;
  ServerGcc server;
  if (mcs.type == McsType::kConnectInitial) return ParseClientGcc(mcs.data, &client);
  if (mcs.type == McsType::kConnectResponse) return ParseServerGcc(mcs.data, &server);
  return Ok();
}

Status ParseShares(ByteView bytes) {
  ShareControls pdus(bytes);
  ShareControl pdu;
  while (pdus.Next(&pdu)) {
    ActivePdu active;
    ShareDataPdu data;
    switch (static_cast<ShareType>(pdu.type)) {
      case ShareType::kDemandActive:
        MULLION_TRY(ParseDemandActive(pdu.body, &active));
        break;
      case ShareType::kConfirmActive:
        MULLION_TRY(ParseConfirmActive(pdu.body, &active));
        break;
      case ShareType::kData:
        MULLION_TRY(ParseShareData(pdu.body, &data));
        break;
      default:
        break;
    }
  }
  return pdus.status();
}

Status ParseUpdates(ByteView bytes) {
  FastPathUpdates updates(bytes);
  FastPathUpdate update;
  while (updates.Next(&update)) {
  }
  return updates.status();
}

Status ParseSurface(ByteView bytes) {
  SurfaceCommands commands(bytes);
  SurfaceCommand command;
  while (commands.Next(&command)) {
  }
  return commands.status();
}

Status ParseBitmap(ByteView bytes) {
  BitmapRects rects(bytes);
  BitmapRect rect;
  while (rects.Next(&rect)) {
  }
  return rects.status();
}

bool IsTpkt(const Vector& vector) {
  return vector.input.size() >= 7 && vector.input[0] == 3 && vector.input[1] == 0;
}

}  // namespace

Outcome RunConnect(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  const ByteView bytes = vector.input;
  if (IsTpkt(vector)) return FromStatus(ParseWholeTpkt(bytes));
  ClientGcc client;
  ServerGcc server;
  McsPdu mcs;
  if (Has(name, "ctxis-gcc")) {
    ByteReader reader(bytes);
    const uint16_t type = reader.U16("type");
    reader.Skip(2, "length");
    const ByteView block = reader.TakeRest();
    return FromStatus(type < 0xC000 ? ParseServerBlock(type, block, &server)
                                    : ParseClientBlock(type, block, &client));
  }
  struct Row {
    const char* word;
    uint16_t type;
  };
  // The first that matches counts.
  constexpr Row kBlocks[] = {
      {"client_core_data", kCsCore},           {"cluster_data", kCsCluster},
      {"monitor_extended_data", kCsMonitorEx}, {"monitor_data", kCsMonitor},
      {"server_network_data", kScNet},         {"client_network_data", kCsNet},
      {"client_security_data", kCsSecurity},   {"server_security_data", kScSecurity},
      {"server_core_data", kScCore},           {"message_channel_data", kCsMessageChannel},
      {"multi_transport", kCsMultitransport}};
  if (Has(name, "optional_core_data")) return Skip("a part of a block");
  if (Has(name, "monitor_layout_headers")) return MustFail(ParseShares(bytes));  // headers alone
  if (Has(name, "conference_create")) {
    return FromStatus(Has(name, "response") ? ParseServerGcc(bytes, &server)
                                            : ParseClientGcc(bytes, &client));
  }
  if (Has(name, "mcs-") || Has(name, "connect_")) {
    const Status status = ParseMcs(bytes, &mcs);
    return Has(name, "prefix") ? MustFail(status) : FromStatus(status);
  }
  for (const Row& row : kBlocks) {
    if (!Has(name, row.word)) continue;
    return FromStatus(row.type < 0xC000 ? ParseServerBlock(row.type, bytes, &server)
                                        : ParseClientBlock(row.type, bytes, &client));
  }
  return Skip("no parser is known by this name");
}

Outcome RunPdu(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  const ByteView bytes = vector.input;
  if (IsTpkt(vector)) return FromStatus(ParseWholeTpkt(bytes));
  if (Has(name, "basic_output.bitmap")) return FromStatus(ParseBitmap(bytes));
  if (Has(name, "surface_commands")) return FromStatus(ParseSurface(bytes));
  if (Has(name, "session_info-")) {
    const uint8_t type = Has(name, "info_v1")    ? 0
                         : Has(name, "info_v2")  ? 1
                         : Has(name, "extended") ? 3
                                                 : 2;
    SessionInfo info;
    const Status status = ParseSessionInfo(Prefixed({type, 0, 0, 0}, bytes), &info);
    // Any NTSTATUS is a valid error type (MS-RDPBCGR 2.2.10.1.1.4.1.1).
    const bool bad = Has(name, "invalid") && !Has(name, "logon_error_type");
    return bad ? MustFail(status) : FromStatus(status);
  }
  ChannelChunk chunk;
  ClientInfo info;
  Preconnection preconnection;
  if (Has(name, "channel_pdu") || Has(name, "virtual-channel-pdu")) {
    return FromStatus(ParseChannelChunk(bytes, &chunk));
  }
  if (Has(name, "client_info")) return FromStatus(ParseClientInfo(bytes, &info));
  if (Has(name, "preconnection")) {
    const Status status = ParsePreconnection(bytes, &preconnection);
    const bool bad = Has(name, "large") || Has(name, "null_size");
    return bad ? MustFail(status) : FromStatus(status);
  }
  const Status status = ParseShares(bytes);
  return Has(name, "headers") ? MustFail(status) : FromStatus(status);
}

Outcome RunFastPath(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  if (Has(name, "payload")) return Skip("a part of an update");
  if (Has(name, "header")) {
    FastPathOutput output;
    return FromStatus(ParseFastPathOutput(vector.input, &output));
  }
  return FromStatus(ParseUpdates(vector.input));
}

Outcome RunCaps(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  if (Has(name, "guid_buffer") || Has(name, "icap")) return Skip("a part of a capability set");
  if (Has(name, "codec_buffer")) {
    ByteReader reader(vector.input);
    BitmapCodecDef def;
    return FromStatus(ParseBitmapCodec(&reader, &def));
  }
  struct Row {
    const char* word;
    CapType type;
  };
  constexpr Row kSets[] = {{"bitmap_codecs", CapType::kBitmapCodecs},
                           {"bitmap_cache_rev_2", CapType::kBitmapCacheRev2},
                           {"bitmap_cache_host", CapType::kBitmapCacheHostSupport},
                           {"offscreen", CapType::kOffscreenCache},
                           {"glyph_cache", CapType::kGlyphCache},
                           {"nine_grid", CapType::kDrawNineGridCache},
                           {"color_cache", CapType::kColorCache},
                           {"color_table", CapType::kColorCache},
                           {"cache_rev_1", CapType::kBitmapCache},
                           {"bitmap_cache", CapType::kBitmapCache},
                           {"bitmap", CapType::kBitmap},
                           {"general", CapType::kGeneral},
                           {"order", CapType::kOrder},
                           {"surface_commands", CapType::kSurfaceCommands},
                           {"virtual_channel", CapType::kVirtualChannel},
                           {"control", CapType::kControl},
                           {"gdi_plus", CapType::kDrawGdiPlus},
                           {"large_pointer", CapType::kLargePointer},
                           {"pointer", CapType::kPointer},
                           {"input", CapType::kInput},
                           {"brush", CapType::kBrush},
                           {"share", CapType::kShare},
                           {"sound", CapType::kSound},
                           {"font", CapType::kFont},
                           {"activation", CapType::kActivation},
                           {"multifragment", CapType::kMultifragmentUpdate},
                           {"frame_acknowledge", CapType::kFrameAcknowledge},
                           {"composition", CapType::kDesktopComposition}};
  // The module comes before the last dash, the constant after it: the constant says which set.
  const std::string constant = name.substr(name.rfind('-') + 1);
  for (const Row& row : kSets) {
    if (!Has(constant, row.word)) continue;
    Capabilities caps;
    return FromStatus(ParseCapability(static_cast<uint16_t>(row.type), vector.input, &caps));
  }
  return Skip("no parser is known by this name");
}

Outcome RunLicence(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  ByteView bytes = vector.input;
  std::vector<uint8_t> whole;
  LicencePdu pdu;
  if (Has(name, "license_message_buffer")) {
    whole = Prefixed({0xFF, 3, 16, 0}, bytes);  // an error alert without its preamble
    return FromStatus(ParseLicence(whole, &pdu));
  }
  const bool security_header =
      bytes.size() >= 8 && bytes[0] == 0x80 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
  if (!security_header && !Has(name, "rdpele")) return Skip("inside of a licensing PDU");
  if (security_header) bytes = bytes.subspan(4);
  const Status status = ParseLicence(bytes, &pdu);
  // The preamble of an error alert alone lacks its code.
  if (Has(name, "header") && bytes.size() == 4 && bytes[0] == 0xFF) return MustFail(status);
  return FromStatus(status);
}

Outcome RunAutoDetect(const Vector& vector, Sequence*) {
  AutoDetect detect;
  const Status status = ParseAutoDetect(vector.input, &detect);
  if (status.ok() && detect.kind == AutoDetectKind::kUnknown) return Failed("of an unknown type");
  return FromStatus(status);
}

Outcome RunDvc(const Vector& vector, Sequence*) {
  DvcPdu pdu;
  return FromStatus(ParseDvc(Has(vector.name(), "response"), vector.input, &pdu));
}

Outcome RunEgfx(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  const ByteView bytes = vector.input;
  Avc444Stream avc;
  // Its length is that of a first of two streams: nobody reads it where there is only one.
  if (Has(name, "incorrect_len")) return FromStatus(ParseAvc444(bytes, &avc));
  if (Has(name, "spec-")) return RunClearLayer(vector);
  EgfxPdus pdus(bytes);
  EgfxPdu pdu;
  if (Has(name, "header")) return MustFail(pdus.Next(&pdu) ? Ok() : pdus.status());
  EgfxSurfaceToSurface copy;
  EgfxCacheToSurface show;
  EgfxCapset capset;
  EgfxFrameAck ack;
  EgfxMapToOutput map;
  EgfxStartFrame start;
  if (Has(name, "surface_to_surface")) return FromStatus(ParseEgfxSurfaceToSurface(bytes, &copy));
  if (Has(name, "cache_to_surface")) return FromStatus(ParseEgfxCacheToSurface(bytes, &show));
  if (Has(name, "confirm")) return FromStatus(ParseEgfxCapsConfirm(bytes, &capset));
  if (Has(name, "frame_ack")) return FromStatus(ParseEgfxFrameAck(bytes, &ack));
  if (Has(name, "map_surface")) return FromStatus(ParseEgfxMapToOutput(bytes, &map));
  if (Has(name, "start_frame")) return FromStatus(ParseEgfxStartFrame(bytes, &start));
  return Skip("no parser is known by this name");
}

// Crash files of other parsers: every parser of ours must return.
Outcome RunHostile(const Vector& vector, Sequence*) {
  size_t count = 0;
  const fuzz::WireWalk* walks = fuzz::AllWireWalks(&count);
  for (size_t i = 0; i < count; ++i) (void)walks[i].run(vector.input);
  return Pass();
}

}  // namespace mullion::vectors
