// Surfaces on the screen: which are the framebuffer itself, which are copied, and that nobody can
// tell the difference.
#include "engine/output.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>

#include "codecs/image/blit.h"

namespace mullion {
namespace {

constexpr uint32_t kRed = 0xFFFF0000, kGreen = 0xFF00FF00, kBlue = 0xFF0000FF;

struct Screen {
  Screen(int32_t width, int32_t height) : output(&framebuffer) { Size(width, height); }
  void Size(int32_t width, int32_t height, PixelFormat format = PixelFormat::kBgrx32) {
    framebuffer.Resize(width, height, format);
    REQUIRE(framebuffer.Prepare().ok());
  }
  std::shared_ptr<Surface> Make(uint16_t id, int32_t width, int32_t height, bool argb = false) {
    auto surface = std::make_shared<Surface>(id, width, height, argb, &memory);
    output.Add(surface);
    return surface;
  }
  void Draw(const std::shared_ptr<Surface>& surface, const Rect& rect, uint32_t colour) {
    REQUIRE(output.Ensure(surface.get()).ok());
    FillPixels(surface->view().Sub(rect), colour);
    output.Drew(surface.get(), rect, &region);
  }
  void Map(const std::shared_ptr<Surface>& surface, int32_t x, int32_t y) {
    REQUIRE(output.Map(surface.get(), {x, y, surface->width_px, surface->height_px}, &region).ok());
  }
  uint32_t At(int32_t x, int32_t y) { return Pixel(framebuffer.view(), x, y); }
  static uint32_t Pixel(const PixelView& view, int32_t x, int32_t y) {
    uint32_t pixel;
    std::memcpy(&pixel, view.row(y) + ptrdiff_t{x} * 4, 4);
    return pixel;
  }
  std::vector<Rect> Frame() {
    output.Compose(&region);
    const Bytes bytes = region.Take(nullptr);
    std::vector<Rect> rects(bytes.size() / sizeof(Rect));
    if (!rects.empty()) std::memcpy(rects.data(), bytes.data(), bytes.size());
    return rects;
  }

  SurfaceMemory memory;
  Framebuffer framebuffer;
  Region region;
  Output output;
};

TEST_CASE("output: a surface shown one to one is the framebuffer, and takes no memory") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 100, 80);
  screen.Map(surface, 0, 0);
  CHECK(surface->is_framebuffer());
  CHECK(screen.memory.pixel_bytes == 0);
  CHECK(screen.Frame().empty());  // black on black
  screen.Draw(surface, {10, 10, 20, 5}, kRed);
  CHECK(screen.At(10, 10) == kRed);
  CHECK(screen.Frame() == std::vector<Rect>{{10, 10, 20, 5}});
}

TEST_CASE("output: what was drawn before a surface is mapped is shown when it is") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 40, 30);
  screen.Draw(surface, {0, 0, 40, 30}, kGreen);
  CHECK(screen.Frame().empty());
  CHECK(screen.memory.pixel_bytes == 40 * 30 * 4);
  screen.Map(surface, 60, 50);
  CHECK(screen.Frame() == std::vector<Rect>{{60, 50, 40, 30}});
  CHECK(screen.At(99, 79) == kGreen);
  CHECK(screen.At(59, 50) == kBlack);
  CHECK(screen.memory.pixel_bytes == 0);
}

TEST_CASE("output: surfaces that overlap are composed in the order of their mapping") {
  Screen screen(100, 80);
  const auto below = screen.Make(1, 100, 80);
  const auto above = screen.Make(2, 20, 20);
  screen.Map(below, 0, 0);
  screen.Draw(below, {0, 0, 100, 80}, kRed);
  screen.Draw(above, {0, 0, 20, 20}, kBlue);
  screen.Map(above, 10, 10);
  CHECK_FALSE(below->is_framebuffer());
  CHECK_FALSE(above->is_framebuffer());
  (void)screen.Frame();
  CHECK(screen.At(10, 10) == kBlue);
  CHECK(screen.At(9, 10) == kRed);
  // Drawing below does not cover what lies above.
  screen.Draw(below, {5, 5, 10, 10}, kGreen);
  CHECK(screen.Frame() == std::vector<Rect>{{5, 5, 10, 10}});
  CHECK(screen.At(9, 9) == kGreen);
  CHECK(screen.At(10, 10) == kBlue);
  // Mapped again, it lies above.
  screen.Map(below, 0, 0);
  (void)screen.Frame();
  CHECK(screen.At(10, 10) == kGreen);
}

TEST_CASE("output: an uncovered surface becomes the framebuffer again when something is mapped") {
  Screen screen(100, 80);
  const auto below = screen.Make(1, 100, 80);
  const auto above = screen.Make(2, 20, 20);
  screen.Map(below, 0, 0);
  screen.Draw(below, {0, 0, 100, 80}, kRed);
  screen.Map(above, 10, 10);
  (void)screen.Frame();
  CHECK(screen.At(10, 10) == kBlack);
  screen.output.Remove(above);
  CHECK(screen.At(10, 10) == kBlack);  // a deleted surface's picture stays
  screen.Map(below, 0, 0);
  CHECK(below->is_framebuffer());
  CHECK(screen.Frame() == std::vector<Rect>{{0, 0, 100, 80}});
  CHECK(screen.At(10, 10) == kRed);
}

TEST_CASE("output: a surface that sticks out of the desktop is cut to it") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 100, 80);
  screen.Map(surface, 90, 70);
  CHECK_FALSE(surface->is_framebuffer());
  screen.Draw(surface, {0, 0, 100, 80}, kRed);
  screen.Draw(surface, {50, 50, 1, 1}, kBlue);
  for (const Rect& rect : screen.Frame()) CHECK(rect == Rect{90, 70, 10, 10});
  CHECK(screen.At(90, 70) == kRed);
  CHECK(screen.At(89, 69) == kBlack);
}

TEST_CASE("output: pixels survive a resize, and a change of the order of bytes") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 50, 40);
  screen.Map(surface, 0, 0);
  screen.Draw(surface, {0, 0, 50, 40}, kRed);
  (void)screen.Frame();
  REQUIRE(screen.output.Detach().ok());
  screen.Size(60, 60, PixelFormat::kRgbx32);
  REQUIRE(screen.output.Attach(&screen.region).ok());
  CHECK(surface->is_framebuffer());
  CHECK(screen.Frame() == std::vector<Rect>{{0, 0, 50, 40}});
  CHECK(screen.At(49, 39) == kBlue);  // red, as RGBX has it
  CHECK(screen.At(50, 40) == kBlack);
}

TEST_CASE("output: alpha stays on its surface; the screen is opaque") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 100, 80, true);
  screen.Map(surface, 0, 0);
  screen.Draw(surface, {0, 0, 100, 80}, kRed);
  REQUIRE(screen.output.KeepAlpha(surface.get()).ok());
  CHECK_FALSE(surface->is_framebuffer());
  screen.Draw(surface, {0, 0, 10, 10}, 0x40FF0000);
  (void)screen.Frame();
  CHECK(screen.At(0, 0) == kRed);
  CHECK(Screen::Pixel(surface->view(), 0, 0) == 0x40FF0000);
  screen.Map(surface, 0, 0);
  CHECK_FALSE(surface->is_framebuffer());
}

TEST_CASE("output: a scaled surface is drawn in parts as it would be drawn whole") {
  for (const Rect target : {Rect{10, 5, 75, 51}, Rect{40, 30, 200, 160}, Rect{3, 3, 17, 9}}) {
    CAPTURE(target.w);
    Screen whole(100, 80), parts(100, 80);
    const auto one = whole.Make(1, 50, 40);
    const auto two = parts.Make(1, 50, 40);
    REQUIRE(whole.output.Map(one.get(), target, &whole.region).ok());
    REQUIRE(parts.output.Map(two.get(), target, &parts.region).ok());
    (void)parts.Frame();
    for (int i = 0; i < 40; ++i) {
      const Rect rect = {i * 7 % 45, i * 11 % 36, 5, 4};
      const uint32_t colour = 0xFF000000u | static_cast<uint32_t>(i) * 0x00123457u;
      whole.Draw(one, rect, colour | 0xFF000000u);
      parts.Draw(two, rect, colour | 0xFF000000u);
      for (const Rect& shown : parts.Frame())
        CHECK(Contains(Intersect(target, {0, 0, 100, 80}), shown));
    }
    (void)whole.Frame();
    int different = 0;
    for (int32_t y = 0; y < 80; ++y) {
      for (int32_t x = 0; x < 100; ++x) different += whole.At(x, y) != parts.At(x, y) ? 1 : 0;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("output: a lost rectangle is told where it is seen") {
  Screen screen(100, 80);
  const auto surface = screen.Make(1, 50, 40);
  CHECK(screen.output.Shown(*surface, {1, 2, 3, 4}).empty());
  screen.Map(surface, 60, 50);
  CHECK(screen.output.Shown(*surface, {1, 2, 3, 4}) == Rect{61, 52, 3, 4});
  CHECK(screen.output.Shown(*surface, {0, 0, 50, 40}) == Rect{60, 50, 40, 30});
}

}  // namespace
}  // namespace mullion
