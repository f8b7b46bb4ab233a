#include "engine/framebuffer.h"

#include "codecs/image/blit.h"

namespace mullion {

void Framebuffer::Resize(int32_t width_px, int32_t height_px, PixelFormat format) {
  owned_.reset();
  view_ = {nullptr, width_px, height_px, static_cast<ptrdiff_t>(width_px) * 4, format};
}

Status Framebuffer::UseCallerMemory(uint8_t* data, int64_t stride_bytes, PixelFormat format) {
  if (data == nullptr) return Fail(Err::kMalformed, "framebuffer data");
  const int64_t row_bytes = static_cast<int64_t>(view_.width_px) * 4;
  if (stride_bytes < row_bytes && stride_bytes > -row_bytes) {
    return Fail(Err::kMalformed, "framebuffer stride_bytes");
  }
  view_.data = data;
  view_.stride_bytes = static_cast<ptrdiff_t>(stride_bytes);
  view_.format = format;
  return Ok();
}

Status Framebuffer::Prepare() {
  if (view_.data == nullptr) {
    const size_t bytes =
        static_cast<size_t>(view_.stride_bytes) * static_cast<size_t>(view_.height_px);
    owned_ = AllocatePixels(bytes);
    if (owned_ == nullptr) return Fail(Err::kLimit, "framebuffer memory");
    view_.data = owned_.get();
  }
  FillPixels(view_, kBlack);  // with the X byte that decoders write
  return Ok();
}

}  // namespace mullion
