#include "tests/vectors/groups.h"

#include <array>

namespace mullion::vectors {
namespace {

struct Group {
  const char* codec;
  Runner run;
};

constexpr std::array<Group, 1> kGroups = {{
    {"", nullptr},
}};

}  // namespace

Runner FindRunner(const std::string& codec) {
  for (const Group& group : kGroups) {
    if (codec == group.codec) return group.run;
  }
  return nullptr;
}

}  // namespace mullion::vectors
