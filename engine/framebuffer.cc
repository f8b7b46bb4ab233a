#include "engine/framebuffer.h"

#include <new>

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
    // Aligned, since the decoders store whole cache lines: stores across lines cost a half more.
    constexpr size_t kAlignment = 64;
    owned_.reset(new (std::nothrow) uint8_t[bytes + kAlignment]);
    if (owned_ == nullptr) return Fail(Err::kLimit, "framebuffer memory");
    const size_t misaligned = reinterpret_cast<uintptr_t>(owned_.get()) % kAlignment;
    view_.data = owned_.get() + (kAlignment - misaligned);
  }
  FillPixels(view_, kBlack);  // with the X byte that decoders write
  return Ok();
}

}  // namespace mullion
