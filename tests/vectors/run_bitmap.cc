// interleaved, planar, nscodec: one bitmap per vector, bottom-up on the wire.
#include "codecs/image/interleaved.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/palette.h"
#include "codecs/image/planar.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {
namespace {

// What a vector of these groups asks of a decoder: fill the canvas from the vector's input.
template <typename Decode>
Outcome RunBitmap(const Vector& vector, const ImageRules& rules, const Decode& decode) {
  if (vector.kind == "spec-example" && !vector.has_output) return Skip("part of a bitmap");
  if (!SaneSize(vector.width_px(), vector.height_px())) {
    return vector.kind == "robustness" ? Skip("no size to decode to")
                                       : Failed("params have no usable size");
  }
  Canvas canvas(vector.width_px(), vector.height_px());
  const Status status = decode(ByteView(vector.input), canvas.view());
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  return CompareImage(vector, &canvas, rules);
}

}  // namespace

Outcome RunInterleaved(const Vector& vector, Sequence*) {
  Palette grey;  // so that the expected indices are the channels
  for (int i = 0; i < Palette::kColours; ++i) {
    const auto level = static_cast<uint8_t>(i);
    grey.Set(i, level, level, level);
  }
  const int bpp = static_cast<int>(vector.params()["bpp"].Int(16));
  return RunBitmap(vector, {.wire = RowOrder::kBottomUp}, [&](ByteView in, const PixelView& dst) {
    return DecodeInterleaved(in, bpp, &grey, dst);
  });
}

Outcome RunPlanar(const Vector& vector, Sequence*) {
  const ImageRules rules = {.wire = RowOrder::kBottomUp, .otherwise = "BGRX32"};
  const bool one_plane = vector.params()["unit"].Str().find("plane") != std::string::npos;
  PlanarScratch scratch;
  if (!one_plane) {
    return RunBitmap(vector, rules, [&](ByteView in, const PixelView& dst) {
      return DecodePlanar(in, dst, &scratch);
    });
  }
  // A lone colour plane becomes a grey bitmap: the same plane three times, run-length coded, no
  // alpha (FormatHeader 0x30).
  std::vector<uint8_t> bitmap = {0x30};
  for (int i = 0; i < 3; ++i) bitmap.insert(bitmap.end(), vector.input.begin(), vector.input.end());
  if (!SaneSize(vector.width_px(), vector.height_px())) return Failed("params have no usable size");
  Canvas canvas(vector.width_px(), vector.height_px());
  const Status status = DecodePlanar(bitmap, canvas.view(), &scratch);
  if (!status.ok()) return Failed(Describe(status));
  std::vector<uint8_t> plane;
  for (size_t i = 0; i < canvas.bytes.size(); i += 4) plane.push_back(canvas.bytes[i]);
  return CompareBytes(vector.output, plane.data(), plane.size());
}

Outcome RunNsCodec(const Vector& vector, Sequence*) {
  NsCodecScratch scratch;
  const ImageRules rules = {
      .wire = RowOrder::kBottomUp, .max_difference = 1, .otherwise = "BGRA32"};
  return RunBitmap(vector, rules, [&](ByteView in, const PixelView& dst) {
    return DecodeNsCodec(in, &scratch, dst);
  });
}

}  // namespace mullion::vectors
