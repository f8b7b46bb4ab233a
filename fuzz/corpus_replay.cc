// Runs every target over its committed corpus (and over nothing at all), without libFuzzer.
// Usage: corpus_replay CORPUS_DIR [TARGET...]; `--list` prints the targets' names.
// Ends with "N passed, 0 failed"; a failing input aborts with its name as the last line printed.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: corpus_replay CORPUS_DIR [TARGET...] | --list\n");
    return 1;
  }
  std::set<std::string> names;
  for (auto* t = mullion::fuzz::Targets(); t != nullptr; t = t->next) names.insert(t->name);
  if (std::string(argv[1]) == "--list") {
    for (const auto& name : names) std::printf("%s\n", name.c_str());
    return 0;
  }
  if (argc > 2) names = std::set<std::string>(argv + 2, argv + argc);
  int passed = 0;
  for (const auto& name : names) {
    auto* target = mullion::fuzz::Find(name.c_str());
    if (target == nullptr) {
      std::fprintf(stderr, "no target %s\n", name.c_str());
      return 1;
    }
    target->run({});
    ++passed;
    std::vector<std::filesystem::path> files;
    const std::filesystem::path dir = std::filesystem::path(argv[1]) / name;
    if (std::filesystem::is_directory(dir)) {
      for (const auto& entry : std::filesystem::directory_iterator(dir)) {
        files.push_back(entry.path());
      }
    }
    for (const auto& file : files) {
      std::fprintf(stderr, "\r%s\033[K", file.c_str());
      std::ifstream in(file, std::ios::binary);
      const std::vector<char> bytes((std::istreambuf_iterator<char>(in)),
                                    std::istreambuf_iterator<char>());
      target->run({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
      ++passed;
    }
  }
  std::fprintf(stderr, "\r\033[K");
  std::printf("%d passed, 0 failed\n", passed);
  return 0;
}
