// Bits of a compressed packet in a 64-bit window, for the token loops of codecs/bulk.
//
// Unlike codecs/base/bit_reader.h these have no end check in Refill(): a token loop runs while at
// least kFastMargin bytes are ahead, then moves the rest into a zero-padded copy (PaddedTail) and
// runs the same code with a check per token. So a token pays one comparison for its input.
// Bit budget: after Refill() at least 56 bits are in the window; bits below `count` may already be
// those of the next refill, which ORs the same values in again.
// MsbWindow: the first bit is the most significant of the first byte (MPPC, ZGFX).
// LsbWindow: the first bit is the least significant of the first byte (NCRUSH).
// Ownership: borrows the bytes. Over-read: none while fewer than kFastMargin bytes are consumed
// between two checks of bytes_ahead(). Threads: locals of one loop. Errors: bits_left() < 0 means
// that more bits were consumed than the packet had.
#ifndef MULLION_CODECS_BULK_BIT_WINDOW_H_
#define MULLION_CODECS_BULK_BIT_WINDOW_H_

#include <bit>
#include <cstdint>
#include <cstring>

#include "codecs/base/byte_reader.h"

namespace mullion {

// Three refills (7 + 7 + 8 bytes) may follow one check.
constexpr ptrdiff_t kFastMargin = 24;

inline uint64_t LoadLittle64(const uint8_t* p) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}
inline uint64_t LoadBig64(const uint8_t* p) { return __builtin_bswap64(LoadLittle64(p)); }
inline void StoreLittle64(uint8_t* p, uint64_t value) { std::memcpy(p, &value, sizeof(value)); }

template <bool kMsbFirst>
struct BitWindow {
  const uint8_t* next;
  const uint8_t* end;  // of the packet's own bytes, padding excluded
  uint64_t bits = 0;
  unsigned count = 0;  // after ConsumeEntry() modulo 64: its low six bits count

  explicit BitWindow(ByteView in) : next(in.data()), end(in.data() + in.size()) {}

  ptrdiff_t bytes_ahead() const { return end - next; }
  ptrdiff_t bits_left() const { return (end - next) * 8 + static_cast<ptrdiff_t>(count & 63); }

  void Refill() {
    if constexpr (kMsbFirst) {
      bits |= LoadBig64(next) >> count;
      next += (63 - count) >> 3;
    } else {
      bits |= LoadLittle64(next) << (count & 63);
      next += 7 - (count >> 3 & 7);
    }
    count |= 56;
  }
  void Consume(unsigned n) {
    if constexpr (kMsbFirst) {
      bits <<= n;
    } else {
      bits >>= n;
    }
    count -= n;
  }
  // The same for a table entry that has the number in its low six bits: neither operation needs it
  // alone.
  void ConsumeEntry(uint32_t entry) {
    static_assert(!kMsbFirst);
    bits >>= entry & 63;
    count -= entry;
  }
};
using MsbWindow = BitWindow<true>;
using LsbWindow = BitWindow<false>;

// The last bytes of a packet with zeros behind, so that refills need no check.
// INVARIANT: kFastMargin bytes of the packet and three refills past them fit.
class PaddedTail {
 public:
  // PRECONDITION: window->bytes_ahead() < kFastMargin.
  template <bool kMsbFirst>
  void MoveTo(BitWindow<kMsbFirst>* window) {
    const ptrdiff_t size = window->bytes_ahead();
    if (size > 0) std::memcpy(bytes_, window->next, static_cast<size_t>(size));
    window->next = bytes_;
    window->end = bytes_ + (size > 0 ? size : 0);
  }

 private:
  uint8_t bytes_[64] = {};
};

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_BIT_WINDOW_H_
