#include "engine/surface.h"

#include <utility>

#include "codecs/image/blit.h"

namespace mullion {

Surface::~Surface() {
  DropPixels();
  memory_->decoder_bytes.fetch_sub(decoder_bytes_ + yuv444_bytes_, std::memory_order_relaxed);
}

Surface::Avc* Surface::avc() {
  // Coded pictures are whole macroblocks; a stream that claims far more is an attack.
  if (avc_ == nullptr) {
    avc_ = std::make_unique<Avc>(2 * bounds().area() + 65536, memory_->tile_source);
  }
  return avc_.get();
}

Status Surface::Allocate(PixelFormat format) {
  DropPixels();
  owned_ = AllocatePixels(static_cast<size_t>(pixel_bytes()));
  if (owned_ == nullptr) return Fail(Err::kLimit, "surface memory");
  memory_->pixel_bytes.fetch_add(static_cast<uint64_t>(pixel_bytes()), std::memory_order_relaxed);
  view_ = {owned_.get(), width_px, height_px, ptrdiff_t{width_px} * 4, format};
  FillPixels(view_, kBlack);
  return Ok();
}

void Surface::UseFramebuffer(const PixelView& part) {
  DropPixels();
  view_ = part;
}

Status Surface::Detach() {
  const PixelView shown = view_;
  MULLION_TRY(Allocate(shown.format));
  CopyPixels(shown, view_);
  return Ok();
}

void Surface::SetFormat(PixelFormat format) {
  if (view_.format == format) return;
  for (int32_t y = 0; y < height_px; ++y) {
    uint8_t* row = view_.row(y);
    for (int32_t x = 0; x < width_px; ++x, row += 4) std::swap(row[0], row[2]);
  }
  view_.format = format;
}

void Surface::DropPixels() {
  if (owned_ != nullptr) {
    memory_->pixel_bytes.fetch_sub(static_cast<uint64_t>(pixel_bytes()), std::memory_order_relaxed);
  }
  view_ = PixelView();
  owned_.reset();
}

}  // namespace mullion
