#include "engine/key_queue.h"

#include "engine/commit.h"

namespace mullion {

bool KeyQueue::Enter(Slot* slot) {
  std::lock_guard lock(mutex_);
  slot->key_next = nullptr;
  if (first_ == nullptr) {
    first_ = last_ = slot;
    return true;
  }
  last_->key_next = slot;
  last_ = slot;
  return false;
}

Slot* KeyQueue::Leave() {
  std::lock_guard lock(mutex_);
  first_ = first_->key_next;
  if (first_ == nullptr) last_ = nullptr;
  return first_;
}

}  // namespace mullion
