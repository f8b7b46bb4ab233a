#include "codecs/wire/avc.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tests/support/avc_encoder.h"

namespace mullion {
namespace {

const std::vector<uint8_t> kNal = {0, 0, 0, 1, 0x67, 1, 2, 3};

// A copy of exactly the size, so that a sanitizer sees over-reads.
template <typename Parse>
Status ParseCut(const std::vector<uint8_t>& bytes, size_t size, const Parse& parse) {
  const std::vector<uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
  return parse(ByteView(exact));
}

TEST_CASE("an AVC420 stream is taken apart into region, quality and H.264 bytes") {
  const std::vector<Rect> region = {{1, 2, 30, 40}, {100, 200, 64, 64}, {0, 0, 65535, 65535}};
  const auto bytes = WriteAvc420Stream(region, kNal);
  Avc420Stream stream;
  REQUIRE(ParseAvc420(bytes, &stream).ok());
  CHECK(stream.region == region);
  REQUIRE(stream.quant_quality.size() == 6);
  CHECK(stream.quant_quality[0] == 0x16);
  CHECK(stream.quant_quality[1] == 100);
  CHECK(std::vector<uint8_t>(stream.bitstream.begin(), stream.bitstream.end()) == kNal);
}

TEST_CASE("empty rectangles are left out, inverted ones are errors") {
  Avc420Stream stream;
  const std::vector<Rect> region = {{5, 5, 0, 9}, {7, 7, 3, 3}, {5, 5, 9, 0}};
  REQUIRE(ParseAvc420(WriteAvc420Stream(region, kNal), &stream).ok());
  CHECK(stream.region == std::vector<Rect>{{7, 7, 3, 3}});
  CHECK(stream.quant_quality.size() == 6);
  const std::vector<Rect> inverted = {{7, 7, 3, 3}, {7, 7, 3, -1}};
  const Status status = ParseAvc420(WriteAvc420Stream(inverted, kNal), &stream);
  CHECK(status.err == Err::kMalformed);
  CHECK(status.offset == 12);
}

TEST_CASE("an AVC420 metablock cut anywhere is truncated") {
  const std::vector<Rect> region = {{1, 2, 30, 40}, {100, 200, 64, 64}};
  const auto bytes = WriteAvc420Stream(region, kNal);
  for (size_t size = 0; size < 4 + 2 * 10; ++size) {
    Avc420Stream stream;
    const Status status =
        ParseCut(bytes, size, [&](ByteView cut) { return ParseAvc420(cut, &stream); });
    CHECK(status.err == Err::kTruncated);
    CHECK(stream.bitstream.empty());
  }
}

TEST_CASE("a count that the bytes cannot pay for allocates nothing") {
  for (const uint32_t count : {0x7FFFFFFFu, 0xFFFFFFFFu, 0x1999999Au, 3u}) {
    std::vector<uint8_t> bytes(4 + 29);
    std::memcpy(bytes.data(), &count, 4);
    Avc420Stream stream;
    CHECK(ParseAvc420(bytes, &stream).err == Err::kTruncated);
    CHECK(stream.region.capacity() == 0);
  }
}

TEST_CASE("AVC444 streams hold the views that LC says") {
  const std::vector<Rect> main_region = {{0, 0, 64, 64}}, aux_region = {{64, 0, 32, 16}};
  const auto main = WriteAvc420Stream(main_region, kNal);
  const auto aux = WriteAvc420Stream(aux_region, {});
  Avc444Stream stream;
  REQUIRE(ParseAvc444(WriteAvc444Stream(0, main, aux), &stream).ok());
  CHECK((stream.has_main && stream.has_aux));
  CHECK(stream.main.region == main_region);
  CHECK(stream.main.bitstream.size() == kNal.size());
  CHECK(stream.aux.region == aux_region);
  REQUIRE(ParseAvc444(WriteAvc444Stream(1, main), &stream).ok());
  CHECK((stream.has_main && !stream.has_aux));
  CHECK(stream.main.region == main_region);
  CHECK((stream.aux.region.empty() && stream.aux.bitstream.empty()));
  REQUIRE(ParseAvc444(WriteAvc444Stream(2, main), &stream).ok());
  CHECK((!stream.has_main && stream.has_aux));
  CHECK(stream.aux.region == main_region);
  CHECK((stream.main.region.empty() && stream.main.bitstream.empty()));
  CHECK(ParseAvc444(WriteAvc444Stream(3, main), &stream).err == Err::kMalformed);
}

TEST_CASE("an AVC444 stream cut in its metablocks is truncated, and says where") {
  const std::vector<Rect> region = {{0, 0, 64, 64}};
  const auto view = WriteAvc420Stream(region, kNal);
  const auto bytes = WriteAvc444Stream(0, view, view);
  Avc444Stream stream;
  for (size_t size = 0; size < 4 + view.size() + 14; ++size) {
    const Status status =
        ParseCut(bytes, size, [&](ByteView cut) { return ParseAvc444(cut, &stream); });
    CHECK(status.err == Err::kTruncated);
    CHECK(status.offset <= size);
    CHECK((!stream.has_main && !stream.has_aux));
  }
  // The first view's own end, not the stream's, bounds the first view.
  auto lying = bytes;
  lying[0] = 13;
  const Status status = ParseAvc444(lying, &stream);
  CHECK(status.err == Err::kTruncated);
  CHECK(status.offset == 8);
}

}  // namespace
}  // namespace mullion
