// Graphics sessions whose bytes were damaged: they end, or lose pictures; nothing else does.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/engine/host.h"
#include "tests/support/egfx_scene.h"
#include "tests/support/egfx_server.h"
#include "tests/support/rfx_encoder.h"

namespace mullion::testing {
namespace {

using test::Buffer;
using test::DirectedPdu;

std::vector<Buffer> SmallScene(uint32_t seed) {
  return test::MakeEgfxScene({.seed = seed, .frames = 4, .max_side_px = 130}).messages;
}

void Feed(Host* host, mln_session* session, const std::vector<DirectedPdu>& pdus) {
  for (const DirectedPdu& pdu : pdus) {
    if (!FeedBytes(host, session, {pdu.to_server, 0, pdu.bytes}, pdu.bytes.size())) break;
  }
  (void)Finish(host, session);
}

// Plays the messages in a session of its own beside a sound one, and closes both.
void Play(Host* host, const std::vector<Buffer>& damaged, const std::vector<Buffer>& sound,
          uint64_t sound_hash) {
  mln_session* bad = host->Create();
  mln_session* good = host->Create();
  const size_t ended = host->ended;
  Feed(host, bad, test::EgfxSession(130, 130, damaged));
  Feed(host, good, test::EgfxSession(130, 130, sound));
  REQUIRE(host->UntilEnded(ended + 2));
  const SessionLog* log = host->Find(good);
  REQUIRE(log != nullptr);
  CHECK(log->error == MLN_OK);
  CHECK(log->final_hash == sound_hash);
  mln_session_close(bad);
  mln_session_close(good);
}

uint64_t HashOf(const std::vector<Buffer>& messages) {
  Host host({.workers = 0});
  mln_session* session = host.Create();
  Feed(&host, session, test::EgfxSession(130, 130, messages));
  REQUIRE(host.UntilEnded(1));
  return host.Find(session)->final_hash;
}

TEST_CASE("damaged graphics sessions: flipped bits hurt their session alone") {
  const std::vector<Buffer> sound = SmallScene(7);
  const uint64_t hash = HashOf(sound);
  std::mt19937 random(42);
  for (const int workers : {0, 2}) {
    Host host({.workers = workers});
    for (uint32_t run = 0; run < 60; ++run) {
      std::vector<Buffer> damaged = SmallScene(run % 6);
      for (uint32_t flips = 1 + run % 5; flips > 0; --flips) {
        Buffer& message = damaged[random() % damaged.size()];
        if (message.empty()) continue;
        // Half of them in the first bytes of messages, where lengths and numbers stand.
        const size_t range =
            random() % 2 == 0 ? std::min<size_t>(64, message.size()) : message.size();
        message[random() % range] ^= static_cast<uint8_t>(1u << random() % 8);
      }
      Play(&host, damaged, sound, hash);
    }
  }
}

TEST_CASE("damaged graphics sessions: messages cut anywhere") {
  const std::vector<Buffer> sound = SmallScene(7);
  const uint64_t hash = HashOf(sound);
  Host host({.workers = 2});
  std::mt19937 random(43);
  for (uint32_t run = 0; run < 60; ++run) {
    std::vector<Buffer> damaged = SmallScene(run % 6);
    Buffer& message = damaged[random() % damaged.size()];
    message.resize(run < 30 ? std::min<size_t>(run, message.size())
                            : random() % (message.size() + 1));
    Play(&host, damaged, sound, hash);
  }
}

TEST_CASE("damaged graphics sessions: limits bound surfaces, caches and tile states") {
  HostOptions options{.workers = 0};
  options.limits.max_surface_bytes = 1 << 20;
  options.limits.max_cache_bytes = 64 << 10;
  options.limits.max_tile_state_bytes = 100 << 10;
  Host host(options);
  mln_session* session = host.Create();
  test::EgfxMessage out;
  out.ResetGraphics(130, 130);
  for (uint16_t id = 0; id < 1000; ++id) out.CreateSurface(id, 64, 64);
  out.CreateSurface(2000, 65535, 65535);
  const Rect rect = {0, 0, 64, 64};
  for (uint16_t id = 0; id < 1000; ++id) {
    out.SolidFill(id, {1, 2, 3}, {&rect, 1});
    out.SurfaceToCache(id, id, id, rect);
  }
  // As many pixels as the wire can ask for with one command.
  std::vector<EgfxPoint> points(65535);
  out.CacheToSurface(0, 0, points);
  out.SurfaceToSurface(0, 1, rect, points);
  const std::vector<Rect> rects(65535, rect);
  out.SolidFill(0, {1, 2, 3}, rects);
  // The channel is closed before the session ends: what counts is what was held in between.
  uint64_t surfaces = 0, cache = 0, lost = 0;
  host.hook = [&](const mln_event&) {
    mln_metrics metrics = {};
    metrics.struct_size = sizeof(metrics);
    (void)mln_session_metrics(session, &metrics);
    surfaces = std::max(surfaces, metrics.surface_bytes);
    cache = std::max(cache, metrics.cache_bytes);
    lost = metrics.lost;
  };
  Feed(&host, session, test::EgfxSession(130, 130, {out.Take()}));
  REQUIRE(host.UntilEnded(1));
  CHECK(surfaces == 1 << 20);
  CHECK(cache == 64 << 10);
  CHECK(lost > 1000);
}

TEST_CASE("damaged graphics sessions: ever so many mapped surfaces cost no ever so long time") {
  Host host({.workers = 0});
  mln_session* session = host.Create();
  test::EgfxMessage out;
  out.ResetGraphics(130, 130);
  for (uint16_t id = 0; id < 6000; ++id) out.CreateSurface(id, 8, 8);
  for (uint16_t id = 0; id < 6000; ++id) out.MapToOutput(id, id % 120, id / 120);
  uint64_t lost = 0;
  host.hook = [&](const mln_event& event) { lost += event.kind == MLN_EVENT_LOST ? 1 : 0; };
  Feed(&host, session, test::EgfxSession(130, 130, {out.Take()}));
  REQUIRE(host.UntilEnded(1));
  // Surfaces over 4,096 are not made, so not mapped either; of the others 64 are.
  CHECK(lost == (6000 - 4096) + (6000 - 64));
}

TEST_CASE(
    "damaged graphics sessions: surfaces piled up and drawn over and over are shown at once") {
  constexpr uint16_t kSide = 2048;
  Host host({.workers = 0});
  mln_session* session = host.Create();
  test::EgfxMessage out;
  out.ResetGraphics(kSide, kSide);
  out.StartFrame(1);
  const std::vector<Rect> rects(64, Rect{0, 0, 8, 8});
  for (uint16_t id = 0; id < 64; ++id) {
    out.CreateSurface(id, 8, 8);
    out.MapToScaledOutput(id, id, 0, kSide - id, kSide - id);
    for (int i = 0; i < 4; ++i) out.SolidFill(id, {static_cast<uint8_t>(id), 2, 3}, rects);
  }
  out.EndFrame(1);
  std::vector<uint8_t> blues;
  host.hook = [&](const mln_event& event) {
    if (event.kind != MLN_EVENT_FRAME || event.u.frame.frame_id != 1) return;
    const mln_framebuffer& framebuffer = event.u.frame.framebuffer;
    for (const int32_t at : {0, 1, 62, 63, 1000, 1983, 1984, 1985, 2046, 2047}) {
      blues.push_back(framebuffer.data[at * framebuffer.stride_bytes + ptrdiff_t{at} * 4]);
    }
  };
  Feed(&host, session, test::EgfxSession(64, 64, {out.Take()}));
  REQUIRE(host.UntilEnded(1));  // it took nine minutes
  CHECK(blues == std::vector<uint8_t>{0, 1, 62, 63, 63, 63, 63, 62, 1, 0});
}

TEST_CASE("damaged graphics sessions: one place named ever so often takes no ever so much memory") {
  // Where alpha is kept, each tile waits in scratch memory of its own: 16 KiB for 31 bytes.
  constexpr size_t kTiles = 60000;
  Buffer message;
  ByteWriter writer(&message);
  WriteRfxHeaders(64, 64, {}, &writer);
  WriteRfxFrameBegin(0, &writer);
  const Rect whole = {0, 0, 64, 64};
  WriteRfxRegion({&whole, 1}, &writer);
  const std::vector<uint8_t> flat =
      EncodeRlgr(RfxEntropy::kRlgr1, std::vector<int16_t>(size_t{64} * 64, 0));
  RfxTile tile;
  tile.y = tile.cb = tile.cr = flat;
  const RfxQuant quant = RfxEncoderOptions().quant;
  WriteRfxTileSet(RfxEntropy::kRlgr1, {&quant, 1}, std::vector<RfxTile>(kTiles, tile), &writer);
  WriteRfxFrameEnd(&writer);
  test::EgfxMessage out;
  out.ResetGraphics(64, 64);
  out.CreateSurface(1, 64, 64, EgfxPixelFormat::kArgb);
  out.MapToWindow(1, 5, 64, 64);
  out.WireToSurface1(1, EgfxCodec::kRemoteFx, whole, message);

  Host host({.workers = 2});
  mln_session* session = host.Create();
  Feed(&host, session, test::EgfxSession(64, 64, {out.Take()}, {.compress = true}));
  REQUIRE(host.UntilEnded(1));
  mln_metrics metrics = {};
  metrics.struct_size = sizeof(metrics);
  REQUIRE(mln_session_metrics(session, &metrics) == MLN_OK);
  CHECK(metrics.max_scratch_bytes <= 4 << 20);
  CHECK(metrics.lost == 1);
}

}  // namespace
}  // namespace mullion::testing
