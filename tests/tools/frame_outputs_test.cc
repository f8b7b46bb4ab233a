#include "tools/frame_outputs.h"

#include <doctest/doctest.h>

#include "tools/png_writer.h"

namespace mullion::tools {
namespace {

TEST_CASE("the session's number goes between a file's name and its extension") {
  CHECK(NumberedPath("a.png", 1) == "a-1.png");
  CHECK(NumberedPath("x.y/a.b.png", 12) == "x.y/a.b-12.png");
  CHECK(NumberedPath("x.y/a", 2) == "x.y/a-2");
}

TEST_CASE("an output folder that does not exist is told before the replay") {
  FrameOutputs outputs({"/nonexistent-folder/a.png", "", 1, ""});
  outputs.Prepare();
  CHECK(outputs.error() ==
        "cannot write /nonexistent-folder/a.png: there is no folder /nonexistent-folder");
}

TEST_CASE("a picture that cannot be written is an error with file and reason, and leaves no file") {
  uint8_t pixel[4] = {};
  const mln::Framebuffer framebuffer = {pixel, 1, 1, 4, MLN_BGRX32};
  CHECK(WritePng("/nonexistent-folder/a.png", framebuffer, PngEffort::kFast) ==
        "cannot write /nonexistent-folder/a.png: No such file or directory");
}

}  // namespace
}  // namespace mullion::tools
