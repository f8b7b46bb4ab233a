// Tasks by when they are due: a pairing heap whose links are in the tasks, so that queueing one
// allocates nothing.
//
// Ownership: borrows the tasks. Threads: one at a time. Tasks due at the same time come in no
// particular order.
#ifndef MULLION_ENGINE_TASK_HEAP_H_
#define MULLION_ENGINE_TASK_HEAP_H_

#include <cstdint>
#include <utility>

#include "engine/pool.h"

namespace mullion {

class TaskHeap {
 public:
  bool empty() const { return root_ == nullptr; }

  void Push(Task* task, uint64_t due_ns) {
    task->due_ns_ = due_ns;
    task->next_ = nullptr;
    task->child_ = nullptr;
    root_ = root_ == nullptr ? task : Meld(root_, task);
  }

  // The task that is due first. PRECONDITION: not empty.
  Task* Pop() {
    Task* const first = root_;
    // Melds the children in pairs, from left to right, and what comes of it from right to left.
    Task* pairs = nullptr;
    for (Task* child = first->child_; child != nullptr;) {
      Task* const left = child;
      Task* const right = left->next_;
      child = right == nullptr ? nullptr : right->next_;
      Task* const pair = right == nullptr ? left : Meld(left, right);
      pair->next_ = pairs;
      pairs = pair;
    }
    root_ = nullptr;
    while (pairs != nullptr) {
      Task* const pair = std::exchange(pairs, pairs->next_);
      root_ = root_ == nullptr ? pair : Meld(root_, pair);
    }
    return first;
  }

 private:
  // Two roots become one: the later task is the first child of the earlier.
  static Task* Meld(Task* a, Task* b) {
    if (b->due_ns_ < a->due_ns_) std::swap(a, b);
    b->next_ = a->child_;
    a->child_ = b;
    return a;
  }

  Task* root_ = nullptr;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_TASK_HEAP_H_
