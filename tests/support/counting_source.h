// A source of blocks of just the size that is asked for, which counts them.
//
// Threads: one at a time.
#ifndef MULLION_TESTS_SUPPORT_COUNTING_SOURCE_H_
#define MULLION_TESTS_SUPPORT_COUNTING_SOURCE_H_

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "codecs/base/bytes.h"

namespace mullion::test {

struct CountingSource final : BytesSource {
  static constexpr uint32_t kClass = 7;

  void* Take(size_t* size, uint32_t* size_class) override {
    if (empty) throw std::bad_alloc();
    ++taken;
    *size_class = kClass;
    return std::malloc(*size);
  }
  void Give(void* block, uint32_t size_class) override {
    CHECK(size_class == kClass);
    ++given;
    std::free(block);
  }

  bool empty = false;
  int taken = 0, given = 0;
};

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_COUNTING_SOURCE_H_
