// The builder of graphics sessions and libfreerdp2's pipeline, before an engine is compared with
// them: what goes in comes out.
#include "tests/support/egfx_server.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "codecs/bulk/zgfx.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/svc.h"
#include "codecs/wire/x224.h"
#include "tests/support/egfx_plain.h"
#include "tests/support/egfx_scene.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/egfx_oracle.h"
#endif

namespace mullion::test {
namespace {

constexpr size_t kLimit = size_t{1} << 24;

// A client's way from the session's bytes to the messages of the graphics channel.
class Reader {
 public:
  std::vector<Buffer> messages;

  void Feed(const DirectedPdu& pdu) {
    X224Tpdu tpdu;
    McsPdu mcs;
    if (pdu.to_server || !ParseX224(pdu.bytes, &tpdu).ok()) return;
    if (tpdu.code != kX224Data || !ParseMcs(tpdu.body, &mcs).ok()) return;
    if (mcs.type != McsType::kSendDataIndication || mcs.channel != kFirstChannel + 1) return;
    ChannelChunk chunk;
    REQUIRE(ParseChannelChunk(mcs.data, &chunk).ok());
    ByteView message;
    bool complete = false;
    REQUIRE(chunks_.Add(chunk.flags, chunk.total_length, chunk.data, &message, &complete).ok());
    if (complete) Dvc(message);
  }

 private:
  void Dvc(ByteView bytes) {
    DvcPdu pdu;
    REQUIRE(ParseDvc(false, bytes, &pdu).ok());
    ByteView data = pdu.data;
    const bool compressed =
        pdu.cmd == DvcCmd::kDataFirstCompressed || pdu.cmd == DvcCmd::kDataCompressed;
    if (compressed) REQUIRE(lite_.Inflate(pdu.data, kLimit, &data).ok());
    ByteView message;
    bool complete = false;
    switch (pdu.cmd) {
      case DvcCmd::kCreate:
        CHECK(pdu.name == kEgfxChannelName);
        break;
      case DvcCmd::kDataFirst:
      case DvcCmd::kDataFirstCompressed:
        REQUIRE(fragments_.First(pdu.total_length, data, &message, &complete).ok());
        break;
      case DvcCmd::kData:
      case DvcCmd::kDataCompressed:
        REQUIRE(fragments_.Next(data, &message, &complete).ok());
        break;
      default:
        break;
    }
    if (!complete) return;
    ByteView inflated;
    REQUIRE(inflater_.Inflate(message, kLimit, &inflated).ok());
    messages.emplace_back(inflated.begin(), inflated.end());
  }

  ChannelAssembler chunks_{kLimit};
  DvcAssembler fragments_{kLimit};
  ZgfxInflater lite_{ZgfxInflater::Variant::kRdp8Lite};
  ZgfxInflater inflater_;
};

TEST_CASE("messages arrive whole through any packing and fragmentation") {
  const EgfxScene scene = MakeEgfxScene({.seed = 5, .frames = 4, .max_side_px = 200});
  std::mt19937 random(7);
  for (const bool compress : {false, true}) {
    for (const bool compress_dvc : {false, true}) {
      for (const auto& [segment, dvc, chunk, random_sizes] :
           {std::tuple(65535, 1590, 1600, false), std::tuple(3000, 100000, 1600, true),
            std::tuple(500, 700, 300, true), std::tuple(65535, 60000, 16000, false)}) {
        CAPTURE(compress);
        CAPTURE(compress_dvc);
        CAPTURE(segment);
        EgfxTransport transport;
        transport.compress = compress;
        transport.compress_dvc = compress_dvc;
        transport.segment_bytes = static_cast<size_t>(segment);
        transport.dvc_bytes = static_cast<size_t>(dvc);
        transport.chunk_bytes = static_cast<size_t>(chunk);
        if (random_sizes) transport.random = &random;
        Reader reader;
        const auto pdus = EgfxSession(scene.width_px, scene.height_px, scene.messages, transport);
        for (const DirectedPdu& pdu : pdus) reader.Feed(pdu);
        REQUIRE(reader.messages.size() == scene.messages.size() + 1);  // CAPS_CONFIRM
        CHECK(
            std::equal(scene.messages.begin(), scene.messages.end(), reader.messages.begin() + 1));
      }
    }
  }
}

#ifdef MULLION_HAVE_ORACLE

std::array<int, 3> Pixel(const PixelView& view, int32_t x, int32_t y) {
  const uint8_t* p = view.row(y) + ptrdiff_t{x} * 4;
  return {p[0], p[1], p[2]};
}

TEST_CASE("libfreerdp2's pipeline fills, copies, caches and shows what is mapped") {
  oracle::EgfxOracle oracle(40, 20);
  EgfxMessage out;
  const Rect whole = {0, 0, 30, 20};
  const Rect corner = {0, 0, 2, 2};
  out.ResetGraphics(50, 20);
  out.CreateSurface(1, 30, 20);
  out.CreateSurface(2, 30, 20);
  out.MapToOutput(1, 20, 0);
  out.StartFrame(1);
  out.SolidFill(1, {1, 2, 3}, {&whole, 1});
  out.SolidFill(2, {7, 8, 9}, {&whole, 1});
  out.SolidFill(2, {4, 5, 6}, {&corner, 1});
  const EgfxPoint one = {10, 10};
  out.SurfaceToSurface(2, 1, {1, 1, 3, 3}, {&one, 1});
  out.SurfaceToCache(2, 99, 5, {0, 0, 3, 1});
  const EgfxPoint two[] = {{20, 0}, {20, 5}};
  out.CacheToSurface(5, 1, two);
  out.EndFrame(1);
  REQUIRE(oracle.Process(out.Take()));
  using P = std::array<int, 3>;
  const PixelView surface = oracle.surface(1);
  CHECK(surface.width_px == 30);
  CHECK(surface.height_px == 20);
  CHECK(oracle.surface(3).data == nullptr);
  CHECK(oracle.output().width_px == 50);
  for (const PixelView& view : {surface, oracle.output().Sub({20, 0, 30, 20})}) {
    CHECK(Pixel(view, 0, 0) == P{1, 2, 3});
    CHECK(Pixel(view, 10, 10) == P{4, 5, 6});
    CHECK(Pixel(view, 11, 10) == P{7, 8, 9});
    CHECK(Pixel(view, 13, 10) == P{1, 2, 3});
    CHECK(Pixel(view, 21, 5) == P{4, 5, 6});
    CHECK(Pixel(view, 22, 0) == P{7, 8, 9});
  }
  out.EvictCacheEntry(5);
  CHECK(oracle.Process(out.Take()));
  out.CacheToSurface(5, 1, two);
  CHECK_FALSE(oracle.Process(out.Take()));
  out.SolidFill(9, {}, {&whole, 1});
  CHECK_FALSE(oracle.Process(out.Take()));
}

// The largest difference of a colour; 256 for pictures of different sizes.
int Difference(const PixelView& a, const PixelView& b) {
  if (a.width_px != b.width_px || a.height_px != b.height_px) return 256;
  int largest = 0;
  for (int32_t y = 0; y < a.height_px; ++y) {
    for (int32_t x = 0; x < a.width_px * 4; ++x) {
      if (x % 4 != 3) largest = std::max(largest, std::abs(a.row(y)[x] - b.row(y)[x]));
    }
  }
  return largest;
}

TEST_CASE("the plain client and libfreerdp2 show the same, and have the same surfaces") {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    const bool lossy = seed % 2 == 0;
    CAPTURE(seed);
    const EgfxScene scene = MakeEgfxScene({.seed = seed, .lossy = lossy});
    oracle::EgfxOracle oracle(scene.width_px, scene.height_px);
    EgfxPlain plain(scene.width_px, scene.height_px);
    uint32_t frames = 0;
    for (const Buffer& message : scene.messages) {
      REQUIRE(oracle.Process(message));
      const Status status = plain.Process(message);
      CAPTURE(status.field);
      REQUIRE(status.ok());
      const int tolerance = lossy ? 2 : 0;
      if (plain.frames() != frames) {  // between frames a new output is anything
        frames = plain.frames();
        CHECK(Difference(plain.output(), oracle.output()) <= tolerance);
      }
      for (uint16_t id = 0; id < 100; ++id) {
        CHECK(Difference(plain.surface(id), oracle.surface(id)) <= tolerance);
      }
    }
  }
}

#endif

}  // namespace
}  // namespace mullion::test
