#include "engine/counters.h"

namespace mullion {
namespace {

// FNV-1a. Names are short, and a peer's own are few (they are channels').
size_t Hash(std::string_view group, std::string_view name) {
  uint32_t hash = 2166136261u;
  const auto add = [&hash](char c) { hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u; };
  for (char c : group) add(c);
  add('/');
  for (char c : name) add(c);
  return hash ^ hash >> 16;
}

}  // namespace

bool Counters::Is(const Entry& entry, std::string_view group, std::string_view name) {
  return entry.group_size == group.size() && entry.name.size() == group.size() + 1 + name.size() &&
         std::string_view(entry.name).substr(group.size() + 1) == name &&
         std::string_view(entry.name).substr(0, group.size()) == group;
}

std::atomic<uint64_t>& Counters::ValueOf(std::string_view group, std::string_view name) {
  const size_t hash = Hash(group, name);
  for (size_t place = hash;; ++place) {
    const uint8_t index = places_[place % kPlaces].load(std::memory_order_acquire);
    if (index == 0) return Insert(group, name, hash);
    if (Is(entries_[index - 1], group, name)) return entries_[index - 1].value;
  }
}

std::atomic<uint64_t>& Counters::Insert(std::string_view group, std::string_view name,
                                        size_t hash) {
  std::unique_lock lock(mutex_);
  size_t place = hash;
  // Another thread may have been here in the meantime.
  for (;; ++place) {
    const uint8_t index = places_[place % kPlaces].load(std::memory_order_relaxed);
    if (index == 0) break;
    if (Is(entries_[index - 1], group, name)) return entries_[index - 1].value;
  }
  const size_t size = size_.load(std::memory_order_relaxed);
  // The last entry is kept for this one name, so a full table always has it.
  if (size + 1 >= kMax && !(group == "undecoded" && name == "more-names")) {
    lock.unlock();
    return ValueOf("undecoded", "more-names");
  }
  Entry& entry = entries_[size];
  entry.name.reserve(group.size() + 1 + name.size());
  entry.name.append(group).append("/").append(name);
  entry.group_size = group.size();
  places_[place % kPlaces].store(static_cast<uint8_t>(size + 1), std::memory_order_release);
  size_.store(size + 1, std::memory_order_release);
  return entry.value;
}

void Counters::Count(std::string_view group, std::string_view name, uint64_t n) {
  ValueOf(group, name).fetch_add(n, std::memory_order_relaxed);
}

void Counters::Set(std::string_view group, std::string_view name, uint64_t value) {
  ValueOf(group, name).store(value, std::memory_order_relaxed);
}

}  // namespace mullion
