// What the commit stage tells the controller, in order; a slot of the session's event ring.
//
// Ownership: slots are reused; who has read an event drops its region and its note. Threads:
// written by the committer, read by the controller (SpscRing hands over).
#ifndef MULLION_ENGINE_EVENT_H_
#define MULLION_ENGINE_EVENT_H_

#include <cstdint>
#include <memory>
#include <span>

#include "codecs/base/bytes.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "engine/op.h"

namespace mullion {

enum class EventKind : uint8_t {
  kOpened,
  kFacts,
  kResized,
  kFrame,
  kPointer,
  kInfo,
  kLost,
  kDisconnected
};

struct Event {
  EventKind kind = EventKind::kFrame;
  uint8_t pointer_kind = 0;
  CodecId codec = CodecId::kOther;
  uint32_t value = 0;  // frame id, pointer cache index
  Rect rect;           // bounds of the frame; lost rectangle; new size; pointer position
  Status status;
  uint64_t time_ns = 0;
  uint64_t index = 0;  // of the frame
  uint64_t latency_ns = 0;
  Bytes region;  // Rects
  std::shared_ptr<const Note> note;

  std::span<const Rect> rects() const {
    return {reinterpret_cast<const Rect*>(region.data()), region.size() / sizeof(Rect)};
  }
};

}  // namespace mullion

#endif  // MULLION_ENGINE_EVENT_H_
