#include "codecs/base/bytes.h"

#include <doctest/doctest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "codecs/base/bytes_builder.h"

namespace mullion {
namespace {

Bytes Counting(size_t size) {
  Bytes bytes = Bytes::Allocate(size);
  std::iota(bytes.mutable_data(), bytes.mutable_data() + size, uint8_t{0});
  return bytes;
}

TEST_CASE("Bytes copies and slices share one buffer") {
  const Bytes whole = Counting(100);
  const Bytes copy = whole;
  const Bytes slice = copy.Slice(10, 20);
  CHECK(copy.data() == whole.data());
  CHECK(slice.data() == whole.data() + 10);
  CHECK(slice.size() == 20);
  CHECK(slice.view()[0] == 10);
  const Bytes again = whole.SliceOf(slice.view().subspan(5, 3));
  CHECK(again.data() == whole.data() + 15);
  CHECK(again.size() == 3);
  CHECK(whole.SliceOf({}).empty());
}

TEST_CASE("Bytes outlives the value it was sliced from") {
  Bytes slice;
  {
    Bytes whole = Counting(64);
    slice = whole.Slice(32, 4);
    whole = Bytes();
    CHECK(whole.empty());
  }
  CHECK(slice.view()[3] == 35);
}

TEST_CASE("Bytes moves leave an empty value and self-assignment keeps the bytes") {
  Bytes a = Counting(8);
  const uint8_t* data = a.data();
  Bytes b = std::move(a);
  CHECK(b.data() == data);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): the contract says empty
  Bytes& alias = b;
  b = alias;
  CHECK(b.data() == data);
  CHECK(b.size() == 8);
}

TEST_CASE("Bytes::Copy owns its bytes, and nothing is a value too") {
  std::vector<uint8_t> source = {1, 2, 3};
  const Bytes copy = Bytes::Copy(source);
  source[0] = 9;
  CHECK(copy.view()[0] == 1);
  CHECK(Bytes::Copy({}).empty());
  CHECK(Bytes::Allocate(0).empty());
}

TEST_CASE("Bytes slices may be copied and dropped on many threads") {
  const Bytes whole = Counting(256);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([slice = whole.Slice(t * 64, 64), t, &wrong] {
      for (size_t i = 0; i < 20000; ++i) {
        const Bytes copy = slice;
        const Bytes inner = copy.Slice(i % 64, 1);
        if (inner.view()[0] != t * 64 + i % 64) wrong.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong.load() == 0);
  CHECK(whole.view()[255] == 255);
}

// Blocks of 64 bytes and their multiples, counted.
class CountingSource final : public BytesSource {
 public:
  void* Take(size_t* size, uint32_t* size_class) override {
    *size = (*size + 63) / 64 * 64;
    *size_class = static_cast<uint32_t>(*size / 64);
    ++taken;
    return std::malloc(*size);
  }
  void Give(void* block, uint32_t size_class) override {
    given_blocks += size_class;
    ++given;
    std::free(block);
  }
  int taken = 0, given = 0;
  uint32_t given_blocks = 0;
};

TEST_CASE("Bytes: memory of a source goes back to it with the last slice") {
  CountingSource source;
  {
    Bytes slice;
    {
      const Bytes whole = Bytes::Copy(Counting(90).view(), &source);
      CHECK(whole.size() == 90);
      slice = whole.Slice(80, 10);
      CHECK(slice.buffer() == whole.buffer());
    }
    CHECK(source.given == 0);
    CHECK(slice.view()[9] == 89);
    CHECK(slice.buffer_size() == 128);
    const Bytes other = Bytes::AtLeast(1, &source);
    CHECK(other.size() > 1);
    CHECK(other.buffer() != slice.buffer());
    CHECK(Bytes().buffer_size() == 0);
  }
  CHECK(source.taken == 2);
  CHECK(source.given == 2);
  CHECK(source.given_blocks == 3);
}

TEST_CASE("BytesBuilder joins pieces, hands them over without a copy, and starts anew") {
  CountingSource source;
  for (BytesSource* from :
       {static_cast<BytesSource*>(nullptr), static_cast<BytesSource*>(&source)}) {
    BytesBuilder builder(from);
    CHECK(builder.Take().empty());
    std::vector<uint8_t> expected;
    for (size_t i = 0; i < 60; ++i) {
      const Bytes piece = Counting(i);
      builder.Append(piece.view());
      expected.insert(expected.end(), piece.data(), piece.data() + i);
      REQUIRE(builder.size() == expected.size());
    }
    const uint8_t* data = builder.view().data();
    const Bytes joined = builder.Take();
    CHECK(joined.data() == data);
    CHECK(std::vector<uint8_t>(joined.data(), joined.data() + joined.size()) == expected);
    CHECK(builder.size() == 0);
    builder.Append(Counting(3).view());
    CHECK(builder.view().size() == 3);
    CHECK(joined.view().back() == expected.back());
  }
  CHECK(source.taken == source.given);
  CHECK(source.taken < 12);  // it grows by doubling
}

}  // namespace
}  // namespace mullion
