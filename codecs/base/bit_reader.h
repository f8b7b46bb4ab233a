// Most-significant-bit-first bits with a 64-bit refilled window and a sticky error.
//
// Bit budget: after Refill() at least 56 bits are in the window while input remains, so a loop may
// Peek/Consume up to 56 bits per refill. Past the end the window is fed zeros; bits consumed beyond
// the input make overrun() true, to be looked at once per tile.
// Ownership: borrows the bytes. Over-read: never (the last 7 bytes are loaded one by one).
// Threads: one at a time.
#ifndef MULLION_CODECS_BASE_BIT_READER_H_
#define MULLION_CODECS_BASE_BIT_READER_H_

#include <bit>
#include <cstdint>
#include <cstring>

#include "codecs/base/byte_reader.h"

namespace mullion {

static_assert(std::endian::native == std::endian::little, "loads below assume little endian");

class BitReader {
 public:
  explicit BitReader(ByteView bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  void Refill() {
    if (end_ - next_ >= 8) {
      uint64_t raw;
      std::memcpy(&raw, next_, sizeof(raw));
      // Bits beyond `count_` that this ORs in are re-read identically by the next refill.
      window_ |= __builtin_bswap64(raw) >> count_;
      next_ += (63 - count_) >> 3;
      count_ |= 56;
    } else {
      RefillSlow();
    }
  }

  // PRECONDITION: 1 <= count <= 56 and refilled.
  uint64_t Peek(unsigned count) const { return window_ >> (64 - count); }
  uint64_t window() const { return window_; }
  void Consume(unsigned count) {
    window_ <<= count;
    count_ -= count;
  }
  // For slow paths: refills by itself. PRECONDITION: count <= 32.
  uint32_t Read(unsigned count) {
    if (count == 0) return 0;
    Refill();
    const uint64_t value = Peek(count);
    Consume(count);
    return static_cast<uint32_t>(value);
  }

  // True once more bits were consumed than the input had.
  bool overrun() const { return padding_bits_ > count_; }
  // Bits of the input not yet consumed; 0 when overrun.
  size_t remaining_bits() const {
    if (overrun()) return 0;
    return static_cast<size_t>(end_ - next_) * 8 + count_ - padding_bits_;
  }

 private:
  void RefillSlow() {
    while (count_ <= 56) {
      if (next_ < end_) {
        window_ |= static_cast<uint64_t>(*next_++) << (56 - count_);
      } else {
        padding_bits_ += 8;
      }
      count_ += 8;
    }
  }

  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t window_ = 0;
  unsigned count_ = 0;         // bits in the window, zero padding included
  uint64_t padding_bits_ = 0;  // zero bits fed after the end
};

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_BIT_READER_H_
