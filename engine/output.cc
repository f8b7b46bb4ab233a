#include "engine/output.h"

#include <algorithm>
#include <utility>

#include "codecs/image/alpha_bytes.h"
#include "codecs/image/blit.h"
#include "codecs/image/scale.h"

namespace mullion {
namespace {

constexpr size_t kMaxDamage = 256;

Rect ToDesktop(const Rect& rect, const Surface& surface) {
  const Rect& target = surface.target;
  const Rect shown =
      surface.scaled() ? ScaledRect(rect, surface.bounds(), {0, 0, target.w, target.h}) : rect;
  return {target.x + shown.x, target.y + shown.y, shown.w, shown.h};
}

}  // namespace

void Output::Add(std::shared_ptr<Surface> surface) { surfaces_.push_back(std::move(surface)); }

void Output::Remove(const std::shared_ptr<Surface>& surface) {
  std::erase(surfaces_, surface);
  // The framebuffer keeps what it shows.
  surface->mapping = Surface::Mapping::kNone;
  surface->DropPixels();
}

Status Output::Map(Surface* surface, const Rect& target, Region* region) {
  // What was mapped later lies above: the list is in that order.
  const auto it = std::find_if(surfaces_.begin(), surfaces_.end(),
                               [&](const auto& owned) { return owned.get() == surface; });
  if (it == surfaces_.end()) return Fail(Err::kState, "surfaceId");
  if (surface->is_framebuffer() &&
      (surface->mapping != Surface::Mapping::kOutput || surface->target != target)) {
    MULLION_TRY(surface->Detach());
  }
  std::rotate(it, it + 1, surfaces_.end());
  surface->mapping = Surface::Mapping::kOutput;
  surface->target = target;
  return Arrange(region, surface);
}

Status Output::MapToWindow(Surface* surface) {
  if (surface->is_framebuffer()) MULLION_TRY(surface->Detach());
  surface->mapping = Surface::Mapping::kWindow;
  return Ok();
}

Status Output::Ensure(Surface* surface) {
  return surface->has_pixels() ? Ok() : surface->Allocate(framebuffer_->view().format);
}

Status Output::KeepAlpha(Surface* surface) {
  if (surface->alpha) return Ok();
  surface->alpha = true;
  return surface->is_framebuffer() ? surface->Detach() : Ensure(surface);
}

bool Output::MayBeFramebuffer(const Surface& surface) const {
  if (surface.mapping != Surface::Mapping::kOutput || surface.alpha || surface.scaled() ||
      !Contains(framebuffer_->view().bounds(), surface.target)) {
    return false;
  }
  for (const auto& other : surfaces_) {
    if (other.get() != &surface && other->mapping == Surface::Mapping::kOutput &&
        !Intersect(other->target, surface.target).empty()) {
      return false;
    }
  }
  return true;
}

// Makes surfaces parts of the framebuffer, or no longer, after `mapped` was mapped (null: all
// were).
Status Output::Arrange(Region* region, const Surface* mapped) {
  const PixelView& screen = framebuffer_->view();
  for (const auto& owned : surfaces_) {
    Surface* surface = owned.get();
    const bool may = MayBeFramebuffer(*surface);
    if (surface->is_framebuffer() && !may) {
      MULLION_TRY(surface->Detach());
    } else if (!surface->is_framebuffer() && may) {
      const PixelView part = screen.Sub(surface->target);
      const bool painted = !Intersect(surface->target, painted_).empty();
      if (surface->has_pixels()) {
        MovePixels(surface->view(), part);
        Painted(surface->target, region);
      } else if (painted) {
        FillPixels(part, kBlack);
        Painted(surface->target, region);
      }
      surface->UseFramebuffer(part);
      continue;
    }
    if (surface->mapping == Surface::Mapping::kOutput && !may &&
        (surface == mapped || mapped == nullptr)) {
      MULLION_TRY(Ensure(surface));
      Drew(surface, surface->bounds(), region);
    }
  }
  return Ok();
}

void Output::Painted(const Rect& rect, Region* region) {
  painted_ = Bound(painted_, rect);
  region->Add(rect);
}

Rect Output::Shown(const Surface& surface, const Rect& rect) const {
  if (rect.empty() || surface.mapping != Surface::Mapping::kOutput) return Rect();
  return Intersect(ToDesktop(rect, surface), framebuffer_->view().bounds());
}

void Output::Drew(Surface* surface, const Rect& rect, Region* region) {
  if (rect.empty() || surface->mapping != Surface::Mapping::kOutput) return;
  if (surface->is_framebuffer()) return Painted(ToDesktop(rect, *surface), region);
  if (surface->damage.size() == kMaxDamage) {
    Rect bounds;
    for (const Rect& part : surface->damage) bounds = Bound(bounds, part);
    surface->damage.assign(1, bounds);
  }
  surface->damage.push_back(rect);
  dirty_ = true;
}

void Output::Compose(Region* region) {
  if (!dirty_) return;
  dirty_ = false;
  const Rect screen = framebuffer_->view().bounds();
  layers_.clear();
  seen_.clear();
  int64_t seen_px = 0;
  for (const auto& surface : surfaces_) {
    const bool mapped = surface->mapping == Surface::Mapping::kOutput;
    if (mapped && !surface->is_framebuffer() && surface->has_pixels()) {
      layers_.push_back(surface.get());
    }
    for (const Rect& rect : surface->damage) {
      const Rect shown = mapped ? Intersect(ToDesktop(rect, *surface), screen) : Rect();
      if (shown.empty()) continue;
      seen_.push_back(shown);
      seen_px += shown.area();
    }
    surface->damage.clear();
  }
  // A frame that asks for more than the screen twice over gets it once.
  if (seen_px > 2 * screen.area()) {
    Rect bounds;
    for (const Rect& rect : seen_) bounds = Bound(bounds, rect);
    seen_.assign(1, bounds);
  }
  for (const Rect& rect : seen_) {
    ComposeRect(rect, layers_.size());
    Painted(rect, region);
  }
}

// The first `layers` of them, from top to bottom: no pixel is drawn that another one hides, however
// many surfaces a server piles up.
void Output::ComposeRect(const Rect& rect, size_t layers) {
  for (; layers > 0; --layers) {
    const Surface& surface = *layers_[layers - 1];
    const Rect part = Intersect(rect, surface.target);
    if (part.empty()) continue;
    ComposeSurface(surface, part);
    // Above, below, left and right of it.
    for (const Rect& rest : {RectFromEdges(rect.x, rect.y, rect.right(), part.y),
                             RectFromEdges(rect.x, part.bottom(), rect.right(), rect.bottom()),
                             RectFromEdges(rect.x, part.y, part.x, part.bottom()),
                             RectFromEdges(part.right(), part.y, rect.right(), part.bottom())}) {
      if (!rest.empty()) ComposeRect(rest, layers - 1);
    }
    return;
  }
}

void Output::ComposeSurface(const Surface& surface, const Rect& part) {
  const PixelView& screen = framebuffer_->view();
  const Rect& target = surface.target;
  const Rect inside = {part.x - target.x, part.y - target.y, part.w, part.h};
  if (surface.scaled()) {
    // A view of all of the target, of which only what lies on the screen is touched.
    PixelView whole = screen;
    whole.data += target.y * screen.stride_bytes + ptrdiff_t{target.x} * 4;
    whole.width_px = target.w;
    whole.height_px = target.h;
    ScalePixels(surface.view(), whole, inside);
  } else {
    MovePixels(surface.view().Sub(inside), screen.Sub(part));
  }
  // The screen has no alpha, whatever the surface keeps.
  if (surface.alpha) MakeOpaque(screen.Sub(part));
}

Status Output::Detach() {
  Status status;
  for (const auto& surface : surfaces_) {
    // Each of them, also behind one that finds no memory: the framebuffer's is about to go.
    if (surface->is_framebuffer()) {
      const Status detached = surface->Detach();
      if (status.ok()) status = detached;
    }
    surface->damage.clear();
  }
  dirty_ = false;
  return status;
}

Status Output::Attach(Region* region) {
  painted_ = Rect();
  for (const auto& surface : surfaces_) {
    if (surface->has_pixels()) surface->SetFormat(framebuffer_->view().format);
  }
  return Arrange(region, nullptr);
}

}  // namespace mullion
