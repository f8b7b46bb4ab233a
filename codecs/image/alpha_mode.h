// What a decoder writes into the fourth byte of a pixel.
//
// kOpaque is what the desktop wants (X = 0xFF whatever the wire says); kKeep passes the coded
// alpha on, for surfaces of the graphics pipeline that have alpha.
#ifndef MULLION_CODECS_IMAGE_ALPHA_MODE_H_
#define MULLION_CODECS_IMAGE_ALPHA_MODE_H_

#include <cstdint>

namespace mullion {

enum class AlphaMode : uint8_t { kOpaque = 0, kKeep = 1 };

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_ALPHA_MODE_H_
