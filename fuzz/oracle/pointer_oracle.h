// libfreerdp2's picture of a pointer's masks.
#ifndef MULLION_FUZZ_ORACLE_POINTER_ORACLE_H_
#define MULLION_FUZZ_ORACLE_POINTER_ORACLE_H_

#include <cstdint>
#include <vector>

#include "codecs/image/pointer_image.h"

namespace mullion::oracle {

// B,G,R,A, top-down; false where libfreerdp2 refuses (it has no 4 and 15 bpp).
bool DecodePointerImage(const PointerShape& shape, std::vector<uint8_t>* bgra);

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_POINTER_ORACLE_H_
