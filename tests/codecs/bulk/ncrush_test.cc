#include "codecs/bulk/ncrush.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/bulk/bulk_flags.h"
#include "codecs/bulk/match_copy.h"
#include "tests/codecs/bulk/tokens.h"

namespace mullion {
namespace {

using test::NcrushEncoder;
using test::PlainHistory;
using test::Token;

TEST_CASE("random tokens mean what the plain history says, over slides and flushes") {
  std::mt19937 random(2);
  for (int session = 0; session < 30; ++session) {
    NcrushInflater inflater;
    NcrushEncoder encoder;
    PlainHistory plain(65536);
    for (int packet = 0; packet < 30; ++packet) {
      uint8_t flags = kBulkCompressed | kBulkTypeRdp6;
      const size_t size = random() % 16000 + 1;
      if (random() % 20 == 0) {
        flags |= kBulkFlushed;
        plain.Flush();
        encoder.Flush();
      } else if (plain.room() < size || random() % 20 == 0) {
        flags |= kBulkAtFront;
        plain.SlideBack();
      }
      auto tokens = test::RandomTokens(&random, size, {65535, 2, 16385, packet % 2 == 0});
      plain.MakeLegal(&tokens);
      const std::vector<uint8_t> expected = plain.Apply(tokens);
      const std::vector<uint8_t> in = encoder.Encode(tokens);
      ByteView out;
      const Status status = inflater.Inflate(flags, in, &out);
      INFO(status.field);
      REQUIRE(status.ok());
      REQUIRE(std::ranges::equal(out, expected));
    }
  }
}

TEST_CASE("every length, every offset code and every literal inflates exactly") {
  for (uint32_t distance = 1; distance < 65536; distance = distance * 5 / 4 + 1) {
    for (uint32_t length = 2; length <= 16385; length = length < 300 ? length + 1 : length * 2) {
      NcrushInflater inflater;
      NcrushEncoder encoder;
      PlainHistory plain(65536);
      std::vector<Token> tokens;
      for (uint32_t i = 0; i < 9; ++i) {
        tokens.push_back({.literal = static_cast<uint8_t>(length + 29 * i)});
      }
      tokens.push_back({.match = true, .distance = distance, .length = length});
      tokens.push_back({.match = true, .distance = 7, .length = 2});
      tokens.push_back({.match = true, .distance = distance, .length = 5});
      plain.MakeLegal(&tokens);
      const auto expected = plain.Apply(tokens);
      ByteView out;
      REQUIRE(inflater.Inflate(kBulkCompressed, encoder.Encode(tokens), &out).ok());
      REQUIRE(std::ranges::equal(out, expected));
    }
  }
}

TEST_CASE("a packet without end-of-stream is truncated, an empty offset cache is malformed") {
  ByteView out;
  {
    NcrushInflater inflater;
    const std::vector<Token> tokens = {{.literal = 'a'}, {.literal = 'b'}};
    std::vector<uint8_t> in = NcrushEncoder().Encode(tokens);
    in.resize(3);
    const Status status = inflater.Inflate(kBulkCompressed, in, &out);
    CHECK(status.err == Err::kTruncated);
    CHECK(inflater.Inflate(kBulkCompressed, {}, &out).err == Err::kTruncated);
  }
  {
    test::BitSink sink;
    sink.Lsb(0x0018, 5);  // the latest offset
    sink.Lsb(0, 60);
    NcrushInflater inflater;
    const Status status = inflater.Inflate(kBulkCompressed, sink.bytes(), &out);
    CHECK(status.err == Err::kMalformed);
    CHECK(status.field == std::string_view("CopyOffset"));
  }
  {
    test::BitSink sink;
    for (int i = 0; i < 20; ++i) sink.Lsb(0x1FFF, 13);  // the one code that stands for nothing
    NcrushInflater inflater;
    CHECK(inflater.Inflate(kBulkCompressed, sink.bytes(), &out).err == Err::kMalformed);
  }
}

TEST_CASE("the history can be filled to its last byte and no further") {
  NcrushInflater inflater;
  NcrushEncoder encoder;
  ByteView out;
  std::vector<Token> tokens = {{.literal = 'x'}};
  for (int i = 0; i < 4; ++i) tokens.push_back({.match = true, .distance = 1, .length = 16383});
  tokens.push_back({.match = true, .distance = 1, .length = 3});
  REQUIRE(inflater.Inflate(kBulkCompressed, encoder.Encode(tokens), &out).ok());
  CHECK(out.size() == 65536);
  const std::vector<Token> more = {{.literal = 'y'}};
  CHECK(inflater.Inflate(kBulkCompressed, encoder.Encode(more), &out).err == Err::kMalformed);
  REQUIRE(inflater.Inflate(kBulkCompressed | kBulkAtFront, encoder.Encode(more), &out).ok());
  CHECK(out.size() == 1);
}

// The token loop looks for the history's end once a round, so a round may pass it by its literals.
TEST_CASE("literals and a match of any length behind the history's end are refused") {
  for (uint32_t left = 0; left < 20; ++left) {
    for (uint32_t literals = 0; literals < 4; ++literals) {
      for (const uint32_t length : {2u, 15u, 16u, 17u, 18u, 40u, 300u, 16385u}) {
        std::vector<Token> tokens = {{.literal = 'x'}};
        for (int i = 0; i < 3; ++i) {
          tokens.push_back({.match = true, .distance = 1, .length = 16383});
        }
        tokens.push_back({.match = true, .distance = 1, .length = 16385 - left});
        for (uint32_t i = 0; i < literals; ++i) tokens.push_back({.literal = 'y'});
        tokens.push_back({.match = true, .distance = 20, .length = length});
        // Literals behind it, so that the loop without end checks sees it all.
        for (int i = 0; i < 40; ++i) tokens.push_back({.literal = 'z'});
        NcrushInflater inflater;
        ByteView out;
        const Status status =
            inflater.Inflate(kBulkCompressed, NcrushEncoder().Encode(tokens), &out);
        CHECK(status.err == Err::kMalformed);
        CHECK(status.field == std::string_view("HistoryOffset"));
      }
    }
  }
}

// Which of the two a machine uses depends on its instructions.
TEST_CASE("short matches repeat what is before them, whatever they are made with") {
  for (size_t distance = 1; distance <= 40; ++distance) {
    uint8_t bytes[64 + kCopySlack] = {};
    for (uint8_t i = 0; i < 48; ++i) bytes[i] = i;
    uint8_t want[sizeof(bytes)];
    std::copy(std::begin(bytes), std::end(bytes), want);
    CopyMatchExactly(want + 48, want + 48 - distance, kShortMatch);
    const auto check = [&](auto copy) {
      uint8_t got[sizeof(bytes)];
      std::copy(std::begin(bytes), std::end(bytes), got);
      copy(got + 48, distance);
      CHECK(std::equal(got, got + 48 + kShortMatch, want));
    };
    check(PatternCopy::Short);
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2")) check(ShuffleCopy::Short);
#endif
  }
}

}  // namespace
}  // namespace mullion
