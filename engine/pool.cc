// What both backends share: running tasks inline, without recursion.
#include "engine/pool.h"

namespace mullion {
namespace {

struct InlineQueue {
  bool running = false;
  Task* first = nullptr;
  Task* last = nullptr;
};
thread_local InlineQueue inline_queue;

}  // namespace

void Pool::RunInline(Task* task) {
  InlineQueue& queue = inline_queue;
  task->next_ = nullptr;
  if (queue.running) {
    (queue.first == nullptr ? queue.first : queue.last->next_) = task;
    queue.last = task;
    return;
  }
  queue.running = true;
  while (task != nullptr) {
    task->Run();
    task = queue.first;
    if (task != nullptr) queue.first = task->next_;
  }
  queue.running = false;
}

}  // namespace mullion
