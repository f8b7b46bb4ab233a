// What happens when there is no memory: the session ends, and the process goes on. Every allocation
// that a session makes fails once.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "engine/output.h"
#include "tests/engine/host.h"
#include "tests/support/avc_encoder.h"
#include "tests/support/egfx_scene.h"
#include "tests/support/egfx_server.h"

namespace {

std::atomic<long> allocations_left{-1};  // negative: as many as one likes

bool Fails() {
  return allocations_left.load(std::memory_order_relaxed) >= 0 &&
         allocations_left.fetch_sub(1, std::memory_order_relaxed) == 0;
}
void* Allocate(size_t size) { return Fails() ? nullptr : std::malloc(size); }
void* AllocateAligned(size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<size_t>(alignment);
  return Fails() ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}

}  // namespace

void* operator new(size_t size) {
  if (void* memory = Allocate(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  if (void* memory = AllocateAligned(size, alignment)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return AllocateAligned(size, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace mullion::testing {
namespace {

// True when the session came to its end without a failure.
bool PlayWith(long allocations, int workers, const std::vector<test::DirectedPdu>& pdus) {
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.workers = workers;
  struct Seen {
    int disconnected = 0;
    bool sound = true;
  } seen;
  options.user = &seen;
  options.on_event = [](void* user, const mln_event* event) {
    auto* s = static_cast<Seen*>(user);
    if (event->kind == MLN_EVENT_LOST) s->sound = false;
    if (event->kind != MLN_EVENT_DISCONNECTED) return;
    ++s->disconnected;
    if (event->u.disconnected.error.code != MLN_OK) s->sound = false;
  };
  mln_engine* engine = nullptr;
  REQUIRE(mln_engine_create(&options, &engine) == MLN_OK);
  mln_session* session = nullptr;
  REQUIRE(mln_session_create(engine, nullptr, &session) == MLN_OK);
  allocations_left = allocations;
  mln_err err = MLN_OK;
  for (const test::DirectedPdu& pdu : pdus) {
    // A failed call is not repeated: what it took of the bytes is not known.
    do {
      err = mln_session_feed(session, pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, 0,
                             pdu.bytes.data(), pdu.bytes.size());
      mln_engine_dispatch(engine, 0);
    } while (err == MLN_ERR_LIMIT && allocations_left != -1);
    if (err != MLN_OK) break;
  }
  if (err == MLN_OK) err = mln_session_finish(session);
  for (int i = 0; err == MLN_OK && seen.disconnected == 0 && i < 500; ++i) {
    mln_engine_dispatch(engine, 5);
  }
  const bool failed = allocations_left < 0;
  allocations_left = -1;
  if (err == MLN_OK) CHECK(seen.disconnected == 1);
  mln_engine_destroy(engine);
  return !failed || (seen.sound && err == MLN_OK);
}

// An H.264 session: a picture, and the same again.
std::vector<test::Buffer> AvcMessages() {
  const std::vector<Rect> all = {{0, 0, 48, 32}};
  YuvPicture picture(48, 32);
  std::mt19937 random(1);
  picture.Randomise(random);
  std::vector<test::Buffer> messages;
  test::EgfxMessage message;
  message.ResetGraphics(48, 32);
  message.CreateSurface(1, 48, 32);
  message.MapToOutput(1, 0, 0);
  for (uint32_t n = 0; n < 4; ++n) {
    const auto frame = n == 0 ? EncodeAvcPcm(picture) : EncodeAvcRepeat(6, n);
    message.StartFrame(n);
    message.WireToSurface1(1, EgfxCodec::kAvc420, all[0], WriteAvc420Stream(all, frame));
    message.EndFrame(n);
    messages.push_back(message.Take());
  }
  return messages;
}

void FailEach(const std::vector<test::DirectedPdu>& pdus) {
  for (const int workers : {0, 2}) {
    CAPTURE(workers);
    int ended = 0;
    long step = 1;
    for (long n = 0; n < 4000; n += step) {
      CAPTURE(n);
      const bool sound = PlayWith(n, workers, pdus);
      ended += sound ? 0 : 1;
      if (n == 200) step = 7;
    }
    CHECK(ended > 0);
  }
}

TEST_CASE("memory: any allocation may fail; the session ends, the process goes on") {
  const auto messages = test::MakeEgfxScene({.seed = 3, .frames = 2, .max_side_px = 100}).messages;
  FailEach(test::EgfxSession(100, 100, messages));
}

TEST_CASE("memory: so may any of an H.264 session") {
  FailEach(test::EgfxSession(48, 32, AvcMessages()));
}

TEST_CASE("memory: any allocation of a replay may fail; it ends, the process goes on") {
  for (long n = 0; n < 400; n += n < 50 ? 1 : 11) {
    CAPTURE(n);
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = 2;
    struct Seen {
      int opened = 0, disconnected = 0, replays = 0;
    } seen;
    options.user = &seen;
    options.on_event = [](void* user, const mln_event* event) {
      auto* s = static_cast<Seen*>(user);
      s->opened += event->kind == MLN_EVENT_SESSION_OPENED ? 1 : 0;
      s->disconnected += event->kind == MLN_EVENT_DISCONNECTED ? 1 : 0;
      s->replays += event->kind == MLN_EVENT_REPLAY_ENDED ? 1 : 0;
    };
    mln_engine* engine = nullptr;
    REQUIRE(mln_engine_create(&options, &engine) == MLN_OK);
    mln_replay_options replay_options;
    mln_replay_options_init(&replay_options);
    replay_options.copies = 2;
    const std::string path = MULLION_SOURCE_DIR "/tests/data/captures/weston-raw-xcrush.pcapng";
    mln_replay* replay = nullptr;
    mln_error error;
    allocations_left = n;
    const mln_err opened = mln_replay_open(engine, path.c_str(), &replay_options, &replay, &error);
    for (int i = 0; opened == MLN_OK && seen.replays == 0 && i < 1000; ++i) {
      mln_engine_dispatch(engine, 5);
    }
    allocations_left = -1;
    if (opened == MLN_OK) CHECK(seen.replays == 1);
    CHECK(seen.disconnected >= seen.opened);
    mln_engine_destroy(engine);
  }
}

TEST_CASE("memory: a resize without memory leaves no surface in the old framebuffer") {
  for (long n = 0; n < 3; ++n) {
    SurfaceMemory memory;
    Framebuffer framebuffer;
    framebuffer.Resize(64, 64, PixelFormat::kBgrx32);
    REQUIRE(framebuffer.Prepare().ok());
    Region region;
    Output output(&framebuffer);
    std::vector<std::shared_ptr<Surface>> surfaces;
    for (uint16_t id = 0; id < 3; ++id) {
      surfaces.push_back(std::make_shared<Surface>(id, 16, 16, false, &memory));
      output.Add(surfaces.back());
      REQUIRE(output.Map(surfaces.back().get(), {id * 20, 0, 16, 16}, &region).ok());
      REQUIRE(surfaces.back()->is_framebuffer());
    }
    allocations_left = n;
    CHECK_FALSE(output.Detach().ok());
    allocations_left = -1;
    for (const auto& surface : surfaces) CHECK_FALSE(surface->is_framebuffer());
  }
}

}  // namespace
}  // namespace mullion::testing
