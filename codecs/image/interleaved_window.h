// The window of native-width rows in which an interleaved bitmap is decoded.
//
// Shapes: `rows` rows of source.stride_bytes, a row above them (black at first) and kEmitSlack
// bytes behind them, in memory of Size() bytes that the caller owns. Private to interleaved.cc.
#ifndef MULLION_CODECS_IMAGE_INTERLEAVED_WINDOW_H_
#define MULLION_CODECS_IMAGE_INTERLEAVED_WINDOW_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codecs/base/pixel_view.h"
#include "codecs/image/interleaved_emit.h"
#include "codecs/simd/pixel_expand.h"

namespace mullion::interleaved {

// The native rows that are being decoded, and their way into dst.
class Window {
 public:
  Window(const PixelSource& source, PixelView dst, uint8_t* memory, size_t rows)
      : source_(source), dst_(dst), rows_(rows) {
    start_ = memory + source.stride_bytes;
    std::memset(memory, 0, source.stride_bytes);
    Open();
  }
  // Bytes that a window of `rows` rows needs: the row above it and slack behind it.
  static size_t Size(size_t row_bytes, size_t rows) { return row_bytes * (rows + 1) + kEmitSlack; }

  uint8_t* start() const { return start_; }
  uint8_t* limit() const { return limit_; }
  bool last() const { return left_ <= rows_; }

  // Expands the full window and starts the next one, which keeps the last row above it.
  void Slide() {
    Flush();
    std::memcpy(start_ - source_.stride_bytes, limit_ - source_.stride_bytes, source_.stride_bytes);
    Open();
  }
  void Flush() {
    const int32_t rows = static_cast<int32_t>(std::min(left_, rows_));
    source_.data = start_;
    ExpandPixels(source_, dst_.Sub({0, next_row_, dst_.width_px, rows}));
    next_row_ += rows;
  }

 private:
  void Open() {
    left_ = static_cast<size_t>(dst_.height_px - next_row_);
    limit_ = start_ + std::min(left_, rows_) * source_.stride_bytes;
  }

  PixelSource source_;
  PixelView dst_;
  size_t rows_;
  uint8_t* start_;
  uint8_t* limit_ = nullptr;
  size_t left_ = 0;  // rows from the window's first on
  int32_t next_row_ = 0;
};

}  // namespace mullion::interleaved

#endif  // MULLION_CODECS_IMAGE_INTERLEAVED_WINDOW_H_
