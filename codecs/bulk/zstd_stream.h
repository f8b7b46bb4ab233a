// The one zstd stream of a session, that QOIZ bitmaps go through.
//
// RFC 8878; codec QOIZ of IronRDP servers: every bitmap's payload is flushed out of one compressor
// that lives as long as the session, so payloads must come in order and none may be missing.
// Shapes: one call inflates one payload to at most `max_out` bytes.
// Ownership: `*out` is a view into the stream's own buffer, good until the next call.
// Memory: nothing before the first payload; then at most the window that the stream announces,
// never more than 2^window_log_max bytes (servers with long-distance matching announce 2^27; pages
// of it are touched only as far as it fills), and a buffer of at most max_out bytes. Threads: one
// at a time. Errors: kMalformed; kLimit when the payload is larger than max_out or the window is
// too large; kState after any failure, since the history is lost then.
#ifndef MULLION_CODECS_BULK_ZSTD_STREAM_H_
#define MULLION_CODECS_BULK_ZSTD_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

class ZstdStream {
 public:
  static constexpr int kDefaultWindowLogMax = 27;

  explicit ZstdStream(int window_log_max = kDefaultWindowLogMax);
  ~ZstdStream();
  ZstdStream(ZstdStream&&) noexcept;
  ZstdStream& operator=(ZstdStream&&) noexcept;

  [[nodiscard]] Status Inflate(ByteView in, size_t max_out, ByteView* out);

  // Forgets everything: the next payload starts a new stream.
  void Reset();

 private:
  struct Context;

  Status Grow(size_t used, size_t max_out);

  std::unique_ptr<Context> context_;  // null before the first payload
  std::vector<uint8_t> buffer_;
  int window_log_max_;
  bool failed_ = false;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_ZSTD_STREAM_H_
