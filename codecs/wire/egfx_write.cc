// What a client writes to the graphics pipeline, and the names of its numbers.
#include "codecs/wire/egfx.h"

namespace mullion {
namespace {

// The header of a PDU whose body has `body_bytes`.
void WriteHeader(EgfxCmd cmd, size_t body_bytes, ByteWriter* out) {
  out->U16(static_cast<uint16_t>(cmd));
  out->U16(0);
  out->U32(static_cast<uint32_t>(8 + body_bytes));
}

size_t CapsDataBytes(const EgfxCapset& capset) {
  return capset.version == kEgfxVersion101 ? 16 : 4;
}

}  // namespace

void WriteEgfxCapsAdvertise(std::span<const EgfxCapset> capsets, ByteWriter* out) {
  size_t body_bytes = 2;
  for (const EgfxCapset& capset : capsets) body_bytes += 8 + CapsDataBytes(capset);
  WriteHeader(EgfxCmd::kCapsAdvertise, body_bytes, out);
  out->U16(static_cast<uint16_t>(capsets.size()));
  for (const EgfxCapset& capset : capsets) {
    const size_t size = CapsDataBytes(capset);
    out->U32(capset.version);
    out->U32(static_cast<uint32_t>(size));
    if (capset.version == kEgfxVersion101) {
      out->Zeros(size);
    } else {
      out->U32(capset.flags);
    }
  }
}

void WriteEgfxFrameAck(const EgfxFrameAck& ack, ByteWriter* out) {
  WriteHeader(EgfxCmd::kFrameAck, 12, out);
  out->U32(ack.queue_depth);
  out->U32(ack.frame_id);
  out->U32(ack.total_frames_decoded);
}

void WriteEgfxQoeFrameAck(const EgfxQoeFrameAck& ack, ByteWriter* out) {
  WriteHeader(EgfxCmd::kQoeFrameAck, 12, out);
  out->U32(ack.frame_id);
  out->U32(ack.timestamp_ms);
  out->U16(ack.time_diff_se);
  out->U16(ack.time_diff_edr);
}

void WriteEgfxCacheImportOffer(std::span<const EgfxCacheEntry> entries, ByteWriter* out) {
  WriteHeader(EgfxCmd::kCacheImportOffer, 2 + entries.size() * 12, out);
  out->U16(static_cast<uint16_t>(entries.size()));
  for (const EgfxCacheEntry& entry : entries) {
    out->U64(entry.key);
    out->U32(entry.size_bytes);
  }
}

const char* EgfxCmdName(uint16_t cmd) {
  switch (static_cast<EgfxCmd>(cmd)) {
    case EgfxCmd::kWireToSurface1:
      return "wire_to_surface_1";
    case EgfxCmd::kWireToSurface2:
      return "wire_to_surface_2";
    case EgfxCmd::kDeleteEncodingContext:
      return "delete_encoding_context";
    case EgfxCmd::kSolidFill:
      return "solid_fill";
    case EgfxCmd::kSurfaceToSurface:
      return "surface_to_surface";
    case EgfxCmd::kSurfaceToCache:
      return "surface_to_cache";
    case EgfxCmd::kCacheToSurface:
      return "cache_to_surface";
    case EgfxCmd::kEvictCacheEntry:
      return "evict_cache_entry";
    case EgfxCmd::kCreateSurface:
      return "create_surface";
    case EgfxCmd::kDeleteSurface:
      return "delete_surface";
    case EgfxCmd::kStartFrame:
      return "start_frame";
    case EgfxCmd::kEndFrame:
      return "end_frame";
    case EgfxCmd::kFrameAck:
      return "frame_acknowledge";
    case EgfxCmd::kResetGraphics:
      return "reset_graphics";
    case EgfxCmd::kMapToOutput:
      return "map_surface_to_output";
    case EgfxCmd::kCacheImportOffer:
      return "cache_import_offer";
    case EgfxCmd::kCacheImportReply:
      return "cache_import_reply";
    case EgfxCmd::kCapsAdvertise:
      return "caps_advertise";
    case EgfxCmd::kCapsConfirm:
      return "caps_confirm";
    case EgfxCmd::kMapToWindow:
      return "map_surface_to_window";
    case EgfxCmd::kQoeFrameAck:
      return "qoe_frame_acknowledge";
    case EgfxCmd::kMapToScaledOutput:
      return "map_surface_to_scaled_output";
    case EgfxCmd::kMapToScaledWindow:
      return "map_surface_to_scaled_window";
    case EgfxCmd::kProtectSurface:
      return "protect_surface";
    case EgfxCmd::kWatermark:
      return "watermark";
  }
  return "unknown";
}

const char* EgfxCodecName(uint16_t codec) {
  switch (static_cast<EgfxCodec>(codec)) {
    case EgfxCodec::kUncompressed:
      return "uncompressed";
    case EgfxCodec::kRemoteFx:
      return "remotefx";
    case EgfxCodec::kClear:
      return "clearcodec";
    case EgfxCodec::kProgressive:
      return "progressive";
    case EgfxCodec::kPlanar:
      return "planar";
    case EgfxCodec::kAvc420:
      return "avc420";
    case EgfxCodec::kAlpha:
      return "alpha";
    case EgfxCodec::kProgressiveV2:
      return "progressive_v2";
    case EgfxCodec::kAvc444:
      return "avc444";
    case EgfxCodec::kAvc444V2:
      return "avc444v2";
  }
  return "unknown";
}

const char* EgfxVersionName(uint32_t version) {
  switch (version) {
    case kEgfxVersion8:
      return "8";
    case kEgfxVersion81:
      return "8.1";
    case kEgfxVersion10:
      return "10";
    case kEgfxVersion101:
      return "10.1";
    case kEgfxVersion102:
      return "10.2";
    case kEgfxVersion103:
      return "10.3";
    case kEgfxVersion104:
      return "10.4";
    case kEgfxVersion105:
      return "10.5";
    case kEgfxVersion106:
    case kEgfxVersion106Err:
      return "10.6";
    case kEgfxVersion107:
      return "10.7";
    default:
      return "unknown";
  }
}

}  // namespace mullion
