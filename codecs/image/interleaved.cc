// Interleaved RLE, decoded in the wire's own pixel width and expanded afterwards.
//
// Why two steps: an order says "n pixels as above", "n times this colour", "these n pixels", and in
// 1 to 3 bytes a pixel each is a few 16-byte words, with no per-pixel work at all; the expansion to
// 32 bits is then one SIMD pass over a window that is still in the first-level cache (a 64x64 tile
// is 4 to 12 KiB). Typical desktops have 20 to 40 pixels per order, so an order may cost some forty
// cycles: what counts is one predictable path from header to stores. Hence the table of 256
// headers, runs written in whole words past their end, and three margins instead of checks:
//   - the last bytes of the input are moved to a padded buffer, so headers and colours are read
//     before they are known to be there, and checked once, when the order's length is known;
//   - the window has slack behind it, so runs are only compared with the pixels left in it;
//   - a row of slack stands before the window, so "above" needs no first-line case.
// The first scan-line: a run that starts there treats "above" as black for its whole length, even
// where it runs into the second line; so those orders become plain colour runs.
#include "codecs/image/interleaved.h"

#include <algorithm>
#include <memory>

#include "codecs/image/interleaved_emit.h"
#include "codecs/image/interleaved_orders.h"
#include "codecs/image/interleaved_window.h"
#include "codecs/simd/pixel_expand.h"
#include "codecs/simd/prefetch_rows.h"

namespace mullion {
namespace interleaved {
namespace {

constexpr size_t kWindowBytes = 32 * 1024;
constexpr ptrdiff_t kTailBytes = 16;  // more than any header, colours included
constexpr const char* kStream = "rleCompressedBitmapStream";

// An order with its colours, ready to be written in one piece or in several.
struct Run {
  Kind kind;
  bool above_is_black = false;
  uint32_t colour = 0;            // foreground, or the run's colour, or the first of a pair
  uint32_t second = 0;            // kDithered
  const uint8_t* data = nullptr;  // kColourImage: pixels; kFgBgImage: bitmasks
};

// Pixel by pixel: for rows too short for wide words, and for pieces of an order.
// `done` pixels of the run were written before.
template <int kBytes>
void EmitPixels(uint8_t* out, size_t row_bytes, const Run& run, size_t done, size_t count) {
  for (size_t i = done; i < done + count; ++i, out += kBytes) {
    const uint32_t above = run.above_is_black ? 0 : LoadPel<kBytes>(out - row_bytes);
    uint32_t value = 0;
    switch (run.kind) {
      case Kind::kBackground:
        value = above;
        break;
      case Kind::kForeground:
        value = above ^ run.colour;
        break;
      case Kind::kDithered:
        value = i % 2 == 0 ? run.colour : run.second;
        break;
      case Kind::kColourImage:
        value = LoadPel<kBytes>(run.data + i * kBytes);
        break;
      case Kind::kFgBgImage:
        value = above ^ (run.data[i / 8] >> (i % 8) & 1 ? run.colour : 0);
        break;
      default:
        value = run.colour;
        break;
    }
    StorePel<kBytes>(out, value);
  }
}

template <int kBytes>
class Decoder {
 public:
  Decoder(ByteView in, Window* window, size_t row_bytes)
      : in_(in.data()),
        end_(in.data() + in.size()),
        size_(in.size()),
        window_(window),
        row_bytes_(row_bytes),
        wide_(row_bytes >= kMinWideRow) {}

  Status Decode() {
    out_ = window_->start();
    uint8_t* first_line_end = out_ + row_bytes_;
    bool insert_foreground = false;
    bool first_line = true;
    for (;;) {
      if (end_ - in_ < kTailBytes) {
        if (in_ >= end_) break;
        MoveTail();
      }
      if (first_line && (slid_ || out_ >= first_line_end)) {
        first_line = false;
        insert_foreground = false;
      }
      const Order& order = kOrders[*in_];
      size_t count = order.length + (LoadPel<2>(in_ + 1) & order.length_mask);
      in_ += order.header_bytes;
      if (order.kind == Kind::kBackground && !first_line && wide_) {
        // The commonest order by far, so it comes first.
        if (insert_foreground) {
          if (count == 0) return Malformed("runLength");
          MULLION_TRY(Emit({.kind = Kind::kForeground, .colour = foreground_}, 1));
          --count;
        }
        insert_foreground = true;
        if (Fits(count)) {
          EmitAbove(out_, row_bytes_, count * kBytes);
          out_ += count * kBytes;
        } else {
          MULLION_TRY(EmitSplit({.kind = Kind::kBackground}, count));
        }
        continue;
      }
      MULLION_TRY(Other(order, count, first_line, &insert_foreground));
    }
    if (in_ > end_) return Truncated();
    FillRest();
    return Ok();
  }

 private:
  bool Fits(size_t count) const {
    return count * kBytes <= static_cast<size_t>(window_->limit() - out_);
  }
  size_t Available() const { return in_ > end_ ? 0 : static_cast<size_t>(end_ - in_); }
  // Offsets count from the start of the stream, wherever its tail now lies.
  size_t Offset() const { return size_ - Available(); }
  Status Truncated() const { return Fail(Err::kTruncated, kStream, Offset()); }
  // A run length that lies behind the end of the input is no run length.
  Status Malformed(const char* field) const {
    return in_ > end_ ? Truncated() : Fail(Err::kMalformed, field, Offset());
  }

  // A stream may end before the bitmap: the rest is black.
  void FillRest() {
    for (;;) {
      std::memset(out_, 0, static_cast<size_t>(window_->limit() - out_));
      if (window_->last()) break;
      window_->Slide();
      out_ = window_->start();
    }
    window_->Flush();
  }

  // Once: the bytes that are left go where reading past them is harmless.
  void MoveTail() {
    if (in_tail_) return;
    in_tail_ = true;
    const size_t size = static_cast<size_t>(end_ - in_);
    std::memset(tail_, 0, sizeof(tail_));
    std::memcpy(tail_, in_, size);
    in_ = tail_;
    end_ = tail_ + size;
  }

  uint32_t TakePel() {
    const uint32_t pel = LoadPel<kBytes>(in_);
    in_ += kBytes;
    return pel;
  }

  Status Other(const Order& order, size_t count, bool first_line, bool* insert_foreground) {
    if (order.kind == Kind::kBackground) {
      if (*insert_foreground) {
        if (count == 0) return Malformed("runLength");
        MULLION_TRY(Emit(
            {.kind = Kind::kForeground, .above_is_black = first_line, .colour = foreground_}, 1));
        --count;
      }
      *insert_foreground = true;
      return Emit({.kind = Kind::kBackground, .above_is_black = first_line}, count);
    }
    *insert_foreground = false;
    Run run{.kind = order.kind, .above_is_black = first_line};
    size_t data_bytes = 0;
    switch (order.kind) {
      case Kind::kForeground:
        if (order.sets_foreground) foreground_ = TakePel();
        run.colour = foreground_;
        break;
      case Kind::kDithered:
        run.colour = TakePel();
        run.second = TakePel();
        count *= 2;
        break;
      case Kind::kColour:
        run.colour = TakePel();
        break;
      case Kind::kFgBgImage:
        if (order.sets_foreground) foreground_ = TakePel();
        run.colour = foreground_;
        run.data = in_;
        data_bytes = (count + 7) / 8;
        if (order.mask != 0) {
          run.data = &order.mask;
          data_bytes = 0;
        }
        break;
      case Kind::kColourImage:
        run.data = in_;
        data_bytes = count * kBytes;
        break;
      case Kind::kWhite:
        run.colour = kWhitePel;
        break;
      case Kind::kBlack:
        break;
      default:
        return Malformed("orderHeader");
    }
    if (in_ > end_ || data_bytes > Available()) return Truncated();
    in_ += data_bytes;
    return Emit(run, count);
  }

  Status Emit(const Run& run, size_t count) {
    if (!Fits(count)) return EmitSplit(run, count);
    EmitPiece(run, count);
    return Ok();
  }

  // PRECONDITION: Fits(count).
  void EmitPiece(const Run& run, size_t count) {
    const size_t size = count * kBytes;
    switch (run.kind) {
      case Kind::kBackground:
        if (run.above_is_black) {
          EmitPattern<kBytes>(out_, count, {});
        } else if (wide_) {
          EmitAbove(out_, row_bytes_, size);
        } else {
          EmitPixels<kBytes>(out_, row_bytes_, run, 0, count);
        }
        break;
      case Kind::kForeground:
        if (run.above_is_black) {
          EmitPattern<kBytes>(out_, count, SolidPattern<kBytes>(run.colour));
        } else if (wide_) {
          EmitAboveXor<kBytes>(out_, row_bytes_, count, SolidPattern<kBytes>(run.colour));
        } else {
          EmitPixels<kBytes>(out_, row_bytes_, run, 0, count);
        }
        break;
      case Kind::kDithered:
        EmitPattern<kBytes>(out_, count, PairPattern<kBytes>(run.colour, run.second));
        break;
      case Kind::kColourImage:
        // in_ stands behind the pixels: is a whole word readable past them?
        if (static_cast<size_t>(end_ - in_) >= 16) {
          EmitCopy(out_, run.data, size);
        } else {
          std::memcpy(out_, run.data, size);
        }
        break;
      case Kind::kFgBgImage:
        if (run.above_is_black || !wide_) {
          EmitPixels<kBytes>(out_, row_bytes_, run, 0, count);
        } else {
          uint8_t* out = out_;
          for (size_t i = 0; i < count; i += 8, out += 8 * kBytes) {
            EmitFgBg8<kBytes>(out, row_bytes_, run.data[i / 8], run.colour);
          }
        }
        break;
      default:
        EmitPattern<kBytes>(out_, count, SolidPattern<kBytes>(run.colour));
        break;
    }
    out_ += size;
  }

  // A run that ends behind the window: piece by piece, sliding the window on; rare by design.
  Status EmitSplit(Run run, size_t count) {
    size_t done = 0;
    while (!Fits(count)) {
      if (window_->last()) return Malformed("runLength");
      const size_t piece = static_cast<size_t>(window_->limit() - out_) / kBytes;
      EmitPixels<kBytes>(out_, row_bytes_, run, done, piece);
      done += piece;
      count -= piece;
      window_->Slide();
      out_ = window_->start();
      slid_ = true;
    }
    EmitPixels<kBytes>(out_, row_bytes_, run, done, count);
    out_ += count * kBytes;
    return Ok();
  }

  static constexpr uint32_t kWhitePel = kBytes == 1 ? 0xFF : kBytes == 2 ? 0xFFFF : 0xFFFFFF;

  const uint8_t* in_;
  const uint8_t* end_;
  size_t size_;
  Window* window_;
  uint8_t* out_ = nullptr;
  size_t row_bytes_;
  bool wide_;
  bool slid_ = false;  // the first scan-line lies behind
  uint32_t foreground_ = kWhitePel;
  bool in_tail_ = false;
  uint8_t tail_[kTailBytes * 2];
};

Status DecodeInto(ByteView in, const PixelSource& source, PixelView dst, uint8_t* memory,
                  size_t rows) {
  Window window(source, dst, memory, rows);
  switch (source.bits_per_pixel) {
    case 8:
      return Decoder<1>(in, &window, source.stride_bytes).Decode();
    case 24:
      return Decoder<3>(in, &window, source.stride_bytes).Decode();
    default:
      return Decoder<2>(in, &window, source.stride_bytes).Decode();
  }
}

}  // namespace
}  // namespace interleaved

bool InterleavedWritesAtEnd(int bits_per_pixel, int32_t width_px, int32_t height_px) {
  if (width_px <= 0 || height_px <= 0) return true;
  const size_t row_bytes =
      size_t{static_cast<uint32_t>(width_px)} * static_cast<size_t>((bits_per_pixel + 7) / 8);
  const size_t rows = static_cast<size_t>(height_px);
  return interleaved::Window::Size(row_bytes, rows) <= interleaved::kWindowBytes;
}

Status DecodeInterleaved(ByteView in, int bits_per_pixel, const Palette* palette, PixelView dst) {
  using interleaved::kWindowBytes;
  using interleaved::Window;
  size_t pixel_bytes = 0;
  switch (bits_per_pixel) {
    case 8:
      if (palette == nullptr) return Fail(Err::kState, "palette");
      pixel_bytes = 1;
      break;
    case 15:
    case 16:
      pixel_bytes = 2;
      break;
    case 24:
      pixel_bytes = 3;
      break;
    default:
      return Fail(Err::kUnsupported, "bitsPerPixel");
  }
  if (dst.width_px <= 0) return Fail(Err::kMalformed, "width");
  if (dst.height_px <= 0) return Fail(Err::kMalformed, "height");
  if (in.empty()) return Fail(Err::kTruncated, interleaved::kStream);

  PrefetchFirstRows(dst);
  const PixelSource source = {.stride_bytes = static_cast<size_t>(dst.width_px) * pixel_bytes,
                              .bits_per_pixel = bits_per_pixel,
                              .palette = palette == nullptr ? nullptr : palette->entries};
  const size_t height = static_cast<size_t>(dst.height_px);
  constexpr size_t kMinRows = 3;
  if (Window::Size(source.stride_bytes, std::min(kMinRows, height)) <= kWindowBytes) {
    alignas(16) uint8_t memory[kWindowBytes];
    const size_t fits = (kWindowBytes - interleaved::kEmitSlack) / source.stride_bytes - 1;
    return interleaved::DecodeInto(in, source, dst, memory, std::min(fits, height));
  }
  const size_t rows = std::min(kMinRows, height);
  const auto memory =
      std::make_unique_for_overwrite<uint8_t[]>(Window::Size(source.stride_bytes, rows));
  return interleaved::DecodeInto(in, source, dst, memory.get(), rows);
}

}  // namespace mullion
