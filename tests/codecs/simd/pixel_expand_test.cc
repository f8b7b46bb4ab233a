#include "codecs/simd/pixel_expand.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "tests/support/simd_targets.h"

namespace mullion {
namespace {

constexpr size_t kCanary = 64;

// `size` bytes with canaries around them, from the heap so that ASan sees over-reads.
struct Guarded {
  std::vector<uint8_t> bytes;
  explicit Guarded(size_t size) : bytes(size + 2 * kCanary, 0xC7) {}
  uint8_t* data() { return bytes.data() + kCanary; }
  bool Intact() const {
    for (size_t i = 0; i < kCanary; ++i) {
      if (bytes[i] != 0xC7 || bytes[bytes.size() - 1 - i] != 0xC7) return false;
    }
    return true;
  }
};

void CheckSize(int bpp, int32_t width, int32_t height, PixelFormat format, bool keep_alpha,
               bool flipped) {
  std::mt19937 random(static_cast<uint32_t>(width * 131 + bpp));
  const size_t row = static_cast<size_t>(width) * static_cast<size_t>((bpp + 7) / 8);
  const size_t stride = row + static_cast<size_t>(width % 3);
  std::vector<uint8_t> in(stride * static_cast<size_t>(height - 1) + row);
  for (uint8_t& b : in) b = static_cast<uint8_t>(random() % 4 == 0 ? 0xFF : random());
  std::vector<uint32_t> palette(256);
  for (uint32_t& c : palette) c = static_cast<uint32_t>(random());
  const PixelSource source = {in.data(), stride, bpp, palette.data(), keep_alpha};
  const size_t out_stride = static_cast<size_t>(width) * 4 + 12;
  const size_t size = out_stride * static_cast<size_t>(height);
  Guarded got(size), want(size);
  PixelView view{got.data(), width, height, static_cast<ptrdiff_t>(out_stride), format};
  PixelView twin = view;
  twin.data = want.data();
  if (flipped) view = view.Flipped(), twin = twin.Flipped();
  ExpandPixels(source, view);
  ExpandPixelsReference(source, twin);
  REQUIRE(got.bytes == want.bytes);
  REQUIRE(got.Intact());
}

TEST_CASE("expanding pixels equals its plain twin at every width, depth, order and target") {
  ForEachSimdTarget([] {
    for (const int bpp : {8, 15, 16, 24, 32}) {
      for (const PixelFormat format : {PixelFormat::kBgrx32, PixelFormat::kRgbx32}) {
        for (int32_t width = 1; width <= 140; ++width) {
          CheckSize(bpp, width, 3, format, width % 2 == 0, width % 5 == 0);
        }
      }
    }
  });
}

TEST_CASE("every 16-bit value grows as the plain twin has it, on every target") {
  std::vector<uint8_t> in(65536 * 2);
  for (size_t i = 0; i < 65536; ++i) {
    in[2 * i] = static_cast<uint8_t>(i);
    in[2 * i + 1] = static_cast<uint8_t>(i >> 8);
  }
  ForEachSimdTarget([&] {
    for (const int bpp : {15, 16}) {
      std::vector<uint8_t> got(65536 * 4), want(65536 * 4);
      PixelView view{got.data(), 256, 256, 1024, PixelFormat::kBgrx32};
      ExpandPixels({in.data(), 512, bpp, nullptr, false}, view);
      view.data = want.data();
      ExpandPixelsReference({in.data(), 512, bpp, nullptr, false}, view);
      REQUIRE(got == want);
      CHECK(got[4 * 65535] == 0xFF);      // blue
      CHECK(got[4 * 65535 + 1] == 0xFF);  // green: clamped, not 259 modulo 256
    }
  });
}

}  // namespace
}  // namespace mullion
