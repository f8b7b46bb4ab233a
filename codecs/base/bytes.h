// A refcounted, immutable slice of bytes: what packets and ops carry between threads.
//
// Ownership: copies share one buffer, which dies with the last slice, or goes back to the source
// that it came from; a source outlives its buffers. Slicing never copies.
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

// Where buffers may come from: engine/bytes_pool.h. Threads: any.
class BytesSource {
 public:
  // A block of at least `*size` bytes, aligned to 16; `*size` becomes what it has. Throws
  // std::bad_alloc.
  virtual void* Take(size_t* size, uint32_t* size_class) = 0;
  virtual void Give(void* block, uint32_t size_class) = 0;

 protected:
  ~BytesSource() = default;
};

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
    if (block_ != nullptr && block_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) Free();
  }

  // A fresh uninitialised buffer; fill it through mutable_data() before slicing or sharing it.
  static Bytes Allocate(size_t size, BytesSource* source = nullptr) {
    Bytes bytes = AtLeast(size, source);
    bytes.size_ = size;
    return bytes;
  }
  // The same, as large as the source's block is: for what is still to grow.
  static Bytes AtLeast(size_t size, BytesSource* source) {
    if (size > SIZE_MAX - sizeof(Block)) throw std::bad_alloc();
    size_t block_size = sizeof(Block) + size;
    uint32_t size_class = 0;
    void* memory = source != nullptr ? source->Take(&block_size, &size_class)  // may throw
                                     : std::malloc(block_size);
    if (memory == nullptr) throw std::bad_alloc();
    Bytes bytes;
    bytes.block_ = new (memory) Block{{1}, size_class, source, block_size};
    bytes.data_ = reinterpret_cast<uint8_t*>(bytes.block_ + 1);
    bytes.size_ = block_size - sizeof(Block);
    return bytes;
  }
  static Bytes Copy(ByteView view, BytesSource* source = nullptr) {
    Bytes bytes = Allocate(view.size(), source);
    if (!view.empty()) std::memcpy(bytes.data_, view.data(), view.size());
    return bytes;
  }

  const uint8_t* data() const { return data_; }
  uint8_t* mutable_data() { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {data_, size_}; }

  // The buffer that the slice lies in, to be compared with that of another slice, and its size:
  // what a slice, however small, keeps alive.
  const void* buffer() const { return block_; }
  size_t buffer_size() const { return block_ != nullptr ? block_->size : 0; }

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
    std::atomic<uint32_t> refs;
    uint32_t size_class;
    BytesSource* source;
    size_t size;  // with this header
  };
  void Free() {
    block_->source != nullptr ? block_->source->Give(block_, block_->size_class)
                              : std::free(block_);
  }

  Block* block_ = nullptr;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BYTES_H_
