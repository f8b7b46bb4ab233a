// AvcDecoder in a build without libavcodec.
#include "codecs/image/avc.h"

namespace mullion {

struct AvcDecoder::Context {};

bool AvcDecoder::Available() { return false; }

AvcDecoder::AvcDecoder(int64_t max_picture_px, BytesSource* source)
    : max_picture_px_(max_picture_px), source_(source) {}
AvcDecoder::~AvcDecoder() = default;
AvcDecoder::AvcDecoder(AvcDecoder&&) noexcept = default;
AvcDecoder& AvcDecoder::operator=(AvcDecoder&&) noexcept = default;

Status AvcDecoder::Decode(ByteView, AvcPicture* out) {
  *out = AvcPicture();
  return Fail(Err::kUnsupported, "avc420EncodedBitstream");
}

size_t AvcDecoder::memory_bytes() const { return 0; }

}  // namespace mullion
