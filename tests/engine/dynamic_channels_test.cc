// Dynamic channels: open, speak in pieces, compressed or not, close; and what hostile peers do.
#include "engine/channel/dynamic_channels.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "tests/codecs/bulk/zgfx_encoder.h"

namespace mullion {
namespace {

using Buffer = std::vector<uint8_t>;
using Kind = DvcEvent::Kind;

Buffer Create(uint8_t id, const std::string& name, unsigned priority = 0) {
  Buffer pdu = {static_cast<uint8_t>(0x10 | priority << 2), id};
  for (const char c : name) pdu.push_back(static_cast<uint8_t>(c));
  pdu.push_back(0);
  return pdu;
}
Buffer Data(uint8_t cmd, uint8_t id, const Buffer& bytes) {
  Buffer pdu = {static_cast<uint8_t>(cmd << 4), id};
  for (const uint8_t b : bytes) pdu.push_back(b);
  return pdu;
}
// The header says with Len 1 that the length has two bytes.
Buffer First(uint8_t cmd, uint8_t id, uint16_t total, const Buffer& bytes) {
  Buffer pdu = {static_cast<uint8_t>(cmd << 4 | 1 << 2), id, static_cast<uint8_t>(total),
                static_cast<uint8_t>(total >> 8)};
  for (const uint8_t b : bytes) pdu.push_back(b);
  return pdu;
}
Buffer Bytes(size_t size) {
  Buffer bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<uint8_t>(i % 7));
  return bytes;
}
Buffer Copy(ByteView view) { return {view.begin(), view.end()}; }

TEST_CASE("dynamic channels: a message in any pieces comes out whole, with its channel's name") {
  for (const size_t piece : {1u, 7u, 100u, 2000u}) {
    DynamicChannels channels(1 << 20);
    DvcEvent event;
    REQUIRE(channels.Take(false, Create(3, "one", 2), &event).ok());
    CHECK(event.kind == Kind::kCreated);
    CHECK(event.name == "one");
    const Buffer message = Bytes(1234);
    bool first = true;
    Buffer pdu;  // a message in one piece is a view of it
    for (size_t at = 0; at < message.size(); at += piece) {
      const Buffer part(
          message.begin() + static_cast<ptrdiff_t>(at),
          message.begin() + static_cast<ptrdiff_t>(std::min(at + piece, message.size())));
      pdu = first ? First(2, 3, 1234, part) : Data(3, 3, part);
      first = false;
      REQUIRE(channels.Take(false, pdu, &event).ok());
      const bool last = at + piece >= message.size();
      CHECK((event.kind == Kind::kMessage) == last);
      if (!last) continue;
      CHECK(Copy(event.message) == message);
      CHECK(event.name == "one");
    }
  }
}

TEST_CASE(
    "dynamic channels: compressed pieces share a history of their channel, and mix with plain") {
  DynamicChannels channels(1 << 20);
  DvcEvent event;
  test::ZgfxEncoder encoder(/*lite=*/true);
  REQUIRE(channels.Take(false, Create(3, "one"), &event).ok());
  for (int i = 0; i < 20; ++i) {
    const Buffer half = Bytes(600);
    REQUIRE(channels.Take(false, First(6, 3, 1200, encoder.Encode(half, 8192)), &event).ok());
    CHECK(event.kind == Kind::kNone);
    const Buffer rest = i % 2 == 0 ? Data(7, 3, encoder.Encode(half, 8192)) : Data(3, 3, half);
    REQUIRE(channels.Take(false, rest, &event).ok());
    REQUIRE(event.kind == Kind::kMessage);
    CHECK(event.message.size() == 1200);
    CHECK(Copy(event.message.subspan(600)) == half);
  }
}

TEST_CASE("dynamic channels: refused and closed ones are silent; a number may be used again") {
  DynamicChannels channels(1 << 20);
  DvcEvent event;
  REQUIRE(channels.Take(false, Create(3, "one"), &event).ok());
  REQUIRE(channels.Take(true, Buffer{0x10, 3, 0x05, 0x40, 0x00, 0x80}, &event).ok());
  REQUIRE(channels.Take(false, Data(3, 3, {1, 2, 3}), &event).ok());
  CHECK(event.kind == Kind::kNone);
  REQUIRE(channels.Take(false, Create(3, "two"), &event).ok());
  REQUIRE(channels.Take(false, Data(3, 3, {1, 2, 3}), &event).ok());
  CHECK(event.kind == Kind::kMessage);
  CHECK(event.name == "two");
  REQUIRE(channels.Take(false, Buffer{0x40, 3}, &event).ok());
  CHECK(event.kind == Kind::kClosed);
  REQUIRE(channels.Take(false, Buffer{0x40, 3}, &event).ok());
  CHECK(event.kind == Kind::kNone);
  REQUIRE(channels.Take(false, Data(3, 3, {1, 2, 3}), &event).ok());
  CHECK(event.kind == Kind::kNone);
}

TEST_CASE("dynamic channels: more channels and longer messages than the limits are refused") {
  DynamicChannels channels(1000);
  DvcEvent event;
  Status status;
  for (uint32_t i = 0; i <= DynamicChannels::kMaxChannels && status.ok(); ++i) {
    Buffer pdu = {0x11, static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8), 'x', 0};
    status = channels.Take(false, pdu, &event);
  }
  CHECK(status.err == Err::kLimit);
  CHECK(channels.size() == DynamicChannels::kMaxChannels);
  CHECK(channels.Take(false, First(2, 3, 1001, {1}), &event).err == Err::kLimit);
  CHECK(channels.Take(false, Data(3, 3, Bytes(1001)), &event).err == Err::kLimit);
  CHECK(channels.Take(false, First(2, 3, 5, {1}), &event).ok());
  CHECK(channels.Take(false, Data(3, 3, Bytes(5)), &event).err == Err::kMalformed);
}

TEST_CASE("dynamic channels: what is not whole yet is bounded for all channels together") {
  DynamicChannels channels(1000);
  DvcEvent event;
  for (uint8_t id = 1; id <= 4; ++id) REQUIRE(channels.Take(false, Create(id, "x"), &event).ok());
  for (int round = 0; round < 3; ++round) {
    CHECK(channels.Take(false, First(2, 1, 1000, Bytes(999)), &event).ok());
    CHECK(channels.Take(false, First(2, 2, 1000, Bytes(999)), &event).ok());
    CHECK(channels.Take(false, First(2, 3, 1000, Bytes(3)), &event).err == Err::kLimit);
    // Finished, closed, or begun anew: there is room again.
    REQUIRE(channels.Take(false, Data(3, 1, {9}), &event).ok());
    CHECK(event.kind == Kind::kMessage);
    CHECK(event.message.size() == 1000);
    channels.Release(event);
    CHECK(channels.Take(false, First(2, 3, 1000, Bytes(999)), &event).ok());
    REQUIRE(channels.Take(false, Data(4, 2, {}), &event).ok());
    CHECK(event.kind == Kind::kClosed);
    CHECK(channels.Take(false, First(2, 4, 1000, Bytes(999)), &event).ok());
    for (uint8_t id = 2; id <= 4; ++id) REQUIRE(channels.Take(false, Create(id, "x"), &event).ok());
  }
  const std::string name(DynamicChannels::kMaxNameBytes + 1, 'x');
  CHECK(channels.Take(false, Create(9, name), &event).err == Err::kLimit);
}

TEST_CASE("dynamic channels: a torn history ends its channel, and no other") {
  DynamicChannels channels(1 << 20);
  DvcEvent event;
  REQUIRE(channels.Take(false, Create(3, "one"), &event).ok());
  REQUIRE(channels.Take(false, Create(4, "two"), &event).ok());
  CHECK(channels.Take(false, Data(7, 3, {0xE0, 0x26, 0xFF}), &event).err == Err::kState);
  REQUIRE(channels.Take(false, Data(3, 3, {1}), &event).ok());
  CHECK(event.kind == Kind::kNone);
  REQUIRE(channels.Take(false, Data(3, 4, {1}), &event).ok());
  CHECK(event.kind == Kind::kMessage);
}

}  // namespace
}  // namespace mullion
