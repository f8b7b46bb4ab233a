// avc420 and avc444: one H.264 decoder and one surface per sequence; pictures are compared by PSNR.
#include <cstdio>

#include "tests/support/avc_draw.h"
#include "tests/support/png_image.h"
#include "tests/support/psnr.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {
namespace {

struct Client : AvcClient {
  std::unique_ptr<Canvas> canvas;
};

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
      AtLeast(PsnrDb(view, {vector.output, vector.png_width_px, vector.png_height_px}), kLeastDb,
              "the reference decode");
  if (outcome.verdict != Outcome::Verdict::kPass) return outcome;
  if (!params.Has("base_image")) return outcome;
  PngImage base;
  std::string error;
  if (!ReadPng(vector.dir + "/" + params["base_image"].Str(), &base, &error)) return Failed(error);
  return AtLeast(PsnrDb(view, {base.bgra, base.width_px, base.height_px}),
                 params["min_psnr_vs_base_db"].number, "the picture before encoding");
}

}  // namespace mullion::vectors
