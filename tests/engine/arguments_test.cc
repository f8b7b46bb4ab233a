// What the C API answers to wrong and to unusual calls, and what it counts.
#include <doctest/doctest.h>
#include <poll.h>

#include <cstring>
#include <map>
#include <string>

#include "tests/engine/host.h"

namespace mullion::testing {
namespace {

void Ignore(void*, const mln_event*) {}

mln_engine_options Options() {
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.on_event = Ignore;
  return options;
}

TEST_CASE("api: wrong engine options are malformed and make no engine") {
  mln_engine* engine = nullptr;
  CHECK(mln_engine_create(nullptr, &engine) == MLN_ERR_MALFORMED);
  mln_engine_options options = Options();
  CHECK(mln_engine_create(&options, nullptr) == MLN_ERR_MALFORMED);
  options.struct_size = sizeof(options) - 1;
  CHECK(mln_engine_create(&options, &engine) == MLN_ERR_MALFORMED);
  options.struct_size = 0;
  CHECK(mln_engine_create(&options, &engine) == MLN_ERR_MALFORMED);
  options = Options();
  options.on_event = nullptr;
  CHECK(mln_engine_create(&options, &engine) == MLN_ERR_MALFORMED);
  options = Options();
  options.workers = -2;
  CHECK(mln_engine_create(&options, &engine) == MLN_ERR_MALFORMED);
  CHECK(engine == nullptr);
}

TEST_CASE("api: null handles and pointers are malformed, never a crash") {
  mln_engine_options_init(nullptr);
  mln_replay_options_init(nullptr);
  mln_engine_destroy(nullptr);
  mln_session_close(nullptr);
  mln_replay_close(nullptr);
  mln_session_unlock(nullptr);
  mln_session_set_user(nullptr, nullptr);
  CHECK(mln_session_user(nullptr) == nullptr);
  CHECK(mln_engine_dispatch(nullptr, 0) == 0);
  CHECK(mln_engine_fd(nullptr) == -1);
  CHECK(mln_session_finish(nullptr) == MLN_ERR_MALFORMED);

  Host host({.workers = 0});
  mln_session* session = nullptr;
  CHECK(mln_session_create(nullptr, nullptr, &session) == MLN_ERR_MALFORMED);
  CHECK(mln_session_create(host.engine(), nullptr, nullptr) == MLN_ERR_MALFORMED);
  session = host.Create();
  CHECK(mln_session_user(session) == &host);
  mln_session_set_user(session, nullptr);
  CHECK(mln_session_user(session) == nullptr);
  const uint8_t byte = 3;
  CHECK(mln_session_feed(nullptr, MLN_TO_CLIENT, 0, &byte, 1) == MLN_ERR_MALFORMED);
  CHECK(mln_session_feed(session, MLN_TO_CLIENT, 0, nullptr, 1) == MLN_ERR_MALFORMED);
  CHECK(mln_session_feed(session, MLN_TO_CLIENT, 0, nullptr, 0) == MLN_OK);
  CHECK(mln_session_lock(session, nullptr) == MLN_ERR_MALFORMED);
  mln_framebuffer framebuffer;
  CHECK(mln_session_lock(session, &framebuffer) == MLN_ERR_STATE);  // no desktop yet
  CHECK(mln_session_set_framebuffer(nullptr, nullptr, 0, MLN_BGRX32) == MLN_ERR_MALFORMED);
  mln_session_info info;
  info.struct_size = 1;
  CHECK(mln_session_get_info(session, &info) == MLN_ERR_MALFORMED);
  info.struct_size = sizeof(info);
  CHECK(mln_session_get_info(nullptr, &info) == MLN_ERR_MALFORMED);
  CHECK(mln_session_get_info(session, &info) == MLN_OK);
  CHECK(std::string(info.security) == "unknown");
  mln_metrics metrics;
  metrics.struct_size = 0;
  CHECK(mln_session_metrics(session, &metrics) == MLN_ERR_MALFORMED);
  CHECK(mln_engine_metrics(host.engine(), &metrics) == MLN_ERR_MALFORMED);
  metrics.struct_size = sizeof(metrics);
  CHECK(mln_session_metrics(nullptr, &metrics) == MLN_ERR_MALFORMED);
  CHECK(mln_engine_metrics(nullptr, &metrics) == MLN_ERR_MALFORMED);
  uint32_t id = 0;
  uint64_t value = 0;
  const char* name = nullptr;
  CHECK(mln_session_channel(session, 0, &name, &id) == MLN_ERR_STATE);
  CHECK(mln_session_channel(session, 0, nullptr, &id) == MLN_ERR_MALFORMED);
  CHECK(mln_session_counter(session, 1u << 30, &name, &value) == MLN_ERR_STATE);
  CHECK(mln_session_counter(nullptr, 0, &name, &value) == MLN_ERR_MALFORMED);
  CHECK(std::strlen(mln_version()) > 0);
  CHECK(std::strlen(mln_simd_target()) > 0);
  CHECK(std::string(mln_err_name(MLN_ERR_TRUNCATED)) == "truncated");
}

TEST_CASE("api: a replay of what is no capture says why") {
  Host host({.workers = 0});
  mln_replay_options options;
  mln_replay_options_init(&options);
  mln_replay* replay = nullptr;
  mln_error error{};
  CHECK(mln_replay_open(host.engine(), "/nonexistent/file", &options, &replay, &error) ==
        MLN_ERR_IO);
  CHECK(error.code == MLN_ERR_IO);
  CHECK(std::strlen(error.message) > 0);
  CHECK(mln_replay_open(host.engine(), MULLION_SOURCE_DIR "/meson.build", &options, &replay,
                        nullptr) != MLN_OK);
  CHECK(mln_replay_open(host.engine(), nullptr, &options, &replay, &error) == MLN_ERR_MALFORMED);
  CHECK(mln_replay_open(host.engine(), "x", nullptr, &replay, &error) == MLN_ERR_MALFORMED);
  options.speed = -1;
  CHECK(mln_replay_open(host.engine(), "x", &options, &replay, &error) == MLN_ERR_MALFORMED);
  options.speed = 0;
  options.struct_size = 3;
  CHECK(mln_replay_open(host.engine(), "x", &options, &replay, &error) == MLN_ERR_MALFORMED);
  CHECK(replay == nullptr);
}

TEST_CASE("api: a desktop beyond max_desktop_px ends the session with a limit error") {
  HostOptions options;
  options.limits.max_desktop_px = 100;
  Host host(options);
  host.Replay(SmallCapture());
  REQUIRE(host.UntilEnded(1));
  CHECK(host.logs[0].error == MLN_ERR_LIMIT);
  CHECK_FALSE(host.logs[0].graceful);
  CHECK(host.logs[0].frames.empty());
}

TEST_CASE("api: dispatch inside a callback does nothing") {
  Host host;
  int depth = 0, inner = 0;
  bool nested = false;
  host.hook = [&](const mln_event&) {
    nested |= ++depth > 1;
    inner += mln_engine_dispatch(host.engine(), 0);
    inner += mln_engine_dispatch(host.engine(), -1);  // nor does it wait
    --depth;
  };
  host.Replay(SmallCapture());
  REQUIRE(host.UntilEnded(1));
  CHECK(inner == 0);
  CHECK_FALSE(nested);
  CHECK(host.logs[0].events == SmallReference().events);
}

TEST_CASE("api: the descriptor is readable while events wait, and not when all was dispatched") {
  const auto readable = [](const Host& host, int wait_ms) {
    pollfd descriptor{mln_engine_fd(host.engine()), POLLIN, 0};
    return poll(&descriptor, 1, wait_ms) == 1;
  };
  for (const int workers : {0, 2}) {
    Host host({.workers = workers});
    CHECK_FALSE(readable(host, 0));
    mln_session* session = host.Create();
    CHECK(readable(host, 10000));
    // Only ever waits on the descriptor: every event must make it readable.
    size_t fed = 0;
    while (host.ended == 0) {
      if (fed < SmallSession().size()) {
        const Piece& piece = SmallSession()[fed];
        const mln_err err =
            mln_session_feed(session, piece.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT,
                             piece.time_ns, piece.bytes.data(), piece.bytes.size());
        REQUIRE((err == MLN_OK || err == MLN_ERR_LIMIT));
        fed += err == MLN_OK ? 1 : 0;
        if (readable(host, 0)) (void)mln_engine_dispatch(host.engine(), 0);
      } else {
        (void)mln_session_finish(session);
        REQUIRE(readable(host, 30000));
        (void)mln_engine_dispatch(host.engine(), 0);
      }
    }
    CHECK(host.logs[0].events == SmallReference().events);
    while (mln_engine_dispatch(host.engine(), 0) > 0) {
    }
    CHECK_FALSE(readable(host, 5));
  }
}

TEST_CASE("api: metrics add up, and a closed session's stay in the engine's") {
  Host host;
  mln_session* session = host.Create();
  FeedSmallSession(&host, session, 1000);
  REQUIRE(host.UntilEnded(1));
  uint64_t bytes = 0;
  for (const Piece& piece : SmallSession()) bytes += piece.bytes.size();
  mln_metrics one, all;
  one.struct_size = all.struct_size = sizeof(one);
  REQUIRE(mln_session_metrics(session, &one) == MLN_OK);
  REQUIRE(mln_engine_metrics(host.engine(), &all) == MLN_OK);
  CHECK(one.bytes_in == bytes);
  CHECK(one.packets > SmallSession().size() / 2);
  CHECK(one.frames == SmallReference().frames.size());
  CHECK(one.ops > 0);
  CHECK(one.pixels > 0);
  CHECK(one.lost == 0);
  CHECK(one.queued_packets == 0);
  CHECK(one.queued_ops == 0);
  CHECK(one.scratch_bytes == 0);
  CHECK(one.max_queued_packets > 0);
  CHECK(one.decode_p50_ns > 0);
  CHECK(one.decode_p50_ns <= one.decode_p99_ns);
  CHECK(one.commit_p50_ns <= one.commit_p99_ns);
  CHECK(one.commit_max_ns > 0);
  CHECK(std::memcmp(&one, &all, sizeof(one)) == 0);
  mln_session_close(session);
  mln_metrics after;
  after.struct_size = sizeof(after);
  REQUIRE(mln_engine_metrics(host.engine(), &after) == MLN_OK);
  CHECK(after.frames == one.frames);
  CHECK(after.bytes_in == one.bytes_in);
  CHECK(after.decode_p99_ns == one.decode_p99_ns);
}

TEST_CASE("api: counters, channels and info tell what the session was") {
  Host host;
  mln_session* session = host.Create();
  FeedSmallSession(&host, session, 100000);
  REQUIRE(host.UntilEnded(1));
  std::map<std::string, uint64_t> counters;
  const char* name = nullptr;
  uint64_t value = 0;
  uint32_t index = 0;
  for (; mln_session_counter(session, index, &name, &value) == MLN_OK; ++index) {
    CHECK(std::strchr(name, '/') != nullptr);
    CHECK(counters.emplace(name, value).second);
  }
  CHECK(mln_session_counter(session, index, &name, &value) == MLN_ERR_STATE);
  CHECK(counters.size() > 5);
  CHECK(counters.count("undecoded/more-names") == 0);
  mln_metrics metrics;
  metrics.struct_size = sizeof(metrics);
  REQUIRE(mln_session_metrics(session, &metrics) == MLN_OK);
  uint64_t ops = 0;
  for (const auto& [counter, count] : counters) {
    if (counter.rfind("codec/", 0) == 0) ops += count;
  }
  CHECK(ops == metrics.ops);

  mln_session_info info;
  info.struct_size = sizeof(info);
  REQUIRE(mln_session_get_info(session, &info) == MLN_OK);
  CHECK(info.width_px == 400);
  CHECK(info.height_px == 300);
  CHECK(info.activations >= 1);
  CHECK(info.ended == 1);
  CHECK(info.frames == SmallReference().frames.size());
  CHECK(info.lost == 0);
  uint32_t id = 0;
  for (uint32_t i = 0; i < info.channel_count; ++i) {
    REQUIRE(mln_session_channel(session, i, &name, &id) == MLN_OK);
    CHECK(std::strlen(name) > 0);
    CHECK(id > 1003);
  }
  CHECK(mln_session_channel(session, info.channel_count, &name, &id) == MLN_ERR_STATE);
}

}  // namespace
}  // namespace mullion::testing
