// Zeroed memory for a decompression history.
//
// Ownership: frees itself. From calloc and not from a vector, because fresh pages of the system are
// zero already: a history costs real memory only as far as it has been written.
// Errors: Allocate throws std::bad_alloc.
#ifndef MULLION_CODECS_BULK_HISTORY_BUFFER_H_
#define MULLION_CODECS_BULK_HISTORY_BUFFER_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace mullion {

class HistoryBuffer {
 public:
  bool allocated() const { return bytes_ != nullptr; }
  void Allocate(size_t size) {
    bytes_.reset(static_cast<uint8_t*>(std::calloc(size, 1)));
    if (bytes_ == nullptr) throw std::bad_alloc();
  }
  void Free() { bytes_.reset(); }
  uint8_t* data() const { return bytes_.get(); }

 private:
  struct Freer {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t[], Freer> bytes_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_HISTORY_BUFFER_H_
