#include "engine/unpack_egfx.h"

#include <algorithm>
#include <cstdio>

namespace mullion {
namespace {

constexpr uint64_t kSmallCacheBytes = uint64_t{16} << 20;
// Farther out nothing can be seen: the desktop has at most kMaxEgfxOutputSidePx a side.
constexpr uint32_t kMaxOriginPx = kMaxEgfxOutputSidePx;

Rect TargetRect(const EgfxMapToOutput& map, const Surface& surface) {
  const Rect size = surface.bounds();
  return {static_cast<int32_t>(map.x), static_cast<int32_t>(map.y),
          map.scaled ? static_cast<int32_t>(map.target_width) : size.w,
          map.scaled ? static_cast<int32_t>(map.target_height) : size.h};
}

mln_monitor ToMonitor(const MonitorDef& monitor) {
  const Rect& area = monitor.area;
  return {{area.x, area.y, area.w, area.h}, monitor.primary ? 1 : 0};
}

std::string Describe(const std::vector<mln_monitor>& monitors) {
  std::string text;
  for (const mln_monitor& monitor : monitors) {
    const mln_rect& r = monitor.rect;
    char one[96];
    std::snprintf(one, sizeof(one), "%s%dx%d%+d%+d%s", text.empty() ? "" : ", ", r.w, r.h, r.x, r.y,
                  monitor.primary != 0 ? " primary" : "");
    text += one;
  }
  return text;
}

}  // namespace

EgfxUnpacker::EgfxUnpacker(Pipeline* pipeline, Rect* desktop)
    : pipeline_(pipeline),
      counters_(pipeline->counters),
      desktop_(desktop),
      max_cache_bytes_(pipeline->limits.max_cache_bytes) {}

void EgfxUnpacker::Begin(ByteView message, uint64_t time_ns, uint64_t arrival_ns) {
  if (!status_.ok()) return;
  ByteView inflated;
  status_ = zgfx_.Inflate(message, pipeline_->limits.max_pdu_bytes, &inflated);
  if (!status_.ok()) return;
  counters_.Count("bulk", "zgfx");
  Metrics::Add(pipeline_->metrics.bytes_inflated, inflated.size());
  BeginPlain(Bytes::Copy(inflated, pipeline_->bytes), time_ns, arrival_ns);
  zgfx_.Trim();
}

void EgfxUnpacker::BeginPlain(Bytes pdus, uint64_t time_ns, uint64_t arrival_ns) {
  message_ = std::move(pdus);
  pdus_.emplace(message_.view());
  time_ns_ = time_ns;
  arrival_ns_ = arrival_ns;
}

void EgfxUnpacker::Close(uint64_t time_ns, uint64_t arrival_ns) {
  time_ns_ = time_ns;
  arrival_ns_ = arrival_ns;
  closing_ = true;
  zgfx_.Reset();
  rfx_ = RfxParser();
  clear_.reset();
  status_ = Ok();
  slots_.clear();
  cache_bytes_ = 0;
  pipeline_->surfaces.cache_bytes.store(0, std::memory_order_relaxed);
  max_cache_bytes_ = pipeline_->limits.max_cache_bytes;
}

bool EgfxUnpacker::Next(Op* op) {
  if (second_) {
    *op = std::move(*second_);
    second_.reset();
    return true;
  }
  if (closing_) {
    if (surfaces_.empty()) {
      closing_ = false;
      *op = MakeOp(OpKind::kClearCache);
      return true;
    }
    *op = MakeOp(OpKind::kDeleteSurface);
    op->surface = surfaces_.begin()->second.surface;
    Forget(&surfaces_.begin()->second);
    surfaces_.erase(surfaces_.begin());
    return true;
  }
  if (!pdus_) return false;
  EgfxPdu pdu;
  while (pdus_->Next(&pdu)) {
    counters_.Count("egfx", EgfxCmdName(static_cast<uint16_t>(pdu.cmd)));
    if (Handle(pdu, op)) return true;
  }
  if (status_.ok()) status_ = pdus_->status();
  pdus_.reset();
  message_ = Bytes();
  return false;
}

// True when the PDU became an op.
bool EgfxUnpacker::Handle(const EgfxPdu& pdu, Op* op) {
  switch (pdu.cmd) {
    case EgfxCmd::kWireToSurface1:
      return WireToSurface1(pdu.body, op);
    case EgfxCmd::kWireToSurface2:
      return WireToSurface2(pdu.body, op);
    case EgfxCmd::kDeleteEncodingContext:
      return DeleteContext(pdu.body, op);
    case EgfxCmd::kSolidFill:
      return Fill(pdu.body, op);
    case EgfxCmd::kSurfaceToSurface:
      return Copy(pdu.body, op);
    case EgfxCmd::kSurfaceToCache:
      return ToCache(pdu.body, op);
    case EgfxCmd::kCacheToSurface:
      return FromCache(pdu.body, op);
    case EgfxCmd::kEvictCacheEntry:
      return Evict(pdu.body, op);
    case EgfxCmd::kCreateSurface:
      return CreateSurface(pdu.body, op);
    case EgfxCmd::kDeleteSurface:
      return DeleteSurface(pdu.body, op);
    case EgfxCmd::kStartFrame:
    case EgfxCmd::kEndFrame:
      return Frame(pdu.cmd, pdu.body, op);
    case EgfxCmd::kResetGraphics:
      return ResetGraphics(pdu.body, op);
    case EgfxCmd::kMapToOutput:
    case EgfxCmd::kMapToScaledOutput:
      return MapToOutput(pdu.cmd, pdu.body, op);
    case EgfxCmd::kMapToWindow:
    case EgfxCmd::kMapToScaledWindow:
      return MapToWindow(pdu.cmd, pdu.body, op);
    case EgfxCmd::kCapsConfirm:
      return CapsConfirm(pdu.body, op);
    case EgfxCmd::kCacheImportReply:
      return CacheImportReply(pdu.body, op);
    case EgfxCmd::kProtectSurface:
    case EgfxCmd::kWatermark:
      return false;  // nothing to draw: the server draws the watermark itself
    case EgfxCmd::kFrameAck:
    case EgfxCmd::kCacheImportOffer:
    case EgfxCmd::kCapsAdvertise:
    case EgfxCmd::kQoeFrameAck:
      return false;  // a client's
  }
  counters_.Count("undecoded", "egfx_command");
  return false;
}

// ---- surfaces

bool EgfxUnpacker::CreateSurface(ByteView body, Op* op) {
  EgfxCreateSurface create;
  *op = MakeOp(OpKind::kCreateSurface);
  if (Status status = ParseEgfxCreateSurface(body, &create); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  if (create.width_px == 0 || create.height_px == 0) {
    return Lost(op, Rect(), Fail(Err::kMalformed, "CREATE_SURFACE.width"));
  }
  // A number that is in use becomes the new surface's.
  std::shared_ptr<Surface> replaced;
  if (SurfaceEntry* entry = Find(create.surface_id)) {
    replaced = entry->surface;
    Forget(entry);
    surfaces_.erase(create.surface_id);
  }
  auto surface =
      std::make_shared<Surface>(create.surface_id, create.width_px, create.height_px,
                                create.format == EgfxPixelFormat::kArgb, &pipeline_->surfaces);
  const int64_t bytes = std::max(surface->pixel_bytes(), kMinSurfaceBytes);
  if (surfaces_.size() == kMaxSurfaces ||
      surface_bytes_ + bytes > static_cast<int64_t>(pipeline_->limits.max_surface_bytes)) {
    (void)Lost(op, Rect(), Fail(Err::kLimit, "CREATE_SURFACE.width"));
  } else {
    surface_bytes_ += bytes;
    surfaces_[create.surface_id].surface = surface;
    op->surface = std::move(surface);
  }
  if (replaced == nullptr) return true;
  second_ = std::move(*op);
  *op = MakeOp(OpKind::kDeleteSurface);
  op->surface = std::move(replaced);
  return true;
}

bool EgfxUnpacker::DeleteSurface(ByteView body, Op* op) {
  uint16_t id = 0;
  *op = MakeOp(OpKind::kDeleteSurface);
  const Status status = ParseEgfxDeleteSurface(body, &id);
  SurfaceEntry* entry = Find(id);
  if (!status.ok()) return Lost(op, Rect(), status);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "DELETE_SURFACE.surfaceId"));
  op->surface = entry->surface;
  Forget(entry);
  surfaces_.erase(id);
  return true;
}

EgfxUnpacker::SurfaceEntry* EgfxUnpacker::Find(uint16_t id) {
  const auto found = surfaces_.find(id);
  return found == surfaces_.end() ? nullptr : &found->second;
}

// A surface's memory is made, and made black, when it is drawn on first.
void EgfxUnpacker::Paints(SurfaceEntry* entry, int64_t pixels, Op* op) {
  const bool is_first = !std::exchange(entry->painted, true);
  op->paints_px = pixels + (is_first ? entry->surface->bounds().area() : 0);
}

void EgfxUnpacker::Forget(SurfaceEntry* entry) {
  surface_bytes_ -= std::max(entry->surface->pixel_bytes(), kMinSurfaceBytes);
  if (entry->has_decoder) --decoders_;
  SetMapped(entry, false);
}

void EgfxUnpacker::SetMapped(SurfaceEntry* entry, bool mapped) {
  if (entry->mapped == mapped) return;
  entry->mapped = mapped;
  mapped ? ++mapped_ : --mapped_;
}

bool EgfxUnpacker::MapToOutput(EgfxCmd cmd, ByteView body, Op* op) {
  EgfxMapToOutput map;
  *op = MakeOp(OpKind::kMapToOutput);
  const Status status = cmd == EgfxCmd::kMapToOutput ? ParseEgfxMapToOutput(body, &map)
                                                     : ParseEgfxMapToScaledOutput(body, &map);
  if (!status.ok()) return Lost(op, Rect(), status);
  SurfaceEntry* entry = Find(map.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "MAP_SURFACE.surfaceId"));
  if (map.x > kMaxOriginPx || map.y > kMaxOriginPx) {
    return Lost(op, Rect(), Fail(Err::kMalformed, "outputOriginX"));
  }
  if (map.scaled && (map.target_width == 0 || map.target_width > kMaxEgfxOutputSidePx ||
                     map.target_height == 0 || map.target_height > kMaxEgfxOutputSidePx)) {
    return Lost(op, Rect(), Fail(Err::kMalformed, "targetWidth"));
  }
  if (!entry->mapped && mapped_ == kMaxMapped) {
    return Lost(op, Rect(), Fail(Err::kLimit, "MAP_SURFACE.surfaceId"));
  }
  SetMapped(entry, true);
  op->surface = entry->surface;
  op->dest = TargetRect(map, *entry->surface);
  op->paints_px = op->dest.area();
  drew_ = true;
  return true;
}

// Windows of remote applications are not composed: their surfaces are there to be asked for.
bool EgfxUnpacker::MapToWindow(EgfxCmd cmd, ByteView body, Op* op) {
  EgfxMapToWindow map;
  *op = MakeOp(OpKind::kMapToWindow);
  const Status status = cmd == EgfxCmd::kMapToWindow ? ParseEgfxMapToWindow(body, &map)
                                                     : ParseEgfxMapToScaledWindow(body, &map);
  if (!status.ok()) return Lost(op, Rect(), status);
  SurfaceEntry* entry = Find(map.surface_id);
  if (entry == nullptr) return Lost(op, Rect(), Fail(Err::kState, "MAP_SURFACE.surfaceId"));
  SetMapped(entry, false);
  op->surface = entry->surface;
  if (entry->surface->argb && !entry->keeps_alpha) {
    entry->keeps_alpha = true;
    second_ = MakeOp(OpKind::kKeepAlpha);
    second_->surface = entry->surface;
  }
  return true;
}

bool EgfxUnpacker::ResetGraphics(ByteView body, Op* op) {
  EgfxResetGraphics reset;
  *op = MakeOp(OpKind::kResize);
  if (Status status = ParseEgfxResetGraphics(body, &reset); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  const Rect size = {0, 0, static_cast<int32_t>(reset.width_px),
                     static_cast<int32_t>(reset.height_px)};
  if (size.area() > pipeline_->limits.max_desktop_px) {
    status_ = Fail(Err::kLimit, "RESET_GRAPHICS.width");
    return false;
  }
  // ClearCodec's caches stay, its numbering may start anew.
  clear_restarts_ = true;
  auto note = std::make_shared<Note>();
  for (uint32_t i = 0; i < reset.monitor_count; ++i) {
    note->monitors.push_back(ToMonitor(reset.monitors[i]));
  }
  // With the same size, what is on the screen stays there.
  if (size == *desktop_) {
    note->name = "reset_graphics";
    note->code = reset.monitor_count;
    note->detail = Describe(note->monitors);
    op->kind = OpKind::kInfo;
    op->note = std::move(note);
    return true;
  }
  op->note = std::move(note);
  op->dest = size;
  *desktop_ = size;
  second_ = MakeOp(OpKind::kAttachOutput);
  return true;
}

// ---- frames, capabilities

bool EgfxUnpacker::Frame(EgfxCmd cmd, ByteView body, Op* op) {
  *op = MakeOp(cmd == EgfxCmd::kStartFrame ? OpKind::kFrameBegin : OpKind::kFrameEnd);
  EgfxStartFrame start;
  const Status status = cmd == EgfxCmd::kStartFrame ? ParseEgfxStartFrame(body, &start)
                                                    : ParseEgfxEndFrame(body, &start.frame_id);
  if (!status.ok()) return Lost(op, Rect(), status);
  op->value = start.frame_id;
  op->acknowledge = true;
  return true;
}

bool EgfxUnpacker::CapsConfirm(ByteView body, Op* op) {
  EgfxCapset capset;
  *op = MakeOp(OpKind::kInfo);
  if (Status status = ParseEgfxCapsConfirm(body, &capset); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  const bool small = (capset.flags & (kEgfxThinClient | kEgfxSmallCache)) != 0 ||
                     capset.version == kEgfxVersion103;
  max_cache_bytes_ = pipeline_->limits.max_cache_bytes;
  if (small) max_cache_bytes_ = std::min(max_cache_bytes_, kSmallCacheBytes);
  // Of the versions 10 and later, 2.2.2.21 leaves out 10.1 only.
  pipeline_->outbox.SetQoe(capset.version >= kEgfxVersion10 && capset.version != kEgfxVersion101);
  char flags[16];
  std::snprintf(flags, sizeof(flags), "0x%x", static_cast<unsigned>(capset.flags));
  return Info(op, "graphics_capabilities", capset.version,
              std::string("version ") + EgfxVersionName(capset.version) + ", flags " + flags);
}

// What a client had kept from earlier sessions is not known here: drawing it will be a loss.
bool EgfxUnpacker::CacheImportReply(ByteView body, Op* op) {
  EgfxCacheSlots slots;
  *op = MakeOp(OpKind::kInfo);
  if (Status status = ParseEgfxCacheImportReply(body, &slots); !status.ok()) {
    return Lost(op, Rect(), status);
  }
  return Info(op, "cache_import_reply", static_cast<uint32_t>(slots.size()), "");
}

// ---- ops

Op EgfxUnpacker::MakeOp(OpKind kind) const {
  Op op;
  op.kind = kind;
  op.time_ns = time_ns_;
  op.arrival_ns = arrival_ns_;
  return op;
}

bool EgfxUnpacker::Lost(Op* op, const Rect& rect, Status status) {
  counters_.Count("lost", op->codec == CodecId::kOther ? "surface_command" : CodecName(op->codec));
  op->kind = OpKind::kLost;
  op->job = JobPtr();
  op->dest = rect;
  op->status = status;
  return true;
}

bool EgfxUnpacker::Info(Op* op, const char* name, uint32_t code, std::string detail) {
  auto note = std::make_shared<Note>();
  note->name = name;
  note->code = code;
  note->detail = std::move(detail);
  op->kind = OpKind::kInfo;
  op->note = std::move(note);
  return true;
}

}  // namespace mullion
