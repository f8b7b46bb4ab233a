// A plain RemoteFX Progressive encoder, for tests, fuzz seeds and benchmarks.
//
// MS-RDPEGFX 3.2.8.1 (algorithm), 2.2.4.2 (streams). Written for reading, not for speed.
// Shapes: tiles lie on a 64-pixel grid; what a tile has beyond the picture repeats the picture's
// last row and column. One encoder is one surface: it follows what the decoder has.
#ifndef MULLION_TESTS_SUPPORT_PROGRESSIVE_ENCODER_H_
#define MULLION_TESTS_SUPPORT_PROGRESSIVE_ENCODER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "codecs/base/pixel_view.h"
#include "codecs/wire/progressive.h"

namespace mullion {

struct ProgressiveEncoderOptions {
  bool reduce_extrapolate = true;
  bool subband_diffing = true;
  // In the order of the coefficients: HL1 LH1 HH1 HL2 LH2 HH2 HL3 LH3 HH3 LL3.
  ProgressiveQuant quant = {8, 8, 9, 7, 7, 8, 6, 6, 6, 6};
  // What a quality index stands for; ProgressiveTile::kFullQuality needs no entry.
  std::vector<ProgressiveQuality> qualities;
};

// Two qualities on the way to full quality, each band with its own count of missing bits.
std::vector<ProgressiveQuality> TwoQualities();

class ProgressiveEncoder {
 public:
  ProgressiveEncoder(int32_t width_px, int32_t height_px, const ProgressiveEncoderOptions& options);

  // A whole stream: SYNC, CONTEXT, FRAME_BEGIN, one REGION with every tile, FRAME_END.
  std::vector<uint8_t> Simple(const PixelView& picture, bool difference = false);
  std::vector<uint8_t> First(const PixelView& picture, uint8_t quality, bool difference = false);
  std::vector<uint8_t> Upgrade(uint8_t quality);

  // What the decoder has of a component of a tile: 4096 coefficients.
  const std::vector<int16_t>& Reference(size_t tile, size_t component) const {
    return tiles_[tile][component].reference;
  }
  // What it will have in the end.
  const std::vector<int16_t>& Target(size_t tile, size_t component) const {
    return tiles_[tile][component].target;
  }
  size_t tile_count() const { return tiles_.size(); }

 private:
  struct Component {
    std::vector<int16_t> target = std::vector<int16_t>(4096);     // DwtQ
    std::vector<int16_t> reference = std::vector<int16_t>(4096);  // Ref
    std::vector<int8_t> sign = std::vector<int8_t>(4096);
    ProgressiveQuant bit_pos = {};
  };
  using Tile = std::array<Component, 3>;

  void Transform(const PixelView& picture);
  std::vector<uint8_t> FirstPass(Component* c, const ProgressiveQuant& bit_pos, bool difference);
  void UpgradePass(Component* c, const ProgressiveQuant& bit_pos, std::vector<uint8_t>* srl,
                   std::vector<uint8_t>* raw);
  std::vector<uint8_t> WriteFirst(const PixelView& picture, bool simple, uint8_t quality,
                                  bool difference);
  std::vector<uint8_t> WriteStream(const std::vector<uint8_t>& tile_blocks) const;
  const ProgressiveQuality& QualityOf(uint8_t index) const;

  int32_t width_px_;
  int32_t height_px_;
  int32_t grid_width_;
  ProgressiveEncoderOptions options_;
  const int* band_start_;
  std::vector<Tile> tiles_;
};

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_PROGRESSIVE_ENCODER_H_
