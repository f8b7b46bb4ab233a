// A small interleaved RLE encoder for tests and benchmarks: plain, after
// MS-RDPBCGR 2.2.9.1.1.3.1.2.4.
#ifndef MULLION_TESTS_SUPPORT_INTERLEAVED_ENCODER_H_
#define MULLION_TESTS_SUPPORT_INTERLEAVED_ENCODER_H_

#include <cstdint>
#include <vector>

namespace mullion {

// `pels` are rows of `width` pixels in wire order, in the low bits. Uses background, foreground (of
// white) and colour runs, foreground/background images and colour images, whichever codes the
// coming pixels best.
std::vector<uint8_t> EncodeInterleaved(const std::vector<uint32_t>& pels, int bits_per_pixel,
                                       int width);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_INTERLEAVED_ENCODER_H_
