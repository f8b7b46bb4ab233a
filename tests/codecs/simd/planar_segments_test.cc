#include "codecs/simd/planar_segments.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codecs/simd/planar_wide_rows.h"
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

TEST_CASE(
    "wide planar rows equal the plain twin at every width, by one and many, on every target") {
  ForEachSimdTarget([] {
    std::mt19937 random(9);
    int done = 0, ended = 0, crossed = 0, zero = 0;
    for (size_t i = 0; i < 3000; ++i) {
      const size_t width = i < 600 ? i + 1 : i % 3 == 0 ? 1920 : 1 + random() % 2500;
      const size_t rows = 1 + random() % 12, at_once = 1 + random() % 3;
      CAPTURE(width);
      CAPTURE(rows);
      CAPTURE(at_once);
      Bytes in = RandomSegments(&random, width, rows);
      if (i % 4 == 0) in.resize(random() % in.size());
      const Bytes exact(in.begin(), in.end());
      WidePlanarInput input(exact), measured(exact);
      PlanarInput twin(exact), measured_twin(exact);
      SegmentsOutcome outcome = SegmentsOutcome::kDone;
      for (size_t y = 0; y < rows && outcome == SegmentsOutcome::kDone; y += at_once) {
        const size_t n = std::min(at_once, rows - y);
        constexpr uint8_t kCanary = 0xC5;
        Bytes got(width * n + kPlanarSegmentsSlack + 1, kCanary), want = got;
        outcome = DecodeWidePlanarRows(&input, width, n, got.data());
        REQUIRE(outcome == DecodePlanarSegmentsReference(&twin, width, n, want.data()));
        REQUIRE(got.back() == kCanary);
        if (outcome != SegmentsOutcome::kDone) break;
        REQUIRE(input.input.used() == twin.used());
        got.resize(width * n);
        want.resize(width * n);
        REQUIRE(got == want);
        if (input.row_was_zero) {
          REQUIRE(std::count(got.end() - static_cast<ptrdiff_t>(width), got.end(), 0) ==
                  static_cast<ptrdiff_t>(width));
          ++zero;
        }
      }
      ++(outcome == SegmentsOutcome::kDone         ? done
         : outcome == SegmentsOutcome::kInputEnded ? ended
                                                   : crossed);
      outcome = DecodeWidePlanarRows(&measured, width, rows, nullptr);
      REQUIRE(outcome == DecodePlanarSegmentsReference(&measured_twin, width, rows, nullptr));
      if (outcome == SegmentsOutcome::kDone) {
        REQUIRE(measured.input.used() == measured_twin.used());
      }
    }
    CHECK(done > 1000);
    CHECK(ended > 500);
    CHECK(crossed > 20);
    CHECK(zero > 500);
  });
}

}  // namespace
}  // namespace mullion
