#include "codecs/bulk/zgfx.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "tests/codecs/bulk/zgfx_encoder.h"

namespace mullion {
namespace {

using test::EncodeZgfxSegment;
using test::MixedBytes;
using test::PlainZgfxSegment;
using test::Token;
using test::ZgfxEncoder;
using test::ZgfxMultipart;
using test::ZgfxSingle;
using Variant = ZgfxInflater::Variant;

constexpr size_t kMax = 64 << 20;

// What tokens mean after `history` of unlimited length; zeros before its start.
std::vector<uint8_t> Apply(std::vector<uint8_t>* history, const std::vector<Token>& tokens) {
  const size_t begin = history->size();
  for (const Token& token : tokens) {
    if (!token.match) {
      history->push_back(token.literal);
      continue;
    }
    for (uint32_t i = 0; i < token.length; ++i) {
      history->push_back(token.distance <= history->size()
                             ? (*history)[history->size() - token.distance]
                             : uint8_t{0});
    }
  }
  return {history->begin() + static_cast<ptrdiff_t>(begin), history->end()};
}

TEST_CASE("random tokens mean what a plain history says, over laps of the ring") {
  for (const bool lite : {false, true}) {
    ZgfxInflater inflater(lite ? Variant::kRdp8Lite : Variant::kRdp8);
    const uint32_t reach = lite ? 8192 : 2'500'000;
    const uint32_t segment = lite ? 8192 : 65535;
    std::vector<uint8_t> history;
    std::mt19937 random(4);
    for (int i = 0; i < 250; ++i) {
      const size_t size = 1 + random() % (i % 4 == 0 ? 300 : segment);
      const auto tokens = test::RandomTokens(&random, size, {reach, 3, segment, i % 2 == 0});
      const auto expected = Apply(&history, tokens);
      const auto in = ZgfxSingle(EncodeZgfxSegment(tokens, lite ? 6 : 4, i % 3 == 0 ? 4 : 1 << 20));
      ByteView out;
      const Status status = inflater.Inflate(in, kMax, &out);
      INFO(status.field);
      REQUIRE(status.ok());
      REQUIRE(std::ranges::equal(out, expected));
    }
  }
}

TEST_CASE("messages of every segmentation, as view and appended, over laps of the ring") {
  for (const bool lite : {false, true}) {
    ZgfxEncoder encoder(lite);
    ZgfxInflater views(lite ? Variant::kRdp8Lite : Variant::kRdp8);
    ZgfxInflater appends(lite ? Variant::kRdp8Lite : Variant::kRdp8);
    std::mt19937 random(5);
    const size_t total = lite ? 200'000 : 6'000'000;
    size_t done = 0;
    for (uint32_t i = 0; done < total; ++i) {
      const size_t size = i % 3 == 0 ? random() % 500 : random() % (total / 8);
      const auto data = MixedBytes(i, size);
      const auto in = encoder.Encode(data, 1 + random() % (lite ? 8192 : 65535));
      if (in[0] == 0xE1 && (in[1] | in[2] << 8) == 0) break;  // more segments than a message has
      ByteView out;
      REQUIRE(views.Inflate(in, kMax, &out).ok());
      REQUIRE(std::ranges::equal(out, data));
      std::vector<uint8_t> appended = {'<'};
      REQUIRE(appends.Inflate(in, kMax, &appended).ok());
      CHECK(appended.size() == data.size() + 1);
      CHECK(std::equal(data.begin(), data.end(), appended.begin() + 1));
      done += size + 1;
    }
  }
}

TEST_CASE("the longest distance and length, and matches across the end of a lap") {
  ZgfxInflater inflater;
  std::vector<uint8_t> history;
  ByteView out;
  std::mt19937 random(6);
  // Fill the ring with noise to a little before its end, then let matches cross it.
  for (int i = 0; i < 120; ++i) {
    std::vector<uint8_t> noise(i % 2 == 0 ? 65535 : 30000);
    for (auto& byte : noise) byte = static_cast<uint8_t>(random());
    REQUIRE(inflater.Inflate(ZgfxSingle(PlainZgfxSegment(noise)), kMax, &out).ok());
    history.insert(history.end(), noise.begin(), noise.end());
    const auto reach = static_cast<uint32_t>(std::min<size_t>(history.size(), 2'500'000));
    const std::vector<std::vector<Token>> cases = {
        {{.match = true, .distance = reach, .length = 65535}},
        {{.match = true, .distance = reach, .length = 40},
         {.match = true, .distance = reach, .length = 3},
         {.match = true, .distance = 1, .length = 65000}},
        {{.match = true, .distance = 1 + static_cast<uint32_t>(random() % reach), .length = 60000},
         {.literal = 7},
         {.match = true, .distance = 60001, .length = 5000}},
    };
    for (const auto& tokens : cases) {
      const auto expected = Apply(&history, tokens);
      const Status status = inflater.Inflate(ZgfxSingle(EncodeZgfxSegment(tokens)), kMax, &out);
      INFO(status.field);
      REQUIRE(status.ok());
      REQUIRE(std::ranges::equal(out, expected));
    }
  }
}

TEST_CASE("forbidden values are errors that name their field") {
  const std::vector<Token> one = {{.literal = 'a'}};
  const auto good = EncodeZgfxSegment(one);
  const auto far = EncodeZgfxSegment(
      std::vector<Token>{{.literal = 1}, {.match = true, .distance = 2'500'001, .length = 3}});
  const auto large = EncodeZgfxSegment(std::vector<Token>{
      {.literal = 1}, {.match = true, .distance = 1, .length = 65535}, {.literal = 2}});
  struct Case {
    std::vector<uint8_t> in;
    Err err;
    std::string_view field;
  };
  const std::vector<Case> cases = {
      {{}, Err::kTruncated, "RDP_SEGMENTED_DATA::descriptor"},
      {{0xE2, 0x04}, Err::kMalformed, "RDP_SEGMENTED_DATA::descriptor"},
      {{0xE0}, Err::kTruncated, "RDP8_BULK_ENCODED_DATA::header"},
      {{0xE0, 0x24}, Err::kTruncated, "RDP8_BULK_ENCODED_DATA::data"},
      {{0xE0, 0x26, 0, 0}, Err::kUnsupported, "RDP8_BULK_ENCODED_DATA::header"},
      {{0xE0, 0x24, 0x05}, Err::kTruncated, "compressed segment"},
      {{0xE0, 0x24, 0x41, 0x00}, Err::kTruncated, "compressed segment"},
      {{0xE0, 0x24, 0x80, 0x00, 0x00}, Err::kMalformed, "token"},
      {{0xE0, 0x24, 0x88, 0x00, 0x80, 0, 0x00}, Err::kTruncated, "unencoded bytes"},
      {ZgfxSingle(far), Err::kMalformed, "match distance"},
      {ZgfxSingle(large), Err::kMalformed, "uncompressed segment"},
      {ZgfxSingle(PlainZgfxSegment(std::vector<uint8_t>(65536))), Err::kMalformed,
       "uncompressed segment"},
      {{0xE1, 1}, Err::kTruncated, "segmentCount"},
      {{0xE1, 1, 0, 0, 0, 0}, Err::kTruncated, "uncompressedSize"},
      {{0xE1, 1, 0, 0, 0, 0, 0, 2, 0, 0}, Err::kTruncated, "RDP_DATA_SEGMENT::size"},
      {{0xE1, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4}, Err::kTruncated, "RDP_DATA_SEGMENT::bulkData"},
      {ZgfxMultipart(std::vector<std::vector<uint8_t>>{good, good}, 1), Err::kMalformed,
       "uncompressedSize"},
      {ZgfxMultipart(std::vector<std::vector<uint8_t>>{good, good}, 3), Err::kMalformed,
       "uncompressedSize"},
      {ZgfxMultipart(std::vector<std::vector<uint8_t>>{good}, 0xFFFFFFFF), Err::kLimit,
       "uncompressedSize"},
  };
  for (const Case& c : cases) {
    INFO(c.field);
    ZgfxInflater inflater;
    ByteView out;
    const Status status = inflater.Inflate(c.in, kMax, &out);
    CHECK(status.err == c.err);
    CHECK(status.field == c.field);
    CHECK(out.empty());
  }
  ZgfxInflater inflater;
  ByteView out;
  CHECK(inflater.Inflate(ZgfxSingle(PlainZgfxSegment(std::vector<uint8_t>(100))), 99, &out).err ==
        Err::kLimit);
}

TEST_CASE("a message cut at any byte or with flipped bits stays in bounds") {
  ZgfxEncoder encoder;
  const auto data = MixedBytes(9, 3000);
  const auto in = encoder.Encode(data, 700);
  for (size_t size = 0; size < in.size(); ++size) {
    ZgfxInflater inflater;
    std::vector<uint8_t> cut(in.begin(), in.begin() + static_cast<ptrdiff_t>(size));
    cut.shrink_to_fit();
    ByteView out;
    CHECK_FALSE(inflater.Inflate(cut, kMax, &out).ok());
  }
  std::mt19937 random(10);
  for (int i = 0; i < 3000; ++i) {
    ZgfxInflater inflater(i % 2 == 0 ? Variant::kRdp8 : Variant::kRdp8Lite);
    std::vector<uint8_t> damaged = in;
    for (int flips = 0; flips < 3; ++flips) {
      damaged[random() % damaged.size()] ^= static_cast<uint8_t>(1u << random() % 8);
    }
    ByteView out;
    if (inflater.Inflate(damaged, kMax, &out).ok()) CHECK(out.size() <= 65535);
  }
}

}  // namespace
}  // namespace mullion
