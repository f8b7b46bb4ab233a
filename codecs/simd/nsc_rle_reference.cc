#include <cstring>

#include "codecs/simd/nsc_rle.h"

namespace mullion {

bool ExpandNscRleReference(ByteView in, uint8_t* out, size_t size) {
  constexpr size_t kEndDataSize = 4;
  ByteReader reader(in);
  size_t left = size;
  while (left > kEndDataSize) {
    const uint8_t value = reader.U8("RunValue");
    size_t length = 1;
    // The last byte in front of EndData has nothing to be confirmed by: the byte that follows it
    // is already EndData, and equality would mean nothing.
    if (left > kEndDataSize + 1 && reader.remaining() > 0 && reader.Peek() == value) {
      reader.Skip(1, "RunConfirm");
      const uint8_t factor = reader.U8("RunLengthFactor1");
      length = factor < 0xFF ? factor + size_t{2} : reader.U32("RunLengthFactor2");
    }
    if (!reader.ok() || length > left - kEndDataSize) return false;
    std::memset(out, value, length);
    out += length;
    left -= length;
  }
  const ByteView end_data = reader.Take(kEndDataSize, "EndData");
  if (!reader.ok() || left != kEndDataSize) return false;
  std::memcpy(out, end_data.data(), kEndDataSize);
  return true;
}

}  // namespace mullion
