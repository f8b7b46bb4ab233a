#include "tools/png_writer.h"

#include <png.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace mullion::tools {
namespace {

std::vector<uint8_t> Pack(const mln::Framebuffer& framebuffer, PngPixels pixels) {
  const size_t red = framebuffer.format == MLN_RGBX32 ? 0 : 2;
  const size_t channels = pixels == PngPixels::kRgba ? 4 : 3;
  std::vector<uint8_t> packed(static_cast<size_t>(framebuffer.width_px) *
                              static_cast<size_t>(framebuffer.height_px) * channels);
  uint8_t* out = packed.data();
  for (int32_t y = 0; y < framebuffer.height_px; ++y) {
    const uint8_t* pixel = mln::Row(framebuffer, y).data();
    for (int32_t x = 0; x < framebuffer.width_px; ++x, pixel += 4, out += channels) {
      out[0] = pixel[red];
      out[1] = pixel[1];
      out[2] = pixel[2 - red];
      if (channels == 4) out[3] = pixel[3];
    }
  }
  return packed;
}

}  // namespace

std::string WritePng(const std::string& path, const mln::Framebuffer& framebuffer, PngEffort effort,
                     PngPixels pixels) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return "cannot write " + path + ": " + std::strerror(errno);

  // libpng's simplified interface: it reports instead of jumping over our destructors.
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(framebuffer.width_px);
  image.height = static_cast<png_uint_32>(framebuffer.height_px);
  image.format = pixels == PngPixels::kRgba ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  image.flags = effort == PngEffort::kFast ? PNG_IMAGE_FLAG_FAST : 0;
  const std::vector<uint8_t> packed = Pack(framebuffer, pixels);
  std::string error;
  if (png_image_write_to_stdio(&image, file, 0, packed.data(), 0, nullptr) == 0) {
    error = "cannot write " + path + ": " + image.message;
  }
  if (std::fclose(file) != 0 && error.empty()) {
    error = "cannot write " + path + ": " + std::strerror(errno);
  }
  if (!error.empty()) std::remove(path.c_str());
  return error;
}

}  // namespace mullion::tools
