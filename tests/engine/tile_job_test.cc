#include "engine/tile_job.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "engine/commit.h"
#include "engine/decode.h"
#include "engine/jobs.h"
#include "engine/lane.h"
#include "engine/rfx_job.h"
#include "tests/support/rfx_draw.h"
#include "tests/support/rfx_encoder.h"

namespace mullion {
namespace {

constexpr Rect kDesktop = {0, 0, 300, 200};

struct Image {
  Image(int32_t width, int32_t height) : pixels(static_cast<size_t>(width * height) * 4) {
    view = {pixels.data(), width, height, width * 4, PixelFormat::kBgrx32};
    for (size_t i = 3; i < pixels.size(); i += 4) pixels[i] = 0xFF;
  }
  std::vector<uint8_t> pixels;
  PixelView view;
};

// Smooth with edges, different for every seed.
void Paint(const PixelView& view, int seed) {
  for (int32_t y = 0; y < view.height_px; ++y) {
    for (int32_t x = 0; x < view.width_px; ++x) {
      uint8_t* p = view.row(y) + static_cast<ptrdiff_t>(x) * 4;
      p[0] = static_cast<uint8_t>(x * seed + y);
      p[1] = static_cast<uint8_t>((x / 9 + y / 5) % 2 == 0 ? 40 * seed : 200);
      p[2] = static_cast<uint8_t>(y * 2 + seed * 31);
    }
  }
}

std::vector<uint8_t> Message(int seed, int32_t width, int32_t height,
                             std::vector<Rect> region = {}) {
  Image source(width, height);
  Paint(source.view, seed);
  RfxEncoderOptions options;
  options.region = std::move(region);
  return EncodeRfxMessage(source.view, options);
}

// What a message must look like at `origin`: drawn by the plain twin, one tile after the other.
std::vector<uint8_t> Expected(const std::vector<uint8_t>& bytes, const Rect& origin) {
  RfxParser parser;
  RfxMessage message;
  REQUIRE(parser.Parse(bytes, &message).ok());
  Image desktop(kDesktop.w, kDesktop.h);
  Image part(origin.w, origin.h);
  const Rect visible = Intersect(origin, kDesktop);
  const Rect inside = {visible.x - origin.x, visible.y - origin.y, visible.w, visible.h};
  CHECK(DrawRfxMessage(message, part.view).ok());
  if (!visible.empty()) CopyPixels(part.view.Sub(inside), desktop.view.Sub(visible));
  return desktop.pixels;
}

// Where tiles are decoded: straight to the framebuffer; aside, since somebody reads it until all
// are done; or aside until it is released meanwhile.
enum class Way { kDirect, kAside, kMidway };
constexpr Way kWays[] = {Way::kDirect, Way::kAside, Way::kMidway};

// One session's stages without its controller.
struct Stages {
  explicit Stages(int workers) : pool(workers), commit(&pipeline), lane(&pipeline, &commit) {
    pipeline.pool = &pool;
    pipeline.scratch = &scratch;
    pipeline.jobs = &jobs;
    pipeline.commit = &commit;
    pipeline.lane = &lane;
    pipeline.on_events = [](void*) {};
    pipeline.framebuffer.Resize(kDesktop.w, kDesktop.h, PixelFormat::kBgrx32);
    REQUIRE(pipeline.framebuffer.Prepare().ok());
  }
  ~Stages() {
    while (pipeline.tasks.load() > 0) std::this_thread::yield();
  }

  Status Draw(const std::vector<uint8_t>& bytes, const Rect& origin, Way way) {
    Op op;
    op.codec = CodecId::kRemoteFx;
    op.dest = Intersect(origin, kDesktop);
    op.payload = Bytes::Copy(bytes);
    RfxJob* job = jobs.rfx.Take();
    op.job = JobPtr(job);
    job->payload = op.payload;
    RfxParser parser;
    REQUIRE(parser.Parse(op.payload.view(), &job->message).ok());
    if (const Status status = job->Prepare(origin, kDesktop); !status.ok()) return status;
    tiles = job->tiles.size();
    overlapping = job->serial;
    if (tiles == 0) return Ok();
    const std::vector<uint8_t> before = Pixels();
    Slot* slot = commit.BeginPush();
    REQUIRE(slot != nullptr);
    slot->direct = way == Way::kDirect;
    if (slot->direct) {
      REQUIRE(pipeline.framebuffer.BeginWrite());
    } else {
      pipeline.framebuffer.EndFrame(/*publish=*/true);
      slot->scratch = scratch.Acquire(ScratchBytes(op));
      pipeline.metrics.scratch_bytes.fetch_add(slot->scratch.size());
    }
    slot->op = std::move(op);
    slot->state.store(SlotState::kPending, std::memory_order_release);
    commit.EndPush();
    const auto release = [this] {
      pipeline.framebuffer.Release();
      commit.GoOn();
    };
    std::thread reader;
    if (way == Way::kMidway) reader = std::thread(release);
    DecodeSlot(slot);
    if (reader.joinable()) reader.join();
    if (way == Way::kAside) {
      while (slot->state.load(std::memory_order_acquire) != SlotState::kReady || !Idle()) {
        std::this_thread::yield();
      }
      CHECK(Pixels() == before);
      release();
    }
    while (!commit.AtHead()) std::this_thread::yield();
    while (!Idle()) std::this_thread::yield();
    return Ok();
  }
  bool Idle() const { return pipeline.tasks.load(std::memory_order_acquire) == 0; }

  std::vector<uint8_t> Pixels() const {
    const PixelView& view = pipeline.framebuffer.view();
    return {view.data, view.data + static_cast<size_t>(view.height_px * view.width_px) * 4};
  }

  ScratchPool scratch;
  Jobs jobs;
  Pool pool;
  Pipeline pipeline;
  CommitRing commit;
  Lane lane;
  size_t tiles = 0;
  bool overlapping = false;
};

TEST_CASE(
    "tile job: decoding direct, aside, and first aside gives the plain twin's pixels, any "
    "workers") {
  const std::vector<std::vector<Rect>> regions = {
      {}, {{0, 0, 64, 64}}, {{3, 5, 100, 20}, {60, 60, 90, 70}, {199, 129, 1, 1}}};
  const Rect origins[] = {{0, 0, 200, 130}, {37, 21, 200, 130}, {150, 100, 200, 130}};
  for (const auto& region : regions) {
    const std::vector<uint8_t> bytes = Message(3, 200, 130, region);
    for (const Rect& origin : origins) {
      const std::vector<uint8_t> want = Expected(bytes, origin);
      for (const int workers : {0, 3}) {
        for (const Way way : kWays) {
          CAPTURE(workers);
          CAPTURE(static_cast<int>(way));
          CAPTURE(origin.x);
          Stages stages(workers);
          REQUIRE(stages.Draw(bytes, origin, way).ok());
          CHECK(stages.tiles > 0);
          CHECK_FALSE(stages.overlapping);
          CHECK(stages.Pixels() == want);
          CHECK(stages.pipeline.metrics.scratch_bytes.load() == 0);
        }
      }
    }
  }
}

TEST_CASE("tile job: tiles outside the region or the desktop are not decoded") {
  Stages stages(0);
  REQUIRE(
      stages.Draw(Message(1, 200, 130, {{70, 70, 10, 10}}), {0, 0, 200, 130}, Way::kDirect).ok());
  CHECK(stages.tiles == 1);
  REQUIRE(stages.Draw(Message(1, 200, 130), {300, 0, 200, 130}, Way::kDirect).ok());
  CHECK(stages.tiles == 0);
  REQUIRE(stages.Draw(Message(1, 200, 130), {236, 136, 200, 130}, Way::kDirect).ok());
  CHECK(stages.tiles == 1);
}

TEST_CASE("tile job: the covered rectangles are what tiles draw of each clip") {
  const std::vector<uint8_t> bytes = Message(1, 100, 64, {{0, 0, 30, 30}, {50, 10, 400, 400}});
  Jobs jobs;
  RfxJob* job = jobs.rfx.Take();
  const JobPtr owner(job);
  RfxParser parser;
  REQUIRE(parser.Parse(bytes, &job->message).ok());
  REQUIRE(job->Prepare({10, 20, 100, 64}, kDesktop).ok());
  REQUIRE(job->clips.size() == 2);
  CHECK(job->covered[0] == Rect{10, 20, 30, 30});
  CHECK(job->clips[1] == Rect{60, 30, 50, 54});
  CHECK(job->covered[1] == Rect{60, 30, 50, 54});
}

// Several pictures' tiles for one place, in one message.
std::vector<uint8_t> Overlapping(const std::vector<int>& seeds) {
  std::vector<std::vector<uint8_t>> sources;
  std::vector<RfxMessage> messages(seeds.size());
  std::vector<RfxTile> tiles;
  for (size_t i = 0; i < seeds.size(); ++i) {
    sources.push_back(Message(seeds[i], 128, 64));
    RfxParser parser;
    REQUIRE(parser.Parse(sources.back(), &messages[i]).ok());
    tiles.insert(tiles.end(), messages[i].tiles.begin(), messages[i].tiles.end());
  }
  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  WriteRfxHeaders(128, 64, {}, &writer);
  WriteRfxFrameBegin(0, &writer);
  const Rect region[] = {{0, 0, 128, 64}};
  WriteRfxRegion(region, &writer);
  WriteRfxTileSet(RfxEntropy::kRlgr1, messages[0].quants, tiles, &writer);
  WriteRfxFrameEnd(&writer);
  return out;
}

TEST_CASE("tile job: tiles that name the same place are drawn in their order") {
  const Rect origin = {5, 5, 128, 64};
  std::vector<int> seeds;
  for (int i = 1; i <= 12; ++i) seeds.push_back(i);
  const std::vector<uint8_t> bytes = Overlapping(seeds);
  const std::vector<uint8_t> want = Expected(bytes, origin);
  CHECK(want == Expected(Message(12, 128, 64), origin));
  CHECK(want != Expected(Message(11, 128, 64), origin));
  for (const int workers : {0, 3}) {
    for (const Way way : kWays) {
      Stages stages(workers);
      REQUIRE(stages.Draw(bytes, origin, way).ok());
      CHECK(stages.overlapping);
      CHECK(stages.tiles == 24);
      CHECK(stages.Pixels() == want);
    }
  }
}

TEST_CASE("tile job: a broken tile is lost alone, its place keeps its pixels") {
  const std::vector<uint8_t> good = Message(2, 200, 130);
  RfxParser parser;
  RfxMessage message;
  REQUIRE(parser.Parse(good, &message).ok());
  message.tiles[3].y = {};  // no component is empty
  std::vector<uint8_t> bad;
  ByteWriter writer(&bad);
  WriteRfxHeaders(200, 130, {}, &writer);
  WriteRfxFrameBegin(0, &writer);
  WriteRfxRegion(message.rects, &writer);
  WriteRfxTileSet(RfxEntropy::kRlgr1, message.quants, message.tiles, &writer);
  WriteRfxFrameEnd(&writer);
  const Rect origin = {0, 0, 200, 130};
  const Rect place = {message.tiles[3].x_idx * 64, message.tiles[3].y_idx * 64, 64, 64};
  std::vector<uint8_t> want = Expected(good, origin);
  Image black(64, 64);
  const Rect lost_rect = Intersect(place, origin);
  CopyPixels(
      black.view.Sub({0, 0, lost_rect.w, lost_rect.h}),
      PixelView{want.data(), kDesktop.w, kDesktop.h, kDesktop.w * 4, PixelFormat::kBgrx32}.Sub(
          lost_rect));
  for (const int workers : {0, 3}) {
    for (const Way way : kWays) {
      Stages stages(workers);
      REQUIRE(stages.Draw(bad, origin, way).ok());
      CHECK(stages.pipeline.metrics.lost.load() == 1);
      const Event* event = stages.pipeline.events.Front();
      REQUIRE(event != nullptr);
      CHECK(event->kind == EventKind::kLost);
      CHECK(event->codec == CodecId::kRemoteFx);
      CHECK(Intersect(event->rect, place) == event->rect);
      CHECK(stages.Pixels() == want);
    }
  }
}

TEST_CASE("jobs: the next message finds the memory of the last one, but not that of an attack") {
  FreeList<RfxJob> jobs;
  for (const size_t rects : {size_t{100}, size_t{1} << 20}) {
    {
      const JobPtr job(jobs.Take());
      static_cast<RfxJob*>(job.get())->message.rects.resize(rects);
    }
    const JobPtr again(jobs.Take());
    const auto& list = static_cast<RfxJob*>(again.get())->message.rects;
    CHECK(list.empty());
    CHECK(list.capacity() == (rects == 100 ? 100u : 0u));
  }
}

TEST_CASE("tile job: more tile and rectangle pairs than the limit are refused before any work") {
  const std::vector<uint8_t> bytes = Message(1, 64, 64);
  RfxParser parser;
  Jobs jobs;
  RfxJob* job = jobs.rfx.Take();
  const JobPtr owner(job);
  REQUIRE(parser.Parse(bytes, &job->message).ok());
  RfxTileSet& set = job->message.tile_sets[0];
  job->message.rects.assign(65535, Rect{0, 0, 1, 1});
  job->message.tiles.assign(1025, job->message.tiles[0]);
  set.rect_count = 65535;
  set.tile_count = 1025;
  CHECK(job->Prepare({0, 0, 64, 64}, kDesktop).err == Err::kLimit);
  CHECK(job->tiles.empty());
  CHECK(job->clips.empty());
}

}  // namespace
}  // namespace mullion
