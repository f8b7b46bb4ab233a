// Two or three components decoded in turns by one loop: the middles of tiles, see rlgr_lanes.cc.
//
// Specification: MS-RDPRFX 3.1.8.1.7.3. Shapes, over-read, over-write: as in rlgr.h.
// Ownership: borrows; a component's state passes from loop to loop. Threads: pure functions.
// Errors: none; what a loop cannot do it leaves for CarefulStep or for the loop of one component.
#ifndef MULLION_CODECS_IMAGE_RLGR_LANES_H_
#define MULLION_CODECS_IMAGE_RLGR_LANES_H_

#include <cstddef>
#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/image/rlgr_careful.h"
#include "codecs/wire/rfx.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define MULLION_RLGR_LANES 1
#endif

namespace mullion::rlgr {

// A component on its way. PRECONDITION of the loops: more than 8 bytes.
struct Component {
  ByteView bytes;
  uint16_t* codes;
  State state;

  size_t bytes_left() const { return bytes.size() - state.bit / 8; }
};

#ifdef MULLION_RLGR_LANES
// So many codes may be stored by one step.
inline constexpr int kLaneRoom = 2;

// BMI2 and LZCNT. PRECONDITION of the loops: this CPU has them.
bool HasLanes();

// Each decodes until one of its components cannot go on, and returns which: 0, 1 or 2. That one has
// less than 8 bytes left, fewer than kLaneRoom coefficients to go, or a symbol that is too long or
// broken.
template <RfxEntropy kMode>
int DecodeTwo(Component* a, Component* b);
template <RfxEntropy kMode>
int DecodeThree(Component* a, Component* b, Component* c);
#endif

}  // namespace mullion::rlgr

#endif  // MULLION_CODECS_IMAGE_RLGR_LANES_H_
