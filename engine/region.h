// The rectangles that a frame has changed, as the embedder is told of them.
//
// Units: desktop pixels. Bounds: more than kMax rectangles become their bounding rectangle.
// Ownership: keeps its memory from frame to frame; what Take() gives lives in the source's.
// Threads: the committer's.
#ifndef MULLION_ENGINE_REGION_H_
#define MULLION_ENGINE_REGION_H_

#include <vector>

#include "codecs/base/bytes.h"
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
  // The rectangles, as they are in memory; the region is empty afterwards.
  Bytes Take(BytesSource* source) {
    const size_t size = rects_.size() * sizeof(Rect);
    Bytes bytes = Bytes::Copy({reinterpret_cast<const uint8_t*>(rects_.data()), size}, source);
    rects_.clear();
    return bytes;
  }

 private:
  std::vector<Rect> rects_;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_REGION_H_
