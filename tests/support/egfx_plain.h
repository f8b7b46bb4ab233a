// A graphics pipeline client for comparison: the specification read line by line, without caches of
// work, threads or partial updates.
//
// MS-RDPEGFX 3.3.5. Colours only: the fourth byte of a pixel means nothing here. All codecs but
// AVC. A new surface is black; END_FRAME shows every mapped surface, whole. Copies read what
// earlier points of the same command have written, as libfreerdp2 and Windows' BitBlt do.
#ifndef MULLION_TESTS_SUPPORT_EGFX_PLAIN_H_
#define MULLION_TESTS_SUPPORT_EGFX_PLAIN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "codecs/image/clear.h"
#include "codecs/image/planar.h"
#include "codecs/image/progressive.h"
#include "codecs/wire/egfx.h"
#include "codecs/wire/rfx.h"

namespace mullion::test {

class EgfxPlain {
 public:
  EgfxPlain(int32_t width_px, int32_t height_px) : output_(width_px, height_px) {}

  // Every PDU of one inflated message; the first failure. What a valid session never does (a point
  // outside of its surface, an unknown surface) is kState.
  Status Process(ByteView message);

  PixelView output() { return output_.view(); }
  PixelView surface(uint16_t id);
  uint32_t frames() const { return frames_; }

 private:
  struct Picture {
    int32_t width = 0, height = 0;
    std::vector<uint8_t> bytes;

    Picture() = default;
    Picture(int32_t w, int32_t h)
        : width(w), height(h), bytes(static_cast<size_t>(w) * static_cast<size_t>(h) * 4) {}
    PixelView view() { return {bytes.data(), width, height, ptrdiff_t{width} * 4}; }
  };
  struct Progression {
    ProgressiveContext context;
    std::unique_ptr<ProgressiveSurface> tiles;
  };
  struct Surface {
    Picture picture;
    bool mapped = false;
    int32_t x = 0, y = 0;
    std::map<uint32_t, Progression> progressions;
  };

  Status Handle(const EgfxPdu& pdu);
  Status Find(uint16_t id, Surface** surface);
  Status WireToSurface1(ByteView body);
  Status WireToSurface2(ByteView body);
  Status DeleteEncodingContext(ByteView body);
  Status SolidFill(ByteView body);
  Status SurfaceToSurface(ByteView body);
  Status SurfaceToCache(ByteView body);
  Status CacheToSurface(ByteView body);
  Status EvictCacheEntry(ByteView body);
  Status CreateSurface(ByteView body);
  Status DeleteSurface(ByteView body);
  Status EndFrame(ByteView body);
  Status ResetGraphics(ByteView body);
  Status MapToOutput(ByteView body);

  Picture output_;
  std::map<uint16_t, Surface> surfaces_;
  std::map<uint16_t, Picture> cache_;
  ClearDecoder clear_;
  PlanarScratch planar_;
  RfxParser rfx_;
  ProgressiveBudget budget_{int64_t{1} << 40};
  uint32_t frames_ = 0;
};

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_EGFX_PLAIN_H_
