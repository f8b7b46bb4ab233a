// Whole graphics sessions through the engine, compared frame by frame with a plain client and with
// libfreerdp2's pipeline.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>

#include "tests/engine/host.h"
#include "tests/support/egfx_plain.h"
#include "tests/support/egfx_scene.h"
#include "tests/support/egfx_server.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/egfx_oracle.h"
#endif

namespace mullion::testing {
namespace {

using test::Buffer;
using test::EgfxScene;
using test::EgfxTransport;

// The colours of a picture, three bytes a pixel, from the top.
struct Colours {
  int32_t width = 0, height = 0;
  std::vector<uint8_t> bgr;
  bool operator==(const Colours&) const = default;
};

Colours Copy(const PixelView& view) {
  Colours out{view.width_px, view.height_px, {}};
  const bool rgb = view.format == PixelFormat::kRgbx32;
  for (int32_t y = 0; y < view.height_px; ++y) {
    for (int32_t x = 0; x < view.width_px; ++x) {
      const uint8_t* p = view.row(y) + ptrdiff_t{x} * 4;
      out.bgr.push_back(p[rgb ? 2 : 0]);
      out.bgr.push_back(p[1]);
      out.bgr.push_back(p[rgb ? 0 : 2]);
    }
  }
  return out;
}

Colours Copy(const mln_framebuffer& framebuffer) {
  return Copy(
      PixelView{const_cast<uint8_t*>(framebuffer.data), framebuffer.width_px, framebuffer.height_px,
                static_cast<ptrdiff_t>(framebuffer.stride_bytes),
                framebuffer.format == MLN_RGBX32 ? PixelFormat::kRgbx32 : PixelFormat::kBgrx32});
}

// 256 for pictures of different sizes.
int Difference(const Colours& a, const Colours& b) {
  if (a.width != b.width || a.height != b.height) return 256;
  int largest = 0;
  for (size_t i = 0; i < a.bgr.size(); ++i)
    largest = std::max(largest, std::abs(a.bgr[i] - b.bgr[i]));
  return largest;
}

// What a client shows, by frame id.
using Frames = std::map<uint64_t, Colours>;

// Runs the messages of a scene through a client, taking its output at every END_FRAME.
template <typename Client, typename Process>
Frames FramesOf(const EgfxScene& scene, Client* client, Process process) {
  Frames frames;
  for (const Buffer& message : scene.messages) {
    REQUIRE(process(client, message));
    EgfxPdus pdus(message);
    EgfxPdu pdu;
    while (pdus.Next(&pdu)) {
      uint32_t id = 0;
      if (pdu.cmd != EgfxCmd::kEndFrame) continue;
      REQUIRE(ParseEgfxEndFrame(pdu.body, &id).ok());
      frames[id] = Copy(client->output());
    }
  }
  return frames;
}

Frames PlainFrames(const EgfxScene& scene) {
  test::EgfxPlain plain(scene.width_px, scene.height_px);
  return FramesOf(scene, &plain, [](test::EgfxPlain* client, const Buffer& message) {
    return client->Process(message).ok();
  });
}

// What the engine shows. Frames that change nothing are not told: they have the one before.
Frames EngineFrames(const EgfxScene& scene, const HostOptions& options,
                    const EgfxTransport& transport, const Frames& all) {
  Frames told;
  size_t lost = 0;
  Host host(options);
  host.hook = [&](const mln_event& event) {
    lost += event.kind == MLN_EVENT_LOST ? 1 : 0;
    if (event.kind != MLN_EVENT_FRAME) return;
    told[event.u.frame.frame_id] = Copy(event.u.frame.framebuffer);
  };
  mln_session* session = host.Create();
  uint64_t time_ns = 0;
  for (test::DirectedPdu& pdu :
       test::EgfxSession(scene.width_px, scene.height_px, scene.messages, transport)) {
    REQUIRE(FeedBytes(&host, session, {pdu.to_server, ++time_ns, std::move(pdu.bytes)}, 1 << 20));
  }
  (void)Finish(&host, session);
  REQUIRE(host.UntilEnded(1));
  CHECK(lost == 0);
  CHECK(host.logs[0].error == MLN_OK);
  CHECK_FALSE(told.empty());
  Frames frames;
  Colours last;
  for (const auto& [id, frame] : all) {
    if (told.count(id) != 0) last = told[id];
    frames[id] = last;
  }
  return frames;
}

// The transport and the engine that a seed stands for.
EgfxTransport TransportOf(uint32_t seed, std::mt19937* random) {
  EgfxTransport transport;
  transport.compress = seed % 2 == 0;
  transport.compress_dvc = seed % 4 == 1;
  if (seed % 5 == 0) transport.random = random;
  return transport;
}
HostOptions OptionsOf(uint32_t seed) {
  HostOptions options;
  options.workers = seed % 3 == 0 ? 0 : static_cast<int>(seed % 5);
  options.format = seed % 7 == 0 ? MLN_RGBX32 : MLN_BGRX32;
  if (seed % 4 == 0) options.limits.max_scratch_bytes = 1;
  if (seed % 6 == 0) options.limits.max_waiting_bytes = 1;
  return options;
}

TEST_CASE("graphics sessions: every frame has the colours of a plain client") {
  for (uint32_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    const EgfxScene scene = test::MakeEgfxScene({.seed = seed});
    const Frames want = PlainFrames(scene);
    std::mt19937 random(seed);
    const Frames have = EngineFrames(scene, OptionsOf(seed), TransportOf(seed, &random), want);
    for (const auto& [id, frame] : want) {
      CAPTURE(id);
      CHECK(Difference(have.at(id), frame) == 0);
    }
  }
}

TEST_CASE("graphics sessions: a surface may stick out of the output, and be mapped anew") {
  for (uint32_t seed = 201; seed <= 212; ++seed) {
    CAPTURE(seed);
    const EgfxScene scene = test::MakeEgfxScene({.seed = seed, .moves = true});
    const Frames want = PlainFrames(scene);
    std::mt19937 random(seed);
    const Frames have = EngineFrames(scene, OptionsOf(seed), TransportOf(seed, &random), want);
    for (const auto& [id, frame] : want) {
      CAPTURE(id);
      CHECK(Difference(have.at(id), frame) == 0);
    }
  }
}

TEST_CASE("graphics sessions: commands that wait while a frame is read hold bounded memory") {
  constexpr uint16_t kWidth = 128, kHeight = 128, kPictures = 60;
  constexpr uint32_t kMaxWaiting = 256 << 10;
  EgfxScene scene{.width_px = kWidth, .height_px = kHeight, .messages = {}};
  test::EgfxMessage message;
  message.ResetGraphics(kWidth, kHeight);
  message.CreateSurface(1, kWidth, kHeight);
  message.MapToOutput(1, 0, 0);
  const auto draw = [&](uint8_t value) {
    message.StartFrame(value);
    const Buffer pixels(size_t{kWidth} * kHeight * 4, value);
    message.WireToSurface1(1, EgfxCodec::kUncompressed, {0, 0, kWidth, kHeight}, pixels);
    message.EndFrame(value);
    scene.messages.push_back(message.Take());
  };
  for (uint8_t i = 1; i <= kPictures; ++i) draw(i);

  HostOptions options;
  options.limits.max_scratch_bytes = 1;  // nothing is decoded aside
  options.limits.max_waiting_bytes = kMaxWaiting;
  for (const int workers : {0, 2}) {
    CAPTURE(workers);
    options.workers = workers;
    Host host(options);
    size_t frames = 0;
    host.hook = [&](const mln_event& event) {
      if (event.kind != MLN_EVENT_FRAME || frames++ > 0) return;
      mln_framebuffer framebuffer;  // at a frame's boundary for certain
      REQUIRE(mln_session_lock(event.session, &framebuffer) == MLN_OK);
    };
    mln_session* session = host.Create();
    std::vector<test::DirectedPdu> pdus = test::EgfxSession(kWidth, kHeight, scene.messages);
    size_t fed = 0;
    const auto feed_next = [&] {
      const test::DirectedPdu& pdu = pdus[fed];
      const mln_err err = mln_session_feed(session, pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT,
                                           fed, pdu.bytes.data(), pdu.bytes.size());
      REQUIRE((err == MLN_OK || err == MLN_ERR_LIMIT));
      if (err == MLN_OK) ++fed;
      return err == MLN_OK;
    };
    // Not FeedBytes(), which waits for room: there is none once the first frame is locked.
    while (frames == 0 && fed + 1 < pdus.size()) {
      (void)mln_engine_dispatch(host.engine(), feed_next() ? 0 : -1);
    }
    REQUIRE(frames == 1);
    mln_metrics metrics{};
    metrics.struct_size = sizeof(metrics);
    // All that it takes while nothing can be drawn: until it has come to a stand for a while.
    uint64_t last_ops = 0;
    for (int still = 0; still < 20;) {
      if (fed + 1 < pdus.size() && feed_next()) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      REQUIRE(mln_session_metrics(session, &metrics) == MLN_OK);
      still = metrics.ops == last_ops && metrics.waiting_bytes > 0 ? still + 1 : 0;
      last_ops = metrics.ops;
    }
    CHECK(fed + 1 < pdus.size());  // it could not take all
    CHECK(metrics.waiting_bytes > 0);
    CHECK(metrics.max_waiting_bytes <= kMaxWaiting);
    mln_session_unlock(session);
    for (; fed < pdus.size(); ++fed) {
      REQUIRE(FeedBytes(&host, session, {pdus[fed].to_server, fed, pdus[fed].bytes}, 1 << 20));
    }
    (void)Finish(&host, session);
    REQUIRE(host.UntilEnded(1));
    CHECK(frames == kPictures);
    REQUIRE(mln_session_metrics(session, &metrics) == MLN_OK);
    CHECK(metrics.waiting_bytes == 0);
  }
}

TEST_CASE("graphics sessions: what has waited for a reader makes room for others when it goes on") {
  constexpr uint16_t kSide = 4096;
  constexpr Rect kWhole = {0, 0, kSide, kSide};
  Host host({.workers = 1});
  mln_session* const session = host.Create();
  mln_session* const other = host.Create();
  const auto feed = [&](mln_session* to, const std::vector<test::DirectedPdu>& pdus) {
    for (const test::DirectedPdu& pdu : pdus) {
      REQUIRE(FeedBytes(&host, to, {pdu.to_server, 0, pdu.bytes}, 1 << 20));
    }
    for (int i = 0; i < 20; ++i) (void)mln_engine_dispatch(host.engine(), 5);
  };
  feed(other, test::SessionStart(64, 64));
  feed(session, test::SessionStart(64, 64));
  test::EgfxChannel channel({});
  feed(session, channel.Open());
  test::EgfxMessage out;
  out.CreateSurface(1, kSide, kSide);
  out.SolidFill(1, {1, 2, 3}, {&kWhole, 1});
  feed(session, channel.Send(out.Take()));

  mln_framebuffer framebuffer;
  REQUIRE(host.Until([&] { return mln_session_lock(session, &framebuffer) == MLN_OK; }));
  for (int i = 0; i < 100; ++i) out.SolidFill(1, {1, 2, 3}, {&kWhole, 1});
  feed(session, channel.Send(out.Take()));
  // More bytes than are decoded where they are fed: a bitmap of 64 x 20 pixels.
  Buffer update;
  ByteWriter writer(&update);
  constexpr size_t kPixelBytes = size_t{64} * 20 * 4, kSize = 28 + kPixelBytes;
  for (const size_t byte : {size_t{0}, 0x80 | kSize >> 8, kSize & 0xFF, size_t{1}}) {
    writer.U8(static_cast<uint8_t>(byte));
  }
  for (const size_t value :
       {kSize - 6, size_t{1}, size_t{1}, size_t{0}, size_t{0}, size_t{63}, size_t{19}, size_t{64},
        size_t{20}, size_t{32}, size_t{0}, kPixelBytes}) {
    writer.U16(static_cast<uint16_t>(value));
  }
  writer.Zeros(kPixelBytes);
  bool told = false;
  uint64_t left = 0;
  host.hook = [&](const mln_event& event) {
    if (event.session != other || event.kind != MLN_EVENT_FRAME) return;
    told = true;
    mln_metrics metrics{};
    metrics.struct_size = sizeof(metrics);
    REQUIRE(mln_session_metrics(session, &metrics) == MLN_OK);
    left = metrics.queued_ops;
  };
  mln_session_unlock(session);
  REQUIRE(FeedBytes(&host, other, {false, 0, update}, update.size()));
  REQUIRE(host.Until([&] { return told; }));
  CHECK(left > 0);  // all of them had come first, a third of a second
}

TEST_CASE(
    "graphics sessions: closed in another's callback, their framebuffer is the caller's again") {
  constexpr uint16_t kSide = 512;
  constexpr Rect kAll = {0, 0, kSide, kSide};
  test::EgfxMessage out;
  out.ResetGraphics(kSide, kSide);
  out.CreateSurface(1, kSide, kSide);
  out.MapToOutput(1, 0, 0);
  std::vector<Buffer> messages{out.Take()};
  for (uint8_t i = 0; i < 200; ++i) {
    out.StartFrame(i);
    for (uint8_t k = 0; k < 16; ++k) out.SolidFill(1, {i, k, 3}, {&kAll, 1});
    out.EndFrame(i);
    messages.push_back(out.Take());
  }
  const std::vector<test::DirectedPdu> pdus = test::EgfxSession(kSide, kSide, messages);

  for (int round = 0; round < 5; ++round) {
    std::vector<uint8_t> memory(size_t{kSide} * kSide * 4);  // outlives the engine, for the test
    Host host({.delivery = MLN_DELIVER_LATEST});
    mln_session* const session = host.Create();
    mln_session* const other = host.Create();
    bool resized = false, closed = false;
    size_t touched = 0;
    host.hook = [&](const mln_event& event) {
      if (event.session == session && event.kind == MLN_EVENT_RESIZED) {
        resized = true;
        CHECK(mln_session_set_framebuffer(session, memory.data(), kSide * 4, MLN_BGRX32) == MLN_OK);
      }
      if (event.session != other || !resized || closed) return;
      closed = true;
      mln_session_close(session);
      std::fill(memory.begin(), memory.end(), uint8_t{0x55});
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      touched = memory.size() - static_cast<size_t>(std::count(memory.begin(), memory.end(), 0x55));
    };
    for (const test::DirectedPdu& pdu : pdus) {
      if (closed || mln_session_feed(session, pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, 0,
                                     pdu.bytes.data(), pdu.bytes.size()) != MLN_OK) {
        break;
      }
      if (!resized) (void)mln_engine_dispatch(host.engine(), 1);
    }
    // The other one says something now: a session that ends at once.
    REQUIRE(Finish(&host, other) == MLN_OK);
    REQUIRE(host.Until([&] { return closed; }));
    CHECK(touched == 0);
  }
}

#ifdef MULLION_HAVE_ORACLE

TEST_CASE("graphics sessions: every frame is libfreerdp2's, but for the rounding of lossy codecs") {
  for (uint32_t seed = 101; seed <= 124; ++seed) {
    const bool lossy = seed % 2 == 0;
    CAPTURE(seed);
    const EgfxScene scene = test::MakeEgfxScene({.seed = seed, .lossy = lossy});
    oracle::EgfxOracle oracle(scene.width_px, scene.height_px);
    const Frames want = FramesOf(
        scene, &oracle,
        [](oracle::EgfxOracle* client, const Buffer& message) { return client->Process(message); });
    std::mt19937 random(seed);
    const Frames have = EngineFrames(scene, OptionsOf(seed), TransportOf(seed, &random), want);
    for (const auto& [id, frame] : want) {
      CAPTURE(id);
      CHECK(Difference(have.at(id), frame) <= (lossy ? 2 : 0));
    }
  }
}

#endif

}  // namespace
}  // namespace mullion::testing
