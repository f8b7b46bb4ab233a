// A refcounted, immutable slice of bytes: what packets and ops carry between threads.
//
// Ownership: copies share one buffer, which dies with the last slice. Slicing never copies.
// Threads: a Bytes value is used by one thread at a time; distinct slices of one buffer may live
// on distinct threads. The bytes must not be written once a second slice exists.
// Errors: allocation failure throws std::bad_alloc (caught at the API boundary).
#ifndef MULLION_CODECS_BASE_BYTES_H_
#define MULLION_CODECS_BASE_BYTES_H_

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "codecs/base/byte_reader.h"

namespace mullion {

class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes& other) : block_(other.block_), data_(other.data_), size_(other.size_) {
    if (block_ != nullptr) block_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Bytes(Bytes&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Bytes() {
    if (block_ != nullptr && block_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      std::free(block_);
    }
  }

  // A fresh uninitialised buffer; fill it through mutable_data() before slicing or sharing it.
  static Bytes Allocate(size_t size) {
    void* memory = std::malloc(sizeof(Block) + size);
    if (memory == nullptr) throw std::bad_alloc();
    Bytes bytes;
    bytes.block_ = new (memory) Block;
    bytes.data_ = reinterpret_cast<uint8_t*>(bytes.block_ + 1);
    bytes.size_ = size;
    return bytes;
  }
  static Bytes Copy(ByteView view) {
    Bytes bytes = Allocate(view.size());
    if (!view.empty()) std::memcpy(bytes.data_, view.data(), view.size());
    return bytes;
  }

  const uint8_t* data() const { return data_; }
  uint8_t* mutable_data() { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {data_, size_}; }

  // PRECONDITION: offset + size <= this->size().
  Bytes Slice(size_t offset, size_t size) const {
    Bytes slice(*this);
    slice.data_ += offset;
    slice.size_ = size;
    return slice;
  }
  // The slice that `part`, a view into this very buffer, stands for.
  Bytes SliceOf(ByteView part) const {
    return part.empty() ? Bytes() : Slice(static_cast<size_t>(part.data() - data_), part.size());
  }

 private:
  struct alignas(16) Block {
    std::atomic<uint32_t> refs{1};
  };
  Block* block_ = nullptr;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BYTES_H_
