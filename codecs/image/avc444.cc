#include "codecs/image/avc444.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codecs/image/avc420.h"

namespace mullion {
namespace {

bool SameSize(const YuvView& a, const YuvView& b) {
  return a.width_px == b.width_px && a.height_px == b.height_px;
}

size_t PlaneBytes(const YuvView& view) {
  return static_cast<size_t>(view.width_px) * static_cast<size_t>(view.height_px) / 2 * 3;
}

// A view of packed planes.
YuvView ViewOf(uint8_t* bytes, int32_t width_px, int32_t height_px) {
  const ptrdiff_t luma = ptrdiff_t{width_px} * height_px;
  return {{bytes, bytes + luma, bytes + luma + luma / 4},
          {width_px, width_px / 2, width_px / 2},
          width_px,
          height_px};
}

// Copies the luma samples of `rect`, and the chroma samples of every pixel in it.
void CopySamples(const YuvView& from, const Rect& rect, const YuvView& to, uint8_t* to_bytes) {
  for (int p = 0; p < 3; ++p) {
    const int half = p == 0 ? 0 : 1;
    const int32_t left = rect.x >> half, right = (rect.right() + half) >> half;
    const int32_t top = rect.y >> half, bottom = (rect.bottom() + half) >> half;
    uint8_t* out = to_bytes + (to.planes[p] - to.planes[0]) + top * to.strides[p] + left;
    for (int32_t y = top; y < bottom; ++y, out += to.strides[p]) {
      std::memcpy(out, from.row(p, y) + left, static_cast<size_t>(right - left));
    }
  }
}

// Finds luma rectangles that the chroma region covers, and which need not be drawn twice. Both
// lists tend to have the same order, so each search goes on behind the last hit, and not far: a hit
// that is missed costs time, not pixels.
class Redrawn {
 public:
  explicit Redrawn(std::span<const Rect> chroma) : chroma_(chroma) {}

  bool Covers(const Rect& rect) {
    constexpr size_t kFar = 16;
    const size_t end = std::min(next_ + kFar, chroma_.size());
    for (size_t i = next_; i < end; ++i) {
      if (!Contains(chroma_[i], rect)) continue;
      next_ = i;
      return true;
    }
    return false;
  }

 private:
  std::span<const Rect> chroma_;
  size_t next_ = 0;
};

}  // namespace

Status Avc444State::Update(Yuv444Layout layout, const Avc444Stream& stream, AvcPicture main,
                           AvcPicture aux, const Rect& surface) {
  main_ = aux_ = AvcPicture();
  if ((stream.has_main && main.empty()) || (stream.has_aux && aux.empty())) {
    return Fail(Err::kInternal, "avc420EncodedBitstream");
  }
  if (stream.has_aux) {
    if (stream.has_main && !SameSize(main.view(), aux.view())) {
      return Fail(Err::kMalformed, "avc420EncodedBitstream2");
    }
    if (!stream.has_main && !SameSize(luma_, aux.view())) {
      return Fail(Err::kState, "avc420EncodedBitstream1");
    }
  }
  layout_ = layout;
  if (stream.has_main) {
    KeepLuma(main, stream.main.region, surface);
    main_ = std::move(main);
  }
  if (stream.has_aux) aux_ = std::move(aux);
  return Ok();
}

void Avc444State::KeepLuma(const AvcPicture& main, std::span<const Rect> region,
                           const Rect& surface) {
  const YuvView& view = main.view();
  const Rect visible = Intersect(view.bounds(), surface);
  const bool covers = std::any_of(region.begin(), region.end(),
                                  [&](const Rect& rect) { return Contains(rect, visible); });
  if (covers || !SameSize(luma_, view)) {
    whole_ = main;
    luma_ = view;
    return;
  }
  if (!whole_.empty()) {
    planes_.resize(PlaneBytes(view));
    luma_ = ViewOf(planes_.data(), view.width_px, view.height_px);
    CopySamples(whole_.view(), view.bounds(), luma_, planes_.data());
    whole_ = AvcPicture();
  }
  for (const Rect& rect : region) {
    const Rect r = Intersect(rect, visible);
    if (!r.empty()) CopySamples(view, r, luma_, planes_.data());
  }
}

void Avc444State::Draw(const Avc444Stream& stream, const Rect& part,
                       const PixelView& surface) const {
  const Rect clip = Intersect(part, Intersect(luma_.bounds(), surface.bounds()));
  if (stream.has_main && !main_.empty()) {
    Redrawn redrawn(stream.aux.region);
    for (const Rect& rect : stream.main.region) {
      if (!redrawn.Covers(rect)) DrawAvc420(main_, {&rect, 1}, clip, surface);
    }
  }
  if (!stream.has_aux || aux_.empty()) return;
  for (const Rect& rect : stream.aux.region) {
    const Rect r = Intersect(rect, clip);
    if (!r.empty()) ConvertYuv444(layout_, luma_, aux_.view(), r, surface.Sub(r));
  }
}

void Avc444State::EndFrame() { main_ = aux_ = AvcPicture(); }

size_t Avc444State::memory_bytes() const {
  size_t bytes = planes_.capacity();
  for (const AvcPicture* picture : {&main_, &aux_, &whole_}) {
    if (!picture->empty()) bytes += PlaneBytes(picture->view());
  }
  return bytes;
}

}  // namespace mullion
