#include "tools/player.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "tools/framebuffer_hash.h"

namespace mullion::tools {
namespace {

// "1920x1080+0+0 primary, 1280x1024-1280+0"
std::string MonitorsText(const mln_event_resized& resized) {
  std::string text;
  for (size_t i = 0; i < resized.monitor_count; ++i) {
    const mln_monitor& monitor = resized.monitors[i];
    const mln::Rect& r = monitor.rect;
    char one[80];
    std::snprintf(one, sizeof(one), "%s%dx%d%+d%+d%s", i == 0 ? "" : ", ", r.w, r.h, r.x, r.y,
                  monitor.primary != 0 ? " primary" : "");
    text += one;
  }
  return text;
}

void KeepSurfaces(const mln::SessionRef& session, SessionResult* result) {
  for (const mln::Surface& s : session.Surfaces()) {
    result->surfaces[s.id] = {false,     s.pixels.width_px, s.pixels.height_px, s.has_alpha != 0,
                              s.mapping, s.target};
  }
}

}  // namespace

mln::Error Player::Start(int32_t workers) {
  mln::EngineOptions options;
  options.workers = workers;
  return mln::Engine::Create(
      options, [this](const mln::Event& event) { OnEvent(event); }, &engine_);
}

mln::Error Player::Play(const std::string& path, const PlayOptions& options,
                        const EventHandler& on_event, const TickHandler& on_tick) {
  options_ = &options;
  on_event_ = &on_event;
  replay_ended_ = false;
  replay_error_ = {};

  mln::ReplayOptions replay_options;
  replay_options.keylog_path = options.keylog_path;
  replay_options.speed = options.speed;
  replay_options.copies = options.copies;
  mln::Replay replay;
  mln::Error error = mln::Replay::Open(engine_, path, replay_options, &replay);
  if (!error) {
    while (!replay_ended_) {
      engine_.Dispatch(std::chrono::milliseconds(100));
      CloseEnded();
      if (on_tick) on_tick();
    }
    error = replay_error_;
  }
  ++capture_;
  return error;
}

void Player::OnEvent(const mln::Event& event) {
  using Kind = mln::Event::Kind;
  if (event.kind() == Kind::kReplayEnded) {
    replay_ended_ = true;
    replay_error_ = event.error();
    return;
  }
  SessionResult* result = nullptr;
  if (event.kind() == Kind::kSessionOpened) {
    result = &sessions_.emplace_back();
    result->number = static_cast<int>(sessions_.size());
    result->capture = capture_;
    event.session().SetUser(result);
  } else {
    result = static_cast<SessionResult*>(event.user());
  }
  if (result == nullptr) return;
  KeepFacts(event, result);
  result->duration_ns = std::max(result->duration_ns, static_cast<uint64_t>(event.time().count()));
  if (event.kind() == Kind::kDisconnected) {
    OnDisconnected(event, result);
  } else if (*on_event_) {
    (*on_event_)(event, *result, nullptr);
  }
}

// What events say once and sessions do not say again.
void Player::KeepFacts(const mln::Event& event, SessionResult* result) {
  if (event.kind() == mln::Event::Kind::kFrame) {
    KeepSurfaces(event.session(), result);
  } else if (event.kind() == mln::Event::Kind::kResized) {
    result->monitors = MonitorsText(event.resized());
  } else if (event.kind() == mln::Event::Kind::kSessionInfo) {
    const std::string_view name = event.info().name;
    if (name == "graphics_capabilities") result->graphics = event.info().detail;
    if (name == "reset_graphics") result->monitors = event.info().detail;
  }
}

void Player::OnDisconnected(const mln::Event& event, SessionResult* result) {
  const mln::SessionRef session = event.session();
  result->info = session.Info();
  result->channels = session.Channels();
  result->counters = session.Counters();
  result->metrics = session.ReadMetrics();
  result->graceful = event.graceful();
  result->end = event.error();
  for (auto& [id, surface] : result->surfaces) surface.deleted = true;
  KeepSurfaces(session, result);
  {
    const mln::FramebufferLock framebuffer = session.Lock();
    if (framebuffer && framebuffer->data != nullptr) {
      result->has_framebuffer = true;
      result->width_px = framebuffer->width_px;
      result->height_px = framebuffer->height_px;
      if (options_->hash_final) result->framebuffer_hash = HashFramebuffer(*framebuffer);
    }
    if (*on_event_) {
      (*on_event_)(event, *result, result->has_framebuffer ? &*framebuffer : nullptr);
    }
  }
  ended_.push_back(session);
}

void Player::CloseEnded() {
  for (const mln::SessionRef& session : ended_) session.Close();
  ended_.clear();
}

}  // namespace mullion::tools
