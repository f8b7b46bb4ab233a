#include "codecs/base/byte_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mullion {
namespace {

const std::vector<uint8_t> kNine = {1, 2, 3, 4, 5, 6, 7, 8, 0xFF};

TEST_CASE("ByteReader reads every width in both byte orders") {
  ByteReader le(kNine);
  CHECK(le.U8("a") == 0x01);
  CHECK(le.U16("b") == 0x0302);
  CHECK(le.U24("c") == 0x060504);
  CHECK(le.Peek() == 7);
  CHECK(le.remaining() == 3);
  CHECK(ByteReader(kNine).U32("d") == 0x04030201);
  CHECK(ByteReader(kNine).U64("e") == 0x0807060504030201);
  CHECK(ByteReader(kNine).U16Be("f") == 0x0102);
  CHECK(ByteReader(kNine).U32Be("g") == 0x01020304);
  ByteReader negative(ByteView(kNine).subspan(7));
  CHECK(negative.I16("h") == static_cast<int16_t>(0xFF08));
  const std::vector<uint8_t> ones(4, 0xFF);
  CHECK(ByteReader(ones).I32("i") == -1);
}

TEST_CASE("ByteReader keeps the first failure, with its field and offset, and moves no further") {
  ByteReader reader(kNine);
  reader.Skip(7, "skipped");
  CHECK(reader.U32("first") == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.U8("second") == 0);
  CHECK(reader.Take(0, "third").empty());
  CHECK(reader.TakeRest().empty());
  CHECK(reader.Peek() == 0);
  CHECK(reader.status().err == Err::kTruncated);
  CHECK(std::string(reader.status().field) == "first");
  CHECK(reader.status().offset == 7);
  CHECK(reader.offset() == 7);
  reader.SetError(Err::kMalformed, "fourth", 1);
  CHECK(reader.status().err == Err::kTruncated);
}

TEST_CASE("ByteReader carries a failure of its caller") {
  ByteReader reader(kNine);
  reader.SetError(Err::kMalformed, "version", 3);
  CHECK(reader.status().err == Err::kMalformed);
  CHECK(reader.status().offset == 3);
  CHECK(reader.U8("later") == 0);
}

TEST_CASE("ByteReader hands out views into its own bytes") {
  ByteReader reader(kNine);
  const ByteView head = reader.Take(3, "head");
  CHECK(head.data() == kNine.data());
  CHECK(head.size() == 3);
  const ByteView rest = reader.TakeRest();
  CHECK(rest.data() == kNine.data() + 3);
  CHECK(rest.size() == 6);
  CHECK(reader.remaining() == 0);
  CHECK(reader.Peek() == 0);
  CHECK(reader.ok());
}

TEST_CASE("ByteReader survives sizes that would overflow an addition") {
  ByteReader reader(kNine);
  reader.U8("one");
  CHECK(reader.Take(SIZE_MAX, "all").empty());
  CHECK(reader.status().err == Err::kTruncated);
  ByteReader empty{ByteView{}};
  CHECK(empty.Peek() == 0);
  CHECK(empty.TakeRest().empty());
  CHECK(empty.ok());
}

}  // namespace
}  // namespace mullion
