// Decodes one NSCodec bitmap.
//
// MS-RDPNSC 2.2.2 (NSCODEC_BITMAP_STREAM), 3.1.8.
// Shapes: dst has the size of the coded bitmap, which the stream itself does not carry. Rows are
// written in wire order (servers send them bottom-up).
// Ownership: borrows everything. The scratch may be reused for any other bitmap.
// Over-read, over-write: none.
// Threads: one at a time per scratch.
// Errors: kTruncated, kMalformed.
// INVARIANT: on failure nothing was written to dst.
#ifndef MULLION_CODECS_IMAGE_NSCODEC_H_
#define MULLION_CODECS_IMAGE_NSCODEC_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"
#include "codecs/image/alpha_mode.h"

namespace mullion {

// Memory for expanded planes. Grows to the largest bitmap seen, at most about 4 bytes per pixel of
// it, and only for planes that are run-length encoded: raw planes are used where they stand.
class NsCodecScratch {
 public:
  size_t capacity_bytes() const { return capacity_; }

  // At least `size` uninitialised bytes, valid until the next call.
  uint8_t* Reserve(size_t size) {
    if (size > capacity_) {
      // Freed first: the two need not coexist.
      bytes_.reset();
      capacity_ = 0;
      bytes_ = std::make_unique_for_overwrite<uint8_t[]>(size);
      capacity_ = size;
    }
    return bytes_.get();
  }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t capacity_ = 0;
};

// With kOpaque the alpha plane is not even expanded, so a malformed one does no harm.
[[nodiscard]] Status DecodeNsCodec(ByteView in, NsCodecScratch* scratch, const PixelView& dst,
                                   AlphaMode alpha = AlphaMode::kOpaque);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_NSCODEC_H_
