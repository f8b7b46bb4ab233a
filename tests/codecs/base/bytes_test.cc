#include "codecs/base/bytes.h"

#include <doctest/doctest.h>

#include <numeric>
#include <thread>
#include <vector>

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

}  // namespace
}  // namespace mullion
