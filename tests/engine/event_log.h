// A replay written down: one line per event, and the frames' hashes, for comparison between runs
// and with the reference.
#ifndef MULLION_TESTS_ENGINE_EVENT_LOG_H_
#define MULLION_TESTS_ENGINE_EVENT_LOG_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/api/mullion.h"

namespace mullion::testing {

// As shared/captures/a/README.md defines it: FNV-1a-64 over B, G, R, row by row from the top.
uint64_t FnvHash(const mln_framebuffer& framebuffer);
// Any difference in B, G, R, X changes it, and it reads eight bytes at a time.
uint64_t QuickHash(const mln_framebuffer& framebuffer);

struct Replayed {
  std::string log;                      // every event of every session, in order
  std::vector<uint64_t> frame_hashes;   // FNV, when asked for
  std::vector<bool> covered;            // by frame: the whole desktop had been painted by then
  std::vector<uint64_t> final_hashes;   // quick, by session, in the order of their ends
  int32_t width_px = 0, height_px = 0;  // of the last session that ended
  std::vector<uint8_t> final_bgr;       // its last framebuffer, three bytes a pixel
  uint64_t lost = 0;
  mln_err replay_error = MLN_OK;
};

struct ReplaySettings {
  int workers = 0;
  uint32_t copies = 1;
  bool fnv = false;
  mln_delivery delivery = MLN_DELIVER_EVERY_FRAME;
  std::function<void(const mln_event&)> on_event = {};  // before it is written down
};

Replayed RunReplay(const std::string& path, const ReplaySettings& settings);

}  // namespace mullion::testing

#endif  // MULLION_TESTS_ENGINE_EVENT_LOG_H_
