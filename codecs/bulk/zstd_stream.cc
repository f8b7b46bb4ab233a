#include "codecs/bulk/zstd_stream.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>

namespace mullion {

struct ZstdStream::Context {
  ZSTD_DCtx* zstd = ZSTD_createDCtx();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { ZSTD_freeDCtx(zstd); }
};

ZstdStream::ZstdStream(int window_log_max) : window_log_max_(window_log_max) {}
ZstdStream::~ZstdStream() = default;
ZstdStream::ZstdStream(ZstdStream&&) noexcept = default;
ZstdStream& ZstdStream::operator=(ZstdStream&&) noexcept = default;

void ZstdStream::Reset() {
  context_.reset();
  buffer_ = {};
  failed_ = false;
}

Status ZstdStream::Inflate(ByteView in, size_t max_out, ByteView* out) {
  *out = {};
  if (failed_) return Fail(Err::kState, "zstd stream after an error");
  failed_ = true;  // until the end is reached
  if (context_ == nullptr) {
    context_ = std::make_unique<Context>();
    if (context_->zstd == nullptr ||
        ZSTD_isError(
            ZSTD_DCtx_setParameter(context_->zstd, ZSTD_d_windowLogMax, window_log_max_)) != 0) {
      return Fail(Err::kInternal, "zstd context");
    }
  }
  ZSTD_inBuffer source = {in.data(), in.size(), 0};
  size_t used = 0;
  // The payload has ended when its bytes are consumed and zstd leaves room in the buffer: it always
  // writes out all that it can. Hence the buffer is kept larger than what it may hold.
  for (;;) {
    if (used == buffer_.size()) MULLION_TRY(Grow(used, max_out));
    ZSTD_outBuffer target = {buffer_.data(), buffer_.size(), used};
    const size_t before = source.pos;
    const size_t result = ZSTD_decompressStream(context_->zstd, &target, &source);
    if (ZSTD_isError(result) != 0) {
      switch (ZSTD_getErrorCode(result)) {
        case ZSTD_error_frameParameter_windowTooLarge:
          return Fail(Err::kLimit, "zstd Window_Size", before);
        case ZSTD_error_memory_allocation:
          return Fail(Err::kLimit, "zstd memory", before);
        default:
          return Fail(Err::kMalformed, "zstd block", before);
      }
    }
    const bool moved = source.pos != before || target.pos != used;
    used = target.pos;
    if (used > max_out) return Fail(Err::kLimit, "zstd output", source.pos);
    if (used < buffer_.size() && (source.pos == source.size || !moved)) break;
  }
  if (source.pos != source.size) return Fail(Err::kMalformed, "zstd block", source.pos);
  failed_ = false;
  *out = ByteView(buffer_.data(), used);
  return Ok();
}

// Makes the buffer larger than `used`, but never much larger than what is allowed.
Status ZstdStream::Grow(size_t used, size_t max_out) {
  constexpr size_t kFirst = size_t{64} << 10;
  if (used > max_out) return Fail(Err::kLimit, "zstd output");
  const size_t wanted = std::max(kFirst, used * 2);
  buffer_.resize(std::max(used + 1, std::min(wanted, max_out + 1)));
  return Ok();
}

}  // namespace mullion
