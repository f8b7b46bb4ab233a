// Reads a PNG of any kind as 8-bit BGRA, for pictures that tests compare with.
//
// Ownership: the image owns its pixels. Errors: false, and why. Threads: reentrant.
#ifndef MULLION_TESTS_SUPPORT_PNG_IMAGE_H_
#define MULLION_TESTS_SUPPORT_PNG_IMAGE_H_

#include <string>
#include <vector>

#include "codecs/base/pixel_view.h"

namespace mullion {

struct PngImage {
  int32_t width_px = 0;
  int32_t height_px = 0;
  std::vector<uint8_t> bgra;  // top-down, stride width_px * 4

  PixelView view() {
    return {bgra.data(), width_px, height_px, ptrdiff_t{width_px} * 4, PixelFormat::kBgrx32};
  }
};

bool ReadPng(const std::string& path, PngImage* out, std::string* error);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_PNG_IMAGE_H_
