// Copies of LZ77 matches in wide words, and the lengths of matches as MPPC and ZGFX code them.
//
// Memory traffic: most matches are shorter than 32 bytes and reach back further than 16, so two
// unconditional 16-byte moves do most of the work; only longer ones enter a loop.
// Over-write: CopyMatch writes up to kCopySlack - 1 bytes behind dst + length; whoever owns the
// history keeps that much room there, with nothing in it that anybody may still refer to.
// Over-read: as much behind the source. CopyMatchExactly does neither.
#ifndef MULLION_CODECS_BULK_MATCH_COPY_H_
#define MULLION_CODECS_BULK_MATCH_COPY_H_

#include <array>
#include <cstdint>
#include <cstring>

#include "codecs/bulk/bit_window.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace mullion {

constexpr size_t kCopySlack = 64;

// The "replicating copy" of MS-RDPBCGR 3.1.8.2 for distances below 16: 8 bytes of the repeated
// pattern are built in a register and stored again and again, each store a whole number of
// patterns further, so no load waits for a store.
inline void CopyPattern(uint8_t* dst, size_t distance, size_t length) {
  uint8_t* const end = dst + length;
  if (distance >= 8) {
    do {
      StoreLittle64(dst, LoadLittle64(dst - distance));
      dst += 8;
    } while (dst < end);
    return;
  }
  const uint64_t mask = (uint64_t{1} << (8 * distance)) - 1;
  uint64_t pattern = LoadLittle64(dst - distance) & mask;
  for (size_t filled = 8 * distance; filled < 64; filled *= 2) pattern |= pattern << filled;
  const size_t step = 8 - 8 % distance;
  do {
    StoreLittle64(dst, pattern);
    dst += step;
  } while (dst < end);
}

inline void Copy16(uint8_t* dst, const uint8_t* src) {
  uint8_t word[16];
  std::memcpy(word, src, sizeof(word));
  std::memcpy(dst, word, sizeof(word));
}

// Appends `length` bytes to dst that repeat what stands `distance` bytes before.
// For MPPC and ZGFX: near matches are rare enough there for a branch, and many are longer than 16.
// PRECONDITION: distance >= 1, length >= 1.
inline void CopyMatch(uint8_t* dst, size_t distance, size_t length) {
  if (distance < 16) {
    CopyPattern(dst, distance, length);
    return;
  }
  const uint8_t* src = dst - distance;
  Copy16(dst, src);
  Copy16(dst + 16, src + 16);
  if (length <= 32) return;
  uint8_t* const end = dst + length;
  dst += 32;
  src += 32;
  do {
    Copy16(dst, src);
    Copy16(dst + 16, src + 16);
    dst += 32;
    src += 32;
  } while (dst < end);
}

// For NCRUSH, whose matches are short (minimum 2) and near (a fifth below 16 on text,
// unpredictably): 16 bytes are written without a branch on the distance, since a mispredicted one
// costs more than a multiply or a shuffle. MPPC and ZGFX lost a tenth to a quarter with it.
// PRECONDITION: distance >= 1.
constexpr size_t kShortMatch = 16;

// For distances of up to 7 bytes, what makes eight of them: a mask, a factor that repeats them, and
// how much is missing to the next multiple of the distance that is at least 8. Entry 8 stands for
// all longer distances.
struct NearPattern {
  uint64_t mask;
  uint64_t factor;
  size_t missing;
};
consteval std::array<NearPattern, 9> MakeNearPatterns() {
  std::array<NearPattern, 9> table{};
  for (size_t d = 1; d <= 8; ++d) {
    uint64_t factor = 0;
    for (size_t at = 0; at < 8; at += d) factor |= uint64_t{1} << (8 * at);
    table[d] = {~uint64_t{0} >> (64 - 8 * d), factor, (7 + d) / d * d - d};
  }
  return table;
}
inline constexpr std::array<NearPattern, 9> kNearPatterns = MakeNearPatterns();

struct PatternCopy {
  static void Short(uint8_t* dst, size_t distance) {
    const NearPattern& near = kNearPatterns[distance < 8 ? distance : 8];
    StoreLittle64(dst, (LoadLittle64(dst - distance) & near.mask) * near.factor);
    StoreLittle64(dst + 8, LoadLittle64(dst + 8 - distance - near.missing));
  }
};

#if defined(__x86_64__) && defined(__GNUC__)
// Row d: from which of the d bytes before it each of 16 comes; row 16 stands for all longer
// distances.
struct RepeatShuffles {
  alignas(16) uint8_t rows[kShortMatch + 1][16];
};
consteval RepeatShuffles MakeRepeatShuffles() {
  RepeatShuffles table{};
  for (unsigned d = 1; d <= kShortMatch; ++d) {
    for (unsigned i = 0; i < 16; ++i) table.rows[d][i] = static_cast<uint8_t>(i % d);
  }
  return table;
}
inline constexpr RepeatShuffles kRepeatShuffles = MakeRepeatShuffles();

struct ShuffleCopy {
  __attribute__((target("avx2"))) static void Short(uint8_t* dst, size_t distance) {
    const uint8_t* row = kRepeatShuffles.rows[distance < kShortMatch ? distance : kShortMatch];
    const __m128i from = _mm_loadu_si128(reinterpret_cast<const __m128i*>(dst - distance));
    const __m128i order = _mm_load_si128(reinterpret_cast<const __m128i*>(row));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), _mm_shuffle_epi8(from, order));
  }
};
#endif

// Byte for byte, first to last, whatever the overlap; touches nothing but [dst, dst + length).
inline void CopyMatchExactly(uint8_t* dst, const uint8_t* src, size_t length) {
  const size_t distance = dst > src ? static_cast<size_t>(dst - src) : length;
  if (distance >= length) {
    std::memmove(dst, src, length);
    return;
  }
  // Overlapping forwards: what was copied doubles at each step.
  for (size_t done = 0, chunk = distance; done < length; chunk *= 2) {
    const size_t n = chunk < length - done ? chunk : length - done;
    std::memcpy(dst + done, src, n);
    done += n;
  }
}

// Length-of-match code (MS-RDPBCGR 3.1.8.4.2.2.2, MS-RDPEGFX 3.1.9.1.2.4): "0" is 3; n ones, a zero
// and n + 1 bits are 2^(n+1) plus those bits. Codes of up to 8 bits (lengths 3 to 31) are looked
// up.
struct ShortLength {
  uint8_t length;  // 0: longer than 8 bits
  uint8_t bits;
};

consteval std::array<ShortLength, 256> MakeShortLengths() {
  std::array<ShortLength, 256> table{};
  for (unsigned top = 0; top < 256; ++top) {
    const auto ones = static_cast<unsigned>(std::countl_one(static_cast<uint8_t>(top)));
    if (ones == 0) {
      table[top] = {3, 1};
    } else if (ones <= 3) {
      const unsigned extra_bits = ones + 1;
      const unsigned bits = 2 * extra_bits;
      const unsigned extra = (top >> (8 - bits)) & ((1u << extra_bits) - 1);
      table[top] = {static_cast<uint8_t>((1u << extra_bits) + extra), static_cast<uint8_t>(bits)};
    }
  }
  return table;
}
inline constexpr std::array<ShortLength, 256> kShortLengths = MakeShortLengths();

// A length at the top of `window`, taken from it; 0 if more than `max_ones` ones lead it.
// PRECONDITION: 2 * max_ones + 2 bits are in the window, and max_ones <= 14.
inline uint32_t TakeLength(MsbWindow* window, unsigned max_ones) {
  const ShortLength entry = kShortLengths[window->bits >> 56];
  if (entry.length != 0) [[likely]] {
    window->Consume(entry.bits);
    return entry.length;
  }
  const auto ones = static_cast<unsigned>(std::countl_one(window->bits));
  if (ones > max_ones) return 0;
  window->Consume(ones + 1);
  const unsigned extra_bits = ones + 1;
  const auto extra = static_cast<uint32_t>(window->bits >> (64 - extra_bits));
  window->Consume(extra_bits);
  return (uint32_t{1} << extra_bits) + extra;
}

}  // namespace mullion

#endif  // MULLION_CODECS_BULK_MATCH_COPY_H_
