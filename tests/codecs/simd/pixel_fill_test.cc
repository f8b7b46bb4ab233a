#include "codecs/simd/pixel_fill.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

TEST_CASE("filling equals its plain twin at every width, alignment and target") {
  ForEachSimdTarget([] {
    for (int32_t width = 0; width <= 140; ++width) {
      // From the heap, with room for a canary before, between and behind the rows.
      const ptrdiff_t stride = width * 4 + 5;
      std::vector<uint8_t> got(static_cast<size_t>(stride * 4 + 16), 0xC7), want = got;
      const size_t start = 3 + static_cast<size_t>(width) % 5;
      PixelView view = {got.data() + start, width, 3, stride, PixelFormat::kBgrx32};
      PixelView twin = {want.data() + start, width, 3, stride, PixelFormat::kBgrx32};
      if (width % 2 != 0) view = view.Flipped(), twin = twin.Flipped();
      FillWords(view, 0x81020304u);
      FillWordsReference(twin, 0x81020304u);
      REQUIRE(got == want);
    }
  });
}

}  // namespace
}  // namespace mullion
