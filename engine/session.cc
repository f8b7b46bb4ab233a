#include "engine/session.h"

#include <cstdio>
#include <span>
#include <thread>
#include <utility>

#include "engine/engine.h"

namespace mullion {
namespace {

mln_rect ToApi(const Rect& r) { return {r.x, r.y, r.w, r.h}; }

mln_framebuffer ToApi(const PixelView& view) {
  return {view.data, view.width_px, view.height_px, view.stride_bytes,
          static_cast<mln_format>(view.format)};
}

void FillError(mln_error* error, const Status& status, const char* message) {
  error->code = static_cast<mln_err>(status.err);
  error->offset = status.offset;
  error->field = status.field;
  std::snprintf(error->message, sizeof(error->message), "%s", message);
}

std::string Describe(const Status& status) {
  if (status.ok()) return "ok";
  return std::string(ErrName(status.err)) + " at " + status.field + ", offset " +
         std::to_string(status.offset);
}

}  // namespace

Session::Session(Engine* engine, Replay* replay)
    : engine_(engine),
      replay_(replay),
      commit_(SetUpPipeline()),
      lane_(&pipeline_, &commit_),
      framers_{Framer(engine->bytes()), Framer(engine->bytes())} {
  if (replay != nullptr) {
    lane_.set_on_space([](void* e) { static_cast<Engine*>(e)->WakeNetwork(); }, engine);
  } else {
    lane_.set_on_space(
        [](void* session) {
          auto* self = static_cast<Session*>(session);
          self->room_.store(true, std::memory_order_release);
          self->engine_->SessionReady(self);
        },
        this);
  }
}

// Before the stages, which look at it when they are made.
Pipeline* Session::SetUpPipeline() {
  pipeline_.pool = engine_->pool();
  pipeline_.scratch = engine_->scratch();
  pipeline_.bytes = engine_->bytes();
  pipeline_.jobs = engine_->jobs();
  pipeline_.limits = engine_->limits();
  pipeline_.surfaces.tiles.bytes_left = pipeline_.limits.max_tile_state_bytes;
  pipeline_.surfaces.tile_source = engine_->tiles();
  pipeline_.every_frame = engine_->every_frame();
  pipeline_.lane = &lane_;
  pipeline_.commit = &commit_;
  pipeline_.on_events = [](void* session) {
    auto* self = static_cast<Session*>(session);
    self->engine_->SessionReady(self);
  };
  pipeline_.on_events_context = this;
  return &pipeline_;
}

Session::~Session() = default;

bool Session::Push(Packet&& packet) {
  packet.seq = next_seq_;
  packet.arrival_ns = NowNs();
  // Bytes that are fed come from the controller's thread, and what comes of them goes back there.
  if (!lane_.Push(std::move(packet), /*here=*/replay_ == nullptr)) return false;
  ++next_seq_;
  return true;
}

bool Session::PushBytes(bool to_server, uint64_t time_ns, Bytes* bytes) {
  fed_ = true;
  if (producer_done_ || !framing_status_.ok()) {
    *bytes = Bytes();
    return PushEnd(time_ns, framing_status_, "");
  }
  for (;;) {
    // What was framed before goes first, whichever direction it came from.
    if (has_pending_) {
      if (!Push(std::move(pending_))) return false;
      has_pending_ = false;
    }
    Packet packet;
    bool got = false;
    Status status;
    for (int direction = 0; direction < 2 && !got && status.ok(); ++direction) {
      status = framers_[direction].Next(&packet.bytes, &packet.pdu_kind, &got);
      packet.to_server = direction == 1;
      packet.time_ns = pending_time_ns_;
    }
    if (!status.ok()) {
      framing_status_ = status;
      *bytes = Bytes();
      return PushEnd(time_ns, status, "");
    }
    if (got) {
      pending_ = std::move(packet);
      has_pending_ = true;
    } else if (!bytes->empty()) {
      pending_time_ns_ = time_ns;
      framers_[to_server ? 1 : 0].Push(std::exchange(*bytes, Bytes()));
    } else {
      return true;
    }
  }
}

bool Session::PushEnd(uint64_t time_ns, Status status, std::string reason) {
  if (producer_done_) return true;
  if (has_pending_) {
    Bytes nothing;
    if (!PushBytes(false, time_ns, &nothing)) return false;
    if (producer_done_) return true;
  }
  if (!framing_status_.ok()) {
    status = framing_status_;
    reason = std::string("framing: ") + Describe(status);
  }
  auto note = std::make_shared<Note>();
  note->detail = std::move(reason);
  Packet packet;
  packet.kind = PacketKind::kEnd;
  packet.time_ns = time_ns;
  packet.status = status;
  packet.note = std::move(note);
  if (!Push(std::move(packet))) return false;
  producer_done_ = true;
  return true;
}

bool Session::Answer() {
  if (fed_ || replay_ != nullptr || !engine_->takes_output()) return false;
  pipeline_.outbox.Open(
      [](void* session, const uint8_t* bytes, size_t size) {
        auto* self = static_cast<Session*>(session);
        self->engine_->EmitOutput(reinterpret_cast<mln_session*>(self), bytes, size);
      },
      this);
  return true;
}

mln_framebuffer Session::View() const { return ToApi(pipeline_.framebuffer.view()); }

// The session stops here, and says so: with nobody at work on what may be asked for from now on.
void Session::StopForMemory(uint64_t time_ns, const Status& status) {
  Stop();
  engine_->WakeNetwork();  // it may wait for room here
  ended_ = true;
  mln_event end{};
  end.kind = MLN_EVENT_DISCONNECTED;
  end.session = reinterpret_cast<mln_session*>(this);
  end.user = user;
  end.time_ns = time_ns;
  FillError(&end.u.disconnected.error, status, "there is no memory");
  engine_->Emit(end);
  engine_->SessionEnded(this);
}

int Session::Dispatch(int budget) {
  if (close_requested) return 0;
  if (pipeline_.out_of_memory.load(std::memory_order_acquire)) {
    if (ended_) return 0;
    StopForMemory(told_ns_, Fail(Err::kLimit, "memory"));
    return 1;
  }
  // What an earlier call took goes on by itself: its caller may have nothing more to feed.
  if (room_.exchange(false, std::memory_order_acq_rel)) {
    Bytes nothing;
    if (PushBytes(false, pending_time_ns_, &nothing)) engine_->TellFeeder();
  }
  int taken = 0;
  int told = 0;
  while (taken < budget && !close_requested) {
    Event* event = pipeline_.events.Front();
    if (event == nullptr) break;
    for (; event != nullptr && taken < budget && !close_requested; ++taken) {
      told += event->kind == EventKind::kFacts ? 0 : 1;  // the controller's own business
      Deliver(*event);
      event->region = Bytes();
      event->note.reset();
      pipeline_.events.Pop();
      event = pipeline_.events.Front();
    }
    // Room in the event ring, an open gate: the committer may go on, and here are more events.
    if (!close_requested) commit_.GoOn();
  }
  return told;
}

void Session::Deliver(Event& event) {
  told_ns_ = event.time_ns;
  mln_event out{};
  out.session = reinterpret_cast<mln_session*>(this);
  out.user = user;
  out.time_ns = event.time_ns;
  switch (event.kind) {
    case EventKind::kFacts:
      facts_ = event.note;
      return;
    case EventKind::kOpened:
      facts_ = event.note;
      out.kind = MLN_EVENT_SESSION_OPENED;
      break;
    case EventKind::kResized:
      return DeliverResized(event, &out);
    case EventKind::kFrame:
      return DeliverFrame(event, &out);
    case EventKind::kPointer: {
      out.kind = MLN_EVENT_POINTER;
      mln_event_pointer& pointer = out.u.pointer;
      pointer.kind = static_cast<mln_pointer_kind>(event.pointer_kind);
      pointer.x = event.rect.x;
      pointer.y = event.rect.y;
      pointer.cache_index = event.value;
      if (event.note && event.note->pointer) {
        const PointerImage& image = *event.note->pointer;
        pointer.width_px = image.width_px;
        pointer.height_px = image.height_px;
        pointer.hot_x = image.hot_x;
        pointer.hot_y = image.hot_y;
        pointer.bgra = image.bgra.data();
      }
      break;
    }
    case EventKind::kInfo:
      out.kind = MLN_EVENT_SESSION_INFO;
      out.u.info = {event.note->name, event.note->detail.c_str(), event.note->code};
      break;
    case EventKind::kLost:
      ++lost_;
      out.kind = MLN_EVENT_LOST;
      out.u.lost.rect = ToApi(event.rect);
      out.u.lost.codec = CodecName(event.codec);
      FillError(&out.u.lost.error, event.status, Describe(event.status).c_str());
      break;
    case EventKind::kDisconnected:
      ended_ = true;
      out.kind = MLN_EVENT_DISCONNECTED;
      out.u.disconnected.graceful = event.note->graceful ? 1 : 0;
      FillError(&out.u.disconnected.error, event.status, event.note->detail.c_str());
      break;
  }
  engine_->Emit(out);
  if (event.kind == EventKind::kDisconnected) engine_->SessionEnded(this);
}

void Session::DeliverFrame(Event& event, mln_event* out) {
  Framebuffer& framebuffer = pipeline_.framebuffer;
  const bool leased = !pipeline_.every_frame;
  std::span<const Rect> region = event.rects();
  if (leased && !framebuffer.Lease(/*controller=*/true)) {
    // The next frame is half committed already: its event will speak for this one too.
    if (merged_region_.size() > 1024) {
      Rect bounds;
      for (const Rect& rect : merged_region_) bounds = Bound(bounds, rect);
      merged_region_.assign(1, bounds);
    }
    merged_region_.insert(merged_region_.end(), region.begin(), region.end());
    return;
  }
  for (const Rect& rect : merged_region_) event.rect = Bound(event.rect, rect);
  if (!merged_region_.empty()) {
    merged_region_.insert(merged_region_.end(), region.begin(), region.end());
    region = merged_region_;
  }

  out->kind = MLN_EVENT_FRAME;
  mln_event_frame& frame = out->u.frame;
  frame.index = event.index;
  frame.frame_id = event.value;
  frame.bounds = ToApi(event.rect);
  static_assert(sizeof(mln_rect) == sizeof(Rect), "regions are passed as they are");
  frame.region = reinterpret_cast<const mln_rect*>(region.data());
  frame.region_count = region.size();
  frame.framebuffer = View();
  frame.commit_latency_ns = event.latency_ns;
  ++frames_;
  engine_->Emit(*out);
  merged_region_.clear();
  leased ? framebuffer.Unlease() : framebuffer.Release();
}

void Session::DeliverResized(const Event& event, mln_event* out) {
  pipeline_.framebuffer.Resize(event.rect.w, event.rect.h, engine_->format());
  merged_region_.clear();
  out->kind = MLN_EVENT_RESIZED;
  out->u.resized = {event.rect.w, event.rect.h, nullptr, 0};
  if (event.note) {
    out->u.resized.monitors = event.note->monitors.data();
    out->u.resized.monitor_count = event.note->monitors.size();
  }
  in_resized_ = true;
  engine_->Emit(*out);
  in_resized_ = false;
  if (close_requested) return;  // the caller's memory may be gone
  if (Status status = pipeline_.framebuffer.Prepare(); !status.ok()) {
    // Without pixels there is no session.
    StopForMemory(event.time_ns, status);
    return;
  }
  pipeline_.framebuffer.Release();
  pipeline_.resize_pending.store(false, std::memory_order_seq_cst);
  lane_.Notify();
}

void Session::Stop() {
  pipeline_.stopping.store(true, std::memory_order_release);
  while (pipeline_.tasks.load(std::memory_order_acquire) > 0) std::this_thread::yield();
}

mln_err Session::SetFramebuffer(uint8_t* data, int64_t stride_bytes, mln_format format) {
  if (!in_resized_) return MLN_ERR_STATE;
  const Status status =
      pipeline_.framebuffer.UseCallerMemory(data, stride_bytes, static_cast<PixelFormat>(format));
  return static_cast<mln_err>(status.err);
}

bool Session::Lock(mln_framebuffer* framebuffer) {
  if (!pipeline_.framebuffer.Lease()) return false;
  *framebuffer = View();
  if (framebuffer->data != nullptr) return true;
  Unlock();  // the committer may have met the lease
  return false;
}

void Session::Unlock() {
  pipeline_.framebuffer.Unlease();
  commit_.GoOn();
}

void Session::AddMemory(mln_metrics* metrics) const {
  const SurfaceMemory& memory = pipeline_.surfaces;
  const auto get = [](const auto& value) {
    return static_cast<uint64_t>(value.load(std::memory_order_relaxed));
  };
  metrics->surface_bytes += get(memory.pixel_bytes);
  metrics->cache_bytes += get(memory.cache_bytes);
  metrics->tile_state_bytes += pipeline_.limits.max_tile_state_bytes - get(memory.tiles.bytes_left);
  metrics->decoder_bytes += get(memory.decoder_bytes);
}

mln_err Session::GetInfo(mln_session_info* info) const {
  const uint32_t size = info->struct_size;
  *info = {};
  info->struct_size = size;
  info->client = info->server = info->security = info->tls = info->client_name = "";
  info->security = "unknown";
  info->frames = frames_;
  info->lost = lost_;
  info->ended = ended_ ? 1 : 0;
  info->width_px = View().width_px;
  info->height_px = View().height_px;
  if (!facts_) return MLN_OK;
  info->client = facts_->client.c_str();
  info->server = facts_->server.c_str();
  info->tls = facts_->tls.c_str();
  if (!facts_->facts) return MLN_OK;
  const SessionFacts& facts = *facts_->facts;
  if (!facts.security.empty()) info->security = facts.security.c_str();
  info->client_name = facts.client_name.c_str();
  // Before the first RESIZED event there is no framebuffer to be asked.
  if (info->width_px == 0) {
    info->width_px = facts.desktop_width;
    info->height_px = facts.desktop_height;
  }
  info->bits_per_pixel = facts.desktop_bpp;
  info->channel_count = static_cast<uint32_t>(facts.channels.size());
  info->activations = facts.activations;
  return MLN_OK;
}

mln_err Session::Surface(uint32_t index, mln_surface* out) const {
  if (!ended_ && !pipeline_.framebuffer.held()) return MLN_ERR_STATE;
  const auto& surfaces = commit_.surfaces();
  if (index >= surfaces.size()) return MLN_ERR_STATE;
  const mullion::Surface& surface = *surfaces[index];
  out->id = surface.id;
  out->has_alpha = surface.alpha ? 1 : 0;
  out->mapping = static_cast<mln_surface_mapping>(surface.mapping);
  out->target = ToApi(surface.target);
  out->pixels = ToApi(surface.view());
  out->pixels.width_px = surface.width_px;
  out->pixels.height_px = surface.height_px;
  return MLN_OK;
}

mln_err Session::Channel(uint32_t index, const char** name, uint32_t* id) const {
  if (!facts_ || !facts_->facts || index >= facts_->facts->channels.size()) return MLN_ERR_STATE;
  *name = facts_->facts->channels[index].name.c_str();
  *id = facts_->facts->channels[index].id;
  return MLN_OK;
}

}  // namespace mullion
