// A plain ZGFX compressor, for what no server at hand emits: matches of every token, unencoded
// runs.
//
// MS-RDPEGFX 3.1.9.1.2. Test tool: greedy, slow, readable. Keeps its history between messages.
#ifndef MULLION_TESTS_CODECS_BULK_ZGFX_ENCODER_H_
#define MULLION_TESTS_CODECS_BULK_ZGFX_ENCODER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "tests/codecs/bulk/tokens.h"

namespace mullion::test {

// One RDP8_BULK_ENCODED_DATA. `unencoded` runs of at least that many literals are sent as such.
std::vector<uint8_t> EncodeZgfxSegment(std::span<const Token> tokens, uint8_t type = 0x04,
                                       size_t unencoded = 24);
std::vector<uint8_t> PlainZgfxSegment(std::span<const uint8_t> data, uint8_t type = 0x04);
// RDP_SEGMENTED_DATA.
std::vector<uint8_t> ZgfxSingle(std::span<const uint8_t> segment);
std::vector<uint8_t> ZgfxMultipart(std::span<const std::vector<uint8_t>> segments, uint32_t size);

class ZgfxEncoder {
 public:
  // `lite`: 8 KB history and segments.
  explicit ZgfxEncoder(bool lite = false)
      : lite_(lite), tokenizer_(lite ? 8192 : 2'500'000, 3, 65535) {}
  // The whole message, in as many segments of at most `segment_size` bytes as it takes.
  std::vector<uint8_t> Encode(std::span<const uint8_t> data, size_t segment_size);

 private:
  bool lite_;
  Tokenizer tokenizer_;
};

}  // namespace mullion::test

#endif  // MULLION_TESTS_CODECS_BULK_ZGFX_ENCODER_H_
