#include "codecs/base/source_allocator.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "tests/support/counting_source.h"

namespace mullion {
namespace {

using test::CountingSource;

struct alignas(16) Wide {
  explicit Wide(int n) : number(n) {}
  int number;
};

TEST_CASE("source allocator: an object and its count are one block, given back by the last copy") {
  CountingSource source;
  std::shared_ptr<const Wide> object = MakeShared<Wide>(&source, 5);
  CHECK(source.taken == 1);
  CHECK(object->number == 5);
  CHECK(reinterpret_cast<uintptr_t>(object.get()) % 16 == 0);
  std::thread([copy = object] { CHECK(copy->number == 5); }).join();
  CHECK(source.given == 0);
  std::thread([last = std::move(object)]() mutable { last.reset(); }).join();
  CHECK(source.given == 1);
}

TEST_CASE("source allocator: without a source the heap serves; what cannot be is refused") {
  CHECK(MakeShared<Wide>(nullptr, 6)->number == 6);
  SourceAllocator<Wide> heap(nullptr);
  CHECK_THROWS_AS((void)heap.allocate(SIZE_MAX / sizeof(Wide)), std::bad_alloc);
}

TEST_CASE("source allocator: equal where the source is the same") {
  CountingSource a, b;
  CHECK(SourceAllocator<int>(&a) == SourceAllocator<Wide>(&a));
  CHECK(SourceAllocator<int>(&a) != SourceAllocator<int>(&b));
}

}  // namespace
}  // namespace mullion
