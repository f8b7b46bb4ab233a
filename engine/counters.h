// Named counters of one session: what was seen on the wire, by "group/name".
//
// A hash table without deletions: finding a name that was counted before takes no lock and compares
// one string.
// Ownership: names are copied in; entries live as long as the Counters.
// Bounds: at most kMax names; what does not fit is counted under "undecoded/more-names".
// Threads: any. The lane counts what it sees, the committer what failed to decode.
#ifndef MULLION_ENGINE_COUNTERS_H_
#define MULLION_ENGINE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mullion {

class Counters {
 public:
  static constexpr size_t kMax = 160;

  void Count(std::string_view group, std::string_view name, uint64_t n = 1);
  void Set(std::string_view group, std::string_view name, uint64_t value);

  size_t size() const { return size_.load(std::memory_order_acquire); }
  const char* name(size_t index) const { return entries_[index].name.c_str(); }
  uint64_t value(size_t index) const {
    return entries_[index].value.load(std::memory_order_relaxed);
  }

 private:
  struct Entry {
    std::string name;  // "group/name"
    size_t group_size = 0;
    std::atomic<uint64_t> value{0};
  };
  static constexpr size_t kPlaces = 256;  // a power of two, so that a third stays free
  static bool Is(const Entry& entry, std::string_view group, std::string_view name);
  std::atomic<uint64_t>& ValueOf(std::string_view group, std::string_view name);
  std::atomic<uint64_t>& Insert(std::string_view group, std::string_view name, size_t hash);

  std::mutex mutex_;  // of Insert
  // By hash, then the next free place: one more than the index of an entry, 0: free.
  std::array<std::atomic<uint8_t>, kPlaces> places_{};
  static_assert(kMax < 255 && kMax < kPlaces);
  std::unique_ptr<Entry[]> entries_ = std::make_unique<Entry[]>(kMax);
  std::atomic<size_t> size_{0};
};

}  // namespace mullion

#endif  // MULLION_ENGINE_COUNTERS_H_
