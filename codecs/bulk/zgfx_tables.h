// The tokens of RDP 8.0 bulk compression, MS-RDPEGFX 3.1.9.1.2.4, and the table that decodes them.
#ifndef MULLION_CODECS_BULK_ZGFX_TABLES_H_
#define MULLION_CODECS_BULK_ZGFX_TABLES_H_

#include <array>
#include <cstdint>

namespace mullion::zgfx {

constexpr unsigned kTokenBits = 9;

// A token that begins with 1. `prefix` has `prefix_bits` bits; `value_bits` follow.
struct LiteralToken {
  uint8_t prefix_bits;
  uint16_t prefix;
  uint8_t literal;
};
inline constexpr std::array<LiteralToken, 25> kLiterals = {
    {{5, 0b11000, 0x00},   {5, 0b11001, 0x01},    {6, 0b110100, 0x02},   {6, 0b110101, 0x03},
     {6, 0b110110, 0xFF},  {7, 0b1101110, 0x04},  {7, 0b1101111, 0x05},  {7, 0b1110000, 0x06},
     {7, 0b1110001, 0x07}, {7, 0b1110010, 0x08},  {7, 0b1110011, 0x09},  {7, 0b1110100, 0x0A},
     {7, 0b1110101, 0x0B}, {7, 0b1110110, 0x3A},  {7, 0b1110111, 0x3B},  {7, 0b1111000, 0x3C},
     {7, 0b1111001, 0x3D}, {7, 0b1111010, 0x3E},  {7, 0b1111011, 0x3F},  {7, 0b1111100, 0x40},
     {7, 0b1111101, 0x80}, {8, 0b11111100, 0x0C}, {8, 0b11111101, 0x38}, {8, 0b11111110, 0x39},
     {8, 0b11111111, 0x66}}};

struct MatchToken {
  uint8_t prefix_bits;
  uint16_t prefix;
  uint8_t value_bits;
  uint32_t base;  // lowest distance
};
inline constexpr std::array<MatchToken, 11> kMatches = {{{5, 0b10001, 5, 0},
                                                         {5, 0b10010, 7, 32},
                                                         {5, 0b10011, 9, 160},
                                                         {5, 0b10100, 10, 672},
                                                         {5, 0b10101, 12, 1696},
                                                         {6, 0b101100, 14, 5792},
                                                         {6, 0b101101, 15, 22176},
                                                         {7, 0b1011100, 18, 54944},
                                                         {7, 0b1011101, 20, 317088},
                                                         {8, 0b10111100, 20, 1365664},
                                                         {8, 0b10111101, 21, 2414240}}};

// What the first nine bits of a token say. All zero: no token.
struct Entry {
  uint32_t base;       // distance of a match, or the literal
  uint8_t bits;        // of the whole token
  uint8_t value_bits;  // the last of them
  bool literal;
};

consteval std::array<Entry, 1u << kTokenBits> MakeTable() {
  std::array<Entry, 1u << kTokenBits> table{};
  for (uint32_t i = 0; i < 256; ++i) table[i] = {i, 9, 0, true};
  for (const LiteralToken& t : kLiterals) {
    const unsigned free_bits = kTokenBits - t.prefix_bits;
    for (uint32_t i = 0; i < 1u << free_bits; ++i) {
      table[(static_cast<uint32_t>(t.prefix) << free_bits) + i] = {t.literal, t.prefix_bits, 0,
                                                                   true};
    }
  }
  for (const MatchToken& t : kMatches) {
    const unsigned free_bits = kTokenBits - t.prefix_bits;
    for (uint32_t i = 0; i < 1u << free_bits; ++i) {
      table[(static_cast<uint32_t>(t.prefix) << free_bits) + i] = {
          t.base, static_cast<uint8_t>(t.prefix_bits + t.value_bits), t.value_bits, false};
    }
  }
  return table;
}
inline constexpr std::array<Entry, 1u << kTokenBits> kTable = MakeTable();

}  // namespace mullion::zgfx

#endif  // MULLION_CODECS_BULK_ZGFX_TABLES_H_
