// A plain QOI encoder, for tests, fuzz seeds and benchmarks (qoiformat.org, specification 1.0).
#ifndef MULLION_TESTS_SUPPORT_QOI_ENCODER_H_
#define MULLION_TESTS_SUPPORT_QOI_ENCODER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/pixel_view.h"

namespace mullion {

// With three channels the fourth byte of each pixel counts as 0xFF.
std::vector<uint8_t> EncodeQoi(const PixelView& src, int channels);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_QOI_ENCODER_H_
