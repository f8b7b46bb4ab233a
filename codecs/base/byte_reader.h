// A cursor over bytes with a sticky error: read a whole header, then look once.
//
// Shapes: little-endian unless the name says Be; every read names its field for the error.
// Ownership: borrows the bytes; views it returns live as long as they do.
// Over-read: never. After a failure every read returns 0 or an empty view and moves nothing.
// Threads: one thread at a time.
// Errors: the first failure is kept: kTruncated, the field's name, and its offset.
#ifndef MULLION_CODECS_BASE_BYTE_READER_H_
#define MULLION_CODECS_BASE_BYTE_READER_H_

#include <cstdint>
#include <cstring>
#include <span>

#include "codecs/base/status.h"

namespace mullion {

using ByteView = std::span<const uint8_t>;

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }
  bool ok() const { return status_.ok(); }
  Status status() const { return status_; }

  uint8_t U8(const char* field) { return static_cast<uint8_t>(Read(1, field)); }
  uint16_t U16(const char* field) { return static_cast<uint16_t>(Read(2, field)); }
  uint32_t U24(const char* field) { return static_cast<uint32_t>(Read(3, field)); }
  uint32_t U32(const char* field) { return static_cast<uint32_t>(Read(4, field)); }
  uint64_t U64(const char* field) { return Read(8, field); }
  int16_t I16(const char* field) { return static_cast<int16_t>(U16(field)); }
  int32_t I32(const char* field) { return static_cast<int32_t>(U32(field)); }
  uint16_t U16Be(const char* field) { return static_cast<uint16_t>(ReadBe(2, field)); }
  uint32_t U32Be(const char* field) { return static_cast<uint32_t>(ReadBe(4, field)); }

  // The next byte without consuming it; 0 at the end, which is no error.
  uint8_t Peek() const { return ok() && remaining() > 0 ? bytes_[offset_] : uint8_t{0}; }

  ByteView Take(size_t size, const char* field) {
    if (!Has(size, field)) return {};
    ByteView view = bytes_.subspan(offset_, size);
    offset_ += size;
    return view;
  }
  ByteView TakeRest() { return ok() ? Take(remaining(), "") : ByteView{}; }
  void Skip(size_t size, const char* field) { (void)Take(size, field); }

  // Records a failure of the caller's own (a forbidden value) at `offset`, if none stands yet.
  void SetError(Err err, const char* field, size_t offset) {
    if (ok()) status_ = Fail(err, field, offset);
  }

 private:
  bool Has(size_t size, const char* field) {
    if (!ok()) return false;
    if (size <= remaining()) return true;
    status_ = Fail(Err::kTruncated, field, offset_);
    return false;
  }
  uint64_t Read(size_t size, const char* field) {
    if (!Has(size, field)) return 0;
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | bytes_[offset_ + i];
    offset_ += size;
    return value;
  }
  uint64_t ReadBe(size_t size, const char* field) {
    if (!Has(size, field)) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | bytes_[offset_ + i];
    offset_ += size;
    return value;
  }

  ByteView bytes_;
  size_t offset_ = 0;
  Status status_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BYTE_READER_H_
