#include "codecs/wire/egfx.h"

namespace mullion {
namespace {

constexpr size_t kHeaderBytes = 8;

Rect ReadRect(ByteReader* reader, const char* field) {
  const size_t at = reader->offset();
  const int32_t left = reader->U16(field);
  const int32_t top = reader->U16(field);
  const int32_t right = reader->U16(field);
  const int32_t bottom = reader->U16(field);
  if (right < left || bottom < top) reader->SetError(Err::kMalformed, field, at);
  return RectFromEdges(left, top, right, bottom);
}

EgfxPixelFormat ReadPixelFormat(ByteReader* reader) {
  const size_t at = reader->offset();
  const auto format = static_cast<EgfxPixelFormat>(reader->U8("pixelFormat"));
  if (format != EgfxPixelFormat::kXrgb && format != EgfxPixelFormat::kArgb) {
    reader->SetError(Err::kMalformed, "pixelFormat", at);
  }
  return format;
}

ByteView ReadBitmapData(ByteReader* reader) {
  const size_t size = reader->U32("bitmapDataLength");
  return reader->Take(size, "bitmapData");
}

EgfxPoints ReadPoints(ByteReader* reader) {
  const size_t count = reader->U16("destPtsCount");
  return EgfxPoints(reader->Take(count * 4, "destPts"));
}

EgfxCapset ReadCapset(ByteReader* reader) {
  EgfxCapset capset;
  capset.version = reader->U32("version");
  const size_t size = reader->U32("capsDataLength");
  ByteReader data(reader->Take(size, "capsData"));
  if (capset.version != kEgfxVersion101) capset.flags = data.U32("flags");
  return capset;
}

}  // namespace

bool EgfxPdus::Next(EgfxPdu* pdu) {
  if (!reader_.ok() || reader_.remaining() == 0) return false;
  const size_t start = reader_.offset();
  pdu->cmd = static_cast<EgfxCmd>(reader_.U16("cmdId"));
  pdu->flags = reader_.U16("flags");
  const size_t length = reader_.U32("pduLength");
  if (length < kHeaderBytes) reader_.SetError(Err::kMalformed, "pduLength", start + 4);
  pdu->body = reader_.Take(length - kHeaderBytes, "pduLength");
  return reader_.ok();
}

Rect EgfxRects::operator[](size_t i) const {
  ByteReader reader(bytes_.subspan(i * 8, 8));
  return ReadRect(&reader, "fillRects");
}

EgfxPoint EgfxPoints::operator[](size_t i) const {
  ByteReader reader(bytes_.subspan(i * 4, 4));
  EgfxPoint point;
  point.x = reader.I16("x");
  point.y = reader.I16("y");
  return point;
}

uint16_t EgfxCacheSlots::operator[](size_t i) const {
  return ByteReader(bytes_.subspan(i * 2, 2)).U16("cacheSlots");
}

EgfxCacheEntry EgfxCacheEntries::operator[](size_t i) const {
  ByteReader reader(bytes_.subspan(i * 12, 12));
  EgfxCacheEntry entry;
  entry.key = reader.U64("cacheKey");
  entry.size_bytes = reader.U32("bitmapLength");
  return entry;
}

Status ParseEgfxWireToSurface1(ByteView body, EgfxWireToSurface1* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->codec = static_cast<EgfxCodec>(reader.U16("codecId"));
  out->format = ReadPixelFormat(&reader);
  out->dest = ReadRect(&reader, "destRect");
  out->data = ReadBitmapData(&reader);
  return reader.status();
}

Status ParseEgfxWireToSurface2(ByteView body, EgfxWireToSurface2* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->codec = static_cast<EgfxCodec>(reader.U16("codecId"));
  out->context_id = reader.U32("codecContextId");
  out->format = ReadPixelFormat(&reader);
  out->data = ReadBitmapData(&reader);
  return reader.status();
}

Status ParseEgfxDeleteEncodingContext(ByteView body, EgfxDeleteEncodingContext* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->context_id = reader.U32("codecContextId");
  return reader.status();
}

Status ParseEgfxSolidFill(ByteView body, EgfxSolidFill* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->b = reader.U8("fillPixel");
  out->g = reader.U8("fillPixel");
  out->r = reader.U8("fillPixel");
  out->xa = reader.U8("fillPixel");
  const size_t count = reader.U16("fillRectCount");
  ByteReader rects = reader;
  out->rects = EgfxRects(reader.Take(count * 8, "fillRects"));
  for (size_t i = 0; i < count && reader.ok() && rects.ok(); ++i) ReadRect(&rects, "fillRects");
  return reader.ok() ? rects.status() : reader.status();
}

Status ParseEgfxSurfaceToSurface(ByteView body, EgfxSurfaceToSurface* out) {
  ByteReader reader(body);
  out->source_id = reader.U16("surfaceIdSrc");
  out->dest_id = reader.U16("surfaceIdDest");
  out->source = ReadRect(&reader, "rectSrc");
  out->points = ReadPoints(&reader);
  return reader.status();
}

Status ParseEgfxSurfaceToCache(ByteView body, EgfxSurfaceToCache* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->key = reader.U64("cacheKey");
  out->slot = reader.U16("cacheSlot");
  out->source = ReadRect(&reader, "rectSrc");
  return reader.status();
}

Status ParseEgfxCacheToSurface(ByteView body, EgfxCacheToSurface* out) {
  ByteReader reader(body);
  out->slot = reader.U16("cacheSlot");
  out->surface_id = reader.U16("surfaceId");
  out->points = ReadPoints(&reader);
  return reader.status();
}

Status ParseEgfxEvictCacheEntry(ByteView body, uint16_t* slot) {
  ByteReader reader(body);
  *slot = reader.U16("cacheSlot");
  return reader.status();
}

Status ParseEgfxCreateSurface(ByteView body, EgfxCreateSurface* out) {
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->width_px = reader.U16("width");
  out->height_px = reader.U16("height");
  out->format = ReadPixelFormat(&reader);
  return reader.status();
}

Status ParseEgfxDeleteSurface(ByteView body, uint16_t* surface_id) {
  ByteReader reader(body);
  *surface_id = reader.U16("surfaceId");
  return reader.status();
}

Status ParseEgfxStartFrame(ByteView body, EgfxStartFrame* out) {
  ByteReader reader(body);
  out->timestamp = reader.U32("timestamp");
  out->frame_id = reader.U32("frameId");
  return reader.status();
}

Status ParseEgfxEndFrame(ByteView body, uint32_t* frame_id) {
  ByteReader reader(body);
  *frame_id = reader.U32("frameId");
  return reader.status();
}

Status ParseEgfxResetGraphics(ByteView body, EgfxResetGraphics* out) {
  *out = EgfxResetGraphics{};
  ByteReader reader(body);
  out->width_px = reader.U32("width");
  out->height_px = reader.U32("height");
  const uint32_t count = reader.U32("monitorCount");
  if (out->width_px - 1 >= kMaxEgfxOutputSidePx) reader.SetError(Err::kMalformed, "width", 0);
  if (out->height_px - 1 >= kMaxEgfxOutputSidePx) reader.SetError(Err::kMalformed, "height", 4);
  if (count > kMaxMonitors) reader.SetError(Err::kLimit, "monitorCount", 8);
  MULLION_TRY(reader.status());
  for (uint32_t i = 0; i < count; ++i) {
    MULLION_TRY(ParseMonitorDef(&reader, &out->monitors[i]));
    out->monitor_count = i + 1;
  }
  return Ok();
}

Status ParseEgfxMapToOutput(ByteView body, EgfxMapToOutput* out) {
  *out = EgfxMapToOutput{};
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  reader.Skip(2, "reserved");
  out->x = reader.U32("outputOriginX");
  out->y = reader.U32("outputOriginY");
  return reader.status();
}

Status ParseEgfxMapToScaledOutput(ByteView body, EgfxMapToOutput* out) {
  MULLION_TRY(ParseEgfxMapToOutput(body, out));
  ByteReader reader(body);
  reader.Skip(12, "surfaceId");
  out->scaled = true;
  out->target_width = reader.U32("targetWidth");
  out->target_height = reader.U32("targetHeight");
  return reader.status();
}

Status ParseEgfxMapToWindow(ByteView body, EgfxMapToWindow* out) {
  *out = EgfxMapToWindow{};
  ByteReader reader(body);
  out->surface_id = reader.U16("surfaceId");
  out->window_id = reader.U64("windowId");
  out->mapped_width = reader.U32("mappedWidth");
  out->mapped_height = reader.U32("mappedHeight");
  return reader.status();
}

Status ParseEgfxMapToScaledWindow(ByteView body, EgfxMapToWindow* out) {
  MULLION_TRY(ParseEgfxMapToWindow(body, out));
  ByteReader reader(body);
  reader.Skip(18, "surfaceId");
  out->scaled = true;
  out->target_width = reader.U32("targetWidth");
  out->target_height = reader.U32("targetHeight");
  return reader.status();
}

Status ParseEgfxCacheImportReply(ByteView body, EgfxCacheSlots* out) {
  ByteReader reader(body);
  const size_t count = reader.U16("importedEntriesCount");
  *out = EgfxCacheSlots(reader.Take(count * 2, "cacheSlots"));
  return reader.status();
}

Status ParseEgfxCapsConfirm(ByteView body, EgfxCapset* out) {
  ByteReader reader(body);
  *out = ReadCapset(&reader);
  return reader.status();
}

bool EgfxCapsets::Next(EgfxCapset* capset) {
  if (left_ == 0 || !reader_.ok()) return false;
  --left_;
  *capset = ReadCapset(&reader_);
  return reader_.ok();
}

Status ParseEgfxFrameAck(ByteView body, EgfxFrameAck* out) {
  ByteReader reader(body);
  out->queue_depth = reader.U32("queueDepth");
  out->frame_id = reader.U32("frameId");
  out->total_frames_decoded = reader.U32("totalFramesDecoded");
  return reader.status();
}

Status ParseEgfxQoeFrameAck(ByteView body, EgfxQoeFrameAck* out) {
  ByteReader reader(body);
  out->frame_id = reader.U32("frameId");
  out->timestamp_ms = reader.U32("timestamp");
  out->time_diff_se = reader.U16("timeDiffSE");
  out->time_diff_edr = reader.U16("timeDiffEDR");
  return reader.status();
}

Status ParseEgfxCacheImportOffer(ByteView body, EgfxCacheEntries* out) {
  ByteReader reader(body);
  const size_t count = reader.U16("cacheEntriesCount");
  if (count > kMaxEgfxCacheOffer) reader.SetError(Err::kMalformed, "cacheEntriesCount", 0);
  *out = EgfxCacheEntries(reader.Take(count * 12, "cacheEntries"));
  return reader.status();
}

}  // namespace mullion
