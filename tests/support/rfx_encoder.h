// A plain RemoteFX encoder, for tests, fuzz seeds and benchmarks.
//
// MS-RDPRFX 3.1.8.1 (algorithm), 2.2.2 (messages). Written for reading, not for speed.
// Shapes: tiles lie on a 64-pixel grid from the view's top left corner; what a tile has beyond the
// view repeats the view's last row and column.
#ifndef MULLION_TESTS_SUPPORT_RFX_ENCODER_H_
#define MULLION_TESTS_SUPPORT_RFX_ENCODER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/rect.h"
#include "codecs/wire/rfx.h"

namespace mullion {

struct RfxEncoderOptions {
  RfxEntropy entropy = RfxEntropy::kRlgr1;
  RfxQuant quant{6, 6, 6, 6, 7, 7, 8, 8, 8, 9};
  bool headers = true;      // SYNC, CODEC_VERSIONS, CHANNELS, CONTEXT in front
  bool image_mode = false;  // CODEC_MODE
  uint32_t frame_idx = 0;
  std::vector<Rect> region;  // empty: one rectangle, the view
};

// Coefficients (any count; 4096 for a tile's component) to RLGR bytes.
std::vector<uint8_t> EncodeRlgr(RfxEntropy entropy, std::span<const int16_t> coefficients);

// 64x64 samples of one component, 11.5 fixed point, raster order, to quantised coefficients in wire
// order with LL3 as differences.
std::vector<int16_t> TransformRfxComponent(std::span<const int16_t> samples, const RfxQuant& quant);

// One whole frame: headers (if asked for), FRAME_BEGIN, REGION, TILESET, FRAME_END.
std::vector<uint8_t> EncodeRfxMessage(const PixelView& src, const RfxEncoderOptions& options);

// The blocks one by one, for messages that no encoder makes.
void WriteRfxHeaders(uint16_t width, uint16_t height, const RfxEncoderOptions& options,
                     ByteWriter* out);
void WriteRfxFrameBegin(uint32_t frame_idx, ByteWriter* out);
void WriteRfxRegion(std::span<const Rect> rects, ByteWriter* out);
void WriteRfxTileSet(RfxEntropy entropy, std::span<const RfxQuant> quants,
                     std::span<const RfxTile> tiles, ByteWriter* out);
void WriteRfxFrameEnd(ByteWriter* out);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_RFX_ENCODER_H_
