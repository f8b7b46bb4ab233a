// Sessions that the embedder feeds, framebuffers that it owns, frames that it reads.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "tests/engine/host.h"

namespace mullion::testing {
namespace {

TEST_CASE("feed: byte by byte, or in any pieces, gives the events and pixels of the replay") {
  const SessionLog& want = SmallReference();
  for (const int workers : {0, 2}) {
    for (const size_t step : {size_t{1}, size_t{777}, size_t{1} << 20}) {
      CAPTURE(workers);
      CAPTURE(step);
      Host host({.workers = workers});
      mln_session* session = host.Create();
      FeedSmallSession(&host, session, step);
      REQUIRE(host.UntilEnded(1));
      CHECK(host.logs[0].events == want.events);
      CHECK(host.logs[0].final_hash == want.final_hash);
      CHECK(mln_session_finish(session) == MLN_ERR_STATE);
      const uint8_t byte = 3;
      CHECK(mln_session_feed(session, MLN_TO_CLIENT, 0, &byte, 1) == MLN_ERR_STATE);
    }
  }
}

TEST_CASE("feed: what one call took comes to its end, though nothing more is fed") {
  const std::vector<Piece>& pieces = SmallSession();
  for (const int workers : {0, 2}) {
    for (const uint32_t queued : {1u, 1u << 20}) {
      CAPTURE(workers);
      CAPTURE(queued);
      HostOptions options{.workers = workers};
      options.limits.max_queued_bytes = queued;
      Host host(options);
      mln_session* session = host.Create();
      // The second half of the server's bytes in one call, with what the client said before them.
      size_t at = 0;
      for (; at < pieces.size() / 2; ++at) REQUIRE(FeedBytes(&host, session, pieces[at], 1 << 20));
      std::vector<uint8_t> rest;
      for (; at < pieces.size(); ++at) {
        if (pieces[at].to_server) continue;
        rest.insert(rest.end(), pieces[at].bytes.begin(), pieces[at].bytes.end());
      }
      REQUIRE(FeedBytes(&host, session, {false, pieces.back().time_ns, rest}, rest.size()));
      const auto told = [&] {
        return !host.logs.empty() && host.logs[0].frames.size() == SmallReference().frames.size();
      };
      CHECK(host.Until(told));
      if (told()) CHECK(host.logs[0].frames.back() == SmallReference().frames.back());
    }
  }
}

TEST_CASE("feed: the smallest limits on what waits change the speed, not the pixels") {
  HostOptions options;
  options.limits.max_queued_bytes = 1;
  options.limits.max_scratch_bytes = 1;
  options.limits.max_waiting_bytes = 1;
  for (const int workers : {0, 2}) {
    options.workers = workers;
    Host host(options);
    FeedSmallSession(&host, host.Create(), 5000);
    REQUIRE(host.UntilEnded(1));
    CHECK(host.logs[0].events == SmallReference().events);
    CHECK(host.logs[0].final_hash == SmallReference().final_hash);
  }
}

TEST_CASE("framebuffer: shared memory of the caller gets the same pixels, and nothing between") {
  struct Variant {
    int64_t extra;
    bool bottom_up;
    mln_format format;
  };
  for (const Variant& variant :
       {Variant{0, false, MLN_BGRX32}, Variant{52, false, MLN_BGRX32}, Variant{4, true, MLN_BGRX32},
        Variant{12, false, MLN_RGBX32}, Variant{0, true, MLN_RGBX32}}) {
    CAPTURE(variant.extra);
    CAPTURE(variant.bottom_up);
    constexpr size_t kBytes = size_t{4} << 20;
    auto* memory = static_cast<uint8_t*>(
        mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(memory != MAP_FAILED);
    std::fill(memory, memory + kBytes, uint8_t{0x5A});
    size_t used = 0;
    int64_t stride = 0, row_bytes = 0;
    Host host;
    host.hook = [&](const mln_event& event) {
      if (event.kind == MLN_EVENT_FRAME) {
        const mln_framebuffer& framebuffer = event.u.frame.framebuffer;
        CHECK(framebuffer.format == variant.format);
        CHECK(framebuffer.data >= memory);
        CHECK(framebuffer.data < memory + kBytes);
      }
      if (event.kind != MLN_EVENT_RESIZED) return;
      row_bytes = event.u.resized.width_px * 4;
      stride = row_bytes + variant.extra;
      const int64_t height = event.u.resized.height_px;
      used = static_cast<size_t>(stride * height);
      REQUIRE(used <= kBytes);
      CHECK(mln_session_set_framebuffer(event.session, memory, row_bytes - 1, variant.format) ==
            MLN_ERR_MALFORMED);
      CHECK(mln_session_set_framebuffer(event.session, nullptr, row_bytes, variant.format) ==
            MLN_ERR_MALFORMED);
      uint8_t* top = memory + (variant.bottom_up ? stride * (height - 1) : 0);
      CHECK(mln_session_set_framebuffer(event.session, top, variant.bottom_up ? -stride : stride,
                                        variant.format) == MLN_OK);
    };
    mln_session* session = host.Create();
    CHECK(mln_session_set_framebuffer(session, memory, 1 << 16, MLN_BGRX32) == MLN_ERR_STATE);
    FeedSmallSession(&host, session, 4096);
    REQUIRE(host.UntilEnded(1));
    CHECK(host.logs[0].events == SmallReference().events);
    CHECK(host.logs[0].final_hash == SmallReference().final_hash);
    size_t touched = 0;
    for (size_t i = 0; i < kBytes; ++i) {
      const bool between = i >= used || static_cast<int64_t>(i) % stride >= row_bytes;
      touched += between && memory[i] != 0x5A ? 1 : 0;
    }
    CHECK(touched == 0);
    mln_session_close(session);
    munmap(memory, kBytes);
  }
}

TEST_CASE("framebuffer: engine-owned memory in RGBX32 holds the same pixels, channels swapped") {
  Host host({.format = MLN_RGBX32});
  host.Replay(SmallCapture());
  REQUIRE(host.UntilEnded(1));
  CHECK(host.logs[0].events == SmallReference().events);
  CHECK(host.logs[0].final_hash == SmallReference().final_hash);
}

TEST_CASE("latest: a slow embedder never sees a torn frame, and sees the last one") {
  const SessionLog& reference = SmallReference();
  std::set<uint64_t> whole(reference.frames.begin(), reference.frames.end());
  for (int round = 0; round < 4; ++round) {
    Host host({.workers = 1 + round, .delivery = MLN_DELIVER_LATEST});
    uint64_t last_index = 0;
    size_t torn = 0, unordered = 0, frames = 0;
    host.hook = [&](const mln_event& event) {
      if (event.kind != MLN_EVENT_FRAME) return;
      const uint64_t before = PixelHash(event.u.frame.framebuffer);
      if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
      torn += PixelHash(event.u.frame.framebuffer) != before || whole.count(before) == 0 ? 1 : 0;
      unordered += frames > 0 && event.u.frame.index <= last_index ? 1 : 0;
      last_index = event.u.frame.index;
      ++frames;
    };
    host.Replay(SmallCapture());
    REQUIRE(host.UntilEnded(1));
    CHECK(torn == 0);
    CHECK(unordered == 0);
    CHECK(frames > 0);
    CHECK(frames <= reference.frames.size());
    CHECK(host.logs[0].final_hash == reference.final_hash);
  }
}

TEST_CASE("lock: another thread holds frames still while decoding goes on, and all completes") {
  SessionLog reference;
  {
    Host host({.workers = 0});
    host.Replay(ResizeCapture());
    REQUIRE(host.UntilEnded(1));
    reference = host.logs[0];
  }
  std::set<uint64_t> whole(reference.frames.begin(), reference.frames.end());
  for (const int workers : {0, 2}) {
    for (const mln_delivery delivery : {MLN_DELIVER_EVERY_FRAME, MLN_DELIVER_LATEST}) {
      CAPTURE(workers);
      Host host({.workers = workers, .delivery = delivery});
      std::atomic<mln_session*> session{nullptr};
      std::atomic<bool> done{false};
      std::atomic<int> moved{0}, held{0};
      host.hook = [&](const mln_event& event) {
        if (event.kind == MLN_EVENT_SESSION_OPENED) session = event.session;
      };
      std::thread reader([&] {
        while (!done.load()) {
          mln_framebuffer framebuffer;
          if (session.load() == nullptr || mln_session_lock(session, &framebuffer) != MLN_OK) {
            std::this_thread::yield();
            continue;
          }
          // Every eighth row: the lock is not to be held for long in slow builds.
          framebuffer.height_px /= 8;
          framebuffer.stride_bytes *= 8;
          const uint64_t before = PixelHash(framebuffer);
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          if (PixelHash(framebuffer) != before) moved.fetch_add(1);
          held.fetch_add(1);
          mln_session_unlock(session);
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      });
      host.Replay(ResizeCapture());
      const bool ended = host.Until([&] { return host.replays_ended == 1; });
      done = true;
      reader.join();
      REQUIRE(ended);
      CHECK(moved.load() == 0);
      MESSAGE("held still " << held.load() << " times");
      CHECK(host.logs[0].final_hash == reference.final_hash);
      for (const uint64_t frame : host.logs[0].frames) CHECK(whole.count(frame) == 1);
      if (delivery == MLN_DELIVER_EVERY_FRAME) {
        CHECK(host.logs[0].events == reference.events);
      }
    }
  }
}

}  // namespace
}  // namespace mullion::testing
