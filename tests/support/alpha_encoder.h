// Writes the alpha codec (MS-RDPEGFX 2.2.4.3), plainly: raw, or runs in the shortest form.
#ifndef MULLION_TESTS_SUPPORT_ALPHA_ENCODER_H_
#define MULLION_TESTS_SUPPORT_ALPHA_ENCODER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_writer.h"

namespace mullion::test {

inline void WriteAlphaRun(uint8_t value, uint32_t length, ByteWriter* out) {
  out->U8(value);
  out->U8(static_cast<uint8_t>(length < 0xFF ? length : 0xFF));
  if (length < 0xFF) return;
  out->U16(static_cast<uint16_t>(length < 0xFFFF ? length : 0xFFFF));
  if (length >= 0xFFFF) out->U32(length);
}

// `values` in wire order, the whole rectangle.
inline std::vector<uint8_t> EncodeAlpha(ByteView values, bool compressed) {
  std::vector<uint8_t> stream;
  stream.reserve(4 + values.size());
  ByteWriter out(&stream);
  out.U16(0x414C);
  out.U16(compressed ? 1 : 0);
  if (!compressed) {
    out.Bytes(values);
    return stream;
  }
  for (size_t i = 0; i < values.size();) {
    size_t end = i;
    while (end < values.size() && values[end] == values[i]) ++end;
    WriteAlphaRun(values[i], static_cast<uint32_t>(end - i), &out);
    i = end;
  }
  return stream;
}

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_ALPHA_ENCODER_H_
