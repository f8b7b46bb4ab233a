// The alpha codec: nothing is written but the alpha bytes of the rectangle.
#include <vector>

#include "codecs/image/alpha.h"
#include "fuzz/fuzz.h"

namespace mullion {

// Input: width, height, the stream.
MULLION_FUZZ_TARGET(alpha) {
  ByteReader reader(data);
  const int32_t width = reader.U8("width");
  const int32_t height = reader.U8("height");
  if (!reader.ok()) return;
  constexpr uint8_t kCanary = 0xA5;
  const size_t row = static_cast<size_t>(width) * 4;
  std::vector<uint8_t> bytes(row * (static_cast<size_t>(height) + 2), kCanary);
  const PixelView dst = {bytes.data() + row, width, height, static_cast<ptrdiff_t>(row)};
  (void)DecodeAlpha(reader.TakeRest(), dst);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const bool inside = i >= row && i < bytes.size() - row;
    MULLION_FUZZ_CHECK((inside && i % 4 == 3) || bytes[i] == kCanary);
  }
}

}  // namespace mullion
