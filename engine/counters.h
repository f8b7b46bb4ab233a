// Named counters of one session: what was seen on the wire, by "group/name".
//
// Ownership: names are copied in; entries live as long as the Counters.
// Bounds: at most kMax names; what does not fit is counted under "undecoded/more-names".
// Threads: any. The lane counts what it sees, the committer what failed to decode.
#ifndef MULLION_ENGINE_COUNTERS_H_
#define MULLION_ENGINE_COUNTERS_H_

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
  Entry& Find(std::string_view group, std::string_view name);

  std::mutex mutex_;  // of Find
  std::unique_ptr<Entry[]> entries_ = std::make_unique<Entry[]>(kMax);
  std::atomic<size_t> size_{0};
};

}  // namespace mullion

#endif  // MULLION_ENGINE_COUNTERS_H_
