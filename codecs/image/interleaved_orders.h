// The order headers of interleaved RLE as one table: code, run length and where the run length
// continues, for each of the 256 first bytes.
//
// MS-RDPBCGR 2.2.9.1.1.3.1.2.4. Private to interleaved.cc.
#ifndef MULLION_CODECS_IMAGE_INTERLEAVED_ORDERS_H_
#define MULLION_CODECS_IMAGE_INTERLEAVED_ORDERS_H_

#include <array>
#include <cstdint>

namespace mullion::interleaved {

enum class Kind : uint8_t {
  kBackground,   // the pixel above
  kForeground,   // the pixel above XOR the foreground colour
  kDithered,     // two colours in turn; the run length counts pairs
  kColour,       // one colour
  kFgBgImage,    // foreground or background, chosen by a bit
  kColourImage,  // pixels as they are
  kWhite,
  kBlack,
  kUnknown,
};

struct Order {
  Kind kind = Kind::kUnknown;
  bool sets_foreground = false;  // a new foreground colour follows the run length
  uint8_t header_bytes = 1;      // the code and the run length
  uint8_t mask = 0;              // kFgBgImage: the bitmask of the special orders; 0: in the stream
  uint16_t length = 0;           // run length = length + (next two bytes & length_mask)
  uint16_t length_mask = 0;
};

namespace detail {

// A regular (5 bits) or lite (4 bits) run: zero means that a byte with length - (max + 1) follows.
constexpr Order StandardOrder(Kind kind, bool sets_foreground, unsigned field, unsigned field_max) {
  if (kind == Kind::kFgBgImage) {
    // Counted in bytes of bitmask; the long form counts pixels less one.
    if (field == 0) return {kind, sets_foreground, 2, 0, 1, 0xFF};
    return {kind, sets_foreground, 1, 0, static_cast<uint16_t>(field * 8), 0};
  }
  if (field == 0) {
    return {kind, sets_foreground, 2, 0, static_cast<uint16_t>(field_max + 1), 0xFF};
  }
  return {kind, sets_foreground, 1, 0, static_cast<uint16_t>(field), 0};
}

constexpr Order ExtendedOrder(unsigned code) {
  const auto mega = [](Kind kind, bool sets_foreground) {
    return Order{kind, sets_foreground, 3, 0, 0, 0xFFFF};
  };
  switch (code) {
    case 0xF0:
      return mega(Kind::kBackground, false);
    case 0xF1:
      return mega(Kind::kForeground, false);
    case 0xF2:
      return mega(Kind::kFgBgImage, false);
    case 0xF3:
      return mega(Kind::kColour, false);
    case 0xF4:
      return mega(Kind::kColourImage, false);
    case 0xF6:
      return mega(Kind::kForeground, true);
    case 0xF7:
      return mega(Kind::kFgBgImage, true);
    case 0xF8:
      return mega(Kind::kDithered, false);
    case 0xF9:
      return {Kind::kFgBgImage, false, 1, 0x03, 8, 0};
    case 0xFA:
      return {Kind::kFgBgImage, false, 1, 0x05, 8, 0};
    case 0xFD:
      return {Kind::kWhite, false, 1, 0, 1, 0};
    case 0xFE:
      return {Kind::kBlack, false, 1, 0, 1, 0};
    default:
      return {};
  }
}

constexpr std::array<Order, 256> MakeOrders() {
  std::array<Order, 256> orders{};
  for (unsigned h = 0; h < 256; ++h) {
    switch (h >> 5) {
      case 0:
        orders[h] = StandardOrder(Kind::kBackground, false, h & 0x1F, 31);
        continue;
      case 1:
        orders[h] = StandardOrder(Kind::kForeground, false, h & 0x1F, 31);
        continue;
      case 2:
        orders[h] = StandardOrder(Kind::kFgBgImage, false, h & 0x1F, 31);
        continue;
      case 3:
        orders[h] = StandardOrder(Kind::kColour, false, h & 0x1F, 31);
        continue;
      case 4:
        orders[h] = StandardOrder(Kind::kColourImage, false, h & 0x1F, 31);
        continue;
      default:
        break;
    }
    switch (h >> 4) {
      case 0xC:
        orders[h] = StandardOrder(Kind::kForeground, true, h & 0x0F, 15);
        continue;
      case 0xD:
        orders[h] = StandardOrder(Kind::kFgBgImage, true, h & 0x0F, 15);
        continue;
      case 0xE:
        orders[h] = StandardOrder(Kind::kDithered, false, h & 0x0F, 15);
        continue;
      case 0xF:
        orders[h] = ExtendedOrder(h);
        continue;
      default:
        break;  // 0xA, 0xB: no such code
    }
  }
  return orders;
}

}  // namespace detail

inline constexpr std::array<Order, 256> kOrders = detail::MakeOrders();

}  // namespace mullion::interleaved

#endif  // MULLION_CODECS_IMAGE_INTERLEAVED_ORDERS_H_
