// Draws AVC streams as a client does: parse, decode, then convert in horizontal strips.
#ifndef MULLION_TESTS_SUPPORT_AVC_DRAW_H_
#define MULLION_TESTS_SUPPORT_AVC_DRAW_H_

#include <algorithm>
#include <utility>

#include "codecs/image/avc.h"
#include "codecs/image/avc420.h"
#include "codecs/image/avc444.h"
#include "codecs/wire/avc.h"

namespace mullion {

struct AvcClient {
  static constexpr int32_t kStripPx = 52;  // no multiple of a macroblock

  AvcDecoder decoder{int64_t{1} << 24};
  Avc444State state;
  Avc420Stream one;
  Avc444Stream two;

  Status Draw420(ByteView bytes, const PixelView& surface) {
    MULLION_TRY(ParseAvc420(bytes, &one));
    MULLION_TRY(ClipAvcRegion(surface.bounds(), &one.region));
    AvcPicture picture;
    MULLION_TRY(decoder.Decode(one.bitstream, &picture));
    ForEachStrip(surface,
                 [&](const Rect& strip) { DrawAvc420(picture, one.region, strip, surface); });
    return Ok();
  }

  Status Draw444(Yuv444Layout layout, ByteView bytes, const PixelView& surface) {
    MULLION_TRY(ParseAvc444(bytes, &two));
    MULLION_TRY(ClipAvcRegion(surface.bounds(), &two.main.region));
    MULLION_TRY(ClipAvcRegion(surface.bounds(), &two.aux.region));
    AvcPicture main, aux;
    if (two.has_main) MULLION_TRY(decoder.Decode(two.main.bitstream, &main));
    if (two.has_aux) MULLION_TRY(decoder.Decode(two.aux.bitstream, &aux));
    MULLION_TRY(state.Update(layout, two, std::move(main), std::move(aux), surface.bounds()));
    ForEachStrip(surface, [&](const Rect& strip) { state.Draw(two, strip, surface); });
    state.EndFrame();
    return Ok();
  }

 private:
  template <typename Body>
  static void ForEachStrip(const PixelView& surface, const Body& body) {
    for (int32_t y = 0; y < surface.height_px; y += kStripPx) {
      body(Rect{0, y, surface.width_px, std::min(kStripPx, surface.height_px - y)});
    }
  }
};

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_AVC_DRAW_H_
