#include "fuzz/oracle/egfx_oracle.h"

#include <freerdp/codecs.h>
#include <freerdp/freerdp.h>
#include <freerdp/gdi/gdi.h>
#include <freerdp/gdi/gfx.h>
#include <winpr/wlog.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include "codecs/wire/egfx.h"

namespace mullion::oracle {
namespace {

// In a client these tables belong to the rdpgfx plugin of libfreerdp-client2.
struct Tables {
  std::map<UINT16, void*> surfaces;
  std::map<UINT16, void*> entries;

  static Tables* Of(RdpgfxClientContext* gfx) { return static_cast<Tables*>(gfx->handle); }
};

void* Look(const std::map<UINT16, void*>& table, UINT16 id) {
  const auto found = table.find(id);
  return found == table.end() ? nullptr : found->second;
}

void Set(std::map<UINT16, void*>* table, UINT16 id, void* data) {
  if (data == nullptr) {
    table->erase(id);
  } else {
    (*table)[id] = data;
  }
}

UINT SetSurfaceData(RdpgfxClientContext* gfx, UINT16 id, void* data) {
  Set(&Tables::Of(gfx)->surfaces, id, data);
  return CHANNEL_RC_OK;
}

void* GetSurfaceData(RdpgfxClientContext* gfx, UINT16 id) {
  return Look(Tables::Of(gfx)->surfaces, id);
}

UINT GetSurfaceIds(RdpgfxClientContext* gfx, UINT16** ids, UINT16* count) {
  const auto& surfaces = Tables::Of(gfx)->surfaces;
  *ids = static_cast<UINT16*>(std::calloc(surfaces.size() + 1, sizeof(UINT16)));
  *count = 0;
  for (const auto& [id, surface] : surfaces) (*ids)[(*count)++] = id;
  return CHANNEL_RC_OK;
}

UINT SetCacheSlotData(RdpgfxClientContext* gfx, UINT16 slot, void* data) {
  Set(&Tables::Of(gfx)->entries, slot, data);
  return CHANNEL_RC_OK;
}

void* GetCacheSlotData(RdpgfxClientContext* gfx, UINT16 slot) {
  return Look(Tables::Of(gfx)->entries, slot);
}

BOOL Resize(rdpContext* context) {
  return gdi_resize(context->gdi, context->settings->DesktopWidth,
                    context->settings->DesktopHeight);
}

BOOL Painted(rdpContext*) { return TRUE; }

RECTANGLE_16 ToRectangle(const Rect& rect) {
  return {static_cast<UINT16>(rect.x), static_cast<UINT16>(rect.y),
          static_cast<UINT16>(rect.right()), static_cast<UINT16>(rect.bottom())};
}

std::vector<RDPGFX_POINT16> ToPoints(const EgfxPoints& points) {
  std::vector<RDPGFX_POINT16> out;
  for (size_t i = 0; i < points.size(); ++i) {
    out.push_back({static_cast<UINT16>(points[i].x), static_cast<UINT16>(points[i].y)});
  }
  return out;
}

RDPGFX_SURFACE_COMMAND SurfaceCommand(uint16_t surface, EgfxCodec codec, EgfxPixelFormat format,
                                      const Rect& dest, ByteView data) {
  RDPGFX_SURFACE_COMMAND cmd = {};
  cmd.surfaceId = surface;
  cmd.codecId = static_cast<UINT32>(codec);
  cmd.format = format == EgfxPixelFormat::kArgb ? PIXEL_FORMAT_BGRA32 : PIXEL_FORMAT_BGRX32;
  cmd.left = static_cast<UINT32>(dest.x);
  cmd.top = static_cast<UINT32>(dest.y);
  cmd.right = static_cast<UINT32>(dest.right());
  cmd.bottom = static_cast<UINT32>(dest.bottom());
  cmd.width = static_cast<UINT32>(dest.w);
  cmd.height = static_cast<UINT32>(dest.h);
  cmd.length = static_cast<UINT32>(data.size());
  cmd.data = const_cast<BYTE*>(data.data());
  return cmd;
}

// 2.11.7 adds a slot's new entry without looking for an old one: evict that first.
UINT SurfaceToCache(RdpgfxClientContext* gfx, const EgfxSurfaceToCache& in) {
  const RDPGFX_EVICT_CACHE_ENTRY_PDU evict = {in.slot};
  if (GetCacheSlotData(gfx, in.slot) != nullptr) (void)gfx->EvictCacheEntry(gfx, &evict);
  const RDPGFX_SURFACE_TO_CACHE_PDU pdu = {in.surface_id, in.key, in.slot, ToRectangle(in.source)};
  return gfx->SurfaceToCache(gfx, &pdu);
}

UINT SolidFill(RdpgfxClientContext* gfx, const EgfxSolidFill& in) {
  std::vector<RECTANGLE_16> rects;
  for (size_t i = 0; i < in.rects.size(); ++i) rects.push_back(ToRectangle(in.rects[i]));
  const RDPGFX_SOLID_FILL_PDU pdu = {
      in.surface_id, {in.b, in.g, in.r, in.xa}, static_cast<UINT16>(rects.size()), rects.data()};
  return gfx->SolidFill(gfx, &pdu);
}

UINT SurfaceToSurface(RdpgfxClientContext* gfx, const EgfxSurfaceToSurface& in) {
  auto points = ToPoints(in.points);
  const RDPGFX_SURFACE_TO_SURFACE_PDU pdu = {in.source_id, in.dest_id, ToRectangle(in.source),
                                             static_cast<UINT16>(points.size()), points.data()};
  return gfx->SurfaceToSurface(gfx, &pdu);
}

UINT CacheToSurface(RdpgfxClientContext* gfx, const EgfxCacheToSurface& in) {
  auto points = ToPoints(in.points);
  const RDPGFX_CACHE_TO_SURFACE_PDU pdu = {in.slot, in.surface_id,
                                           static_cast<UINT16>(points.size()), points.data()};
  return gfx->CacheToSurface(gfx, &pdu);
}

UINT WireToSurface1(RdpgfxClientContext* gfx, const EgfxWireToSurface1& in) {
  if (in.codec == EgfxCodec::kAvc420 || in.codec == EgfxCodec::kAvc444 ||
      in.codec == EgfxCodec::kAvc444V2) {
    return ERROR_NOT_SUPPORTED;
  }
  const auto cmd = SurfaceCommand(in.surface_id, in.codec, in.format, in.dest, in.data);
  return gfx->SurfaceCommand(gfx, &cmd);
}

UINT WireToSurface2(RdpgfxClientContext* gfx, const EgfxWireToSurface2& in) {
  auto cmd = SurfaceCommand(in.surface_id, in.codec, in.format, Rect{}, in.data);
  cmd.contextId = in.context_id;
  return gfx->SurfaceCommand(gfx, &cmd);
}

UINT DeleteEncodingContext(RdpgfxClientContext* gfx, const EgfxDeleteEncodingContext& in) {
  const RDPGFX_DELETE_ENCODING_CONTEXT_PDU pdu = {in.surface_id, in.context_id};
  return gfx->DeleteEncodingContext(gfx, &pdu);
}

UINT EvictCacheEntry(RdpgfxClientContext* gfx, const uint16_t& slot) {
  const RDPGFX_EVICT_CACHE_ENTRY_PDU pdu = {slot};
  return gfx->EvictCacheEntry(gfx, &pdu);
}

// The planar decoder's scratch has the size of the desktop, and 2.11.7 writes behind it when a
// surface is larger.
void MakePlanarRoom(RdpgfxClientContext* gfx) {
  const auto* gdi = static_cast<const rdpGdi*>(gfx->custom);
  auto width = static_cast<UINT32>(gdi->width);
  auto height = static_cast<UINT32>(gdi->height);
  for (const auto& [id, data] : Tables::Of(gfx)->surfaces) {
    width = std::max(width, static_cast<const gdiGfxSurface*>(data)->width);
    height = std::max(height, static_cast<const gdiGfxSurface*>(data)->height);
  }
  BITMAP_PLANAR_CONTEXT* planar = gdi->context->codecs->planar;
  if (planar->maxWidth >= width && planar->maxHeight >= height) return;
  (void)freerdp_bitmap_planar_context_reset(planar, width, height);
}

UINT CreateSurface(RdpgfxClientContext* gfx, const EgfxCreateSurface& in) {
  const RDPGFX_CREATE_SURFACE_PDU pdu = {in.surface_id, in.width_px, in.height_px,
                                         static_cast<RDPGFX_PIXELFORMAT>(in.format)};
  const UINT result = gfx->CreateSurface(gfx, &pdu);
  MakePlanarRoom(gfx);
  return result;
}

UINT DeleteSurface(RdpgfxClientContext* gfx, const uint16_t& id) {
  const RDPGFX_DELETE_SURFACE_PDU pdu = {id};
  return gfx->DeleteSurface(gfx, &pdu);
}

UINT StartFrame(RdpgfxClientContext* gfx, const EgfxStartFrame& in) {
  const RDPGFX_START_FRAME_PDU pdu = {in.timestamp, in.frame_id};
  return gfx->StartFrame(gfx, &pdu);
}

UINT EndFrame(RdpgfxClientContext* gfx, const uint32_t& frame_id) {
  const RDPGFX_END_FRAME_PDU pdu = {frame_id};
  return gfx->EndFrame(gfx, &pdu);
}

UINT ResetGraphics(RdpgfxClientContext* gfx, const EgfxResetGraphics& in) {
  const RDPGFX_RESET_GRAPHICS_PDU pdu = {in.width_px, in.height_px, 0, nullptr};
  const UINT result = gfx->ResetGraphics(gfx, &pdu);
  MakePlanarRoom(gfx);
  return result;
}

UINT MapToOutput(RdpgfxClientContext* gfx, const EgfxMapToOutput& in) {
  const RDPGFX_MAP_SURFACE_TO_OUTPUT_PDU pdu = {in.surface_id, 0, in.x, in.y};
  return gfx->MapSurfaceToOutput(gfx, &pdu);
}

// Parses a body and hands it on.
template <typename T>
bool Run(RdpgfxClientContext* gfx, ByteView body, Status (*parse)(ByteView, T*),
         UINT (*handle)(RdpgfxClientContext*, const T&)) {
  T pdu{};
  return parse(body, &pdu).ok() && handle(gfx, pdu) == CHANNEL_RC_OK;
}

bool Handle(RdpgfxClientContext* gfx, const EgfxPdu& pdu) {
  switch (pdu.cmd) {
    case EgfxCmd::kWireToSurface1:
      return Run(gfx, pdu.body, ParseEgfxWireToSurface1, WireToSurface1);
    case EgfxCmd::kWireToSurface2:
      return Run(gfx, pdu.body, ParseEgfxWireToSurface2, WireToSurface2);
    case EgfxCmd::kDeleteEncodingContext:
      return Run(gfx, pdu.body, ParseEgfxDeleteEncodingContext, DeleteEncodingContext);
    case EgfxCmd::kSolidFill:
      return Run(gfx, pdu.body, ParseEgfxSolidFill, SolidFill);
    case EgfxCmd::kSurfaceToSurface:
      return Run(gfx, pdu.body, ParseEgfxSurfaceToSurface, SurfaceToSurface);
    case EgfxCmd::kSurfaceToCache:
      return Run(gfx, pdu.body, ParseEgfxSurfaceToCache, SurfaceToCache);
    case EgfxCmd::kCacheToSurface:
      return Run(gfx, pdu.body, ParseEgfxCacheToSurface, CacheToSurface);
    case EgfxCmd::kEvictCacheEntry:
      return Run(gfx, pdu.body, ParseEgfxEvictCacheEntry, EvictCacheEntry);
    case EgfxCmd::kCreateSurface:
      return Run(gfx, pdu.body, ParseEgfxCreateSurface, CreateSurface);
    case EgfxCmd::kDeleteSurface:
      return Run(gfx, pdu.body, ParseEgfxDeleteSurface, DeleteSurface);
    case EgfxCmd::kStartFrame:
      return Run(gfx, pdu.body, ParseEgfxStartFrame, StartFrame);
    case EgfxCmd::kEndFrame:
      return Run(gfx, pdu.body, ParseEgfxEndFrame, EndFrame);
    case EgfxCmd::kResetGraphics:
      return Run(gfx, pdu.body, ParseEgfxResetGraphics, ResetGraphics);
    case EgfxCmd::kMapToOutput:
      return Run(gfx, pdu.body, ParseEgfxMapToOutput, MapToOutput);
    case EgfxCmd::kCapsConfirm:
    case EgfxCmd::kCacheImportReply:
      return true;  // nothing is drawn
    default:
      return false;
  }
}

}  // namespace

struct EgfxOracle::Context {
  freerdp* instance = freerdp_new();
  RdpgfxClientContext gfx = {};
  Tables tables;
};

EgfxOracle::EgfxOracle(int32_t width_px, int32_t height_px) : context_(new Context) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
  freerdp* instance = context_->instance;
  instance->ContextSize = sizeof(rdpContext);
  freerdp_context_new(instance);
  instance->settings->DesktopWidth = static_cast<UINT32>(width_px);
  instance->settings->DesktopHeight = static_cast<UINT32>(height_px);
  instance->settings->ColorDepth = 32;
  gdi_init(instance, PIXEL_FORMAT_BGRX32);
  instance->update->DesktopResize = Resize;
  instance->update->BeginPaint = Painted;
  instance->update->EndPaint = Painted;
  rdpContext* context = instance->context;
  context->codecs = codecs_new(context);
  constexpr UINT32 kAvc = FREERDP_CODEC_AVC420 | FREERDP_CODEC_AVC444;
  freerdp_client_codecs_prepare(context->codecs, FREERDP_CODEC_ALL & ~kAvc,
                                static_cast<UINT32>(width_px), static_cast<UINT32>(height_px));

  RdpgfxClientContext* gfx = &context_->gfx;
  gdi_graphics_pipeline_init(context->gdi, gfx);
  gfx->handle = &context_->tables;
  gfx->SetSurfaceData = SetSurfaceData;
  gfx->GetSurfaceData = GetSurfaceData;
  gfx->GetSurfaceIds = GetSurfaceIds;
  gfx->SetCacheSlotData = SetCacheSlotData;
  gfx->GetCacheSlotData = GetCacheSlotData;
}

EgfxOracle::~EgfxOracle() {
  RdpgfxClientContext* gfx = &context_->gfx;
  Tables* tables = &context_->tables;
  while (!tables->surfaces.empty()) DeleteSurface(gfx, tables->surfaces.begin()->first);
  while (!tables->entries.empty()) EvictCacheEntry(gfx, tables->entries.begin()->first);
  freerdp* instance = context_->instance;
  gdi_graphics_pipeline_uninit(instance->context->gdi, gfx);
  codecs_free(instance->context->codecs);
  instance->context->codecs = nullptr;
  gdi_free(instance);
  freerdp_context_free(instance);
  freerdp_free(instance);
}

bool EgfxOracle::Process(ByteView message) {
  EgfxPdus pdus(message);
  EgfxPdu pdu;
  while (pdus.Next(&pdu)) {
    if (!Handle(&context_->gfx, pdu)) return false;
  }
  return pdus.status().ok();
}

PixelView EgfxOracle::output() const {
  const rdpGdi* gdi = context_->instance->context->gdi;
  return {gdi->primary_buffer, gdi->width, gdi->height, static_cast<ptrdiff_t>(gdi->stride)};
}

PixelView EgfxOracle::surface(uint16_t id) const {
  const auto* surface = static_cast<const gdiGfxSurface*>(Look(context_->tables.surfaces, id));
  if (surface == nullptr) return {};
  // Its own width and height are rounded up to sixteen.
  return {surface->data, static_cast<int32_t>(surface->mappedWidth),
          static_cast<int32_t>(surface->mappedHeight), static_cast<ptrdiff_t>(surface->scanline)};
}

}  // namespace mullion::oracle
