#include "codecs/bulk/xcrush.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "codecs/bulk/bulk_flags.h"
#include "tests/codecs/bulk/tokens.h"

namespace mullion {
namespace {

struct Match {
  uint32_t length, output_offset, history_offset;
};

void Put(std::vector<uint8_t>* out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

std::vector<uint8_t> Level1(const std::vector<Match>& matches, std::string_view literals) {
  std::vector<uint8_t> out;
  Put(&out, static_cast<uint32_t>(matches.size()), 2);
  for (const Match& match : matches) {
    Put(&out, match.length, 2);
    Put(&out, match.output_offset, 2);
    Put(&out, match.history_offset, 4);
  }
  out.insert(out.end(), literals.begin(), literals.end());
  return out;
}

std::vector<uint8_t> Packet(uint8_t level1, uint8_t level2, const std::vector<uint8_t>& data) {
  std::vector<uint8_t> out;
  out.reserve(data.size() + 2);
  out.push_back(level1);
  out.push_back(level2);
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

std::string_view Text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("the example of MS-RDPEGDI 4.7") {
  XcrushInflater inflater;
  ByteView out;
  const std::vector<uint8_t> first = {0x16, 0x80, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'};
  REQUIRE(inflater.Inflate(0x23, first, &out).ok());
  CHECK(Text(out) == "abcdefghij");
  // Its second packet, with the level-2 flag as 3.1.8.2.3.1 has it: level 2 already undone.
  const auto second = Packet(0x01, 0, Level1({{9, 5, 3}, {4, 14, 0}}, "klmnou"));
  REQUIRE(inflater.Inflate(0x23, second, &out).ok());
  CHECK(Text(out) == "klmnodefghijklabcdu");
}

TEST_CASE("matches replicate, reach ahead of the offset, and survive at-front") {
  XcrushInflater inflater;
  ByteView out;
  REQUIRE(inflater.Inflate(0x23, Packet(0x01, 0, Level1({{8, 2, 0}}, "xyz")), &out).ok());
  CHECK(Text(out) == "xyxyxyxyxyz");
  REQUIRE(inflater.Inflate(0x23, Packet(0x06, 0, {'1', '2'}), &out).ok());
  CHECK(Text(out) == "12");
  // What an earlier lap left behind the offset is still history.
  REQUIRE(inflater.Inflate(0x23, Packet(0x01, 0, Level1({{4, 0, 7}}, "")), &out).ok());
  CHECK(Text(out) == "yxyz");
  // A flush clears it.
  REQUIRE(inflater.Inflate(0xA3, Packet(0x01, 0, Level1({{2, 1, 9}}, "a")), &out).ok());
  CHECK(Text(out) == std::string_view("a\0\0", 3));
}

TEST_CASE("level 2 keeps its own history") {
  XcrushInflater inflater;
  test::PlainHistory plain(65536);
  std::mt19937 random(3);
  for (int i = 0; i < 60; ++i) {
    auto tokens = test::RandomTokens(&random, 1 + random() % 6000, {60000, 3, 5000, false});
    uint8_t level2 = 0x21;
    if (plain.room() < 6000) {
      level2 |= kBulkAtFront;
      plain.set_offset(0);
    }
    plain.MakeLegal(&tokens);
    const auto expected = plain.Apply(tokens);
    ByteView out;
    const auto in = Packet(0x12, level2, test::EncodeMppc(tokens, true));
    REQUIRE(inflater.Inflate(0x23, in, &out).ok());
    REQUIRE(std::ranges::equal(out, expected));
  }
}

TEST_CASE("forbidden values are errors that name their field") {
  struct Case {
    std::vector<uint8_t> packet;
    Err err;
    std::string_view field;
  };
  const std::vector<Case> cases = {
      {{}, Err::kTruncated, "Level1ComprFlags"},
      {{0x02}, Err::kTruncated, "Level2ComprFlags"},
      {{0x00, 0x00, 1, 0}, Err::kMalformed, "Level1ComprFlags"},
      {{0x01, 0x00, 1}, Err::kTruncated, "MatchCount"},
      {{0x01, 0x00, 1, 0, 9}, Err::kTruncated, "MatchDetails"},
      {Packet(1, 0, Level1({{3, 5, 0}}, "abcd")), Err::kTruncated, "Literals"},
      {Packet(1, 0, Level1({{3, 5, 0}, {3, 4, 0}}, "abcdefghij")), Err::kMalformed,
       "MatchOutputOffset"},
      {Packet(1, 0, Level1({{3, 0, 1'999'998}}, "a")), Err::kMalformed, "MatchHistoryOffset"},
      {Packet(1, 0, Level1({{3, 0, 0xFFFFFFFF}}, "a")), Err::kMalformed, "MatchHistoryOffset"},
  };
  for (const Case& c : cases) {
    INFO(c.field);
    XcrushInflater inflater;
    ByteView out;
    const Status status = inflater.Inflate(0x23, c.packet, &out);
    CHECK(status.err == c.err);
    CHECK(status.field == c.field);
    CHECK(out.empty());
  }
}

TEST_CASE("the history ends at 2,000,000 bytes") {
  XcrushInflater inflater;
  ByteView out;
  const std::vector<uint8_t> block = Packet(0x02, 0, std::vector<uint8_t>(50'000, 'a'));
  for (int i = 0; i < 40; ++i) REQUIRE(inflater.Inflate(0x23, block, &out).ok());
  CHECK(inflater.Inflate(0x23, Packet(0x02, 0, {'b'}), &out).err == Err::kMalformed);
  CHECK(inflater.Inflate(0x23, Packet(0x01, 0, Level1({{1, 0, 0}}, "")), &out).err ==
        Err::kMalformed);
  REQUIRE(inflater.Inflate(0x23, Packet(0x06, 0, {'b'}), &out).ok());
  REQUIRE(inflater.Inflate(0x23, Packet(0x01, 0, Level1({{2, 0, 1'999'998}}, "")), &out).ok());
  CHECK(Text(out) == "aa");
}

}  // namespace
}  // namespace mullion
