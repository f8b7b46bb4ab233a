#include "tests/support/png_image.h"

#include <png.h>

namespace mullion {

bool ReadPng(const std::string& path, PngImage* out, std::string* error) {
  constexpr uint32_t kMaxSide = 32768;
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, path.c_str()) == 0) {
    *error = path + ": " + image.message;
    return false;
  }
  image.format = PNG_FORMAT_BGRA;
  if (image.width > kMaxSide || image.height > kMaxSide) {
    png_image_free(&image);
    *error = path + ": too large";
    return false;
  }
  out->width_px = static_cast<int32_t>(image.width);
  out->height_px = static_cast<int32_t>(image.height);
  out->bgra.resize(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, out->bgra.data(), 0, nullptr) == 0) {
    *error = path + ": " + image.message;
    return false;
  }
  return true;
}

}  // namespace mullion
