#include "tests/support/interleaved_encoder.h"

#include <algorithm>
#include <cstddef>

namespace mullion {
namespace {

constexpr size_t kMostPixels = 0xFFFF;

class Encoder {
 public:
  Encoder(const std::vector<uint32_t>& pels, int bits_per_pixel, size_t width)
      : pels_(pels), bpp_(bits_per_pixel), width_(width) {}

  std::vector<uint8_t> Encode() {
    for (size_t at = 0; at < pels_.size();) {
      const size_t background = CountXor(at, 0);
      const size_t foreground = CountXor(at, White());
      const size_t colour = CountColour(at);
      const size_t either = CountEither(at);
      // Of a background run that follows one, the first pixel would be a foreground one.
      const bool background_run = !after_background_ || at > image_at_;
      if (background >= 3 && background >= colour && background_run) {
        at = Flush(at);
        Header(0x00, 0xF0, 31, background);
        after_background_ = true;
        image_at_ = at += background;
        continue;
      }
      if (foreground >= 3 && foreground >= colour) {
        at = Flush(at);
        Header(0x20, 0xF1, 31, foreground);
        image_at_ = at += foreground;
      } else if (colour >= 3) {
        at = Flush(at);
        Header(0x60, 0xF3, 31, colour);
        Pel(pels_[at]);
        image_at_ = at += colour;
      } else if (either >= 16) {
        at = Flush(at);
        Image(at, either / 8 * 8);
        image_at_ = at += either / 8 * 8;
      } else {
        ++at;  // to a colour image
        if (at - image_at_ == kMostPixels) Flush(at);
        if (at != pels_.size()) continue;
      }
      after_background_ = false;
    }
    Flush(pels_.size());
    return out_;
  }

 private:
  uint32_t White() const { return bpp_ == 8 ? 0xFF : bpp_ == 24 ? 0xFFFFFF : 0xFFFF; }
  uint32_t Above(size_t at) const { return at < width_ ? 0 : pels_[at - width_]; }
  // Runs and images must not go from the first line on to the second, where the rule changes.
  size_t End(size_t at) const {
    return std::min(at < width_ ? width_ : pels_.size(), at + kMostPixels);
  }
  size_t CountXor(size_t at, uint32_t value) const {
    size_t n = 0;
    while (at + n < End(at) && pels_[at + n] == (Above(at + n) ^ value)) ++n;
    return n;
  }
  size_t CountEither(size_t at) const {
    size_t n = 0;
    while (at + n < End(at) &&
           ((pels_[at + n] ^ Above(at + n)) == 0 || (pels_[at + n] ^ Above(at + n)) == White())) {
      ++n;
    }
    return n;
  }
  size_t CountColour(size_t at) const {
    size_t n = 0;
    while (at + n < End(at) && pels_[at + n] == pels_[at]) ++n;
    return n;
  }

  void Byte(size_t value) { out_.push_back(static_cast<uint8_t>(value)); }
  void Pel(uint32_t pel) {
    for (int b = 0; b < bpp_; b += 8) Byte(pel >> b & 0xFF);
  }
  void Header(unsigned code, unsigned mega_code, size_t top, size_t count) {
    if (count <= top) {
      Byte(code | count);
    } else if (count <= top + 1 + 255) {
      Byte(code), Byte(count - top - 1);
    } else {
      Byte(mega_code), Byte(count & 0xFF), Byte(count >> 8);
    }
  }
  void Image(size_t at, size_t count) {
    if (count / 8 <= 31) {
      Byte(0x40 | count / 8);
    } else {
      Byte(0xF2), Byte(count & 0xFF), Byte(count >> 8);
    }
    for (size_t i = 0; i < count; i += 8) {
      unsigned bits = 0;
      for (unsigned b = 0; b < 8; ++b)
        bits |= unsigned{pels_[at + i + b] != Above(at + i + b)} << b;
      Byte(bits);
    }
  }
  // The pixels from image_at_ up to `at`, which nothing else coded, as a colour image. Returns
  // `at`.
  size_t Flush(size_t at) {
    if (at > image_at_) {
      Header(0x80, 0xF4, 31, at - image_at_);
      for (; image_at_ < at; ++image_at_) Pel(pels_[image_at_]);
      after_background_ = false;
    }
    return at;
  }

  const std::vector<uint32_t>& pels_;
  int bpp_;
  size_t width_;
  std::vector<uint8_t> out_;
  size_t image_at_ = 0;
  bool after_background_ = false;
};

}  // namespace

std::vector<uint8_t> EncodeInterleaved(const std::vector<uint32_t>& pels, int bits_per_pixel,
                                       int width) {
  return Encoder(pels, bits_per_pixel, static_cast<size_t>(width)).Encode();
}

}  // namespace mullion
