#include "codecs/bulk/history_buffer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mullion {
namespace {

TEST_CASE("history buffer: zeros of any size, again after it was written and freed") {
  for (const size_t size : {size_t{1}, size_t{16384}, size_t{2'000'000}, size_t{3} << 20}) {
    CAPTURE(size);
    HistoryBuffer history;
    CHECK_FALSE(history.allocated());
    for (int round = 0; round < 3; ++round) {
      history.Allocate(size);
      REQUIRE(history.allocated());
      CHECK(std::all_of(history.data(), history.data() + size, [](uint8_t b) { return b == 0; }));
      std::fill_n(history.data(), size, uint8_t{0xEE});
      HistoryBuffer moved = std::move(history);
      CHECK_FALSE(history.allocated());
      CHECK(moved.data()[size - 1] == 0xEE);
      if (round == 1) moved.Free();
      history = std::move(moved);
    }
  }
}

}  // namespace
}  // namespace mullion
