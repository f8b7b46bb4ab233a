// Ops that share a key (one surface's progressive tiles, one H.264 decoder) are decoded one after
// the other, in the order of the session; ops of other keys are not held up.
//
// An op enters when it is admitted and leaves when its decoding is done. Whoever leaves is told who
// may begin now, and sees to it that it does.
// Bounds: the slots of one commit ring; no allocation.
// Threads: any; Enter in the order of the session. Blocking: none to speak of, the lock is held for
// a few instructions.
#ifndef MULLION_ENGINE_KEY_QUEUE_H_
#define MULLION_ENGINE_KEY_QUEUE_H_

#include <mutex>

namespace mullion {

struct Slot;

class KeyQueue {
 public:
  // True when `slot` may begin at once.
  bool Enter(Slot* slot);
  // The op that was allowed to begin is done. Returns the one that may begin now, or null.
  Slot* Leave();

 private:
  std::mutex mutex_;
  Slot* first_ = nullptr;  // the one that has begun
  Slot* last_ = nullptr;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_KEY_QUEUE_H_
