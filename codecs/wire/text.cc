#include "codecs/wire/text.h"

namespace mullion {
namespace {

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
    return;
  }
  const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const uint32_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;
  out->push_back(static_cast<char>(lead | c >> (6 * tail)));
  for (int i = tail; i-- > 0;) out->push_back(static_cast<char>(0x80 | (c >> (6 * i) & 0x3F)));
}

}  // namespace

std::string Utf16ToUtf8(ByteView text) {
  std::string out;
  const size_t units = text.size() / 2;
  auto unit = [&](size_t i) -> uint32_t {
    return static_cast<uint32_t>(text[2 * i] | text[2 * i + 1] << 8);
  };
  for (size_t i = 0; i < units; ++i) {
    uint32_t c = unit(i);
    if (c == 0) break;
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    if (surrogate) {
      const uint32_t low = i + 1 < units ? unit(i + 1) : 0;
      if (c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        ++i;
      } else {
        c = 0xFFFD;
      }
    }
    AppendUtf8(c, &out);
  }
  return out;
}

std::string AsciiText(ByteView text) {
  std::string out;
  for (const uint8_t c : text) {
    if (c == 0) break;
    out.push_back(c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?');
  }
  return out;
}

}  // namespace mullion
