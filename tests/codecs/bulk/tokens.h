// LZ77 tokens, plain encoders of them for MPPC and NCRUSH, and a plain model of their history.
//
// Test tools: written after the specification's encoding sections, for reading, not for speed. The
// model applies tokens byte by byte to a ring, so what a decoder makes of the encoded tokens can be
// compared with what they mean, also where no encoder would go (matches behind the write offset).
#ifndef MULLION_TESTS_CODECS_BULK_TOKENS_H_
#define MULLION_TESTS_CODECS_BULK_TOKENS_H_

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace mullion::test {

struct Token {
  bool match = false;
  uint8_t literal = 0;
  uint32_t distance = 0;
  uint32_t length = 0;
};

class BitSink {
 public:
  // MSB-first: the highest of `count` bits first. LSB-first: the lowest.
  void Msb(uint64_t bits, unsigned count);
  void Lsb(uint64_t bits, unsigned count);
  unsigned free_bits() const { return used_ == 0 ? 0 : 8 - used_; }
  void Align() { used_ = 0; }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  void Bit(bool bit, bool msb_first);
  std::vector<uint8_t> bytes_;
  unsigned used_ = 0;  // bits in the last byte
};

std::vector<uint8_t> EncodeMppc(std::span<const Token> tokens, bool rdp5);

// Keeps the OffsetCache between packets.
class NcrushEncoder {
 public:
  std::vector<uint8_t> Encode(std::span<const Token> tokens);
  void Flush() { cache_ = {}; }

 private:
  std::array<uint32_t, 4> cache_{};
};

// A history as the specification describes it.
class PlainHistory {
 public:
  explicit PlainHistory(size_t size) : bytes_(size) {}
  size_t offset() const { return offset_; }
  size_t room() const { return bytes_.size() - offset_; }
  void set_offset(size_t offset) { offset_ = offset; }
  std::vector<uint8_t> Apply(std::span<const Token> tokens);
  // Gives matches that run over the end of the history a shorter distance (see mppc.cc).
  void MakeLegal(std::vector<Token>* tokens) const;
  void Flush();
  void SlideBack();  // NCRUSH
  void CopyFront(const PlainHistory& other, size_t size);

 private:
  std::vector<uint8_t> bytes_;
  size_t offset_ = 0;
};

struct TokenStyle {
  uint32_t max_distance;
  uint32_t min_length, max_length;
  bool text;  // literals below 0x80 only
};

// Tokens that produce exactly `size` bytes or a little less.
std::vector<Token> RandomTokens(std::mt19937* random, size_t size, const TokenStyle& style);

// Greedy tokens of real data, with matches into everything tokenized before.
class Tokenizer {
 public:
  Tokenizer(size_t window, size_t min_length, size_t max_length)
      : window_(window), min_length_(min_length), max_length_(max_length) {}
  std::vector<Token> Next(std::span<const uint8_t> data);

 private:
  void Note(size_t at);
  size_t window_, min_length_, max_length_;
  std::vector<uint8_t> all_;
  std::vector<uint32_t> last_ = std::vector<uint32_t>(1 << 16);  // hash of 3 bytes -> place + 1
};

// Bytes with words, runs, pixels and noise in them.
std::vector<uint8_t> MixedBytes(uint32_t seed, size_t size);

}  // namespace mullion::test

#endif  // MULLION_TESTS_CODECS_BULK_TOKENS_H_
