// One offscreen surface of the graphics pipeline (MS-RDPEGFX 3.3.1.6) with what its codecs keep.
//
// Pixels: a surface that is the output, to the pixel (engine/output.h), has no memory of its own:
// its view is a part of the framebuffer. Others have theirs from their first use on. What nobody
// has drawn is black.
// Units: pixels of the surface. Ownership: shared by the lane's table, the ops on it, and the
// committer's list.
// Threads: what is const is for anyone. view() and everything about pixels and mapping belong to
// the committer, or to who decodes the op at the head; progressive() and the H.264 decoder to the
// op that holds the key, the state of AVC444 to the op at the head.
#ifndef MULLION_ENGINE_SURFACE_H_
#define MULLION_ENGINE_SURFACE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/image/avc.h"
#include "codecs/image/avc444.h"
#include "codecs/image/progressive.h"
#include "engine/key_queue.h"
#include "engine/pixel_memory.h"

namespace mullion {

// What the surfaces of one session take, and their bitmap cache; outlives them.
struct SurfaceMemory {
  ProgressiveBudget tiles{0};
  BytesSource* tile_source = nullptr;  // of small blocks; may stay null
  std::atomic<uint64_t> pixel_bytes{0};
  std::atomic<uint64_t> cache_bytes{0};
  std::atomic<uint64_t> decoder_bytes{0};
};

class Surface {
 public:
  Surface(uint16_t number, int32_t width, int32_t height, bool has_alpha, SurfaceMemory* memory)
      : id(number), width_px(width), height_px(height), argb(has_alpha), memory_(memory) {}
  ~Surface();
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;

  const uint16_t id;
  const int32_t width_px, height_px;
  const bool argb;  // PIXEL_FORMAT_ARGB_8888

  Rect bounds() const { return {0, 0, width_px, height_px}; }
  int64_t pixel_bytes() const { return int64_t{width_px} * height_px * 4; }

  // ---- pixels: the committer's
  const PixelView& view() const { return view_; }
  bool has_pixels() const { return view_.data != nullptr; }
  bool is_framebuffer() const { return has_pixels() && owned_ == nullptr; }
  // Memory of its own, black. kLimit when there is none.
  Status Allocate(PixelFormat format);
  // Is that part of the framebuffer from now on.
  void UseFramebuffer(const PixelView& part);
  // Is the framebuffer no longer: gets memory of its own, with the same pixels.
  Status Detach();
  // Swaps red and blue where the order changes.
  void SetFormat(PixelFormat format);
  void DropPixels();

  // ---- mapping: the committer's
  enum class Mapping : uint8_t { kNone, kOutput, kWindow };
  Mapping mapping = Mapping::kNone;
  Rect target;               // kOutput: where it is shown, in desktop pixels; may be scaled
  bool alpha = false;        // its alpha bytes mean something: it is never the framebuffer
  std::vector<Rect> damage;  // drawn, but not yet copied to the output

  bool scaled() const { return target.w != width_px || target.h != height_px; }

  // ---- codecs
  KeyQueue progressive_key;
  ProgressiveSurface* progressive() {
    if (!progressive_) {
      progressive_ = std::make_unique<ProgressiveSurface>(width_px, height_px, &memory_->tiles,
                                                          memory_->tile_source);
    }
    return progressive_.get();
  }

  struct Avc {
    Avc(int64_t max_picture_px, BytesSource* source) : decoder(max_picture_px, source) {}
    AvcDecoder decoder;  // of who holds avc_key
    Avc444State yuv444;  // of who is at the head
  };
  KeyQueue avc_key;
  // Made by the first op that decodes; one that draws finds it.
  Avc* avc();
  // After their memory may have changed: by who holds the key, and by the head.
  void CountDecoder() { Count(avc_->decoder.memory_bytes(), &decoder_bytes_); }
  void CountYuv444() { Count(avc_->yuv444.memory_bytes(), &yuv444_bytes_); }

 private:
  void Count(uint64_t now, uint64_t* before) {
    memory_->decoder_bytes.fetch_add(now - std::exchange(*before, now), std::memory_order_relaxed);
  }

  SurfaceMemory* const memory_;
  PixelView view_;
  PixelMemory owned_;
  std::unique_ptr<ProgressiveSurface> progressive_;
  std::unique_ptr<Avc> avc_;
  uint64_t decoder_bytes_ = 0;
  uint64_t yuv444_bytes_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_SURFACE_H_
