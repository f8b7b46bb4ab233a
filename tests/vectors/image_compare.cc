#include "tests/vectors/image_compare.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

namespace mullion::vectors {
namespace {

// One expected pixel format: bytes per pixel, and where B, G, R, A stand (-1: nowhere). The packed
// 15 and 16 bit formats and palette indices are unpacked instead.
struct Form {
  enum class Packing { kBytes, kRgb555, kRgb565, kIndex };
  Packing packing = Packing::kBytes;
  size_t pixel_bytes = 4;
  int b = 0, g = 1, r = 2, a = 3;
};

bool Mentions(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

Form PackedForm(int bits) {
  using enum Form::Packing;
  if (bits == 15) return {kRgb555, 2};
  if (bits == 16) return {kRgb565, 2};
  if (bits == 8) return {kIndex, 1};
  if (bits == 24) return {kBytes, 3, 0, 1, 2, -1};
  return {};
}

Form FormOf(const Vector& vector, const ImageRules& rules) {
  if (vector.output_is_png) return {};
  const Json& params = vector.params();
  std::string text = params["out_format"].Str() + " " + params["out"].Str();
  if (text == " ") text = rules.otherwise;
  if (Mentions(text, "0x00RRGGBB") || Mentions(text, "0xFFRRGGBB")) return {};
  if (Mentions(text, "bpp/8")) return PackedForm(static_cast<int>(params["bpp"].Int(32)));
  if (Mentions(text, "565") || Mentions(text, "RGB16")) return PackedForm(16);
  if (Mentions(text, "555") || Mentions(text, "RGB15")) return PackedForm(15);
  if (Mentions(text, "RGB/RGBA")) {
    const bool alpha = params["channels"].Int(4) == 4;
    return {Form::Packing::kBytes, alpha ? size_t{4} : size_t{3}, 2, 1, 0, alpha ? 3 : -1};
  }
  // "BGRA32", "XRGB32", "RGB24": the letters give the order of the bytes in memory.
  static constexpr const char* kNames[] = {"BGRA", "BGRX", "RGBA", "RGBX", "ABGR",
                                           "XBGR", "ARGB", "XRGB", "RGB",  "BGR"};
  for (const char* name : kNames) {
    if (!Mentions(text, name)) continue;
    Form form = {Form::Packing::kBytes, std::strlen(name), -1, -1, -1, -1};
    for (int i = 0; name[i] != '\0'; ++i) {
      int& place = name[i] == 'B'   ? form.b
                   : name[i] == 'G' ? form.g
                   : name[i] == 'R' ? form.r
                                    : form.a;
      place = i;
    }
    return form;
  }
  return params.Has("bpp") && params["bpp"].Int() < 32
             ? PackedForm(static_cast<int>(params["bpp"].Int()))
             : Form{};
}

// Decoders differ in what they add when they widen 5 and 6 bits to 8 (FreeRDP: c / 4 and c / 8), so
// an expected pixel of such a format stands for the range from c shifted to c shifted plus slack.
struct Pixel {
  uint8_t b, g, r, a;
  bool has_alpha;
  int slack_b = 0, slack_g = 0, slack_r = 0;
};

Pixel Unpack(const uint8_t* p, const Form& form) {
  using enum Form::Packing;
  if (form.packing == kIndex) return {p[0], p[0], p[0], 0, false};
  if (form.packing != kBytes) {
    const unsigned v = p[0] | static_cast<unsigned>(p[1]) << 8;
    const unsigned green_bits = form.packing == kRgb565 ? 6 : 5;
    const unsigned green = v >> 5 & ((1u << green_bits) - 1);
    const unsigned blue = v & 31;
    const unsigned red = v >> (5 + green_bits) & 31;
    return {.b = static_cast<uint8_t>(blue << 3),
            .g = static_cast<uint8_t>(green << (8 - green_bits)),
            .r = static_cast<uint8_t>(red << 3),
            .a = 0,
            .has_alpha = false,
            .slack_b = static_cast<int>(blue / 4),
            .slack_g = static_cast<int>(green / (green_bits == 6 ? 8 : 4)),
            .slack_r = static_cast<int>(red / 4)};
  }
  return {p[form.b], p[form.g], p[form.r], form.a >= 0 ? p[form.a] : uint8_t{0}, form.a >= 0};
}

Outcome CompareRows(const Vector& vector, const PixelView& got, const Form& form, size_t stride,
                    int limit, bool alpha) {
  for (int32_t y = 0; y < got.height_px; ++y) {
    for (int32_t x = 0; x < got.width_px; ++x) {
      const size_t at = static_cast<size_t>(y) * stride + static_cast<size_t>(x) * form.pixel_bytes;
      const Pixel want = Unpack(vector.output.data() + at, form);
      const uint8_t* have = got.row(y) + x * 4;
      const auto off = [](int value, int least, int slack) {
        return value < least ? value - least : std::max(value - least - slack, 0);
      };
      const int differences[4] = {
          off(have[0], want.b, want.slack_b), off(have[1], want.g, want.slack_g),
          off(have[2], want.r, want.slack_r), alpha && want.has_alpha ? have[3] - want.a : 0};
      for (int c = 0; c < 4; ++c) {
        if (std::abs(differences[c]) <= limit) continue;
        return Failed("pixel (" + std::to_string(x) + "," + std::to_string(y) + ") channel " +
                      "BGRA"[c] + " is " + std::to_string(have[c]) + ", off by " +
                      std::to_string(differences[c]) + " (at most " + std::to_string(limit) + ")");
      }
    }
  }
  return Pass();
}

}  // namespace

Canvas::Canvas(int32_t width, int32_t height)
    : width_px(width),
      height_px(height),
      bytes(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, uint8_t{0xA5}) {}

PixelView Canvas::view() {
  return {bytes.data(), width_px, height_px, ptrdiff_t{width_px} * 4, PixelFormat::kBgrx32};
}

bool SaneSize(int32_t width_px, int32_t height_px) {
  return width_px > 0 && height_px > 0 && width_px <= 16384 && height_px <= 16384;
}

Outcome CompareImage(const Vector& vector, Canvas* got, const ImageRules& rules) {
  const Json& params = vector.params();
  const Form form = FormOf(vector, rules);
  const size_t rows = static_cast<size_t>(got->height_px);
  const size_t row_bytes = static_cast<size_t>(got->width_px) * form.pixel_bytes;
  size_t stride = row_bytes;
  if (vector.output_is_png &&
      (vector.png_width_px != got->width_px || vector.png_height_px != got->height_px)) {
    return Failed("the expected picture has another size");
  }
  if (params.Has("out_stride")) stride = static_cast<size_t>(params["out_stride"].Int());
  if (stride < row_bytes || vector.output.size() < (rows - 1) * stride + row_bytes) {
    return Failed("expected bytes are too few for " + std::to_string(got->width_px) + "x" +
                  std::to_string(got->height_px));
  }
  const int limit = vector.MaxDifference(rules.max_difference);
  const std::string order = params["out_row_order"].Str() + " " + params["out"].Str();
  const bool flip_stated = Mentions(order, "top-down") || Mentions(order, "flip");
  const bool wire_stated = !flip_stated && Mentions(order, "wire");
  const bool bottom_up = rules.wire == RowOrder::kBottomUp;
  const PixelView view = got->view();
  const PixelView first = flip_stated && bottom_up ? view.Flipped() : view;
  Outcome outcome = CompareRows(vector, first, form, stride, limit, rules.compare_alpha);
  if (outcome.verdict == Outcome::Verdict::kPass || flip_stated || wire_stated || !bottom_up) {
    return outcome;
  }
  // Nothing is said about the rows' order: the other one will do as well.
  const Outcome flipped =
      CompareRows(vector, view.Flipped(), form, stride, limit, rules.compare_alpha);
  return flipped.verdict == Outcome::Verdict::kPass ? flipped : outcome;
}

}  // namespace mullion::vectors
