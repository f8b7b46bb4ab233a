#include "tests/support/egfx_plain.h"

#include "codecs/image/alpha.h"
#include "codecs/image/raw_bitmap.h"
#include "tests/support/progressive_draw.h"
#include "tests/support/rfx_draw.h"

namespace mullion::test {
namespace {

// Copies through a buffer, so that overlap does not matter.
Status Copy(const PixelView& from, const Rect& source, const PixelView& to, const EgfxPoint& at) {
  const Rect dest = {at.x, at.y, source.w, source.h};
  if (!Contains(from.bounds(), source)) return Fail(Err::kState, "rectSrc");
  if (!Contains(to.bounds(), dest)) return Fail(Err::kState, "destPts");
  std::vector<uint8_t> bytes(static_cast<size_t>(source.area()) * 4);
  const PixelView buffer = {bytes.data(), source.w, source.h, ptrdiff_t{source.w} * 4};
  CopyPixels(from.Sub(source), buffer);
  CopyPixels(buffer, to.Sub(dest));
  return Ok();
}

}  // namespace

PixelView EgfxPlain::surface(uint16_t id) {
  const auto found = surfaces_.find(id);
  return found == surfaces_.end() ? PixelView{} : found->second.picture.view();
}

Status EgfxPlain::Process(ByteView message) {
  EgfxPdus pdus(message);
  EgfxPdu pdu;
  while (pdus.Next(&pdu)) MULLION_TRY(Handle(pdu));
  return pdus.status();
}

Status EgfxPlain::Handle(const EgfxPdu& pdu) {
  switch (pdu.cmd) {
    case EgfxCmd::kWireToSurface1:
      return WireToSurface1(pdu.body);
    case EgfxCmd::kWireToSurface2:
      return WireToSurface2(pdu.body);
    case EgfxCmd::kDeleteEncodingContext:
      return DeleteEncodingContext(pdu.body);
    case EgfxCmd::kSolidFill:
      return SolidFill(pdu.body);
    case EgfxCmd::kSurfaceToSurface:
      return SurfaceToSurface(pdu.body);
    case EgfxCmd::kSurfaceToCache:
      return SurfaceToCache(pdu.body);
    case EgfxCmd::kCacheToSurface:
      return CacheToSurface(pdu.body);
    case EgfxCmd::kEvictCacheEntry:
      return EvictCacheEntry(pdu.body);
    case EgfxCmd::kCreateSurface:
      return CreateSurface(pdu.body);
    case EgfxCmd::kDeleteSurface:
      return DeleteSurface(pdu.body);
    case EgfxCmd::kEndFrame:
      return EndFrame(pdu.body);
    case EgfxCmd::kResetGraphics:
      return ResetGraphics(pdu.body);
    case EgfxCmd::kMapToOutput:
      return MapToOutput(pdu.body);
    case EgfxCmd::kStartFrame:
    case EgfxCmd::kCapsConfirm:
      return Ok();
    default:
      return Fail(Err::kUnsupported, "cmdId");
  }
}

Status EgfxPlain::Find(uint16_t id, Surface** surface) {
  const auto found = surfaces_.find(id);
  if (found == surfaces_.end()) return Fail(Err::kState, "surfaceId");
  *surface = &found->second;
  return Ok();
}

Status EgfxPlain::WireToSurface1(ByteView body) {
  EgfxWireToSurface1 pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxWireToSurface1(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  const PixelView whole = surface->picture.view();
  if (!Contains(whole.bounds(), pdu.dest)) return Fail(Err::kState, "destRect");
  const PixelView dst = whole.Sub(pdu.dest);
  switch (pdu.codec) {
    case EgfxCodec::kUncompressed:
      return DecodeRawBitmap(pdu.data, 32, nullptr, dst);
    case EgfxCodec::kRemoteFx: {
      RfxMessage message;
      MULLION_TRY(rfx_.Parse(pdu.data, &message));
      return DrawRfxMessage(message, dst);
    }
    case EgfxCodec::kClear:
      return clear_.Decode(pdu.data, dst);
    case EgfxCodec::kPlanar:
      return DecodePlanar(pdu.data, dst, &planar_);
    case EgfxCodec::kAlpha:
      return DecodeAlpha(pdu.data, dst);
    default:
      return Fail(Err::kUnsupported, "codecId");
  }
}

Status EgfxPlain::WireToSurface2(ByteView body) {
  EgfxWireToSurface2 pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxWireToSurface2(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  if (pdu.codec != EgfxCodec::kProgressive) return Fail(Err::kUnsupported, "codecId");
  const PixelView dst = surface->picture.view();
  Progression& progression = surface->progressions[pdu.context_id];
  if (progression.tiles == nullptr) {
    progression.tiles = std::make_unique<ProgressiveSurface>(dst.width_px, dst.height_px, &budget_);
  }
  ProgressiveMessage message;
  MULLION_TRY(ParseProgressive(pdu.data, &progression.context, &message));
  return DrawProgressive(message, progression.tiles.get(), dst);
}

Status EgfxPlain::DeleteEncodingContext(ByteView body) {
  EgfxDeleteEncodingContext pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxDeleteEncodingContext(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  surface->progressions.erase(pdu.context_id);
  return Ok();
}

Status EgfxPlain::SolidFill(ByteView body) {
  EgfxSolidFill pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxSolidFill(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  const uint8_t pixel[4] = {pdu.b, pdu.g, pdu.r, pdu.xa};
  const PixelView dst = surface->picture.view();
  for (size_t i = 0; i < pdu.rects.size(); ++i) {
    const Rect rect = pdu.rects[i];
    if (!Contains(dst.bounds(), rect)) return Fail(Err::kState, "fillRects");
    for (int32_t y = rect.y; y < rect.bottom(); ++y) {
      for (int32_t x = rect.x; x < rect.right(); ++x) {
        std::memcpy(dst.row(y) + ptrdiff_t{x} * 4, pixel, 4);
      }
    }
  }
  return Ok();
}

Status EgfxPlain::SurfaceToSurface(ByteView body) {
  EgfxSurfaceToSurface pdu;
  Surface* from = nullptr;
  Surface* to = nullptr;
  MULLION_TRY(ParseEgfxSurfaceToSurface(body, &pdu));
  MULLION_TRY(Find(pdu.source_id, &from));
  MULLION_TRY(Find(pdu.dest_id, &to));
  for (size_t i = 0; i < pdu.points.size(); ++i) {
    MULLION_TRY(Copy(from->picture.view(), pdu.source, to->picture.view(), pdu.points[i]));
  }
  return Ok();
}

Status EgfxPlain::SurfaceToCache(ByteView body) {
  EgfxSurfaceToCache pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxSurfaceToCache(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  Picture entry(pdu.source.w, pdu.source.h);
  MULLION_TRY(Copy(surface->picture.view(), pdu.source, entry.view(), {0, 0}));
  cache_[pdu.slot] = std::move(entry);
  return Ok();
}

Status EgfxPlain::CacheToSurface(ByteView body) {
  EgfxCacheToSurface pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxCacheToSurface(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  const auto entry = cache_.find(pdu.slot);
  if (entry == cache_.end()) return Fail(Err::kState, "cacheSlot");
  const PixelView from = entry->second.view();
  for (size_t i = 0; i < pdu.points.size(); ++i) {
    MULLION_TRY(Copy(from, from.bounds(), surface->picture.view(), pdu.points[i]));
  }
  return Ok();
}

Status EgfxPlain::EvictCacheEntry(ByteView body) {
  uint16_t slot = 0;
  MULLION_TRY(ParseEgfxEvictCacheEntry(body, &slot));
  return cache_.erase(slot) != 0 ? Ok() : Fail(Err::kState, "cacheSlot");
}

Status EgfxPlain::CreateSurface(ByteView body) {
  EgfxCreateSurface pdu;
  MULLION_TRY(ParseEgfxCreateSurface(body, &pdu));
  Surface& surface = surfaces_[pdu.surface_id];
  surface = {};
  surface.picture = Picture(pdu.width_px, pdu.height_px);
  return Ok();
}

Status EgfxPlain::DeleteSurface(ByteView body) {
  uint16_t id = 0;
  MULLION_TRY(ParseEgfxDeleteSurface(body, &id));
  return surfaces_.erase(id) != 0 ? Ok() : Fail(Err::kState, "surfaceId");
}

Status EgfxPlain::EndFrame(ByteView body) {
  uint32_t frame_id = 0;
  MULLION_TRY(ParseEgfxEndFrame(body, &frame_id));
  for (auto& [id, surface] : surfaces_) {
    if (!surface.mapped) continue;
    const PixelView from = surface.picture.view();
    const Rect place = {surface.x, surface.y, from.width_px, from.height_px};
    const Rect seen = Intersect(place, output().bounds());
    if (seen.empty()) continue;
    CopyPixels(from.Sub({seen.x - place.x, seen.y - place.y, seen.w, seen.h}), output().Sub(seen));
  }
  ++frames_;
  return Ok();
}

Status EgfxPlain::ResetGraphics(ByteView body) {
  EgfxResetGraphics pdu;
  MULLION_TRY(ParseEgfxResetGraphics(body, &pdu));
  output_ = Picture(static_cast<int32_t>(pdu.width_px), static_cast<int32_t>(pdu.height_px));
  return Ok();
}

Status EgfxPlain::MapToOutput(ByteView body) {
  EgfxMapToOutput pdu;
  Surface* surface = nullptr;
  MULLION_TRY(ParseEgfxMapToOutput(body, &pdu));
  MULLION_TRY(Find(pdu.surface_id, &surface));
  surface->mapped = true;
  surface->x = static_cast<int32_t>(std::min(pdu.x, kMaxEgfxOutputSidePx));
  surface->y = static_cast<int32_t>(std::min(pdu.y, kMaxEgfxOutputSidePx));
  return Ok();
}

}  // namespace mullion::test
