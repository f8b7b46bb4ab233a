// What the programs of this room have in common before they begin.
#ifndef MULLION_BENCH_COMMAND_LINE_H_
#define MULLION_BENCH_COMMAND_LINE_H_

#include <cstdio>
#include <cstring>
#include <optional>

namespace mullion::bench {

// Reads the arguments; the program's exit code if it ends with that: --help, or wrong ones.
template <typename Options>
std::optional<int> ReadArguments(int argc, char** argv, const char* usage,
                                 bool (*parse)(int, char**, Options*), Options* options) {
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(usage, stdout);
    return 0;
  }
  if (parse(argc, argv, options)) return std::nullopt;
  std::fputs(usage, stderr);
  return 1;
}

}  // namespace mullion::bench

#endif  // MULLION_BENCH_COMMAND_LINE_H_
