#include "codecs/bulk/bulk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "codecs/bulk/zgfx.h"
#include "tests/codecs/bulk/tokens.h"
#include "tests/codecs/bulk/zgfx_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bulk_oracle.h"
#endif

namespace mullion {
namespace {

using test::MixedBytes;
using test::Token;

TEST_CASE("types are named, and an unknown type is unsupported only when compressed") {
  CHECK(BulkTypeName(0x60) == std::string_view("8K"));
  CHECK(BulkTypeName(0x21) == std::string_view("64K"));
  CHECK(BulkTypeName(0x22) == std::string_view("NCRUSH"));
  CHECK(BulkTypeName(0x23) == std::string_view("XCRUSH"));
  CHECK(BulkTypeName(0x24) == std::string_view("unknown"));
  BulkInflater inflater;
  ByteView out;
  const std::vector<uint8_t> in = {1, 2, 3};
  CHECK(inflater.Inflate(0x27, in, &out).err == Err::kUnsupported);
  for (const int flags : {0x00, 0x03, 0x07, 0x40, 0x82, 0x83, 0x87}) {
    REQUIRE(inflater.Inflate(static_cast<uint8_t>(flags), in, &out).ok());
    CHECK(out.data() == in.data());
    CHECK(out.size() == 3);
  }
}

TEST_CASE("a packet changes the history of its own type only") {
  BulkInflater inflater;
  ByteView out;
  const std::vector<Token> first = {{.literal = 'a'}, {.literal = 'b'}, {.literal = 'c'}};
  const std::vector<Token> again = {{.match = true, .distance = 3, .length = 3}};
  test::NcrushEncoder ncrush;
  const auto check = [&](uint8_t flags, const std::vector<uint8_t>& in, std::string_view expected) {
    REQUIRE(inflater.Inflate(flags, in, &out).ok());
    CHECK(std::ranges::equal(out, expected));
  };
  check(0x61, test::EncodeMppc(first, true), "abc");
  check(0x22, ncrush.Encode(first), "abc");
  check(0x23, {0x06, 0, 'x', 'y', 'z'}, "xyz");
  check(0x22, ncrush.Encode(again), "abc");
  check(0x21, test::EncodeMppc(again, true), "abc");
  check(0x23, {0x01, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0}, "xyz");
  check(0x20, test::EncodeMppc(again, false), "abc");  // 8 KB goes on with the 64 KB history
  check(0x82, {9}, "\x09");                            // flushes NCRUSH only
  check(0x21, test::EncodeMppc(again, true), "abc");
  CHECK(inflater.Inflate(0x22, ncrush.Encode(again), &out).err == Err::kMalformed);
  inflater.Reset();
  check(0x21, test::EncodeMppc(again, true), std::string_view("\0\0\0", 3));
}

#ifdef MULLION_HAVE_ORACLE

TEST_CASE("what libfreerdp2 compresses inflates to what it was, also by libfreerdp2") {
  for (const uint8_t type : {kBulkType8K, kBulkType64K, kBulkTypeRdp6, kBulkTypeRdp61}) {
    CAPTURE(type);
    oracle::BulkDeflater deflater(type);
    oracle::BulkOracle peer;
    BulkInflater inflater;
    std::mt19937 random(11);
    int compressed = 0;
    for (uint32_t i = 0; i < 400; ++i) {
      const size_t most = type == kBulkType8K ? 7000 : 15000;
      const auto data = MixedBytes(i % 50, 60 + random() % most);
      std::vector<uint8_t> in;
      uint8_t flags = 0;
      REQUIRE(deflater.Deflate(data, &in, &flags));
      compressed += (flags & kBulkCompressed) != 0;
      ByteView out;
      const Status status = inflater.Inflate(flags, in, &out);
      INFO(status.field);
      REQUIRE(status.ok());
      REQUIRE(std::ranges::equal(out, data));
      if (type == kBulkTypeRdp61 && (flags & kBulkCompressed) == 0) continue;
      ByteView theirs;
      REQUIRE(peer.Inflate(flags, in, &theirs));
      REQUIRE(std::ranges::equal(theirs, data));
    }
    CHECK(compressed > 200);
  }
}

TEST_CASE("all types mixed in one session, by libfreerdp2's compressors") {
  oracle::BulkDeflater mppc(kBulkType64K), ncrush(kBulkTypeRdp6), xcrush(kBulkTypeRdp61);
  BulkInflater inflater;
  std::mt19937 random(12);
  for (uint32_t i = 0; i < 600; ++i) {
    const auto data = MixedBytes(i % 60, 60 + random() % 15000);
    const auto type = random() % 3;
    auto& deflater = type == 0 ? mppc : type == 1 ? ncrush : xcrush;
    std::vector<uint8_t> in;
    uint8_t flags = 0;
    REQUIRE(deflater.Deflate(data, &in, &flags));
    ByteView out;
    REQUIRE(inflater.Inflate(flags, in, &out).ok());
    REQUIRE(std::ranges::equal(out, data));
  }
}

TEST_CASE("our plain encoders are understood by libfreerdp2") {
  std::mt19937 random(13);
  oracle::ZgfxOracle zgfx_peer;
  test::ZgfxEncoder zgfx;
  for (uint32_t i = 0; i < 30; ++i) {
    const auto data = MixedBytes(i, 1 + random() % 200000);
    const auto in = zgfx.Encode(data, 65535);
    ByteView out;
    REQUIRE(zgfx_peer.Inflate(in, &out));
    REQUIRE(std::ranges::equal(out, data));
  }
  for (const bool rdp5 : {false, true}) {
    oracle::BulkOracle peer;
    for (uint32_t i = 0; i < 20; ++i) {
      const auto data = MixedBytes(i, 7000);
      const auto tokens = test::Tokenizer(7000, 3, 8191).Next(data);
      ByteView out;
      REQUIRE(peer.Inflate(rdp5 ? 0x61 : 0x60, test::EncodeMppc(tokens, rdp5), &out));
      REQUIRE(std::ranges::equal(out, data));
    }
  }
  oracle::BulkOracle peer;
  for (uint32_t i = 0; i < 20; ++i) {
    const auto data = MixedBytes(i, 15000);
    test::NcrushEncoder encoder;
    const auto in = encoder.Encode(test::Tokenizer(15000, 3, 16385).Next(data));
    ByteView out;
    REQUIRE(peer.Inflate(0xA2, in, &out));
    REQUIRE(std::ranges::equal(out, data));
  }
}

#endif  // MULLION_HAVE_ORACLE

}  // namespace
}  // namespace mullion
