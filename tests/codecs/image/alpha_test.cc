#include "codecs/image/alpha.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/alpha_encoder.h"

namespace mullion::test {
namespace {

using Octets = std::vector<uint8_t>;

// Pixels in the middle of a larger picture, all bytes 0xA5 at first.
struct Canvas {
  Octets bytes;
  PixelView view;

  Canvas(int32_t width, int32_t height)
      : bytes(static_cast<size_t>(width + 2) * static_cast<size_t>(height + 2) * 4, 0xA5) {
    const PixelView all = {bytes.data(), width + 2, height + 2, ptrdiff_t{width + 2} * 4};
    view = all.Sub({1, 1, width, height});
  }
  // The alpha bytes in wire order; every other byte must be as it was.
  Octets Alphas() {
    Octets alphas;
    Octets rest = bytes;
    for (int32_t y = 0; y < view.height_px; ++y) {
      for (int32_t x = 0; x < view.width_px; ++x) {
        uint8_t* alpha = view.row(y) + ptrdiff_t{x} * 4 + 3;
        alphas.push_back(*alpha);
        rest[static_cast<size_t>(alpha - bytes.data())] = 0xA5;
      }
    }
    CHECK(rest == Octets(bytes.size(), 0xA5));
    return alphas;
  }
};

Octets Values(size_t count, uint32_t run, uint32_t seed) {
  std::mt19937 random(seed);
  Octets values;
  while (values.size() < count) {
    const size_t length = 1 + random() % run;
    values.insert(values.end(), std::min(length, count - values.size()),
                  static_cast<uint8_t>(random()));
  }
  return values;
}

void CheckFails(const Octets& stream, const PixelView& dst, Err err, const char* field) {
  const Status status = DecodeAlpha(stream, dst);
  CHECK(status.err == err);
  CHECK(std::string(status.field) == field);
}

TEST_CASE("alpha, raw and in runs, changes nothing but the fourth bytes") {
  struct {
    int32_t width, height;
    uint32_t run;
  } constexpr kCases[] = {
      {1, 1, 1}, {7, 5, 3}, {64, 64, 600}, {300, 300, 70000}, {65535, 2, 65536}};
  for (const auto& c : kCases) {
    const auto area = static_cast<size_t>(c.width) * static_cast<size_t>(c.height);
    const Octets values = Values(area, c.run, c.run);
    for (const bool compressed : {false, true}) {
      CAPTURE(c.width);
      CAPTURE(compressed);
      Canvas canvas(c.width, c.height);
      REQUIRE(DecodeAlpha(EncodeAlpha(values, compressed), canvas.view).ok());
      CHECK(canvas.Alphas() == values);
    }
  }
}

TEST_CASE("alpha runs at the edges of their three forms") {
  for (const uint32_t length : {254u, 255u, 256u, 65534u, 65535u, 65536u, 90000u}) {
    CAPTURE(length);
    Octets stream;
    ByteWriter out(&stream);
    out.U16(0x414C);
    out.U16(0x8000);  // anything but zero means runs
    WriteAlphaRun(9, length, &out);
    WriteAlphaRun(8, 0, &out);
    WriteAlphaRun(7, 90001 - length, &out);
    out.U8(1);  // ignored
    Canvas canvas(90001, 1);
    REQUIRE(DecodeAlpha(stream, canvas.view).ok());
    const Octets alphas = canvas.Alphas();
    CHECK(alphas[length - 1] == 9);
    CHECK(alphas[length] == 7);
    CHECK(alphas.back() == 7);
  }
}

TEST_CASE("alpha: every cut is an error") {
  const Octets values = Values(70000, 69000, 3);
  const Octets runs = EncodeAlpha(values, true);
  const Octets raw = EncodeAlpha(Octets(35, 1), false);
  Canvas large(700, 100);
  Canvas small(7, 5);
  for (const auto& [stream, canvas] : {std::pair(&runs, &large), std::pair(&raw, &small)}) {
    for (size_t size = 0; size < stream->size(); ++size) {
      const auto exact = std::make_unique<uint8_t[]>(size);
      std::copy_n(stream->begin(), size, exact.get());
      CHECK(DecodeAlpha({exact.get(), size}, canvas->view).err == Err::kTruncated);
    }
    (void)canvas->Alphas();
  }
}

TEST_CASE("alpha: a wrong signature and runs past the end are malformed") {
  Canvas canvas(4, 4);
  CheckFails({0x4D, 0x41, 0, 0}, canvas.view, Err::kMalformed, "alphaSig");
  CheckFails({0x4C, 0x41, 1, 0, 5, 17}, canvas.view, Err::kMalformed, "runLengthFactor1");
  CheckFails({0x4C, 0x41, 1, 0, 5, 255, 17, 0}, canvas.view, Err::kMalformed, "runLengthFactor2");
  CHECK(canvas.Alphas() == Octets(16, 0xA5));
  CheckFails({0x4C, 0x41, 1, 0, 6, 15, 5, 255, 255, 255, 255, 255, 255, 255}, canvas.view,
             Err::kMalformed, "runLengthFactor3");
  CHECK(canvas.Alphas()[14] == 6);
  Canvas none(0, 0);
  CHECK(DecodeAlpha(Octets{0x4C, 0x41, 1, 0}, none.view).ok());
  // No pixels need no memory (UBSan).
  const PixelView flat = {nullptr, 0, 4, 0};
  for (const uint8_t compressed : {uint8_t{0}, uint8_t{1}}) {
    CHECK(DecodeAlpha(Octets{0x4C, 0x41, compressed, 0}, flat).ok());
  }
}

}  // namespace
}  // namespace mullion::test
