// Pointer shapes and their cache, as the embedder sees them.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "tests/engine/host.h"
#include "tests/support/session_writer.h"

namespace mullion::testing {
namespace {

using test::Buffer;

constexpr uint8_t kCachedPointer = 0xA, kNewPointer = 0xB;  // MS-RDPBCGR 2.2.9.1.2.1

Buffer FastPath(uint8_t code, const Buffer& data) {
  Buffer pdu = {0, 0x80, 0, code};
  ByteWriter(&pdu).U16(static_cast<uint16_t>(data.size()));
  test::Append(&pdu, data);
  pdu[1] |= static_cast<uint8_t>(pdu.size() >> 8);
  pdu[2] = static_cast<uint8_t>(pdu.size());
  return pdu;
}

// A square of one opaque colour, hot at (1, 2).
Buffer Shape(uint16_t index, uint16_t edge, uint32_t bgra) {
  Buffer data;
  ByteWriter writer(&data);
  for (const uint16_t value : {uint16_t{32}, index, uint16_t{1}, uint16_t{2}, edge, edge}) {
    writer.U16(value);
  }
  writer.U16(0);  // no AND mask
  writer.U16(static_cast<uint16_t>(edge * edge * 4));
  for (int i = 0; i < edge * edge; ++i) writer.U32(bgra);
  return FastPath(kNewPointer, data);
}

Buffer Cached(uint16_t index) {
  Buffer data;
  ByteWriter(&data).U16(index);
  return FastPath(kCachedPointer, data);
}

TEST_CASE("pointers: a cached shape is shown as it came; a later one takes its place") {
  for (const int workers : {0, 2}) {
    CAPTURE(workers);
    Host host({.workers = workers});
    struct Shown {
      int32_t edge;
      std::vector<uint8_t> bgra;
    };
    std::vector<Shown> shown;
    size_t lost = 0;
    host.hook = [&](const mln_event& event) {
      lost += event.kind == MLN_EVENT_LOST;
      if (event.kind != MLN_EVENT_POINTER) return;
      const mln_event_pointer& p = event.u.pointer;
      CHECK(p.kind == MLN_POINTER_SHAPE);
      CHECK(p.hot_x == 1);
      CHECK(p.hot_y == 2);
      CHECK((p.bgra == nullptr) == (p.width_px == 0));
      shown.push_back({p.width_px, {p.bgra, p.bgra + p.width_px * p.height_px * 4}});
    };
    mln_session* session = host.Create();
    auto pdus = test::SessionStart(64, 64);
    // The large one is decoded in memory that is not kept; the empty one hides the pointer.
    const std::vector<Buffer> updates = {Shape(0, 32, 0xFF102030),
                                         Shape(1, 80, 0xFF405060),
                                         Cached(0),
                                         Shape(0, 4, 0xFF708090),
                                         Cached(0),
                                         Cached(1),
                                         Cached(7),
                                         Shape(2, 0, 0),
                                         Cached(2)};
    for (const Buffer& pdu : updates) pdus.push_back({false, pdu});
    for (const auto& [to_server, bytes] : pdus) {
      REQUIRE(FeedBytes(&host, session, {to_server, 0, bytes}, bytes.size()));
    }
    REQUIRE(Finish(&host, session) == MLN_OK);
    REQUIRE(host.UntilEnded(1));
    CHECK(lost == 1);  // nothing lies at 7
    const std::pair<int32_t, uint32_t> want[] = {
        {32, 0xFF102030}, {80, 0xFF405060}, {32, 0xFF102030}, {4, 0xFF708090},
        {4, 0xFF708090},  {80, 0xFF405060}, {0, 0},           {0, 0}};
    REQUIRE(shown.size() == std::size(want));
    for (size_t i = 0; i < shown.size(); ++i) {
      CAPTURE(i);
      Buffer pixels;
      ByteWriter writer(&pixels);
      for (int32_t n = want[i].first * want[i].first; n > 0; --n) writer.U32(want[i].second);
      CHECK(shown[i].edge == want[i].first);
      CHECK(shown[i].bgra == pixels);
    }
  }
}

}  // namespace
}  // namespace mullion::testing
