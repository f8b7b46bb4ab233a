// FNV-1a-64 over B, G, R of every pixel, row by row from the top: what the frames log and the
// summary call a framebuffer's hash. The fourth byte of a pixel does not count.
//
// Threads: pure; nothing may write the framebuffer meanwhile. Errors: none.
#ifndef MULLION_TOOLS_FRAMEBUFFER_HASH_H_
#define MULLION_TOOLS_FRAMEBUFFER_HASH_H_

#include <cstdint>

#include "engine/api/mullion.hpp"

namespace mullion::tools {

// Memory traffic does not matter here: each byte waits for the multiplication of the byte before
// it, about 4 cycles, so a 1080p frame takes some 8 ms whatever is done. That is why frames are
// hashed only when they are asked for.
inline uint64_t HashFramebuffer(const mln::Framebuffer& framebuffer) {
  constexpr uint64_t kOffset = 0xcbf29ce484222325;
  constexpr uint64_t kPrime = 0x100000001b3;
  const bool rgbx = framebuffer.format == MLN_RGBX32;
  const size_t blue = rgbx ? 2 : 0;
  const size_t red = rgbx ? 0 : 2;
  uint64_t hash = kOffset;
  for (int32_t y = 0; y < framebuffer.height_px; ++y) {
    const uint8_t* pixel = mln::Row(framebuffer, y).data();
    for (int32_t x = 0; x < framebuffer.width_px; ++x, pixel += 4) {
      hash = (hash ^ pixel[blue]) * kPrime;
      hash = (hash ^ pixel[1]) * kPrime;
      hash = (hash ^ pixel[red]) * kPrime;
    }
  }
  return hash;
}

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_FRAMEBUFFER_HASH_H_
