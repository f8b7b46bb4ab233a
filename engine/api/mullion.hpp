// Mullion for C++20: owning handles and typed views over the C ABI of mullion.h. Header only.
//
// Everything is in namespace `mln`, apart from the library's own `mullion`, of which nothing is
// exported; the meaning of every call, field and unit is written in mullion.h.
// Ownership: Engine, Session and Replay are move-only and free what they hold. Destroy sessions and
//   replays before their engine. SessionRef borrows. Event and the spans in it live during the
//   handler's call.
// Threads: one controller thread per engine, as in mullion.h; "any thread" there is so here.
// Errors: calls return Error, which is false when all went well. Nothing throws but std::bad_alloc;
//   a handler must not throw, since it is called through C.
#ifndef MULLION_API_MULLION_HPP_
#define MULLION_API_MULLION_HPP_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Not from the root as elsewhere: installed copies have no root of ours.
#include "mullion.h"

namespace mln {

using Rect = mln_rect;
using Framebuffer = mln_framebuffer;
using Metrics = mln_metrics;
using Limits = mln_limits;

// Why a call failed. True in a condition when it did: `if (mln::Error error = ...) ...`.
class [[nodiscard]] Error {
 public:
  Error() = default;
  // Implicit: a code is an error without further words.
  Error(mln_err code) : code_(code), message_(code == MLN_OK ? "" : mln_err_name(code)) {}
  explicit Error(const mln_error& error)
      : code_(error.code),
        offset_(error.offset),
        field_(error.field != nullptr ? error.field : ""),
        message_(error.message) {
    if (message_.empty() && code_ != MLN_OK) message_ = mln_err_name(code_);
  }

  explicit operator bool() const { return code_ != MLN_OK; }
  mln_err code() const { return code_; }
  // "truncated", "malformed" ...
  std::string_view kind() const { return mln_err_name(code_); }
  // Byte offset of the field in its PDU, file or stream.
  uint32_t offset() const { return offset_; }
  std::string_view field() const { return field_; }
  // A sentence. An end that is no error may have one too: the reason of a disconnect.
  const std::string& message() const { return message_; }

 private:
  mln_err code_ = MLN_OK;
  uint32_t offset_ = 0;
  std::string field_;
  std::string message_;
};

// The rows of a framebuffer, top-down. PRECONDITION of Row: 0 <= y < height_px.
inline std::span<const uint8_t> Row(const Framebuffer& framebuffer, int32_t y) {
  return {framebuffer.data + y * framebuffer.stride_bytes,
          static_cast<size_t>(framebuffer.width_px) * 4};
}

// What is known of a session: plain copies, which outlive it.
struct SessionInfo {
  std::string client, server;  // "address:port", or ""
  std::string security;        // "rdp", "tls", "nla" ...
  std::string tls;             // version and cipher suite, or ""
  std::string client_name;
  int32_t width_px = 0, height_px = 0, bits_per_pixel = 0;  // 0 before activation
  uint32_t channel_count = 0;
  uint32_t activations = 0;
  uint64_t frames = 0, lost = 0;
  bool ended = false;
};

struct Channel {
  std::string name;
  uint32_t id = 0;
};

struct Counter {
  std::string name;  // "prefix/NAME", see mln_session_counter
  uint64_t value = 0;
};

using Surface = mln_surface;

// Holds a session's framebuffer still at a frame boundary while it lives. Any thread.
class [[nodiscard]] FramebufferLock {
 public:
  explicit FramebufferLock(mln_session* session) : session_(session) {
    if (mln_session_lock(session_, &framebuffer_) != MLN_OK) session_ = nullptr;
  }
  ~FramebufferLock() {
    if (session_ != nullptr) mln_session_unlock(session_);
  }
  FramebufferLock(const FramebufferLock&) = delete;
  FramebufferLock& operator=(const FramebufferLock&) = delete;

  // False: a frame is half committed (wait for its event), or there is no framebuffer yet.
  explicit operator bool() const { return session_ != nullptr; }
  const Framebuffer& operator*() const { return framebuffer_; }
  const Framebuffer* operator->() const { return &framebuffer_; }

 private:
  mln_session* session_;
  Framebuffer framebuffer_ = {};
};

// A borrowed session: what events carry. Cheap to copy; valid as long as the session is open.
class SessionRef {
 public:
  SessionRef() = default;
  explicit SessionRef(mln_session* session) : session_(session) {}

  explicit operator bool() const { return session_ != nullptr; }
  bool operator==(const SessionRef&) const = default;
  mln_session* get() const { return session_; }

  void SetUser(void* user) const { mln_session_set_user(session_, user); }
  void* user() const { return mln_session_user(session_); }

  // Bytes of one direction, decrypted, copied into the session's queue. MLN_ERR_LIMIT: the queue is
  // full; dispatch and feed the same bytes again.
  Error Feed(mln_direction direction, std::chrono::nanoseconds time,
             std::span<const uint8_t> bytes) const {
    return mln_session_feed(session_, direction, static_cast<uint64_t>(time.count()), bytes.data(),
                            bytes.size());
  }
  Error Finish() const { return mln_session_finish(session_); }

  // Only in the handler of kResized. The memory must hold height_px * |stride_bytes| bytes and stay
  // valid until the next kResized or the session's close.
  Error SetFramebuffer(uint8_t* data, int64_t stride_bytes, mln_format format) const {
    return mln_session_set_framebuffer(session_, data, stride_bytes, format);
  }
  FramebufferLock Lock() const { return FramebufferLock(session_); }

  // The surfaces of the graphics pipeline, while they hold still: in the handlers of kFrame and
  // kDisconnected, and under a lock. Empty otherwise.
  std::vector<Surface> Surfaces() const {
    std::vector<Surface> surfaces;
    Surface surface = {};
    surface.struct_size = sizeof(surface);
    for (uint32_t i = 0; mln_session_surface(session_, i, &surface) == MLN_OK; ++i) {
      surfaces.push_back(surface);
    }
    return surfaces;
  }

  SessionInfo Info() const {
    mln_session_info raw = {};
    raw.struct_size = sizeof(raw);
    SessionInfo info;
    if (mln_session_get_info(session_, &raw) != MLN_OK) return info;
    const auto text = [](const char* s) { return std::string(s != nullptr ? s : ""); };
    info.client = text(raw.client);
    info.server = text(raw.server);
    info.security = text(raw.security);
    info.tls = text(raw.tls);
    info.client_name = text(raw.client_name);
    info.width_px = raw.width_px;
    info.height_px = raw.height_px;
    info.bits_per_pixel = raw.bits_per_pixel;
    info.channel_count = raw.channel_count;
    info.activations = raw.activations;
    info.frames = raw.frames;
    info.lost = raw.lost;
    info.ended = raw.ended != 0;
    return info;
  }
  // The static virtual channels.
  std::vector<Channel> Channels() const {
    std::vector<Channel> channels;
    const char* name = nullptr;
    uint32_t id = 0;
    for (uint32_t i = 0; mln_session_channel(session_, i, &name, &id) == MLN_OK; ++i) {
      channels.push_back({name, id});
    }
    return channels;
  }
  // All counters, in the engine's order.
  std::vector<Counter> Counters() const {
    std::vector<Counter> counters;
    const char* name = nullptr;
    uint64_t value = 0;
    for (uint32_t i = 0; mln_session_counter(session_, i, &name, &value) == MLN_OK; ++i) {
      counters.push_back({name, value});
    }
    return counters;
  }
  // Any thread.
  Metrics ReadMetrics() const {
    Metrics metrics = {};
    metrics.struct_size = sizeof(metrics);
    (void)mln_session_metrics(session_, &metrics);
    return metrics;
  }
  // Frees the session; this and every other SessionRef to it is invalid afterwards. For sessions of
  // a replay; a Session does it by itself.
  void Close() const { mln_session_close(session_); }

 protected:
  mln_session* session_ = nullptr;
};

// An event, borrowed. Each accessor below the kind is for the kinds it names only.
class Event {
 public:
  enum class Kind {
    kSessionOpened = MLN_EVENT_SESSION_OPENED,
    kResized = MLN_EVENT_RESIZED,
    kFrame = MLN_EVENT_FRAME,
    kPointer = MLN_EVENT_POINTER,
    kSessionInfo = MLN_EVENT_SESSION_INFO,
    kLost = MLN_EVENT_LOST,
    kDisconnected = MLN_EVENT_DISCONNECTED,
    kReplayEnded = MLN_EVENT_REPLAY_ENDED,
  };

  explicit Event(const mln_event& raw) : raw_(&raw) {}

  Kind kind() const { return static_cast<Kind>(raw_->kind); }
  // Empty for kReplayEnded.
  SessionRef session() const { return SessionRef(raw_->session); }
  // As set by SessionRef::SetUser or Session::Create.
  void* user() const { return raw_->user; }
  // Since the session's first byte, in capture (or wall) time.
  std::chrono::nanoseconds time() const {
    return std::chrono::nanoseconds(static_cast<int64_t>(raw_->time_ns));
  }

  const mln_event_resized& resized() const { return raw_->u.resized; }  // kResized
  const mln_event_frame& frame() const { return raw_->u.frame; }        // kFrame
  // kFrame: the changed rectangles in commit order; they may overlap.
  std::span<const Rect> region() const {
    return {raw_->u.frame.region, raw_->u.frame.region_count};
  }
  const mln_event_pointer& pointer() const { return raw_->u.pointer; }  // kPointer
  // kPointer with a shape: width_px * height_px BGRA pixels, top-down.
  std::span<const uint8_t> pointer_bgra() const {
    const mln_event_pointer& p = raw_->u.pointer;
    if (p.kind != MLN_POINTER_SHAPE) return {};
    return {p.bgra, static_cast<size_t>(p.width_px) * static_cast<size_t>(p.height_px) * 4};
  }
  const mln_event_info& info() const { return raw_->u.info; }           // kSessionInfo
  const mln_event_lost& lost() const { return raw_->u.lost; }           // kLost
  bool graceful() const { return raw_->u.disconnected.graceful != 0; }  // kDisconnected
  // kLost, kDisconnected (why; the message is there in any case), kReplayEnded.
  Error error() const {
    switch (kind()) {
      case Kind::kLost:
        return Error(raw_->u.lost.error);
      case Kind::kDisconnected:
        return Error(raw_->u.disconnected.error);
      case Kind::kReplayEnded:
        return Error(raw_->u.replay.error);
      default:
        return Error();
    }
  }
  const mln_event& raw() const { return *raw_; }

 private:
  const mln_event* raw_;
};

struct EngineOptions {
  int32_t workers = -1;  // decode threads; -1: one per core; 0: none, decode inside other threads
  mln_delivery delivery = MLN_DELIVER_EVERY_FRAME;
  mln_format format = MLN_BGRX32;
  Limits limits = {};  // 0: the default of each
};

// One pool, one network thread, many sessions. Empty until Create succeeds.
class Engine {
 public:
  using Handler = std::function<void(const Event&)>;

  Engine() = default;
  Engine(Engine&&) noexcept = default;
  Engine& operator=(Engine&& other) noexcept {
    engine_ = std::move(other.engine_);  // first: the old engine's handler must outlive it
    handler_ = std::move(other.handler_);
    return *this;
  }
  ~Engine() = default;

  // `handler` gets every event, inside Dispatch, on the thread that calls it.
  static Error Create(const EngineOptions& options, Handler handler, Engine* engine) {
    mln_engine_options raw;
    mln_engine_options_init(&raw);
    raw.workers = options.workers;
    raw.delivery = options.delivery;
    raw.format = options.format;
    raw.limits = options.limits;
    auto kept = std::make_unique<Handler>(std::move(handler));
    raw.on_event = [](void* user, const mln_event* event) noexcept {
      (*static_cast<Handler*>(user))(Event(*event));
    };
    raw.user = kept.get();
    mln_engine* created = nullptr;
    if (const mln_err err = mln_engine_create(&raw, &created); err != MLN_OK) return err;
    engine->engine_.reset(created);
    engine->handler_ = std::move(kept);
    return {};
  }

  explicit operator bool() const { return engine_ != nullptr; }
  mln_engine* get() const { return engine_.get(); }

  // Delivers queued events; waits up to `timeout` for the first (negative: for ever). Returns how
  // many were delivered; 0 when called from a handler.
  int Dispatch(std::chrono::milliseconds timeout) const {
    const bool forever = timeout.count() < 0;
    return mln_engine_dispatch(get(), forever ? -1 : static_cast<int>(timeout.count()));
  }
  // Readable while events wait; owned by the engine.
  int fd() const { return mln_engine_fd(get()); }
  // Any thread.
  Metrics ReadMetrics() const {
    Metrics metrics = {};
    metrics.struct_size = sizeof(metrics);
    (void)mln_engine_metrics(get(), &metrics);
    return metrics;
  }

 private:
  struct Destroy {
    void operator()(mln_engine* engine) const { mln_engine_destroy(engine); }
  };
  // INVARIANT: the handler outlives the engine, whose threads end in mln_engine_destroy; members
  // are destroyed in reverse order.
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<mln_engine, Destroy> engine_;
};

// A session that the embedder feeds. Closed when destroyed.
class Session : public SessionRef {
 public:
  // `user` comes back in the session's events.
  static Error Create(const Engine& engine, void* user, Session* session) {
    mln_session* created = nullptr;
    if (const mln_err err = mln_session_create(engine.get(), user, &created); err != MLN_OK) {
      return err;
    }
    session->Reset(created);
    return {};
  }

  Session() = default;
  Session(Session&& other) noexcept : SessionRef(std::exchange(other.session_, nullptr)) {}
  Session& operator=(Session&& other) noexcept {
    Reset(std::exchange(other.session_, nullptr));
    return *this;
  }
  ~Session() { Reset(nullptr); }
  void Close() { Reset(nullptr); }

 private:
  void Reset(mln_session* session) {
    mln_session* old = std::exchange(session_, session);
    if (old != nullptr && old != session) mln_session_close(old);
  }
};

struct ReplayOptions {
  std::string keylog_path;  // NSS key log; empty: the secrets in the file only
  double speed = 0;         // 0: as fast as it decodes; 1: real time; 2: twice real time
  uint32_t copies = 1;      // sessions per captured session
  uint32_t loops = 1;       // times to play the file
};

// A capture file that is being replayed. Stopped and freed when destroyed.
class Replay {
 public:
  // Its sessions appear as kSessionOpened events; kReplayEnded is its last.
  static Error Open(const Engine& engine, const std::string& path, const ReplayOptions& options,
                    Replay* replay) {
    mln_replay_options raw;
    mln_replay_options_init(&raw);
    raw.keylog_path = options.keylog_path.empty() ? nullptr : options.keylog_path.c_str();
    raw.speed = options.speed;
    raw.copies = options.copies;
    raw.loops = options.loops;
    mln_error error = {};
    mln_replay* opened = nullptr;
    const mln_err err = mln_replay_open(engine.get(), path.c_str(), &raw, &opened, &error);
    if (err != MLN_OK) {
      error.code = err;
      return Error(error);
    }
    replay->replay_.reset(opened);
    return {};
  }

  explicit operator bool() const { return replay_ != nullptr; }
  mln_replay* get() const { return replay_.get(); }
  void Close() { replay_.reset(); }

 private:
  struct Destroy {
    void operator()(mln_replay* replay) const { mln_replay_close(replay); }
  };
  std::unique_ptr<mln_replay, Destroy> replay_;
};

inline std::string_view Version() { return mln_version(); }
// The SIMD target in use, e.g. "AVX2".
inline std::string_view SimdTarget() { return mln_simd_target(); }

}  // namespace mln

#endif  // MULLION_API_MULLION_HPP_
