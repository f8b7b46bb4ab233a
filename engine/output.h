// The graphics output buffer (MS-RDPEGFX 3.3.1.7): which surfaces exist, where they are shown, and
// how they get into the framebuffer.
//
// A surface that is shown unscaled, within the desktop and not under or over another one, IS that
// part of the framebuffer: drawing on it is drawing on the screen, and nothing is copied at a
// frame's end. Others have memory of their own, and what was drawn is copied (and scaled) when the
// frame ends. Which is which follows from the mappings alone (Arrange), so pixels and regions are
// the same either way.
// Threads: the committer's, while it holds the framebuffer's gate; Find also for the controller
// under a lease. Errors: kLimit, when a surface's memory cannot be had.
#ifndef MULLION_ENGINE_OUTPUT_H_
#define MULLION_ENGINE_OUTPUT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/framebuffer.h"
#include "engine/region.h"
#include "engine/surface.h"

namespace mullion {

class Output {
 public:
  explicit Output(Framebuffer* framebuffer) : framebuffer_(framebuffer) {}

  void Add(std::shared_ptr<Surface> surface);
  void Remove(const std::shared_ptr<Surface>& surface);
  // Shows all of the surface in `target`, desktop pixels.
  Status Map(Surface* surface, const Rect& target, Region* region);
  Status MapToWindow(Surface* surface);
  const std::vector<std::shared_ptr<Surface>>& surfaces() const { return surfaces_; }

  // The surface has pixels to draw on afterwards.
  Status Ensure(Surface* surface);
  // Its alpha bytes are about to mean something.
  Status KeepAlpha(Surface* surface);

  // `rect` of the surface was drawn.
  void Drew(Surface* surface, const Rect& rect, Region* region);
  // `rect` of the framebuffer was drawn.
  void Painted(const Rect& rect, Region* region);
  // Where `rect` of the surface is seen on the desktop; empty if it is not shown.
  Rect Shown(const Surface& surface, const Rect& rect) const;
  // True when something waits for Compose.
  bool dirty() const { return dirty_; }
  // Copies what was drawn on surfaces that are not the framebuffer itself.
  void Compose(Region* region);

  // Around a change of the framebuffer's memory: pixels are brought to safety before it, and shown
  // again after it.
  Status Detach();
  Status Attach(Region* region);

 private:
  bool MayBeFramebuffer(const Surface& surface) const;
  Status Arrange(Region* region, const Surface* mapped);
  void ComposeRect(const Rect& rect, size_t layers);
  void ComposeSurface(const Surface& surface, const Rect& part);

  Framebuffer* const framebuffer_;
  std::vector<std::shared_ptr<Surface>> surfaces_;  // what was mapped later lies above
  Rect painted_;  // around everything drawn since the framebuffer was made black
  bool dirty_ = false;
  // Compose's own: what is put together, from bottom to top, and where.
  std::vector<const Surface*> layers_;
  std::vector<Rect> seen_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_OUTPUT_H_
