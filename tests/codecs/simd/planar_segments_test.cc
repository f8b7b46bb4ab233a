#include "codecs/simd/planar_segments.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

using Bytes = std::vector<uint8_t>;

// Rows of random segments, many of them the longest; some may cross their row's end.
Bytes RandomSegments(std::mt19937* random, size_t width, size_t rows) {
  Bytes in;
  for (size_t y = 0; y < rows; ++y) {
    const bool flat = (*random)() % 2 == 0;
    for (size_t x = 0; x < width;) {
      size_t raw = flat ? 0 : (*random)() % 16;
      size_t run = raw > 0 ? (*random)() % 16 : (*random)() % 8 == 0 ? 3 + (*random)() % 45 : 47;
      if ((*random)() % 800 != 0) {
        raw = std::min(raw, width - x);
        run = std::min(run, width - x - raw);
      }
      if (raw > 0 ? run == 1 || run == 2 : run < 3) {
        run = 0;
        raw = std::max<size_t>(raw, 1);
      }
      in.push_back(static_cast<uint8_t>(run > 15 ? (run & 15) << 4 | run >> 4 : raw << 4 | run));
      for (size_t i = 0; i < raw; ++i) in.push_back(static_cast<uint8_t>((*random)()));
      x += raw + run;
    }
  }
  return in;
}

TEST_CASE("planar segments equal their plain twin at every width, cut or not, on every target") {
  ForEachSimdTarget([] {
    std::mt19937 random(7);
    int done = 0, ended = 0, crossed = 0;
    for (size_t i = 0; i < 3000; ++i) {
      const size_t width = i < 600 ? i + 1 : i % 3 == 0 ? 64 : 1 + random() % 600;
      const size_t rows = 1 + random() % 20;
      CAPTURE(width);
      CAPTURE(rows);
      Bytes in = RandomSegments(&random, width, rows);
      if (i % 4 == 0) in.resize(random() % in.size());
      // Exact copies, so that ASan sees over-reads.
      const Bytes exact(in.begin(), in.end());
      Bytes got(width * rows + kPlanarSegmentsSlack), want = got;
      // In two parts, as bands are.
      PlanarInput input(exact), twin(exact), measured(exact);
      const size_t first = rows / 2;
      SegmentsOutcome outcome = DecodePlanarSegments(&input, width, first, got.data());
      REQUIRE(outcome == DecodePlanarSegmentsReference(&twin, width, first, want.data()));
      if (outcome == SegmentsOutcome::kDone) {
        REQUIRE(input.used() == twin.used());
        outcome = DecodePlanarSegments(&input, width, rows - first, got.data() + width * first);
        REQUIRE(outcome == DecodePlanarSegmentsReference(&twin, width, rows - first,
                                                         want.data() + width * first));
      }
      ++(outcome == SegmentsOutcome::kDone         ? done
         : outcome == SegmentsOutcome::kInputEnded ? ended
                                                   : crossed);
      if (outcome != SegmentsOutcome::kDone) continue;
      REQUIRE(input.used() == twin.used());
      got.resize(width * rows);
      want.resize(width * rows);
      REQUIRE(got == want);
      REQUIRE(DecodePlanarSegments(&measured, width, rows, nullptr) == SegmentsOutcome::kDone);
      REQUIRE(measured.used() == twin.used());
    }
    CHECK(done > 1000);
    CHECK(ended > 500);
    CHECK(crossed > 20);
  });
}

}  // namespace
}  // namespace mullion
