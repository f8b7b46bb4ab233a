#include "codecs/wire/caps.h"

#include <algorithm>
#include <cstring>

namespace mullion {
namespace {

void ParseGeneral(ByteReader* reader, Capabilities* out) {
  out->os_major = reader->U16("osMajorType");
  out->os_minor = reader->U16("osMinorType");
  out->protocol_version = reader->U16("protocolVersion");
  reader->Skip(4, "compressionTypes");  // and padding
  out->extra_flags = reader->U16("extraFlags");
  reader->Skip(6, "generalCompressionLevel");  // updateCapabilityFlag, remoteUnshareFlag
  out->refresh_rect = reader->U8("refreshRectSupport") != 0;
  out->suppress_output = reader->U8("suppressOutputSupport") != 0;
}

void ParseBitmap(ByteReader* reader, Capabilities* out) {
  out->bits_per_pixel = reader->U16("preferredBitsPerPixel");
  reader->Skip(6, "receive1BitPerPixel");
  out->desktop_width = reader->U16("desktopWidth");
  out->desktop_height = reader->U16("desktopHeight");
  reader->Skip(2, "pad2octets");
  out->desktop_resize = reader->U16("desktopResizeFlag") != 0;
  reader->Skip(2, "bitmapCompressionFlag");
  reader->Skip(1, "highColorFlags");
  out->drawing_flags = reader->U8("drawingFlags");
  // multipleRectangleSupport and padding follow; nothing hangs on them.
}

void ParseOrder(ByteReader* reader, Capabilities* out) {
  reader->Skip(16, "terminalDescriptor");
  reader->Skip(14, "desktopSaveXGranularity");
  out->order_flags = reader->U16("orderFlags");
  const ByteView support = reader->Take(32, "orderSupport");
  std::copy(support.begin(), support.end(), out->order_support.begin());
  reader->Skip(2, "textFlags");
  out->order_support_ex = reader->U16("orderSupportExFlags");
  reader->Skip(4, "pad4octetsB");
  out->desktop_save_size = reader->U32("desktopSaveSize");
}

void ParseCacheEntries(ByteReader* reader, CacheEntry* entries, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    entries[i].entries = reader->U16("cacheEntries");
    entries[i].max_cell_bytes = reader->U16("cacheMaximumCellSize");
  }
}

void ParseBitmapCache2(ByteReader* reader, Capabilities* out) {
  out->bitmap_cache2_flags = reader->U16("cacheFlags");
  reader->Skip(1, "pad2");
  out->bitmap_cache2_cells = reader->U8("numCellCaches");
  for (uint32_t& entries : out->bitmap_cache2_entries) {
    entries = reader->U32("bitmapCacheCellInfo");
  }
}

void ParsePointer(ByteReader* reader, Capabilities* out) {
  out->color_pointer = reader->U16("colorPointerFlag") != 0;
  out->color_pointer_cache = reader->U16("colorPointerCacheSize");
  // Older peers end here: no new pointers then.
  if (reader->remaining() >= 2) out->pointer_cache = reader->U16("pointerCacheSize");
}

Status ParseBitmapCodecs(ByteReader* reader, Capabilities* out) {
  const uint8_t count = reader->U8("bitmapCodecCount");
  out->codecs.clear();
  for (uint8_t i = 0; i < count && reader->ok(); ++i) {
    BitmapCodecDef def;
    MULLION_TRY(ParseBitmapCodec(reader, &def));
    out->codecs.push_back(def);
  }
  return reader->status();
}

Status ParseActive(ByteReader* reader, ActivePdu* out) {
  const size_t source = reader->U16("lengthSourceDescriptor");
  const size_t combined = reader->U16("lengthCombinedCapabilities");
  reader->Skip(source, "sourceDescriptor");
  const size_t at = reader->offset();
  // The combined length counts the two fields before the sets; the PDU's end bounds it.
  const ByteView all = reader->Take(std::min(combined, reader->remaining()), "capabilitySets");
  MULLION_TRY(reader->status());
  ByteReader sets(all);
  const uint16_t count = sets.U16("numberCapabilities");
  sets.Skip(2, "pad2Octets");
  Status status = sets.status();
  if (status.ok()) status = ParseCapabilities(sets.TakeRest(), count, &out->caps);
  if (!status.ok()) status.offset += static_cast<uint32_t>(at);
  return status;
}

}  // namespace

Status ParseCapability(uint16_t type, ByteView body, Capabilities* out) {
  if (type < 32) out->present |= uint32_t{1} << type;
  ByteReader reader(body);
  switch (static_cast<CapType>(type)) {
    case CapType::kGeneral:
      ParseGeneral(&reader, out);
      break;
    case CapType::kBitmap:
      ParseBitmap(&reader, out);
      break;
    case CapType::kOrder:
      ParseOrder(&reader, out);
      break;
    case CapType::kBitmapCache:
      reader.Skip(24, "pad1");
      ParseCacheEntries(&reader, out->bitmap_cache.data(), out->bitmap_cache.size());
      break;
    case CapType::kBitmapCacheRev2:
      ParseBitmapCache2(&reader, out);
      break;
    case CapType::kPointer:
      ParsePointer(&reader, out);
      break;
    case CapType::kLargePointer:
      out->large_pointer_flags = reader.U16("largePointerSupportFlags");
      break;
    case CapType::kInput:
      out->input_flags = reader.U16("inputFlags");
      reader.Skip(2, "pad2octetsA");
      out->keyboard_layout = reader.U32("keyboardLayout");
      break;
    case CapType::kBrush:
      out->brush_support = reader.U32("brushSupportLevel");
      break;
    case CapType::kGlyphCache:
      ParseCacheEntries(&reader, out->glyph_cache.data(), out->glyph_cache.size());
      ParseCacheEntries(&reader, &out->fragment_cache, 1);
      out->glyph_support = reader.U16("glyphSupportLevel");
      break;
    case CapType::kOffscreenCache:
      out->offscreen_support = reader.U32("offscreenSupportLevel");
      out->offscreen_cache_kib = reader.U16("offscreenCacheSize");
      out->offscreen_cache_entries = reader.U16("offscreenCacheEntries");
      break;
    case CapType::kVirtualChannel:
      out->virtual_channel_flags = reader.U32("virtualChannel.flags");
      if (reader.remaining() >= 4) out->virtual_channel_chunk = reader.U32("VCChunkSize");
      break;
    case CapType::kDrawNineGridCache:
      out->nine_grid_support = reader.U32("drawNineGridSupportLevel");
      out->nine_grid_cache_kib = reader.U16("drawNineGridCacheSize");
      out->nine_grid_cache_entries = reader.U16("drawNineGridCacheEntries");
      break;
    case CapType::kDrawGdiPlus:
      out->gdi_plus_support = reader.U32("drawGDIPlusSupportLevel");
      break;
    case CapType::kMultifragmentUpdate:
      out->multifragment_max = reader.U32("MaxRequestSize");
      break;
    case CapType::kSurfaceCommands:
      out->surface_command_flags = reader.U32("cmdFlags");
      break;
    case CapType::kBitmapCodecs:
      return ParseBitmapCodecs(&reader, out);
    case CapType::kFrameAcknowledge:
      out->frame_acknowledge_max = reader.U32("maxUnacknowledgedFrameCount");
      break;
    default:
      break;  // control, share, font ... : nothing in them that anybody uses
  }
  return reader.status();
}

Status ParseCapabilities(ByteView sets, uint16_t count, Capabilities* out) {
  *out = Capabilities{};
  ByteReader reader(sets);
  // Servers exist that count one set too many: the end of the bytes ends the list too.
  for (uint16_t i = 0; i < count && reader.remaining() >= 4; ++i) {
    const size_t at = reader.offset();
    const uint16_t type = reader.U16("capabilitySetType");
    const size_t length = reader.U16("lengthCapability");
    if (length < 4) return Fail(Err::kMalformed, "lengthCapability", at + 2);
    const ByteView body = reader.Take(length - 4, "lengthCapability");
    MULLION_TRY(reader.status());
    Status status = ParseCapability(type, body, out);
    if (!status.ok()) {
      status.offset += static_cast<uint32_t>(at + 4);
      return status;
    }
  }
  return Ok();
}

Status ParseDemandActive(ByteView body, ActivePdu* out) {
  *out = ActivePdu{};
  ByteReader reader(body);
  out->share_id = reader.U32("shareId");
  return ParseActive(&reader, out);  // sessionId after it is to be ignored
}

Status ParseConfirmActive(ByteView body, ActivePdu* out) {
  *out = ActivePdu{};
  ByteReader reader(body);
  out->share_id = reader.U32("shareId");
  out->originator = reader.U16("originatorId");
  return ParseActive(&reader, out);
}

}  // namespace mullion
