#include "tests/engine/event_log.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

namespace mullion::testing {
namespace {

struct Run {
  Replayed out;
  ReplaySettings settings;
  bool ended = false;
  std::map<mln_session*, uint64_t> hashes;
  std::map<mln_session*, std::string> logs;
  std::vector<std::string> finished;
  std::vector<bool> painted;
  size_t unpainted = 0;
};

// Each session's events have one order; those of different sessions come as they come.
void Line(Run* run, mln_session* session, const char* format, auto... args) {
  char text[512];
  std::snprintf(text, sizeof(text), format, args...);
  run->logs[session].append(text).push_back('\n');
}

void Paint(Run* run, const mln_rect& r, int32_t width) {
  if (run->unpainted == 0) return;
  for (int32_t y = r.y; y < r.y + r.h; ++y) {
    for (int32_t x = r.x; x < r.x + r.w; ++x) {
      auto pixel = run->painted[static_cast<size_t>(y) * static_cast<size_t>(width) +
                                static_cast<size_t>(x)];
      run->unpainted -= pixel ? 0 : 1;
      pixel = true;
    }
  }
}

void OnFrame(Run* run, mln_session* session, const mln_event& event) {
  const mln_event_frame& frame = event.u.frame;
  uint64_t region = 0;
  for (size_t i = 0; i < frame.region_count; ++i) {
    const mln_rect& r = frame.region[i];
    Paint(run, r, frame.framebuffer.width_px);
    for (const int32_t side : {r.x, r.y, r.w, r.h}) {
      region = (region ^ static_cast<uint32_t>(side)) * 0x100000001b3;
    }
  }
  const uint64_t hash = QuickHash(frame.framebuffer);
  run->hashes[session] = hash;
  Line(run, session, "frame %llu id %u at %llu bounds %d,%d,%d,%d rects %zu %016llx hash %016llx",
       static_cast<unsigned long long>(frame.index), frame.frame_id,
       static_cast<unsigned long long>(event.time_ns), frame.bounds.x, frame.bounds.y,
       frame.bounds.w, frame.bounds.h, frame.region_count, static_cast<unsigned long long>(region),
       static_cast<unsigned long long>(hash));
  if (!run->settings.fnv) return;
  run->out.frame_hashes.push_back(FnvHash(frame.framebuffer));
  run->out.covered.push_back(run->unpainted == 0);
}

void OnEnd(Run* run, mln_session* session, const mln_event& event) {
  Line(run, session, "disconnected graceful %d error %d %s", event.u.disconnected.graceful,
       event.u.disconnected.error.code, event.u.disconnected.error.message);
  run->out.final_hashes.push_back(run->hashes[session]);
  mln_framebuffer framebuffer;
  if (mln_session_lock(session, &framebuffer) == MLN_OK) {
    run->out.width_px = framebuffer.width_px;
    run->out.height_px = framebuffer.height_px;
    run->out.final_bgr.clear();
    for (int32_t y = 0; y < framebuffer.height_px && run->settings.fnv; ++y) {
      const uint8_t* row = framebuffer.data + y * framebuffer.stride_bytes;
      for (int32_t x = 0; x < framebuffer.width_px; ++x) {
        run->out.final_bgr.insert(run->out.final_bgr.end(), row + x * 4, row + x * 4 + 3);
      }
    }
    mln_session_unlock(session);
  }
  mln_session_info info{};
  info.struct_size = sizeof(info);
  (void)mln_session_get_info(session, &info);
  run->finished.push_back(std::string(info.client) + "\n" + run->logs[session]);
  run->logs.erase(session);  // the handle may come again
  run->hashes.erase(session);
  mln_session_close(session);
}

void OnEvent(void* user, const mln_event* event) {
  auto* run = static_cast<Run*>(user);
  mln_session* session = event->session;
  if (run->settings.on_event) run->settings.on_event(*event);
  switch (event->kind) {
    case MLN_EVENT_SESSION_OPENED:
      return Line(run, session, "opened");
    case MLN_EVENT_RESIZED:
      run->unpainted = static_cast<size_t>(event->u.resized.width_px) *
                       static_cast<size_t>(event->u.resized.height_px);
      run->painted.assign(run->unpainted, false);
      return Line(run, session, "resized %dx%d", event->u.resized.width_px,
                  event->u.resized.height_px);
    case MLN_EVENT_FRAME:
      return OnFrame(run, session, *event);
    case MLN_EVENT_POINTER: {
      const mln_event_pointer& p = event->u.pointer;
      uint64_t sum = 0;
      for (int32_t i = 0; i < p.width_px * p.height_px * 4; ++i) sum = sum * 31 + p.bgra[i];
      return Line(run, session, "pointer %d at %d,%d size %dx%d hot %d,%d image %016llx", p.kind,
                  p.x, p.y, p.width_px, p.height_px, p.hot_x, p.hot_y,
                  static_cast<unsigned long long>(sum));
    }
    case MLN_EVENT_SESSION_INFO:
      return Line(run, session, "info %s %u %s", event->u.info.name, event->u.info.code,
                  event->u.info.detail);
    case MLN_EVENT_LOST:
      ++run->out.lost;
      return Line(run, session, "lost %s %d,%d,%d,%d %s", event->u.lost.codec, event->u.lost.rect.x,
                  event->u.lost.rect.y, event->u.lost.rect.w, event->u.lost.rect.h,
                  event->u.lost.error.message);
    case MLN_EVENT_DISCONNECTED:
      return OnEnd(run, session, *event);
    case MLN_EVENT_REPLAY_ENDED:
      run->out.replay_error = event->u.replay.error.code;
      run->ended = true;
      return;
  }
}

}  // namespace

uint64_t FnvHash(const mln_framebuffer& framebuffer) {
  uint64_t hash = 0xcbf29ce484222325;
  for (int32_t y = 0; y < framebuffer.height_px; ++y) {
    const uint8_t* row = framebuffer.data + y * framebuffer.stride_bytes;
    for (int32_t x = 0; x < framebuffer.width_px; ++x) {
      for (int c = 0; c < 3; ++c) hash = (hash ^ row[x * 4 + c]) * 0x100000001b3;
    }
  }
  return hash;
}

uint64_t QuickHash(const mln_framebuffer& framebuffer) {
  uint64_t hash = 0x9e3779b97f4a7c15;
  for (int32_t y = 0; y < framebuffer.height_px; ++y) {
    const uint8_t* row = framebuffer.data + y * framebuffer.stride_bytes;
    int32_t x = 0;
    for (; x + 2 <= framebuffer.width_px; x += 2) {
      uint64_t two;
      std::memcpy(&two, row + x * 4, 8);
      hash = (hash ^ two) * 0xff51afd7ed558ccd;
      hash ^= hash >> 32;
    }
    for (; x < framebuffer.width_px; ++x) {
      uint32_t one;
      std::memcpy(&one, row + x * 4, 4);
      hash = (hash ^ one) * 0xff51afd7ed558ccd;
    }
  }
  return hash;
}

Replayed RunReplay(const std::string& path, const ReplaySettings& settings) {
  Run run;
  run.settings = settings;
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.workers = settings.workers;
  options.delivery = settings.delivery;
  options.on_event = OnEvent;
  options.user = &run;
  mln_engine* engine = nullptr;
  if (mln_engine_create(&options, &engine) != MLN_OK) return run.out;
  mln_replay_options replay_options;
  mln_replay_options_init(&replay_options);
  replay_options.copies = settings.copies;
  mln_replay* replay = nullptr;
  mln_error error;
  run.out.replay_error = mln_replay_open(engine, path.c_str(), &replay_options, &replay, &error);
  if (run.out.replay_error != MLN_OK) run.ended = true;
  while (!run.ended) mln_engine_dispatch(engine, -1);
  mln_engine_destroy(engine);
  std::sort(run.finished.begin(), run.finished.end());
  for (const std::string& log : run.finished) run.out.log += log;
  return run.out;
}

}  // namespace mullion::testing
