// Fills, copies and the bitmap cache (MS-RDPEGFX 2.2.2.4 to 2.2.2.8): checked here, carried out by
// engine/commit_surface.cc.
#include "engine/unpack_egfx.h"

namespace mullion {
namespace {

// Nobody needs to paint a surface more often than this with one command.
bool CostsTooMuch(int64_t pixels, const Surface& surface) {
  return pixels > EgfxUnpacker::kMaxCoverage * surface.bounds().area() + EgfxUnpacker::kFreePx;
}

}  // namespace

bool EgfxUnpacker::Fill(ByteView body, Op* op) {
  EgfxSolidFill fill;
  *op = MakeOp(OpKind::kFill);
  if (Status status = ParseEgfxSolidFill(body, &fill); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  SurfaceEntry* entry = Find(fill.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "SOLIDFILL.surfaceId"));
  op->surface = entry->surface;
  int64_t pixels = 0;
  for (size_t i = 0; i < fill.rects.size(); ++i) {
    pixels += Intersect(fill.rects[i], entry->surface->bounds()).area();
  }
  if (CostsTooMuch(pixels, *entry->surface)) {
    return Lost(op, entry->surface->bounds(), Fail(Err::kLimit, "fillRectCount"));
  }
  op->keep_alpha = entry->keeps_alpha;
  op->payload = message_.SliceOf(body);
  Paints(entry, pixels, op);
  drew_ = true;
  return true;
}

bool EgfxUnpacker::Copy(ByteView body, Op* op) {
  EgfxSurfaceToSurface copy;
  *op = MakeOp(OpKind::kCopy);
  if (Status status = ParseEgfxSurfaceToSurface(body, &copy); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  const SurfaceEntry* source = Find(copy.source_id);
  SurfaceEntry* entry = Find(copy.dest_id);
  if (source == nullptr) return Lost(op, Rect(), Fail(Err::kState, "surfaceIdSrc"));
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "surfaceIdDest"));
  op->surface = entry->surface;
  op->source = source->surface;
  if (copy.source.empty() || !Contains(source->surface->bounds(), copy.source)) {
    return Lost(op, Rect(), Fail(Err::kMalformed, "rectSrc"));
  }
  const int64_t pixels = copy.source.area() * static_cast<int64_t>(copy.points.size());
  if (CostsTooMuch(pixels, *entry->surface)) {
    return Lost(op, entry->surface->bounds(), Fail(Err::kLimit, "destPtsCount"));
  }
  op->payload = message_.SliceOf(body);
  Paints(entry, pixels, op);
  drew_ = true;
  return true;
}

void EgfxUnpacker::SetSlot(uint16_t slot, uint32_t bytes) {
  if (slots_.size() <= slot) slots_.resize(size_t{slot} + 1);
  cache_bytes_ = cache_bytes_ - slots_[slot] + bytes;
  slots_[slot] = bytes;
  pipeline_->surfaces.cache_bytes.store(cache_bytes_, std::memory_order_relaxed);
}

bool EgfxUnpacker::ToCache(ByteView body, Op* op) {
  EgfxSurfaceToCache copy;
  *op = MakeOp(OpKind::kToCache);
  if (Status status = ParseEgfxSurfaceToCache(body, &copy); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  const SurfaceEntry* entry = Find(copy.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "SURFACE_TO_CACHE.surfaceId"));
  if (copy.slot > kMaxCacheSlots) return Lost(op, Rect(), Fail(Err::kLimit, "cacheSlot"));
  if (copy.source.empty() || !Contains(entry->surface->bounds(), copy.source)) {
    return Lost(op, Rect(), Fail(Err::kMalformed, "rectSrc"));
  }
  const auto bytes = static_cast<uint64_t>(copy.source.area()) * 4;
  const uint32_t before = copy.slot < slots_.size() ? slots_[copy.slot] : 0;
  if (cache_bytes_ - before + bytes > max_cache_bytes_) {
    return Lost(op, Rect(), Fail(Err::kLimit, "bitmap cache size"));
  }
  SetSlot(copy.slot, static_cast<uint32_t>(bytes));
  op->surface = entry->surface;
  op->dest = copy.source;
  op->value = copy.slot;
  op->paints_px = copy.source.area();
  return true;
}

bool EgfxUnpacker::FromCache(ByteView body, Op* op) {
  EgfxCacheToSurface copy;
  *op = MakeOp(OpKind::kFromCache);
  if (Status status = ParseEgfxCacheToSurface(body, &copy); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  SurfaceEntry* entry = Find(copy.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "CACHE_TO_SURFACE.surfaceId"));
  op->surface = entry->surface;
  if (copy.slot >= slots_.size() || slots_[copy.slot] == 0) {
    return Lost(op, Rect(), Fail(Err::kState, "cacheSlot"));
  }
  const int64_t pixels = int64_t{slots_[copy.slot] / 4} * static_cast<int64_t>(copy.points.size());
  if (CostsTooMuch(pixels, *entry->surface)) {
    return Lost(op, entry->surface->bounds(), Fail(Err::kLimit, "destPtsCount"));
  }
  op->payload = message_.SliceOf(body);
  Paints(entry, pixels, op);
  drew_ = true;
  return true;
}

bool EgfxUnpacker::Evict(ByteView body, Op* op) {
  uint16_t slot = 0;
  *op = MakeOp(OpKind::kEvict);
  if (Status status = ParseEgfxEvictCacheEntry(body, &slot); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  if (slot >= slots_.size() || slots_[slot] == 0) return false;  // nothing there: as asked for
  SetSlot(slot, 0);
  op->value = slot;
  return true;
}

}  // namespace mullion
