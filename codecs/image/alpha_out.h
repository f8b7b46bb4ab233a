// What a decoder writes to the fourth byte of a pixel.
#ifndef MULLION_CODECS_IMAGE_ALPHA_OUT_H_
#define MULLION_CODECS_IMAGE_ALPHA_OUT_H_

#include <cstdint>

namespace mullion {

enum class AlphaOut : uint8_t {
  kOpaque,   // always 0xFF
  kDecoded,  // the coded alpha; 0xFF where none is coded
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_ALPHA_OUT_H_
