// A standard allocator over a BytesSource, for std::allocate_shared: small objects that are made
// again and again and are let go of on other threads.
//
// Ownership: copies share the source, which may be null (the global heap then) and outlives what
// came from it. Threads: any. Errors: std::bad_alloc.
#ifndef MULLION_CODECS_BASE_SOURCE_ALLOCATOR_H_
#define MULLION_CODECS_BASE_SOURCE_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "codecs/base/bytes.h"

namespace mullion {

template <typename T>
class SourceAllocator {
 public:
  using value_type = T;

  explicit SourceAllocator(BytesSource* source) : source_(source) {}
  template <typename U>
  SourceAllocator(const SourceAllocator<U>& other) : source_(other.source()) {}

  T* allocate(size_t count) {
    if (count > (SIZE_MAX - sizeof(Header)) / sizeof(T)) throw std::bad_alloc();
    size_t size = sizeof(Header) + count * sizeof(T);
    uint32_t size_class = 0;
    void* memory = source_ != nullptr ? source_->Take(&size, &size_class) : std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    return reinterpret_cast<T*>(new (memory) Header{size_class} + 1);
  }
  void deallocate(T* objects, size_t) {
    Header* const header = reinterpret_cast<Header*>(objects) - 1;
    source_ != nullptr ? source_->Give(header, header->size_class) : std::free(header);
  }

  BytesSource* source() const { return source_; }
  template <typename U>
  bool operator==(const SourceAllocator<U>& other) const {
    return source_ == other.source();
  }

 private:
  struct alignas(16) Header {
    uint32_t size_class;
  };
  static_assert(alignof(T) <= alignof(Header));  // what sources and malloc give

  BytesSource* source_;
};

// As std::make_shared, with the object and its count in one block of the source.
template <typename T, typename... Arguments>
std::shared_ptr<T> MakeShared(BytesSource* source, Arguments&&... arguments) {
  return std::allocate_shared<T>(SourceAllocator<T>(source), std::forward<Arguments>(arguments)...);
}

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_SOURCE_ALLOCATOR_H_
