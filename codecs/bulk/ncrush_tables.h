// Decoding tables of NCRUSH, made at compile time from the code lengths and bases of
// MS-RDPEGDI 3.1.8.1.4.1 (literal, end-of-stream, copy-offset: "LEC") and 3.1.8.1.4.2 (length of
// match: "LoM").
//
// Both codes are canonical Huffman codes, sent with the first bit of the code lowest; their tables
// are indexed by the next bits of an LsbWindow as they stand. LEC codes are up to 13 bits long, but
// all of more than 10 begin with ten ones: those go through one second table of 8 entries, so the
// tables take 4 KB + 32 bytes + 2 KB of the L1 cache instead of 32 KB.
#ifndef MULLION_CODECS_BULK_NCRUSH_TABLES_H_
#define MULLION_CODECS_BULK_NCRUSH_TABLES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace mullion::ncrush {

// One decoded code: bits 0..5 the bits to consume, extra bits included; 8..13 the bits of the code
// alone; 14, 15 the kind; 16..31 the literal, the lowest offset or length, or the Special.
using Entry = uint32_t;
constexpr Entry kLiteral = 1u << 15;
constexpr Entry kSpecial = 1u << 14;
enum Special : uint32_t { kCacheHit0 = 0, kCacheHit3 = 3, kEndOfStream = 4, kLongCode = 5 };

// What the last two codes of LoM stand for; longer than every length.
constexpr uint32_t kNoLength = 0xFFFF;

constexpr unsigned kLecBits = 10;
constexpr unsigned kLecLongBits = 3;
constexpr unsigned kLomBits = 9;

inline constexpr std::array<uint8_t, 293> kLecLengths = {
    6,  6,  6,  7,  7,  7,  7,  7,  7,  7,  7,  8,  8,  8,  8,  8,  8,  8,  9,  8,  9,  9,  9,
    9,  8,  8,  9,  9,  9,  9,  9,  9,  8,  9,  9,  10, 9,  9,  9,  9,  9,  9,  9,  10, 9,  10,
    10, 10, 9,  9,  10, 9,  10, 9,  10, 9,  9,  9,  10, 10, 9,  10, 9,  9,  8,  9,  9,  9,  9,
    10, 10, 10, 9,  9,  10, 10, 10, 10, 10, 10, 9,  9,  10, 10, 10, 10, 10, 10, 10, 9,  10, 10,
    10, 10, 10, 10, 8,  10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9,  10, 10,
    10, 10, 10, 10, 10, 9,  10, 10, 10, 10, 10, 10, 9,  7,  9,  9,  10, 9,  10, 10, 10, 9,  10,
    10, 10, 10, 10, 10, 10, 9,  10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10,
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 13, 10, 10, 10, 10, 10, 10, 11, 10, 10, 10, 10, 10,
    10, 10, 10, 10, 10, 10, 10, 10, 9,  10, 10, 10, 10, 10, 9,  10, 10, 10, 10, 10, 9,  10, 10,
    10, 9,  10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9,  10, 10, 10, 10, 10,
    10, 10, 10, 10, 10, 10, 10, 10, 9,  10, 8,  9,  9,  10, 9,  10, 10, 10, 9,  10, 10, 10, 9,
    9,  8,  7,  13, 13, 7,  7,  10, 7,  7,  6,  6,  6,  6,  5,  6,  6,  6,  5,  6,  5,  6,  6,
    6,  6,  6,  6,  6,  6,  6,  6,  6,  6,  6,  6,  8,  5,  6,  7,  7};
inline constexpr std::array<uint8_t, 32> kLomLengths = {
    4, 2, 3, 4, 3, 4, 4, 5, 4, 5, 5, 6, 6, 7, 7, 8, 7, 8, 8, 9, 9, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};

// Extra bits and lowest value of the 32 copy-offset codes (CopyOffset = base + extra - 1) ...
struct Range {
  uint8_t bits;
  uint16_t base;
};
consteval std::array<Range, 32> MakeOffsetRanges() {
  std::array<Range, 32> ranges{};
  uint32_t base = 1;
  for (unsigned i = 0; i < 32; ++i) {
    const unsigned bits = i < 4 ? 0 : (i - 2) / 2;
    ranges[i] = {static_cast<uint8_t>(bits), static_cast<uint16_t>(base)};
    base += 1u << bits;
  }
  return ranges;
}
inline constexpr std::array<Range, 32> kOffsetRanges = MakeOffsetRanges();
static_assert(kOffsetRanges[6].bits == 2 && kOffsetRanges[6].base == 9);
static_assert(kOffsetRanges[31].bits == 14 && kOffsetRanges[31].base == 49153);

// ... and of the lengths; the last two codes stand for nothing.
inline constexpr std::array<Range, 32> kLengthRanges = {
    {{0, 2},   {0, 3},   {0, 4},   {0, 5},   {0, 6},  {0, 7},  {0, 8},  {0, 9},
     {1, 10},  {1, 12},  {1, 14},  {1, 16},  {2, 18}, {2, 22}, {2, 26}, {2, 30},
     {3, 34},  {3, 42},  {3, 50},  {3, 58},  {4, 66}, {4, 82}, {4, 98}, {4, 114},
     {6, 130}, {6, 194}, {8, 258}, {8, 514}, {14, 2}, {14, 2}, {0, 0},  {0, 0}}};

// Canonical code of symbol `symbol`, first bit lowest.
template <size_t kSymbols>
consteval std::array<uint16_t, kSymbols> MakeCodes(const std::array<uint8_t, kSymbols>& lengths) {
  std::array<uint16_t, kSymbols> codes{};
  uint32_t code = 0;
  for (unsigned length = 1; length <= 13; ++length, code <<= 1) {
    for (size_t symbol = 0; symbol < kSymbols; ++symbol) {
      if (lengths[symbol] != length) continue;
      uint32_t reversed = 0;
      for (unsigned bit = 0; bit < length; ++bit) {
        reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      }
      codes[symbol] = static_cast<uint16_t>(reversed);
      ++code;
    }
  }
  return codes;
}
inline constexpr std::array<uint16_t, 293> kLecCodes = MakeCodes(kLecLengths);
inline constexpr std::array<uint16_t, 32> kLomCodes = MakeCodes(kLomLengths);
static_assert(kLecCodes[0] == 0x0004 && kLecCodes[131] == 0x02A7 && kLecCodes[256] == 0x17FF);
static_assert(kLomCodes[0] == 0x0001 && kLomCodes[21] == 0x009F);

consteval Entry MakeLecEntry(unsigned symbol) {
  const uint32_t length = kLecLengths[symbol];
  if (symbol < 256) return kLiteral | symbol << 16 | length << 8 | length;
  if (symbol == 256) return kSpecial | uint32_t{kEndOfStream} << 16 | length << 8 | length;
  if (symbol >= 289) return kSpecial | (symbol - 289) << 16 | length << 8 | length;
  const Range range = kOffsetRanges[symbol - 257];
  return uint32_t{range.base - 1u} << 16 | length << 8 | (length + range.bits);
}

struct LecTable {
  std::array<Entry, 1u << kLecBits> first;
  std::array<Entry, 1u << kLecLongBits> second;
};
consteval LecTable MakeLecTable() {
  LecTable table{};
  for (unsigned symbol = 0; symbol < kLecLengths.size(); ++symbol) {
    const unsigned length = kLecLengths[symbol];
    const uint32_t code = kLecCodes[symbol];
    if (length <= kLecBits) {
      for (uint32_t i = code; i < table.first.size(); i += 1u << length) {
        table.first[i] = MakeLecEntry(symbol);
      }
    } else {
      const uint32_t start = code >> kLecBits;
      for (uint32_t i = start; i < table.second.size(); i += 1u << (length - kLecBits)) {
        table.second[i] = MakeLecEntry(symbol);
      }
    }
  }
  table.first.back() = kSpecial | uint32_t{kLongCode} << 16;
  return table;
}
inline constexpr LecTable kLec = MakeLecTable();

consteval std::array<Entry, 1u << kLomBits> MakeLomTable() {
  std::array<Entry, 1u << kLomBits> table{};
  for (unsigned symbol = 0; symbol < 32; ++symbol) {
    const uint32_t length = kLomLengths[symbol];
    const Range range = kLengthRanges[symbol];
    for (uint32_t i = kLomCodes[symbol]; i < table.size(); i += 1u << length) {
      const uint32_t lowest = range.base != 0 ? range.base : kNoLength;
      table[i] = lowest << 16 | length << 8 | (length + range.bits);
    }
  }
  return table;
}
inline constexpr std::array<Entry, 1u << kLomBits> kLom = MakeLomTable();

// The most bits, extra ones included, of the copy-offsets in the first table, and of the lengths.
consteval unsigned MaxBits(const auto& table) {
  unsigned most = 0;
  for (const Entry entry : table) {
    if ((entry & (kLiteral | kSpecial)) == 0) most = std::max(most, entry & 63);
  }
  return most;
}
inline constexpr unsigned kMaxOffsetBits = MaxBits(kLec.first);
inline constexpr unsigned kMaxLomBits = MaxBits(kLom);
static_assert(kMaxOffsetBits <= 8 + 14 && kMaxLomBits == 9 + 14);

}  // namespace mullion::ncrush

#endif  // MULLION_CODECS_BULK_NCRUSH_TABLES_H_
