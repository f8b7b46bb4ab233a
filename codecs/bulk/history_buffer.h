// Zeroed memory for a decompression history.
//
// A history costs real memory only as far as it has been written, because fresh pages of the system
// are zero already. Large ones come from the system itself and go back to it: malloc takes them
// into its arenas once it has seen a large block freed, and there the histories of sessions that
// come and go are cleared by hand, resident as a whole, and cut up (bench/density, 100 sessions
// that log in again and again for 30 seconds: 1.3 MiB less a session).
//
// Ownership: frees itself. Errors: Allocate throws std::bad_alloc.
#ifndef MULLION_CODECS_BULK_HISTORY_BUFFER_H_
#define MULLION_CODECS_BULK_HISTORY_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace mullion {

struct FreeHistory {
  size_t size = 0;
  void operator()(uint8_t* bytes) const;
};

class HistoryBuffer {
 public:
  bool allocated() const { return bytes_ != nullptr; }
  void Allocate(size_t size);
  void Free() { bytes_.reset(); }
  uint8_t* data() const { return bytes_.get(); }

 private:
  std::unique_ptr<uint8_t[], FreeHistory> bytes_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_HISTORY_BUFFER_H_
