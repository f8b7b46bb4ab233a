// Random graphics pipeline sessions that a server could have sent: every command and codec but AVC.
//
// Rectangles and points lie inside their surfaces, mapped surfaces tile the desktop without
// overlap, and every surface is filled before anything else happens to it, so that all clients that
// keep to the specification show the same. Stays clear of what libfreerdp2 2.11.7 gets wrong:
// progressive upgrades in the plain transform, and two progressive streams for one surface in one
// frame.
#ifndef MULLION_TESTS_SUPPORT_EGFX_SCENE_H_
#define MULLION_TESTS_SUPPORT_EGFX_SCENE_H_

#include <cstdint>
#include <vector>

#include "tests/support/session_writer.h"

namespace mullion::test {

struct EgfxSceneOptions {
  uint32_t seed = 1;
  int frames = 12;
  int max_side_px = 400;  // of the desktop
  bool lossy = true;      // RemoteFX and progressive, which decoders round differently
  bool resets = true;     // RESET_GRAPHICS between frames, with a new size
  // One mapped surface of any size, which is mapped to other places now and then and may stick out.
  // Moves come first in a frame: the engine, whose surfaces lie in the framebuffer, leaves what was
  // drawn between START_FRAME and a move at the old place. libfreerdp2 2.11.7 scales what sticks
  // out, and does not show a surface where it is mapped before it is drawn on.
  bool moves = false;
};

struct EgfxScene {
  uint16_t width_px = 0, height_px = 0;  // before the first reset
  // Inflated messages. A frame may take several; none goes on behind END_FRAME.
  std::vector<Buffer> messages;
};

EgfxScene MakeEgfxScene(const EgfxSceneOptions& options);

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_EGFX_SCENE_H_
