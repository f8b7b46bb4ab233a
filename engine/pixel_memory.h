// Memory for pictures: framebuffers and surfaces.
//
// Aligned to cache lines, since the decoders store whole ones: stores across lines cost a half
// more. Large pictures ask for huge pages: the rows of a tile lie on 64 different small ones, and a
// viewer of hundreds of desktops finds none of them in its TLB (bench/density, 200 sessions: 8 %
// less CPU).
// Large pictures go back to the system when they are freed. In malloc's arenas they would stay and
// be cut up: sessions come and go, and so do their surfaces.
//
// Ownership: as std::unique_ptr. Contents: anything. Errors: null when there is no memory.
#ifndef MULLION_ENGINE_PIXEL_MEMORY_H_
#define MULLION_ENGINE_PIXEL_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace mullion {

struct FreePixels {
  size_t bytes = 0;
  void operator()(uint8_t* pixels) const;
};
using PixelMemory = std::unique_ptr<uint8_t[], FreePixels>;

PixelMemory AllocatePixels(size_t bytes);

}  // namespace mullion

#endif  // MULLION_ENGINE_PIXEL_MEMORY_H_
