// Pictures for bitmap tests: owned pixels with canaries around every row, and a desktop-like fill.
#ifndef MULLION_TESTS_SUPPORT_BITMAP_PICTURE_H_
#define MULLION_TESTS_SUPPORT_BITMAP_PICTURE_H_

#include <cstdint>
#include <random>
#include <vector>

#include "codecs/base/pixel_view.h"

namespace mullion {

class BitmapPicture {
 public:
  BitmapPicture(int32_t width, int32_t height, PixelFormat format = PixelFormat::kBgrx32)
      : bytes_((static_cast<size_t>(width) * 4 + kGap) * static_cast<size_t>(height) + kGap,
               kCanary) {
    const ptrdiff_t stride = ptrdiff_t{width} * 4 + static_cast<ptrdiff_t>(kGap);
    view_ = {bytes_.data() + kGap, width, height, stride, format};
  }
  BitmapPicture(const BitmapPicture&) = delete;
  BitmapPicture& operator=(const BitmapPicture&) = delete;

  const PixelView& view() const { return view_; }

  // The bytes between the rows are as they were made.
  bool CanariesIntact() const {
    for (int32_t y = -1; y < view_.height_px; ++y) {
      const uint8_t* gap = view_.data + y * view_.stride_bytes + ptrdiff_t{view_.width_px} * 4;
      for (size_t i = 0; i < kGap; ++i) {
        if (gap[i] != kCanary) return false;
      }
    }
    return true;
  }
  // Rows in the view's order, without gaps.
  std::vector<uint8_t> Packed() const { return Packed(view_); }
  static std::vector<uint8_t> Packed(const PixelView& view) {
    std::vector<uint8_t> out;
    // Also keeps GCC 12 from warning of an overflow that cannot be.
    out.reserve(static_cast<size_t>(view.width_px) * static_cast<size_t>(view.height_px) * 4);
    for (int32_t y = 0; y < view.height_px; ++y) {
      out.insert(out.end(), view.row(y), view.row(y) + ptrdiff_t{view.width_px} * 4);
    }
    return out;
  }

  // Flat windows, text-like pixels, gradients and a little noise; alpha varies too.
  void FillDesktop(uint32_t seed) {
    std::mt19937 random(seed);
    const uint32_t kind = static_cast<uint32_t>(random() % 4);
    for (int32_t y = 0; y < view_.height_px; ++y) {
      for (int32_t x = 0; x < view_.width_px; ++x) {
        uint8_t* p = view_.row(y) + ptrdiff_t{x} * 4;
        const auto area = (static_cast<uint32_t>(x / 23 + y / 9) + kind) % 4;
        const uint32_t r = static_cast<uint32_t>(random());
        for (uint32_t c = 0; c < 4; ++c) {
          const uint32_t flat = 200 + 9 * c;
          const uint32_t value = area == 0   ? flat
                                 : area == 1 ? (r % 3 == 0 ? 20 : flat)
                                 : area == 2 ? static_cast<uint32_t>(3 * x + 2 * y) + c
                                             : r >> (8 * c);
          p[c] = static_cast<uint8_t>(value);
        }
      }
    }
  }

 private:
  static constexpr size_t kGap = 24;
  static constexpr uint8_t kCanary = 0xB5;
  std::vector<uint8_t> bytes_;
  PixelView view_;
};

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_BITMAP_PICTURE_H_
