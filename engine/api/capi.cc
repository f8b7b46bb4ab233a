// The C ABI over the engine: checks arguments, keeps exceptions in.
#include <unistd.h>

#include <cstring>
#include <new>

#include "codecs/simd/target.h"
#include "engine/api/mullion.h"
#include "engine/engine.h"
#include "engine/replay.h"
#include "engine/session.h"

namespace {

using mullion::Engine;
using mullion::Replay;
using mullion::Session;

Engine* Get(mln_engine* engine) { return reinterpret_cast<Engine*>(engine); }
const Engine* Get(const mln_engine* engine) { return reinterpret_cast<const Engine*>(engine); }
Session* Get(mln_session* session) { return reinterpret_cast<Session*>(session); }
const Session* Get(const mln_session* session) { return reinterpret_cast<const Session*>(session); }

// Allocation is the only thing below that throws.
template <typename Call>
mln_err Guarded(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return MLN_ERR_LIMIT;
  } catch (...) {
    return MLN_ERR_INTERNAL;
  }
}

}  // namespace

extern "C" {

void mln_engine_options_init(mln_engine_options* options) {
  if (options == nullptr) return;
  std::memset(options, 0, sizeof(*options));
  options->struct_size = sizeof(*options);
  options->workers = -1;
}

mln_err mln_engine_create(const mln_engine_options* options, mln_engine** engine) {
  if (options == nullptr || engine == nullptr || options->struct_size != sizeof(*options) ||
      options->on_event == nullptr || options->workers < -1 ||
      (options->format != MLN_BGRX32 && options->format != MLN_RGBX32) ||
      (options->delivery != MLN_DELIVER_EVERY_FRAME && options->delivery != MLN_DELIVER_LATEST)) {
    return MLN_ERR_MALFORMED;
  }
  return Guarded([&] {
    auto* made = new Engine(*options);
    if (made->fd() < 0) {
      delete made;
      return MLN_ERR_IO;
    }
    *engine = reinterpret_cast<mln_engine*>(made);
    return MLN_OK;
  });
}

void mln_engine_destroy(mln_engine* engine) { delete Get(engine); }

int mln_engine_dispatch(mln_engine* engine, int timeout_ms) {
  if (engine == nullptr) return 0;
  int delivered = 0;
  (void)Guarded([&] {
    delivered = Get(engine)->Dispatch(timeout_ms);
    return MLN_OK;
  });
  return delivered;
}

int mln_engine_fd(const mln_engine* engine) { return engine == nullptr ? -1 : Get(engine)->fd(); }

mln_err mln_session_create(mln_engine* engine, void* user, mln_session** session) {
  if (engine == nullptr || session == nullptr) return MLN_ERR_MALFORMED;
  return Guarded([&] {
    mullion::Packet packet;
    packet.kind = mullion::PacketKind::kOpen;
    packet.note = std::make_shared<mullion::Note>();
    Session* made = Get(engine)->NewSession(nullptr);  // the last that may find no memory
    made->user = user;
    (void)made->Push(std::move(packet));  // the first packet always fits
    *session = reinterpret_cast<mln_session*>(made);
    return MLN_OK;
  });
}

mln_err mln_session_answer(mln_session* session) {
  if (session == nullptr) return MLN_ERR_MALFORMED;
  return Get(session)->Answer() ? MLN_OK : MLN_ERR_STATE;
}

void mln_session_suspend_acks(mln_session* session, int suspend) {
  if (session != nullptr) Get(session)->SuspendAcknowledgements(suspend != 0);
}

mln_err mln_session_feed(mln_session* session, mln_direction direction, uint64_t time_ns,
                         const uint8_t* bytes, size_t size) {
  if (session == nullptr || (bytes == nullptr && size > 0)) return MLN_ERR_MALFORMED;
  Session* s = Get(session);
  if (s->producer_done() || s->ended() || s->replay() != nullptr) return MLN_ERR_STATE;
  return Guarded([&] {
    // What an earlier call left framed goes first; the new bytes are taken whole or not at all.
    mullion::Bytes nothing;
    if (!s->PushBytes(direction == MLN_TO_SERVER, time_ns, &nothing)) return MLN_ERR_LIMIT;
    mullion::Bytes copy = mullion::Bytes::Copy({bytes, size}, s->engine()->bytes());
    (void)s->PushBytes(direction == MLN_TO_SERVER, time_ns, &copy);
    return MLN_OK;
  });
}

mln_err mln_session_finish(mln_session* session) {
  if (session == nullptr) return MLN_ERR_MALFORMED;
  Session* s = Get(session);
  if (s->producer_done() || s->ended() || s->replay() != nullptr) return MLN_ERR_STATE;
  return Guarded([&] {
    return s->PushEnd(s->last_time_ns(), mullion::Ok(), "the connection was closed")
               ? MLN_OK
               : MLN_ERR_LIMIT;
  });
}

void mln_session_close(mln_session* session) {
  if (session != nullptr) Get(session)->engine()->CloseSession(Get(session));
}

void mln_session_set_user(mln_session* session, void* user) {
  if (session != nullptr) Get(session)->user = user;
}

void* mln_session_user(const mln_session* session) {
  return session == nullptr ? nullptr : Get(session)->user;
}

mln_err mln_session_set_framebuffer(mln_session* session, uint8_t* data, int64_t stride_bytes,
                                    mln_format format) {
  if (session == nullptr || (format != MLN_BGRX32 && format != MLN_RGBX32)) {
    return MLN_ERR_MALFORMED;
  }
  return Get(session)->SetFramebuffer(data, stride_bytes, format);
}

mln_err mln_session_lock(mln_session* session, mln_framebuffer* framebuffer) {
  if (session == nullptr || framebuffer == nullptr) return MLN_ERR_MALFORMED;
  return Get(session)->Lock(framebuffer) ? MLN_OK : MLN_ERR_STATE;
}

void mln_session_unlock(mln_session* session) {
  if (session != nullptr) Get(session)->Unlock();
}

mln_err mln_session_surface(const mln_session* session, uint32_t index, mln_surface* surface) {
  if (session == nullptr || surface == nullptr || surface->struct_size != sizeof(*surface)) {
    return MLN_ERR_MALFORMED;
  }
  return Get(session)->Surface(index, surface);
}

mln_err mln_session_get_info(const mln_session* session, mln_session_info* info) {
  if (session == nullptr || info == nullptr || info->struct_size != sizeof(*info)) {
    return MLN_ERR_MALFORMED;
  }
  return Get(session)->GetInfo(info);
}

mln_err mln_session_channel(const mln_session* session, uint32_t index, const char** name,
                            uint32_t* id) {
  if (session == nullptr || name == nullptr || id == nullptr) return MLN_ERR_MALFORMED;
  return Get(session)->Channel(index, name, id);
}

mln_err mln_session_counter(const mln_session* session, uint32_t index, const char** name,
                            uint64_t* value) {
  if (session == nullptr || name == nullptr || value == nullptr) return MLN_ERR_MALFORMED;
  const mullion::Counters& counters = Get(session)->counters();
  if (index >= counters.size()) return MLN_ERR_STATE;
  *name = counters.name(index);
  *value = counters.value(index);
  return MLN_OK;
}

mln_err mln_session_metrics(const mln_session* session, mln_metrics* metrics) {
  if (session == nullptr || metrics == nullptr || metrics->struct_size != sizeof(*metrics)) {
    return MLN_ERR_MALFORMED;
  }
  return Guarded([&] {
    const mullion::Metrics* one = &Get(session)->metrics();
    mullion::FillMetrics(&one, 1, metrics);
    Get(session)->AddMemory(metrics);
    metrics->queued_packets = Get(session)->queued_packets();
    metrics->queued_ops = Get(session)->queued_ops();
    return MLN_OK;
  });
}

mln_err mln_engine_metrics(const mln_engine* engine, mln_metrics* metrics) {
  if (engine == nullptr || metrics == nullptr || metrics->struct_size != sizeof(*metrics)) {
    return MLN_ERR_MALFORMED;
  }
  return Guarded([&] {
    Get(engine)->GetMetrics(metrics);
    return MLN_OK;
  });
}

void mln_replay_options_init(mln_replay_options* options) {
  if (options == nullptr) return;
  std::memset(options, 0, sizeof(*options));
  options->struct_size = sizeof(*options);
  options->copies = 1;
  options->loops = 1;
}

mln_err mln_replay_open(mln_engine* engine, const char* path, const mln_replay_options* options,
                        mln_replay** replay, mln_error* error) {
  if (engine == nullptr || path == nullptr || options == nullptr || replay == nullptr ||
      options->struct_size != sizeof(*options) || !(options->speed >= 0)) {
    return MLN_ERR_MALFORMED;
  }
  return Guarded([&] { return Get(engine)->OpenReplay(path, *options, replay, error); });
}

void mln_replay_close(mln_replay* replay) {
  auto* r = reinterpret_cast<Replay*>(replay);
  if (r != nullptr) r->engine()->CloseReplay(r);
}

const char* mln_version(void) { return MULLION_VERSION; }

const char* mln_err_name(mln_err err) { return mullion::ErrName(static_cast<mullion::Err>(err)); }

const char* mln_simd_target(void) { return mullion::SimdTargetName(); }

}  // extern "C"
