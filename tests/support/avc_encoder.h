// A plain H.264 encoder that loses nothing: every macroblock is I_PCM, every frame an IDR picture.
// And what MS-RDPEGFX 2.2.4.4 to 2.2.4.6 put around it.
//
// Shapes: pictures of whole macroblocks. Threads: pure. Errors: none.
#ifndef MULLION_TESTS_SUPPORT_AVC_ENCODER_H_
#define MULLION_TESTS_SUPPORT_AVC_ENCODER_H_

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/simd/yuv.h"

namespace mullion {

// Owned planes. PRECONDITION: sizes are multiples of 16.
struct YuvPicture {
  std::vector<uint8_t> planes[3];
  int32_t width_px = 0;
  int32_t height_px = 0;
  int chroma_shift = 1;  // 1: 4:2:0, 0: 4:4:4

  YuvPicture(int32_t width, int32_t height, int shift = 1);
  void Randomise(std::mt19937& random);
  uint8_t& At(int plane, int32_t x, int32_t y);  // in the plane's own samples
  uint8_t At(int plane, int32_t x, int32_t y) const;
  YuvView view() const;  // PRECONDITION: 4:2:0
};

// What a sequence parameter set may claim; an honest one of the picture's size by default.
struct AvcSequence {
  int profile = 66;
  int chroma_format = 1;  // coded for profile 100 and above
  int bit_depth = 8;
  uint32_t width_mbs = 0;
  uint32_t height_mbs = 0;
  uint32_t reference_frames = 1;
  bool frame_mbs_only = true;
  bool crop = false;  // claims one row and one column less, in units of two
};

// Annex B NAL units.
std::vector<uint8_t> WriteAvcSequence(const AvcSequence& sequence);
std::vector<uint8_t> EncodeAvcPcm(const YuvPicture& picture, bool crop = false);
// A P frame behind such a picture: the same again. Frames count from 1 behind it.
std::vector<uint8_t> EncodeAvcRepeat(uint32_t macroblocks, uint32_t frame_num);

// The two views of a 4:4:4 picture, by the specification's areas B1 to B9.
struct AvcViews {
  YuvPicture main, aux;
};
AvcViews SplitYuv444(Yuv444Layout layout, const YuvPicture& picture);

std::vector<uint8_t> WriteAvc420Stream(std::span<const Rect> region, ByteView bitstream);
// `lc` as on the wire; `second` counts for LC 0 only.
std::vector<uint8_t> WriteAvc444Stream(uint32_t lc, ByteView first, ByteView second = {});

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_AVC_ENCODER_H_
