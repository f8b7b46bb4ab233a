#include "codecs/image/alpha.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr uint16_t kAlphaSignature = 0x414C;

// Where the next pixel is written, in wire order.
class Pen {
 public:
  explicit Pen(const PixelView& dst)
      : dst_(dst), left_(static_cast<uint64_t>(dst.bounds().area())) {}

  uint64_t left() const { return left_; }

  // PRECONDITION: count <= left().
  void Run(uint8_t alpha, uint64_t count) {
    left_ -= count;
    while (count > 0) {
      const auto span = std::min(count, static_cast<uint64_t>(dst_.width_px - x_));
      uint8_t* pixel = dst_.row(y_) + static_cast<ptrdiff_t>(x_) * 4 + 3;
      for (uint64_t i = 0; i < span; ++i) pixel[i * 4] = alpha;
      count -= span;
      x_ += static_cast<int32_t>(span);
      if (x_ == dst_.width_px) x_ = 0, ++y_;
    }
  }

 private:
  PixelView dst_;
  uint64_t left_;
  int32_t x_ = 0;
  int32_t y_ = 0;
};

// A run of one alpha value: its length in one byte, or two, or four.
uint32_t ReadRunLength(ByteReader* reader, const char** field) {
  *field = "runLengthFactor1";
  uint32_t length = reader->U8(*field);
  if (length != 0xFF) return length;
  *field = "runLengthFactor2";
  length = reader->U16(*field);
  if (length != 0xFFFF) return length;
  *field = "runLengthFactor3";
  return reader->U32(*field);
}

Status DecodeRuns(ByteReader* reader, const PixelView& dst) {
  Pen pen(dst);
  while (pen.left() > 0) {
    const size_t start = reader->offset();
    const uint8_t alpha = reader->U8("runValue");
    const char* field = "";
    const uint32_t length = ReadRunLength(reader, &field);
    if (length > pen.left()) reader->SetError(Err::kMalformed, field, start + 1);
    MULLION_TRY(reader->status());
    pen.Run(alpha, length);
  }
  return Ok();
}

Status DecodeRaw(ByteReader* reader, const PixelView& dst) {
  const ByteView values = reader->Take(static_cast<size_t>(dst.bounds().area()), "segments");
  MULLION_TRY(reader->status());
  const uint8_t* value = values.data();
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* pixel = dst.row(y) + 3;
    for (int32_t x = 0; x < dst.width_px; ++x, pixel += 4) *pixel = *value++;
  }
  return Ok();
}

}  // namespace

Status DecodeAlpha(ByteView in, const PixelView& dst) {
  ByteReader reader(in);
  if (reader.U16("alphaSig") != kAlphaSignature) reader.SetError(Err::kMalformed, "alphaSig", 0);
  const bool compressed = reader.U16("compressed") != 0;
  MULLION_TRY(reader.status());
  if (dst.bounds().empty()) return Ok();  // its data may be null
  return compressed ? DecodeRuns(&reader, dst) : DecodeRaw(&reader, dst);
}

}  // namespace mullion
