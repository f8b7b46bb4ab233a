// A plain NSCodec encoder, for tests, fuzz seeds and benchmarks.
//
// MS-RDPNSC 3.1.8; MS-RDPEGDI 3.1.9.1.2 to 3.1.9.1.4. Written for reading, not for speed.
// Shapes: rows are coded in the order of the view. Padding samples repeat the row's last pixel.
#ifndef MULLION_TESTS_SUPPORT_NSC_ENCODER_H_
#define MULLION_TESTS_SUPPORT_NSC_ENCODER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"

namespace mullion {

struct NscEncoderOptions {
  int color_loss_level = 3;  // 1..7
  bool subsample = true;
  bool alpha = false;      // otherwise no alpha plane is sent
  bool run_length = true;  // otherwise every plane is sent raw
};

std::vector<uint8_t> EncodeNsCodec(const PixelView& src, const NscEncoderOptions& options);

// NSCODEC_RLE_SEGMENTS of a plane of at least four bytes, even where that is longer than the plane.
std::vector<uint8_t> EncodeNscRle(ByteView plane);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_NSC_ENCODER_H_
