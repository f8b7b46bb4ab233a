#include "codecs/image/clear_layers.h"

namespace mullion::clear {

// Fewer pixels than the bitmap has are allowed; the rest stays as it is.
Status DecodeResidual(ByteView in, size_t offset, const PixelView& dst) {
  ByteReader reader(in);
  RasterWriter writer(dst);
  while (reader.ok() && reader.remaining() > 0) {
    const size_t at = reader.offset();
    const uint32_t colour = ReadColour(&reader, "residual colour");
    const uint32_t run = ReadRunLength(&reader);
    if (!reader.ok()) break;
    if (run > writer.left()) return Fail(Err::kMalformed, "residual runLengthFactor", offset + at);
    writer.Fill(ToFormat(colour, dst.format), run);
  }
  Status status = reader.status();
  status.offset += static_cast<uint32_t>(offset);
  return status;
}

}  // namespace mullion::clear
