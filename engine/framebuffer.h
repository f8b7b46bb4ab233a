// A session's pixels and the gate that keeps writers and readers apart.
//
// The gate: commits write between BeginWrite() and EndFrame(); the embedder reads between frames,
// either while a frame is published (from EndFrame(publish) to Release()) or under a lease. So
// nobody ever reads a half-written frame, and a reader stops commits, not decoding.
// Ownership: engine-owned memory lives here; caller-owned memory is borrowed until the next Use().
// Threads: the gate's functions may be called from any thread. Resize, UseCallerMemory and Prepare
// by the controller, between BeginResize() and Release(); view() by whoever holds the gate.
#ifndef MULLION_ENGINE_FRAMEBUFFER_H_
#define MULLION_ENGINE_FRAMEBUFFER_H_

#include <cstdint>
#include <mutex>

#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "engine/pixel_memory.h"

namespace mullion {

class Framebuffer {
 public:
  // True when the caller may write until EndFrame(); false while somebody reads.
  bool BeginWrite() {
    std::lock_guard lock(mutex_);
    if (published_ || leases_ > 0) return false;
    writing_ = true;
    return true;
  }
  // Somebody reads: nothing is written.
  bool held() const {
    std::lock_guard lock(mutex_);
    return published_ || leases_ > 0;
  }
  // A frame is complete. With `publish` nothing is written before Release().
  void EndFrame(bool publish) {
    std::lock_guard lock(mutex_);
    writing_ = false;
    published_ |= publish;  // an empty frame behind a published one opens nothing
  }
  // The controller is to give the framebuffer another size: before Release() nothing is written,
  // and only the controller may lease what the memory still holds.
  void BeginResize() {
    std::lock_guard lock(mutex_);
    writing_ = false;
    published_ = resizing_ = true;
  }
  void Release() {
    std::lock_guard lock(mutex_);
    published_ = resizing_ = false;
  }
  // True when the framebuffer now holds still at a frame boundary, until Unlease().
  bool Lease(bool controller = false) {
    std::lock_guard lock(mutex_);
    if (writing_ || (resizing_ && !controller)) return false;
    ++leases_;
    return true;
  }
  void Unlease() {
    std::lock_guard lock(mutex_);
    if (leases_ > 0) --leases_;
  }

  // Starts over with a new size and no memory; Prepare() gives it memory and makes it black.
  void Resize(int32_t width_px, int32_t height_px, PixelFormat format);
  Status UseCallerMemory(uint8_t* data, int64_t stride_bytes, PixelFormat format);
  Status Prepare();

  const PixelView& view() const { return view_; }

 private:
  mutable std::mutex mutex_;
  bool writing_ = false;
  bool published_ = false;
  bool resizing_ = false;
  int leases_ = 0;

  PixelView view_;
  PixelMemory owned_;  // null for the caller's
};

}  // namespace mullion

#endif  // MULLION_ENGINE_FRAMEBUFFER_H_
