// AVC444 and AVC444v2 frames on a surface: two 4:2:0 views to pixels, inside of their regions.
//
// Specification: MS-RDPEGFX 2.2.4.5, 2.2.4.6, 3.3.8.3.2, 3.3.8.3.3. Arithmetic: codecs/simd/yuv.h.
// What the views mean: where a frame has luma, its pixels are those of the main view alone, as in
// AVC420. Where it has chroma, they are those of the auxiliary view together with the last luma
// that came for that place, in this frame or before. So the only state of a surface is that luma:
// the last main picture itself if its region covered the surface, otherwise planes of our own into
// which each main picture's region is copied. (A main picture says nothing outside of its region:
// both views go through one encoder, and what it fills in there may come from the other view.)
// Shapes: regions and parts in pixels of the surface, whose top left pixel is the picture's.
// Ownership: keeps a picture, and at most 1.5 bytes per pixel of its own.
// Over-write: none outside of region, part, picture and surface.
// Threads: Update() alone; then Draw() from several threads for disjoint parts of that frame.
// Errors: kState (chroma for a surface that never had luma of its size), kInternal (the views have
// another size or are missing).
#ifndef MULLION_CODECS_IMAGE_AVC444_H_
#define MULLION_CODECS_IMAGE_AVC444_H_

#include <span>
#include <vector>

#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/image/avc.h"
#include "codecs/wire/avc.h"

namespace mullion {

class Avc444State {
 public:
  // Takes a frame's views at its turn: `main` if stream.has_main, `aux` if stream.has_aux (the
  // other one may be empty). The regions of `stream` are clipped to `surface` (ClipAvcRegion).
  // After a failure the luma is as it was.
  Status Update(Yuv444Layout layout, const Avc444Stream& stream, AvcPicture main, AvcPicture aux,
                const Rect& surface);

  // Draws what of the last Update()'s frame lies in `part`. `stream` is the one of that call.
  void Draw(const Avc444Stream& stream, const Rect& part, const PixelView& surface) const;

  // Lets go of the frame's pictures once it is drawn; the luma stays.
  void EndFrame();

  // Forgets the luma (a new surface, RDPGFX_RESET_GRAPHICS).
  void Reset() { *this = Avc444State(); }

  // What this object keeps alive, the picture that it may hold included.
  size_t memory_bytes() const;

 private:
  void KeepLuma(const AvcPicture& main, std::span<const Rect> region, const Rect& surface);

  Yuv444Layout layout_ = Yuv444Layout::kV1;
  AvcPicture main_, aux_;  // of the frame
  // INVARIANT: luma_ shows whole_ if that is there, else planes_, else nothing.
  YuvView luma_;
  AvcPicture whole_;
  std::vector<uint8_t> planes_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_AVC444_H_
