// The 256 colours of an 8 bpp session, as the palette update sent them.
//
// MS-RDPBCGR 2.2.9.1.1.3.1.1 (TS_UPDATE_PALETTE_DATA).
// Layout: entry = 0xFFRRGGBB as a number, so in memory (little endian) B, G, R, 0xFF, whatever the
// format of the destination: decoders reorder when they write kRgbx32. The top byte is ignored.
// Ownership: a value of 1 KiB. Threads: read by any number.
#ifndef MULLION_CODECS_IMAGE_PALETTE_H_
#define MULLION_CODECS_IMAGE_PALETTE_H_

#include <cstdint>

namespace mullion {

struct Palette {
  static constexpr int kColours = 256;
  uint32_t entries[kColours] = {};

  void Set(int index, uint8_t red, uint8_t green, uint8_t blue) {
    entries[index & 0xFF] =
        0xFF000000u | static_cast<uint32_t>(red) << 16 | static_cast<uint32_t>(green) << 8 | blue;
  }
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_PALETTE_H_
