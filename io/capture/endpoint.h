// An IP address and a TCP port.
//
// Ownership: a value. Threads: a value.
// Errors: ParseEndpoint gives false for what Text() would not write.
#ifndef MULLION_IO_CAPTURE_ENDPOINT_H_
#define MULLION_IO_CAPTURE_ENDPOINT_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mullion {

struct Endpoint {
  std::array<uint8_t, 16> address{};  // IPv4: the first four
  bool is_v6 = false;
  uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
  std::string Text() const;  // "10.0.0.1:3389", "[::1]:3389"
};

bool ParseEndpoint(std::string_view text, Endpoint* endpoint);

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_ENDPOINT_H_
