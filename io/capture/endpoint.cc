#include "io/capture/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>

namespace mullion {
namespace {

// A whole number in `text`, all of it, at most `max`.
bool ParseNumber(std::string_view text, int base, unsigned max, unsigned* value) {
  if (text.empty() || text.size() > 5) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value, base);
  return error == std::errc() && end == text.data() + text.size() && *value <= max;
}

bool ParseV4(std::string_view text, Endpoint* endpoint) {
  for (size_t i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? text.find('.') : text.size();
    unsigned value = 0;
    if (dot == std::string_view::npos || !ParseNumber(text.substr(0, dot), 10, 255, &value)) {
      return false;
    }
    endpoint->address[i] = static_cast<uint8_t>(value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return true;
}

// Colon-separated groups, none for an empty text; false if there are more than `room`.
bool ParseGroups(std::string_view text, size_t room, uint8_t* out, size_t* count) {
  *count = 0;
  while (!text.empty()) {
    const size_t colon = std::min(text.find(':'), text.size());
    unsigned value = 0;
    if (*count == room || !ParseNumber(text.substr(0, colon), 16, 0xFFFF, &value)) return false;
    out[2 * *count] = static_cast<uint8_t>(value >> 8);
    out[2 * *count + 1] = static_cast<uint8_t>(value);
    ++*count;
    if (colon + 1 == text.size()) return false;  // ends with a colon
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return true;
}

bool ParseV6(std::string_view text, Endpoint* endpoint) {
  const size_t gap = text.find("::");
  size_t count = 0;
  if (gap == std::string_view::npos) {
    return ParseGroups(text, 8, endpoint->address.data(), &count) && count == 8;
  }
  uint8_t tail[16];
  size_t tail_count = 0;
  if (!ParseGroups(text.substr(0, gap), 7, endpoint->address.data(), &count) ||
      !ParseGroups(text.substr(gap + 2), 7 - count, tail, &tail_count)) {
    return false;
  }
  std::copy(tail, tail + 2 * tail_count,
            endpoint->address.end() - static_cast<ptrdiff_t>(2 * tail_count));
  return true;
}

}  // namespace

std::string Endpoint::Text() const {
  char text[64];
  if (!is_v6) {
    std::snprintf(text, sizeof(text), "%u.%u.%u.%u:%u", address[0], address[1], address[2],
                  address[3], port);
    return text;
  }
  // RFC 5952: the longest run of two or more zero groups becomes "::".
  uint16_t groups[8];
  for (size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  }
  size_t best = 8, best_size = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > best_size) best = i, best_size = size;
  }
  std::string out = "[";
  for (size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_size - 1;
      continue;
    }
    if (out.size() > 1 && out.back() != ':') out += ':';
    std::snprintf(text, sizeof(text), "%x", groups[i]);
    out += text;
  }
  return out + "]:" + std::to_string(port);
}

bool ParseEndpoint(std::string_view text, Endpoint* endpoint) {
  *endpoint = {};
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view address = text.substr(0, colon);
  unsigned port = 0;
  if (!ParseNumber(text.substr(colon + 1), 10, 65535, &port)) return false;
  endpoint->port = static_cast<uint16_t>(port);
  endpoint->is_v6 = address.size() >= 2 && address.front() == '[' && address.back() == ']';
  return endpoint->is_v6 ? ParseV6(address.substr(1, address.size() - 2), endpoint)
                         : ParseV4(address, endpoint);
}

}  // namespace mullion
