// A plain ClearCodec encoder that a plan tells what to use, so that tests reach every feature.
//
// MS-RDPEGFX 2.2.4.1. Keeps the caches that the decoder keeps; bands use V-Bar hits, Short V-Bar
// hits and misses as the caches allow. Everything but NSCodec regions comes back exactly.
#ifndef MULLION_TESTS_SUPPORT_CLEAR_ENCODER_H_
#define MULLION_TESTS_SUPPORT_CLEAR_ENCODER_H_

#include <cstdint>
#include <map>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "codecs/base/pixel_view.h"

namespace mullion {

enum class ClearSubcodec : uint8_t { kRaw = 0, kNsCodec = 1, kRlex = 2 };

struct ClearPlan {
  struct Region {
    Rect rect;
    ClearSubcodec subcodec = ClearSubcodec::kRaw;
  };
  bool residual = true;
  std::vector<Rect> bands;      // at most 52 rows each
  std::vector<Region> regions;  // kRlex falls back to kRaw with more than 127 colours
  int glyph_index = -1;
  bool cache_reset = false;
};

class ClearEncoder {
 public:
  std::vector<uint8_t> Encode(const PixelView& src, const ClearPlan& plan);
  std::vector<uint8_t> EncodeGlyphHit(int glyph_index);

  // How often each kind of V-Bar was written.
  int bar_hits = 0, short_hits = 0, short_misses = 0;

 private:
  using Column = std::vector<uint32_t>;

  void Header(const ClearPlan& plan, bool hit, ByteWriter* writer);
  void Band(const PixelView& src, const Rect& rect, ByteWriter* writer);
  void VBar(const Column& column, uint32_t background, ByteWriter* writer);

  uint8_t seq_ = 0;
  std::vector<Column> bars_ = std::vector<Column>(32768);
  std::vector<Column> short_bars_ = std::vector<Column>(16384);
  std::map<Column, int> bar_at_, short_bar_at_;
  int bar_cursor_ = 0, short_bar_cursor_ = 0;
};

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_CLEAR_ENCODER_H_
