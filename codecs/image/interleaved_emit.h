// How runs of interleaved RLE reach memory: wide words, in the wire's own pixel width.
//
// A pixel has kBytes = 1, 2 or 3 bytes and rows follow each other without gaps, so a run may cross
// rows. Every function writes `count` pixels at `out` and may clobber up to kEmitSlack bytes behind
// them; those pixels are decoded later and overwrite the rubbish.
// The functions that look at the row above need row_bytes >= kMinWideRow: then a 16-byte load of
// the row above never meets bytes that the store before it has yet to write.
// Private to interleaved.cc.
#ifndef MULLION_CODECS_IMAGE_INTERLEAVED_EMIT_H_
#define MULLION_CODECS_IMAGE_INTERLEAVED_EMIT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mullion::interleaved {

inline constexpr size_t kEmitSlack = 64;
inline constexpr size_t kMinWideRow = 16;

struct Word16 {
  uint64_t low, high;
};
inline Word16 Load16(const uint8_t* p) {
  Word16 w;
  std::memcpy(&w, p, 16);
  return w;
}
inline void Store16(uint8_t* p, const Word16& w) { std::memcpy(p, &w, 16); }
inline void Copy16(uint8_t* to, const uint8_t* from) {
  const Word16 w = Load16(from);
  Store16(to, w);
}

template <int kBytes>
uint32_t LoadPel(const uint8_t* p) {
  uint32_t v = p[0];
  if constexpr (kBytes > 1) v |= static_cast<uint32_t>(p[1]) << 8;
  if constexpr (kBytes > 2) v |= static_cast<uint32_t>(p[2]) << 16;
  return v;
}
template <int kBytes>
void StorePel(uint8_t* p, uint32_t v) {
  p[0] = static_cast<uint8_t>(v);
  if constexpr (kBytes > 1) p[1] = static_cast<uint8_t>(v >> 8);
  if constexpr (kBytes > 2) p[2] = static_cast<uint8_t>(v >> 16);
}

// 24 bytes that repeat: three words are a whole number of pixels, and of pixel pairs, at any width.
struct Pattern {
  uint64_t word[3];
};

template <int kBytes>
Pattern SolidPattern(uint32_t colour) {
  const uint64_t c = colour;
  if constexpr (kBytes == 1) {
    const uint64_t w = c * 0x0101010101010101u;
    return {{w, w, w}};
  } else if constexpr (kBytes == 2) {
    const uint64_t w = c * 0x0001000100010001u;
    return {{w, w, w}};
  } else {
    return {
        {c | c << 24 | c << 48, c >> 16 | c << 8 | c << 32 | c << 56, c >> 8 | c << 16 | c << 40}};
  }
}

template <int kBytes>
Pattern PairPattern(uint32_t first, uint32_t second) {
  const uint64_t d = first | static_cast<uint64_t>(second) << (8 * kBytes);
  if constexpr (kBytes == 1) {
    const uint64_t w = d * 0x0001000100010001u;
    return {{w, w, w}};
  } else if constexpr (kBytes == 2) {
    const uint64_t w = d * 0x0000000100000001u;
    return {{w, w, w}};
  } else {
    return {{d | d << 48, d >> 16 | d << 32, d >> 32 | d << 16}};
  }
}

template <int kBytes>
void EmitPattern(uint8_t* out, size_t count, const Pattern& pattern) {
  const size_t size = count * kBytes;
  const Word16 a = {pattern.word[0], pattern.word[1]};
  if constexpr (kBytes == 3) {
    const Word16 b = {pattern.word[2], pattern.word[0]};
    const Word16 c = {pattern.word[1], pattern.word[2]};
    for (size_t i = 0; i < size; i += 48) {
      Store16(out + i, a);
      Store16(out + i + 16, b);
      Store16(out + i + 32, c);
    }
  } else {
    for (size_t i = 0; i < size; i += 32) {
      Store16(out + i, a);
      Store16(out + i + 16, a);
    }
  }
}

// PRECONDITION: 16 bytes behind the copied ones are readable.
inline void EmitCopy(uint8_t* out, const uint8_t* from, size_t size) {
  for (size_t i = 0; i < size; i += 16) Copy16(out + i, from + i);
}

inline void EmitAbove(uint8_t* out, size_t row_bytes, size_t size) {
  const uint8_t* above = out - row_bytes;
  size_t i = 0;
  do {
    Copy16(out + i, above + i);
    Copy16(out + i + 16, above + i + 16);
    i += 32;
  } while (i < size);
}

template <int kBytes>
void EmitAboveXor(uint8_t* out, size_t row_bytes, size_t count, const Pattern& pattern) {
  const size_t size = count * kBytes;
  const uint8_t* above = out - row_bytes;
  const Word16 mask[3] = {{pattern.word[0], pattern.word[1]},
                          {pattern.word[2], pattern.word[0]},
                          {pattern.word[1], pattern.word[2]}};
  for (size_t i = 0; i < size; i += 48) {
    for (size_t k = 0; k < 3; ++k) {
      const Word16 w = Load16(above + i + 16 * k);
      Store16(out + i + 16 * k, {w.low ^ mask[k].low, w.high ^ mask[k].high});
    }
  }
}

// Eight pixels: the row above, XOR the foreground where the bit is set, lowest bit first.
template <int kBytes>
void EmitFgBg8(uint8_t* out, size_t row_bytes, uint32_t bits, uint32_t foreground) {
  const uint8_t* above = out - row_bytes;
  if constexpr (kBytes == 1) {
    uint64_t w;
    std::memcpy(&w, above, 8);
    // One bit per byte, then the whole byte: adding 0x7F carries into bit 7 where a bit is set.
    uint64_t m = bits * 0x0101010101010101u & 0x8040201008040201u;
    m = ((m + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u) * foreground;
    w ^= m;
    std::memcpy(out, &w, 8);
  } else if constexpr (kBytes == 2) {
    Word16 w = Load16(above);
    for (int half = 0; half < 2; ++half) {
      uint64_t m = (bits >> (4 * half) & 0xF) * 0x0001000100010001u & 0x0008000400020001u;
      m = ((m + 0x7FFF7FFF7FFF7FFFu) >> 15 & 0x0001000100010001u) * foreground;
      (half == 0 ? w.low : w.high) ^= m;
    }
    Store16(out, w);
  } else {
    for (int i = 0; i < 8; ++i, out += 3, above += 3) {
      const uint32_t v = LoadPel<3>(above) ^ (foreground & (0u - (bits >> i & 1)));
      StorePel<3>(out, v);
    }
  }
}

}  // namespace mullion::interleaved

#endif  // MULLION_CODECS_IMAGE_INTERLEAVED_EMIT_H_
