// Joins pieces into one Bytes: fragments of an update, chunks of a channel's message.
//
// Ownership: owns what it has gathered until Take() hands it over, without a copy.
// Memory: grows by doubling, so at most twice what was appended; the caller sets the limit.
// Threads: one at a time. Errors: std::bad_alloc.
#ifndef MULLION_CODECS_BASE_BYTES_BUILDER_H_
#define MULLION_CODECS_BASE_BYTES_BUILDER_H_

#include <algorithm>
#include <cstring>
#include <utility>

#include "codecs/base/bytes.h"

namespace mullion {

class BytesBuilder {
 public:
  explicit BytesBuilder(BytesSource* source = nullptr) : source_(source) {}

  void Append(ByteView part) {
    if (part.empty()) return;
    if (part.size() > room_.size() - size_) {
      Bytes larger = Bytes::AtLeast(std::max(size_ + part.size(), 2 * room_.size()), source_);
      if (size_ > 0) std::memcpy(larger.mutable_data(), room_.data(), size_);
      room_ = std::move(larger);
    }
    std::memcpy(room_.mutable_data() + size_, part.data(), part.size());
    size_ += part.size();
  }
  size_t size() const { return size_; }
  ByteView view() const { return {room_.data(), size_}; }
  // What was gathered; the builder is empty afterwards and holds no memory.
  Bytes Take() {
    const Bytes room = std::move(room_);
    return room.Slice(0, std::exchange(size_, 0));
  }

 private:
  BytesSource* source_;
  Bytes room_;  // its first size_ bytes are filled
  size_t size_ = 0;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BYTES_BUILDER_H_
