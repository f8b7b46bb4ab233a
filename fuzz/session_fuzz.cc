// A whole session: the bytes of both directions through framer, follower, lane, decoders, commits
// and events, inline (0 workers).
//
// Input: records of direction (1 byte, bit 0: to server), length (2 bytes, little endian), bytes.
#include <algorithm>

#include "codecs/base/byte_reader.h"
#include "engine/api/mullion.h"
#include "fuzz/fuzz.h"

namespace {

struct Watcher {
  bool ended = false;
  uint64_t frames = 0;
};

void OnEvent(void* user, const mln_event* event) {
  auto* watcher = static_cast<Watcher*>(user);
  MULLION_FUZZ_CHECK(!watcher->ended);  // nothing follows the last event
  if (event->kind == MLN_EVENT_DISCONNECTED) watcher->ended = true;
  if (event->kind != MLN_EVENT_FRAME) return;
  const mln_event_frame& frame = event->u.frame;
  MULLION_FUZZ_CHECK(frame.index == watcher->frames++);
  MULLION_FUZZ_CHECK(frame.region_count > 0 && frame.bounds.w > 0 && frame.bounds.h > 0);
  for (size_t i = 0; i < frame.region_count; ++i) {
    const mln_rect& r = frame.region[i];
    MULLION_FUZZ_CHECK(r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0 &&
                       r.x + r.w <= frame.framebuffer.width_px &&
                       r.y + r.h <= frame.framebuffer.height_px);
  }
}

}  // namespace

MULLION_FUZZ_TARGET(session) {
  Watcher watcher;
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.workers = 0;
  options.on_event = OnEvent;
  options.user = &watcher;
  options.limits.max_desktop_px = 2048 * 2048;
  options.limits.max_pdu_bytes = 4 << 20;
  mln_engine* engine = nullptr;
  MULLION_FUZZ_CHECK(mln_engine_create(&options, &engine) == MLN_OK);
  mln_session* session = nullptr;
  MULLION_FUZZ_CHECK(mln_session_create(engine, nullptr, &session) == MLN_OK);

  mullion::ByteReader reader(data);
  uint64_t time_ns = 0;
  while (reader.ok() && reader.remaining() > 3) {
    const auto direction = static_cast<mln_direction>(reader.U8("direction") & 1);
    const size_t length = reader.U16("length");
    const mullion::ByteView bytes = reader.Take(std::min(length, reader.remaining()), "bytes");
    // Dispatching makes room; a session that takes nothing after that has a lost wake-up.
    for (int tries = 0;; ++tries) {
      const mln_err err =
          mln_session_feed(session, direction, ++time_ns, bytes.data(), bytes.size());
      if (err != MLN_ERR_LIMIT) break;
      MULLION_FUZZ_CHECK(tries < 100000);
      mln_engine_dispatch(engine, 0);
    }
    while (mln_engine_dispatch(engine, 0) > 0) {
    }
  }
  while (mln_session_finish(session) == MLN_ERR_LIMIT) mln_engine_dispatch(engine, 0);
  while (mln_engine_dispatch(engine, 0) > 0) {
  }
  MULLION_FUZZ_CHECK(watcher.ended);
  mln_engine_destroy(engine);
}
