// The rectangles that a frame has changed, as the embedder is told of them.
//
// Units: desktop pixels. Bounds: more than kMax rectangles become their bounding rectangle.
// Threads: the committer's.
#ifndef MULLION_ENGINE_REGION_H_
#define MULLION_ENGINE_REGION_H_

#include <vector>

#include "codecs/base/rect.h"

namespace mullion {

class Region {
 public:
  static constexpr size_t kMax = 1024;

  void Add(const Rect& rect) {
    if (rect.empty()) return;
    if (rects_.size() == kMax) rects_.assign(1, bounds());
    rects_.push_back(rect);
  }
  bool empty() const { return rects_.empty(); }
  Rect bounds() const {
    Rect bounds;
    for (const Rect& rect : rects_) bounds = Bound(bounds, rect);
    return bounds;
  }
  // Hands the rectangles over and takes the other's memory in exchange.
  void SwapInto(std::vector<Rect>* rects) {
    rects->clear();
    rects->swap(rects_);
  }

 private:
  std::vector<Rect> rects_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_REGION_H_
