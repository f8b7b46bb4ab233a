#include "tests/codecs/bulk/tokens.h"

#include <algorithm>
#include <bit>
#include <string>

#include "codecs/bulk/ncrush_tables.h"

namespace mullion::test {

void BitSink::Bit(bool bit, bool msb_first) {
  if (used_ == 0) bytes_.push_back(0);
  const unsigned position = msb_first ? 7 - used_ : used_;
  bytes_.back() = static_cast<uint8_t>(bytes_.back() | (bit ? 1u << position : 0u));
  used_ = (used_ + 1) % 8;
}
void BitSink::Msb(uint64_t bits, unsigned count) {
  for (unsigned i = count; i-- > 0;) Bit(((bits >> i) & 1) != 0, true);
}
void BitSink::Lsb(uint64_t bits, unsigned count) {
  for (unsigned i = 0; i < count; ++i) Bit(((bits >> i) & 1) != 0, false);
}

namespace {

void PutOffset(BitSink* sink, uint32_t distance, bool rdp5) {
  if (rdp5) {
    if (distance < 64) return sink->Msb(0b11111u << 6 | distance, 11);
    if (distance < 320) return sink->Msb(0b11110u << 8 | (distance - 64), 13);
    if (distance < 2368) return sink->Msb(0b1110u << 11 | (distance - 320), 15);
    return sink->Msb(0b110u << 16 | (distance - 2368), 19);
  }
  if (distance < 64) return sink->Msb(0b1111u << 6 | distance, 10);
  if (distance < 320) return sink->Msb(0b1110u << 8 | (distance - 64), 12);
  sink->Msb(0b110u << 13 | (distance - 320), 16);
}

void PutLength(BitSink* sink, uint32_t length) {
  if (length == 3) return sink->Msb(0, 1);
  const auto bits = static_cast<unsigned>(std::bit_width(length)) - 1;  // value bits
  sink->Msb(((uint64_t{1} << (bits - 1)) - 1) << 1, bits);
  sink->Msb(length & ((1u << bits) - 1), bits);
}

}  // namespace

std::vector<uint8_t> EncodeMppc(std::span<const Token> tokens, bool rdp5) {
  BitSink sink;
  for (const Token& token : tokens) {
    if (token.match) {
      PutOffset(&sink, token.distance, rdp5);
      PutLength(&sink, token.length);
    } else if (token.literal < 0x80) {
      sink.Msb(token.literal, 8);
    } else {
      sink.Msb(0b10u << 7 | (token.literal & 0x7Fu), 9);
    }
  }
  return sink.bytes();
}

std::vector<uint8_t> NcrushEncoder::Encode(std::span<const Token> tokens) {
  BitSink sink;
  const auto lec = [&sink](size_t symbol) {
    sink.Lsb(ncrush::kLecCodes[symbol], ncrush::kLecLengths[symbol]);
  };
  for (const Token& token : tokens) {
    if (!token.match) {
      lec(token.literal);
      continue;
    }
    const auto hit = std::find(cache_.begin(), cache_.end(), token.distance);
    if (hit != cache_.end()) {
      lec(289 + static_cast<size_t>(hit - cache_.begin()));
      std::swap(*hit, cache_[0]);
    } else {
      size_t index = 31;
      while (ncrush::kOffsetRanges[index].base > token.distance + 1) --index;
      lec(257 + index);
      const auto range = ncrush::kOffsetRanges[index];
      sink.Lsb(token.distance + 1 - range.base, range.bits);
      cache_ = {token.distance, cache_[0], cache_[1], cache_[2]};
    }
    size_t index = token.length >= 770 ? 28 : 27;
    if (index == 27) {
      while (ncrush::kLengthRanges[index].base > token.length) --index;
    }
    const auto range = ncrush::kLengthRanges[index];
    sink.Lsb(ncrush::kLomCodes[index], ncrush::kLomLengths[index]);
    sink.Lsb(token.length - range.base, range.bits);
  }
  lec(256);
  // libfreerdp2 wants four bytes at least.
  while (sink.bytes().size() < 4) sink.bytes().push_back(0);
  return sink.bytes();
}

std::vector<uint8_t> PlainHistory::Apply(std::span<const Token> tokens) {
  const size_t begin = offset_;
  for (const Token& token : tokens) {
    if (!token.match) {
      bytes_.at(offset_++) = token.literal;
      continue;
    }
    for (uint32_t i = 0; i < token.length; ++i, ++offset_) {
      bytes_.at(offset_) = bytes_[(offset_ + bytes_.size() - token.distance) % bytes_.size()];
    }
  }
  return {bytes_.begin() + static_cast<ptrdiff_t>(begin),
          bytes_.begin() + static_cast<ptrdiff_t>(offset_)};
}

void PlainHistory::MakeLegal(std::vector<Token>* tokens) const {
  size_t at = offset_;
  for (Token& token : *tokens) {
    if (token.match && token.distance > at && token.length > token.distance - at) {
      if (at > 0) {
        token.distance = static_cast<uint32_t>(at);
      } else {
        token.distance = std::max(token.distance, token.length);
      }
    }
    at += token.match ? token.length : 1;
  }
}

void PlainHistory::Flush() {
  std::fill(bytes_.begin(), bytes_.end(), uint8_t{0});
  offset_ = 0;
}

void PlainHistory::SlideBack() {
  std::vector<uint8_t> moved(bytes_.size());
  const size_t half = bytes_.size() / 2;
  for (size_t i = 1; i <= std::min(half, offset_); ++i) moved[half - i] = bytes_[offset_ - i];
  bytes_ = moved;
  offset_ = half;
}

void PlainHistory::CopyFront(const PlainHistory& other, size_t size) {
  std::copy_n(other.bytes_.begin(), size, bytes_.begin());
  offset_ = other.offset_;
}

std::vector<Token> RandomTokens(std::mt19937* random, size_t size, const TokenStyle& style) {
  const auto pick = [random](uint32_t low, uint32_t high) {
    return std::uniform_int_distribution<uint32_t>(low, high)(*random);
  };
  std::vector<Token> tokens;
  while (size > 0) {
    if (size < style.min_length || pick(0, 2) != 0) {
      tokens.push_back({.literal = static_cast<uint8_t>(pick(0, style.text ? 127 : 255))});
      --size;
      continue;
    }
    // All magnitudes alike.
    const uint32_t distance = pick(1, std::min(style.max_distance, 1u << pick(1, 21)));
    const uint32_t longest =
        std::min<uint32_t>({style.max_length, static_cast<uint32_t>(size),
                            std::max(style.min_length, 1u << pick(1, pick(0, 9) == 0 ? 16 : 6))});
    const uint32_t length = pick(style.min_length, std::max(style.min_length, longest));
    tokens.push_back({.match = true, .distance = distance, .length = length});
    size -= length;
  }
  return tokens;
}

namespace {
size_t Hash3(const uint8_t* bytes) {
  return ((bytes[0] | bytes[1] << 8u | bytes[2] << 16u) * 2654435761u >> 16) & 0xFFFF;
}
}  // namespace

void Tokenizer::Note(size_t at) {
  if (at + 3 <= all_.size()) last_[Hash3(&all_[at])] = static_cast<uint32_t>(at + 1);
}

std::vector<Token> Tokenizer::Next(std::span<const uint8_t> data) {
  size_t i = all_.size();
  all_.insert(all_.end(), data.begin(), data.end());
  std::vector<Token> tokens;
  while (i < all_.size()) {
    const size_t candidate = i + 3 <= all_.size() ? last_[Hash3(&all_[i])] : 0;
    const size_t distance = candidate == 0 ? 0 : i - (candidate - 1);
    size_t length = 0;
    if (distance > 0 && distance <= window_) {
      while (i + length < all_.size() && length < max_length_ &&
             all_[i + length] == all_[i + length - distance]) {
        ++length;
      }
    }
    if (length < min_length_) {
      tokens.push_back({.literal = all_[i]});
      length = 1;
    } else {
      tokens.push_back({.match = true,
                        .distance = static_cast<uint32_t>(distance),
                        .length = static_cast<uint32_t>(length)});
    }
    for (size_t k = 0; k < length; ++k) Note(i++);
  }
  return tokens;
}

std::vector<uint8_t> MixedBytes(uint32_t seed, size_t size) {
  std::mt19937 random(seed);
  const auto below = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  static const std::array<std::string, 12> kWords = {"mullion ", "window ", "the ",   "pane",
                                                     "desktop ", "tile",    "order ", "of ",
                                                     "history",  ".\n",     "frame ", "\xC3\xA4"};
  std::vector<uint8_t> bytes;
  bytes.reserve(size + 1200);
  while (bytes.size() < size) {
    const uint32_t kind = below(8);
    if (kind == 0) {  // a run of a pixel
      const auto pixel = static_cast<uint32_t>(random());
      for (uint32_t n = below(300); n > 0; --n) {
        for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(pixel >> (8 * i)));
      }
    } else if (kind == 1) {
      for (uint32_t n = below(60); n > 0; --n) bytes.push_back(static_cast<uint8_t>(random()));
    } else if (kind == 2) {
      bytes.insert(bytes.end(), below(200), static_cast<uint8_t>(random()));
    } else {
      for (uint32_t n = below(20); n > 0; --n) {
        const std::string& word = kWords[below(kWords.size())];
        bytes.insert(bytes.end(), word.begin(), word.end());
      }
    }
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace mullion::test
