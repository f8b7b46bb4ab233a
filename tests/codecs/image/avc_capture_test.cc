// Dumps of real sessions of Windows servers: pictures after certain frames, by PSNR.
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/avc_draw.h"
#include "tests/support/egfx_dump.h"
#include "tests/support/png_image.h"
#include "tests/support/psnr.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

constexpr int32_t kWidth = 1024, kHeight = 768;
constexpr double kLeastDb = 50;  // the captures' README asks for 40

// Returns how many pictures were compared.
int CheckDump(const std::string& name, Yuv444Layout layout) {
  const std::string path = "../captures/public/" + name + "/" + name;
  const auto dump = ReadVector(path + "-egfx.in.data");
  if (dump.empty() || !AvcDecoder::Available()) return 0;
  AvcClient client;
  std::vector<uint8_t> pixels(size_t{kWidth} * kHeight * 4);
  const PixelView view = {pixels.data(), kWidth, kHeight, kWidth * 4, PixelFormat::kBgrx32};
  int frame = 0, compared = 0;
  for (const EgfxBitmap& bitmap : BitmapsOfEgfxDump(dump)) {
    ++frame;
    CAPTURE(frame);
    REQUIRE(bitmap.codec == (layout == Yuv444Layout::kV1 ? 0x0E : 0x0F));
    REQUIRE(client.Draw444(layout, bitmap.data, view).ok());
    char number[16];
    std::snprintf(number, sizeof(number), "%04d", frame);
    PngImage expected;
    std::string error;
    const std::string png = MULLION_SOURCE_DIR "/../shared/vectors/" + path + "-frame" + number;
    if (!ReadPng(png + ".out.png", &expected, &error)) continue;
    ++compared;
    const double db = PsnrDb(view, {expected.bgra, expected.width_px, expected.height_px});
    CHECK(db >= kLeastDb);
  }
  return compared;
}

TEST_CASE("an AVC444 session of Windows Server: luma and chroma in turn, in parts") {
  const int compared = CheckDump("ironrdp-sample1_avc444", Yuv444Layout::kV1);
  CHECK((compared == 0 || compared == 21));
}

TEST_CASE("an AVC444v2 session of Windows Server") {
  const int compared = CheckDump("ironrdp-sample1_avc444v2", Yuv444Layout::kV2);
  CHECK((compared == 0 || compared == 2));
}

}  // namespace
}  // namespace mullion
