#include "tests/codecs/bulk/zgfx_encoder.h"

#include <algorithm>
#include <bit>

#include "codecs/bulk/zgfx_tables.h"

namespace mullion::test {
namespace {

void PutLiteral(BitSink* sink, uint8_t literal) {
  for (const auto& token : zgfx::kLiterals) {
    if (token.literal == literal) return sink->Msb(token.prefix, token.prefix_bits);
  }
  sink->Msb(literal, 9);
}

void PutMatch(BitSink* sink, uint32_t distance, uint32_t length) {
  size_t index = zgfx::kMatches.size() - 1;
  while (zgfx::kMatches[index].base > distance) --index;
  const auto& token = zgfx::kMatches[index];
  sink->Msb(token.prefix, token.prefix_bits);
  sink->Msb(distance - token.base, token.value_bits);
  if (length == 3) return sink->Msb(0, 1);
  const auto bits = static_cast<unsigned>(std::bit_width(length)) - 1;
  sink->Msb(((uint64_t{1} << (bits - 1)) - 1) << 1, bits);
  sink->Msb(length & ((1u << bits) - 1), bits);
}

}  // namespace

std::vector<uint8_t> EncodeZgfxSegment(std::span<const Token> tokens, uint8_t type,
                                       size_t unencoded) {
  BitSink sink;
  for (size_t i = 0; i < tokens.size();) {
    size_t literals = 0;
    while (i + literals < tokens.size() && !tokens[i + literals].match && literals < 32767) {
      ++literals;
    }
    if (literals >= unencoded) {
      sink.Msb(0b10001'00000, 10);
      sink.Msb(literals, 15);
      sink.Align();
      for (size_t k = 0; k < literals; ++k) sink.bytes().push_back(tokens[i + k].literal);
      i += literals;
      continue;
    }
    if (tokens[i].match) {
      PutMatch(&sink, tokens[i].distance, tokens[i].length);
    } else {
      PutLiteral(&sink, tokens[i].literal);
    }
    ++i;
  }
  std::vector<uint8_t> segment;
  segment.reserve(sink.bytes().size() + 2);
  segment.push_back(static_cast<uint8_t>(0x20 | type));
  segment.insert(segment.end(), sink.bytes().begin(), sink.bytes().end());
  segment.push_back(static_cast<uint8_t>(sink.free_bits()));
  return segment;
}

std::vector<uint8_t> PlainZgfxSegment(std::span<const uint8_t> data, uint8_t type) {
  std::vector<uint8_t> segment;
  segment.reserve(data.size() + 1);
  segment.push_back(type);
  segment.insert(segment.end(), data.begin(), data.end());
  return segment;
}

std::vector<uint8_t> ZgfxSingle(std::span<const uint8_t> segment) {
  std::vector<uint8_t> out;
  out.reserve(segment.size() + 1);
  out.push_back(0xE0);
  out.insert(out.end(), segment.begin(), segment.end());
  return out;
}

std::vector<uint8_t> ZgfxMultipart(std::span<const std::vector<uint8_t>> segments, uint32_t size) {
  std::vector<uint8_t> out = {0xE1};
  const auto put = [&out](size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
  };
  put(segments.size(), 2);
  put(size, 4);
  for (const auto& segment : segments) {
    put(segment.size(), 4);
    out.insert(out.end(), segment.begin(), segment.end());
  }
  return out;
}

std::vector<uint8_t> ZgfxEncoder::Encode(std::span<const uint8_t> data, size_t segment_size) {
  const uint8_t type = lite_ ? 0x06 : 0x04;
  std::vector<std::vector<uint8_t>> segments;
  for (size_t i = 0; i < data.size() || segments.empty();) {
    const auto part = data.subspan(i, std::min(segment_size, data.size() - i));
    const auto tokens = tokenizer_.Next(part);
    auto segment = EncodeZgfxSegment(tokens, type);
    if (segment.size() > part.size() + 1) segment = PlainZgfxSegment(part, type);
    segments.push_back(std::move(segment));
    i += part.size();
  }
  if (segments.size() == 1) return ZgfxSingle(segments[0]);
  return ZgfxMultipart(segments, static_cast<uint32_t>(data.size()));
}

}  // namespace mullion::test
