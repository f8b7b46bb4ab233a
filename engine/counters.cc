#include "engine/counters.h"

namespace mullion {

// A session sees a few dozen names, most of them again and again: a linear search that compares
// sizes first costs less than a PDU's parsing.
Counters::Entry& Counters::Find(std::string_view group, std::string_view name) {
  const size_t size = size_.load(std::memory_order_relaxed);
  for (size_t i = 0; i < size; ++i) {
    Entry& entry = entries_[i];
    if (entry.name.size() == group.size() + 1 + name.size() && entry.group_size == group.size() &&
        std::string_view(entry.name).substr(group.size() + 1) == name &&
        std::string_view(entry.name).substr(0, group.size()) == group) {
      return entry;
    }
  }
  // The last entry is kept for this one name, so a full table always has it.
  if (size + 1 >= kMax && !(group == "undecoded" && name == "more-names")) {
    return Find("undecoded", "more-names");
  }
  Entry& entry = entries_[size];
  entry.name.reserve(group.size() + 1 + name.size());
  entry.name.append(group).append("/").append(name);
  entry.group_size = group.size();
  size_.store(size + 1, std::memory_order_release);
  return entry;
}

void Counters::Count(std::string_view group, std::string_view name, uint64_t n) {
  std::lock_guard lock(mutex_);
  Find(group, name).value.fetch_add(n, std::memory_order_relaxed);
}

void Counters::Set(std::string_view group, std::string_view name, uint64_t value) {
  std::lock_guard lock(mutex_);
  Find(group, name).value.store(value, std::memory_order_relaxed);
}

}  // namespace mullion
