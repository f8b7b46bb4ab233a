// A session without workers for fuzz targets: bytes in, events looked at.
#ifndef MULLION_FUZZ_SESSION_HOST_H_
#define MULLION_FUZZ_SESSION_HOST_H_

#include "codecs/base/byte_reader.h"
#include "engine/api/mullion.h"
#include "fuzz/fuzz.h"

namespace mullion::fuzz {

class SessionHost {
 public:
  explicit SessionHost(const mln_limits& limits) {
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = 0;
    options.on_event = OnEvent;
    options.user = this;
    options.limits = limits;
    MULLION_FUZZ_CHECK(mln_engine_create(&options, &engine_) == MLN_OK);
    MULLION_FUZZ_CHECK(mln_session_create(engine_, nullptr, &session_) == MLN_OK);
  }
  SessionHost(const SessionHost&) = delete;
  SessionHost& operator=(const SessionHost&) = delete;
  // Every session ends, whatever it was fed.
  ~SessionHost() {
    while (mln_session_finish(session_) == MLN_ERR_LIMIT) mln_engine_dispatch(engine_, 0);
    Dispatch();
    MULLION_FUZZ_CHECK(ended_);
    mln_engine_destroy(engine_);
  }

  void Feed(mln_direction direction, ByteView bytes) {
    // Dispatching makes room; a session that takes nothing after that has a lost wake-up.
    for (int tries = 0;; ++tries) {
      const mln_err err =
          mln_session_feed(session_, direction, ++time_ns_, bytes.data(), bytes.size());
      if (err != MLN_ERR_LIMIT) break;
      MULLION_FUZZ_CHECK(tries < 100000);
      mln_engine_dispatch(engine_, 0);
    }
    Dispatch();
  }

 private:
  static void OnEvent(void* user, const mln_event* event) {
    auto* host = static_cast<SessionHost*>(user);
    MULLION_FUZZ_CHECK(!host->ended_);  // nothing follows the last event
    if (event->kind == MLN_EVENT_DISCONNECTED) host->ended_ = true;
    if (event->kind != MLN_EVENT_FRAME) return;
    const mln_event_frame& frame = event->u.frame;
    MULLION_FUZZ_CHECK(frame.index == host->frames_++);
    MULLION_FUZZ_CHECK(frame.region_count > 0 && frame.bounds.w > 0 && frame.bounds.h > 0);
    for (size_t i = 0; i < frame.region_count; ++i) {
      const mln_rect& r = frame.region[i];
      MULLION_FUZZ_CHECK(r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0 &&
                         r.x + r.w <= frame.framebuffer.width_px &&
                         r.y + r.h <= frame.framebuffer.height_px);
    }
  }
  void Dispatch() {
    while (mln_engine_dispatch(engine_, 0) > 0) {
    }
  }

  mln_engine* engine_ = nullptr;
  mln_session* session_ = nullptr;
  uint64_t time_ns_ = 0;
  uint64_t frames_ = 0;
  bool ended_ = false;
};

}  // namespace mullion::fuzz

#endif  // MULLION_FUZZ_SESSION_HOST_H_
