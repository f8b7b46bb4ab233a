#include "codecs/wire/share.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr uint16_t kFlowMarker = 0x8000;
constexpr size_t kFlowRestBytes = 6;      // of TS_FLOW_PDU, after its marker
constexpr size_t kControlHeader = 6;      // totalLength, pduType, pduSource
constexpr size_t kCompressedHeader = 18;  // both share headers, which compressedLength counts
constexpr uint8_t kPacketCompressed = 0x20;

}  // namespace

bool ShareControls::Next(ShareControl* pdu) {
  *pdu = ShareControl{};
  if (!reader_.ok() || reader_.remaining() < 4) return false;
  const size_t start = reader_.offset();
  const size_t total = reader_.U16("totalLength");
  if (total == kFlowMarker) {
    pdu->type = kShareFlow;
    reader_.Skip(kFlowRestBytes, "flowPdu");
    return reader_.ok();
  }
  pdu->type = reader_.U16("pduType") & 0xF;
  // Deactivate all without a source: four bytes in all (Windows XP, xrdp).
  if (total == 4) return true;
  if (total < kControlHeader) {
    reader_.SetError(Err::kMalformed, "totalLength", start);
    return false;
  }
  pdu->source = reader_.U16("pduSource");
  pdu->body = reader_.Take(total - kControlHeader, "shareControl.body");
  return reader_.ok();
}

Status ParseShareData(ByteView body, ShareDataPdu* out) {
  ByteReader reader(body);
  out->share_id = reader.U32("shareId");
  reader.Skip(1, "pad1");
  reader.Skip(1, "streamId");
  out->uncompressed_length = reader.U16("uncompressedLength");
  out->type2 = reader.U8("pduType2");
  out->compressed_type = reader.U8("compressedType");
  const size_t compressed_length = reader.U16("compressedLength");
  out->body = reader.TakeRest();
  if ((out->compressed_type & kPacketCompressed) != 0 && compressed_length >= kCompressedHeader) {
    out->body = out->body.first(std::min(out->body.size(), compressed_length - kCompressedHeader));
  }
  return reader.status();
}

const char* SharePduName(uint8_t type2) {
  switch (static_cast<ShareData>(type2)) {
    case ShareData::kUpdate:
      return "update";
    case ShareData::kControl:
      return "control";
    case ShareData::kPointer:
      return "pointer";
    case ShareData::kInput:
      return "input";
    case ShareData::kSynchronize:
      return "synchronize";
    case ShareData::kRefreshRect:
      return "refresh_rect";
    case ShareData::kPlaySound:
      return "play_sound";
    case ShareData::kSuppressOutput:
      return "suppress_output";
    case ShareData::kShutdownRequest:
      return "shutdown_request";
    case ShareData::kShutdownDenied:
      return "shutdown_denied";
    case ShareData::kSaveSessionInfo:
      return "save_session_info";
    case ShareData::kFontList:
      return "font_list";
    case ShareData::kFontMap:
      return "font_map";
    case ShareData::kSetKeyboardIndicators:
      return "set_keyboard_indicators";
    case ShareData::kBitmapCachePersistentList:
      return "bitmap_cache_persistent_list";
    case ShareData::kBitmapCacheError:
      return "bitmap_cache_error";
    case ShareData::kSetKeyboardImeStatus:
      return "set_keyboard_ime_status";
    case ShareData::kOffscreenCacheError:
      return "offscreen_cache_error";
    case ShareData::kSetErrorInfo:
      return "set_error_info";
    case ShareData::kDrawNineGridError:
      return "draw_nine_grid_error";
    case ShareData::kDrawGdiPlusError:
      return "draw_gdi_plus_error";
    case ShareData::kArcStatus:
      return "arc_status";
    case ShareData::kStatusInfo:
      return "status_info";
    case ShareData::kMonitorLayout:
      return "monitor_layout";
    case ShareData::kFrameAcknowledge:
      return "frame_acknowledge";
  }
  return "unknown";
}

}  // namespace mullion
