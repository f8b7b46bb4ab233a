// The preconnection PDU: what a client may send before the X.224 connection request, to name the
// virtual machine or the application that it wants.
//
// Spec: MS-RDPEPS 2.2.1 (versions 1 and 2).
// Ownership: owns its string. Over-read: never. Threads: pure.
// Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_PRECONNECTION_H_
#define MULLION_CODECS_WIRE_PRECONNECTION_H_

#include <cstdint>
#include <string>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/status.h"

namespace mullion {

struct Preconnection {
  uint32_t id = 0;
  std::string text;  // version 2: wszPCB
  size_t size = 0;   // cbSize: bytes of the whole PDU, 16 at least
};
Status ParsePreconnection(ByteView bytes, Preconnection* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_PRECONNECTION_H_
