// Decodes one QOI image (the Quite OK Image format, qoiformat.org, specification 1.0).
//
// In RDP: the payload of codec QOI in surface bits; of QOIZ after ZstdStream (codecs/bulk).
// Shapes: dst must have the size in the image's header. Rows are written in file order, top first.
// Three-channel images have no alpha: 0xFF is written with either mode.
// Over-read, over-write: none. At least the 8 bytes of the end marker must follow the last chunk;
// their value is not looked at.
// Threads: pure.
// Errors: kTruncated, kMalformed; rows may have been written then.
#ifndef MULLION_CODECS_IMAGE_QOI_H_
#define MULLION_CODECS_IMAGE_QOI_H_

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/image/alpha_mode.h"

namespace mullion {

[[nodiscard]] Status DecodeQoi(ByteView in, const PixelView& dst,
                               AlphaMode alpha = AlphaMode::kOpaque);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_QOI_H_
