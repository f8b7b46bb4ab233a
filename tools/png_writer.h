// Writes a framebuffer, or a surface with alpha, as an 8-bit RGB or RGBA PNG file.
//
// Ownership: borrows the framebuffer for the call. Threads: any, on different files.
// Errors: a sentence that names the file and the reason; "" when all went well. A file that could
// not be written completely is removed.
#ifndef MULLION_TOOLS_PNG_WRITER_H_
#define MULLION_TOOLS_PNG_WRITER_H_

#include <string>

#include "engine/api/mullion.hpp"

namespace mullion::tools {

enum class PngEffort {
  kFast,   // one of a long series of frames
  kSmall,  // the one picture that somebody keeps
};

enum class PngPixels {
  kRgb,   // the fourth byte means nothing
  kRgba,  // it is opacity
};

[[nodiscard]] std::string WritePng(const std::string& path, const mln::Framebuffer& framebuffer,
                                   PngEffort effort, PngPixels pixels = PngPixels::kRgb);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_PNG_WRITER_H_
