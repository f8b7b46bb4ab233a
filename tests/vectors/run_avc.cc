// avc420 and avc444: one H.264 decoder and one surface per sequence; pictures are compared by PSNR.
#include <cmath>
#include <cstdio>
#include <limits>

#include "tests/support/avc_draw.h"
#include "tests/support/png_image.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {
namespace {

struct Client : AvcClient {
  std::unique_ptr<Canvas> canvas;
};

// Over R, G and B of the whole surface. A picture of another size is not like it at all.
double PsnrDb(const PixelView& a, const uint8_t* bgra, int32_t width_px, int32_t height_px) {
  if (a.width_px != width_px || a.height_px != height_px) return 0;
  double squares = 0;
  for (int32_t y = 0; y < height_px; ++y) {
    for (int32_t x = 0; x < width_px; ++x, bgra += 4) {
      const uint8_t* p = a.row(y) + ptrdiff_t{x} * 4;
      for (int c = 0; c < 3; ++c) squares += (p[c] - bgra[c]) * (p[c] - bgra[c]);
    }
  }
  const double mean = squares / (3.0 * width_px * height_px);
  return mean == 0 ? std::numeric_limits<double>::infinity()
                   : 10 * std::log10(255.0 * 255.0 / mean);
}

Outcome AtLeast(double got_db, double least_db, const char* what) {
  if (got_db >= least_db) return Pass();
  char text[100];
  std::snprintf(text, sizeof(text), "%.2f dB against %s, expected %.2f", got_db, what, least_db);
  return Failed(text);
}

}  // namespace

Outcome RunAvc(const Vector& vector, Sequence* sequence) {
  if (!AvcDecoder::Available()) return Skip("built without libavcodec");
  const Json& params = vector.params();
  const auto width = static_cast<int32_t>(params["surface_width"].Int());
  const auto height = static_cast<int32_t>(params["surface_height"].Int());
  if (!SaneSize(width, height)) return Failed("params have no usable size");
  Client& client = sequence->State<Client>();
  if (client.canvas == nullptr) client.canvas = std::make_unique<Canvas>(width, height);
  const PixelView view = client.canvas->view();
  const long long codec = params["codec_id"].Int();
  const Status status = codec == 0x0B
                            ? client.Draw420(vector.input, view)
                            : client.Draw444(codec == 0x0E ? Yuv444Layout::kV1 : Yuv444Layout::kV2,
                                             vector.input, view);
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  constexpr double kLeastDb = 45;
  Outcome outcome =
      AtLeast(PsnrDb(view, vector.output.data(), vector.png_width_px, vector.png_height_px),
              kLeastDb, "the reference decode");
  if (outcome.verdict != Outcome::Verdict::kPass) return outcome;
  if (!params.Has("base_image")) return outcome;
  PngImage base;
  std::string error;
  if (!ReadPng(vector.dir + "/" + params["base_image"].Str(), &base, &error)) return Failed(error);
  return AtLeast(PsnrDb(view, base.bgra.data(), base.width_px, base.height_px),
                 params["min_psnr_vs_base_db"].number, "the picture before encoding");
}

}  // namespace mullion::vectors
