#include "codecs/bulk/mppc.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/bulk/bulk_flags.h"
#include "tests/codecs/bulk/tokens.h"

namespace mullion {
namespace {

using test::EncodeMppc;
using test::PlainHistory;
using test::Token;
using Variant = MppcInflater::Variant;

TEST_CASE("random tokens mean what the plain history says, over laps, flushes and variants") {
  std::mt19937 random(1);
  for (int session = 0; session < 30; ++session) {
    MppcInflater inflater;
    PlainHistory plain[2] = {PlainHistory(8192), PlainHistory(65536)};
    int variant = session % 2;
    for (int packet = 0; packet < 40; ++packet) {
      if (session % 3 == 2 && random() % 4 == 0) {
        // Both variants look at one history; the small one is the start of the large one.
        if (variant == 1 && plain[1].offset() > 8192) plain[1].set_offset(8192);
        const int next = 1 - variant;
        const bool fits = plain[variant].offset() < 8000;
        plain[next].CopyFront(plain[variant], 8192);
        variant = next;
        if (!fits) plain[variant].set_offset(8192);
      }
      PlainHistory& history = plain[variant];
      uint8_t flags = kBulkCompressed | static_cast<uint8_t>(variant);
      const size_t size = random() % (variant == 0 ? 3000 : 20000) + 1;
      if (random() % 20 == 0) {
        flags |= kBulkFlushed;
        history.Flush();
      }
      if (history.room() < size) {
        flags |= kBulkAtFront;
        history.set_offset(0);
      }
      const bool rdp5 = variant == 1;
      auto tokens = test::RandomTokens(
          &random, size, {rdp5 ? 65535u : 8191u, 3, rdp5 ? 65535u : 8191u, packet % 2 == 0});
      history.MakeLegal(&tokens);
      const std::vector<uint8_t> expected = history.Apply(tokens);
      const std::vector<uint8_t> in = EncodeMppc(tokens, rdp5);
      ByteView out;
      const Status status = inflater.Inflate(Variant(variant), flags, in, &out);
      INFO(status.field);
      REQUIRE(status.ok());
      REQUIRE(std::ranges::equal(out, expected));
    }
  }
}

TEST_CASE("every length and every magnitude of offset inflates exactly") {
  for (const int variant : {0, 1}) {
    const uint32_t size = variant == 0 ? 8192 : 65536;
    for (uint32_t distance = 1; distance < size; distance = distance * 3 / 2 + 1) {
      for (uint32_t length = 3; length <= size / 2;
           length = length < 70 ? length + 1 : length * 2) {
        MppcInflater inflater;
        PlainHistory plain(size);
        std::vector<Token> tokens;
        for (uint32_t i = 0; i < 20; ++i)
          tokens.push_back({.literal = static_cast<uint8_t>(i * 13)});
        tokens.push_back({.match = true, .distance = distance, .length = length});
        tokens.push_back({.literal = 0xFE});
        plain.MakeLegal(&tokens);
        const auto expected = plain.Apply(tokens);
        ByteView out;
        REQUIRE(
            inflater
                .Inflate(Variant(variant), kBulkCompressed, EncodeMppc(tokens, variant == 1), &out)
                .ok());
        REQUIRE(std::ranges::equal(out, expected));
      }
    }
  }
}

TEST_CASE("the history can be filled to its last byte and no further") {
  for (const int variant : {0, 1}) {
    const uint32_t size = variant == 0 ? 8192 : 65536;
    const std::vector<Token> first = {{.literal = 'x'},
                                      {.match = true, .distance = 1, .length = size / 2}};
    const std::vector<Token> rest = {{.match = true, .distance = 1, .length = size / 2 - 1}};
    const std::vector<Token> more = {{.literal = 'y'}};
    for (const bool at_front : {false, true}) {
      MppcInflater inflater;
      ByteView out;
      const auto inflate = [&](const std::vector<Token>& tokens, uint8_t flags) {
        return inflater.Inflate(Variant(variant), kBulkCompressed | flags,
                                EncodeMppc(tokens, variant == 1), &out);
      };
      REQUIRE(inflate(first, 0).ok());
      REQUIRE(inflate(rest, 0).ok());
      CHECK(out.size() == size / 2 - 1);
      if (at_front) {
        REQUIRE(inflate(more, kBulkAtFront).ok());
        CHECK(out.size() == 1);
      } else {
        CHECK(inflate(more, 0).err == Err::kMalformed);
        CHECK(inflate(rest, 0).err == Err::kMalformed);
      }
    }
  }
}

TEST_CASE("a packet without the compressed flag is given back and stays out of the history") {
  MppcInflater inflater;
  PlainHistory plain(65536);
  const std::vector<Token> first = {{.literal = 'a'}, {.literal = 'b'}, {.literal = 'c'}};
  plain.Apply(first);
  ByteView out;
  REQUIRE(inflater.Inflate(Variant::kRdp5, kBulkCompressed, EncodeMppc(first, true), &out).ok());
  const std::vector<uint8_t> stored = {'z', 'z', 'z', 'z'};
  REQUIRE(inflater.Inflate(Variant::kRdp5, 0, stored, &out).ok());
  CHECK(out.data() == stored.data());
  CHECK(out.size() == stored.size());
  const std::vector<Token> second = {{.match = true, .distance = 3, .length = 4}};
  REQUIRE(inflater.Inflate(Variant::kRdp5, kBulkCompressed, EncodeMppc(second, true), &out).ok());
  CHECK(std::ranges::equal(out, plain.Apply(second)));
  // Flushed without being compressed.
  REQUIRE(inflater.Inflate(Variant::kRdp5, kBulkFlushed, stored, &out).ok());
  plain.Flush();
  const std::vector<Token> third = {{.literal = 'q'}, {.match = true, .distance = 5, .length = 4}};
  REQUIRE(inflater.Inflate(Variant::kRdp5, kBulkCompressed, EncodeMppc(third, true), &out).ok());
  CHECK(std::ranges::equal(out, plain.Apply(third)));
}

TEST_CASE("codes that no encoder emits are malformed") {
  ByteView out;
  {
    // 110 + 13 bits, then more ones than a length of RDP 4.0 has.
    test::BitSink sink;
    sink.Msb(0b110u << 13, 16);
    sink.Msb(0xFFFFFFFFu, 32);
    MppcInflater inflater;
    const Status status = inflater.Inflate(Variant::kRdp4, kBulkCompressed, sink.bytes(), &out);
    CHECK(status.err == Err::kMalformed);
    CHECK(status.field == std::string_view("LengthOfMatch"));
  }
  {
    test::BitSink sink;
    sink.Msb(0b11111u << 6, 11);
    sink.Msb(0xFFFFFFFFFFFFu, 48);
    MppcInflater inflater;
    CHECK(inflater.Inflate(Variant::kRdp5, kBulkCompressed, sink.bytes(), &out).err ==
          Err::kMalformed);
  }
}

TEST_CASE("a match may lie at the end of the history, and may not run on into its start") {
  for (const int variant : {0, 1}) {
    const uint32_t size = variant == 0 ? 8192 : 65536;
    const auto inflate = [&](uint32_t distance, uint32_t length, ByteView* out) {
      static MppcInflater inflater;
      const std::vector<Token> tokens = {{.literal = 'a'},
                                         {.literal = 'b'},
                                         {.match = true, .distance = distance, .length = length}};
      return inflater.Inflate(Variant(variant), kBulkCompressed | kBulkFlushed,
                              EncodeMppc(tokens, variant == 1), out);
    };
    ByteView out;
    REQUIRE(inflate(7, 5, &out).ok());
    CHECK(std::ranges::equal(out, std::vector<uint8_t>{'a', 'b', 0, 0, 0, 0, 0}));
    REQUIRE(inflate(size - 1, 4000, &out).ok());
    const Status status = inflate(7, 6, &out);
    CHECK(status.err == Err::kMalformed);
    CHECK(status.field == std::string_view("CopyOffset"));
  }
}

TEST_CASE("an 8 KB packet cannot continue a history of more than 8 KB") {
  MppcInflater inflater;
  ByteView out;
  const std::vector<Token> large = {{.literal = 1}, {.match = true, .distance = 1, .length = 9000}};
  const std::vector<Token> small = {{.literal = 2}, {.literal = 3}};
  REQUIRE(inflater.Inflate(Variant::kRdp5, kBulkCompressed, EncodeMppc(large, true), &out).ok());
  const auto in = EncodeMppc(small, false);
  CHECK(inflater.Inflate(Variant::kRdp4, kBulkCompressed, in, &out).err == Err::kState);
  CHECK_FALSE(inflater.Inflate(Variant::kRdp4, kBulkCompressed, in, &out).ok());
  CHECK(inflater.Inflate(Variant::kRdp4, kBulkCompressed | kBulkAtFront, in, &out).ok());
  CHECK(out.size() == 2);
}

}  // namespace
}  // namespace mullion
