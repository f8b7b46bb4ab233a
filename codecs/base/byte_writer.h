// Appends little-endian (or big-endian, Be) fields to a growing vector. For PDUs, not for pixels.
//
// Ownership: borrows the vector. Threads: one at a time. Errors: none (allocation failure throws
// std::bad_alloc, which the API boundary turns into Err::kLimit).
#ifndef MULLION_CODECS_BASE_BYTE_WRITER_H_
#define MULLION_CODECS_BASE_BYTE_WRITER_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<uint8_t>* out) : out_(out) {}

  size_t size() const { return out_->size(); }
  void U8(uint8_t v) { out_->push_back(v); }
  void U16(uint16_t v) { Write(v, 2); }
  void U32(uint32_t v) { Write(v, 4); }
  void U64(uint64_t v) { Write(v, 8); }
  void U16Be(uint16_t v) { WriteBe(v, 2); }
  void U32Be(uint32_t v) { WriteBe(v, 4); }
  void Bytes(ByteView bytes) { out_->insert(out_->end(), bytes.begin(), bytes.end()); }
  void Zeros(size_t count) { out_->insert(out_->end(), count, uint8_t{0}); }

  // Overwrites an earlier field, for lengths known only at the end. `at + 2` must be <= size().
  void PatchU16(size_t at, uint16_t v) {
    (*out_)[at] = static_cast<uint8_t>(v);
    (*out_)[at + 1] = static_cast<uint8_t>(v >> 8);
  }
  void PatchU16Be(size_t at, uint16_t v) { PatchU16(at, static_cast<uint16_t>(v << 8 | v >> 8)); }
  void PatchU32(size_t at, uint32_t v) {
    PatchU16(at, static_cast<uint16_t>(v));
    PatchU16(at + 2, static_cast<uint16_t>(v >> 16));
  }

 private:
  void Write(uint64_t v, int size) {
    for (int i = 0; i < size; ++i) U8(static_cast<uint8_t>(v >> (8 * i)));
  }
  void WriteBe(uint64_t v, int size) {
    for (int i = size; i-- > 0;) U8(static_cast<uint8_t>(v >> (8 * i)));
  }
  std::vector<uint8_t>* out_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BYTE_WRITER_H_
