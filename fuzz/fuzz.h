// How a fuzz target is written: five lines, one name.
//
//   MULLION_FUZZ_TARGET(mppc8k) { (void)...InflateX(data)...; }
//
// `data` is a ByteView. The same object files are linked twice: into `fuzz/fuzzer` (libFuzzer, with
// clang; MULLION_FUZZ=name picks the target) and into `fuzz/corpus_replay`, which any compiler
// builds and which the test suite runs over fuzz/corpus/<name>/*.
// A target reports a violated property with MULLION_FUZZ_CHECK, which traps.
#ifndef MULLION_FUZZ_FUZZ_H_
#define MULLION_FUZZ_FUZZ_H_

#include <cstdio>
#include <cstdlib>

#include "codecs/base/byte_reader.h"

namespace mullion::fuzz {

struct Target {
  const char* name;
  void (*run)(ByteView data);
  Target* next;
};

// The head of the list of all linked targets.
inline Target*& Targets() {
  static Target* head = nullptr;
  return head;
}

inline bool Register(Target* target) {
  target->next = Targets();
  Targets() = target;
  return true;
}

inline Target* Find(const char* name) {
  for (Target* t = Targets(); t != nullptr; t = t->next) {
    const char* a = t->name;
    const char* b = name;
    while (*a != '\0' && *a == *b) ++a, ++b;
    if (*a == *b) return t;
  }
  return nullptr;
}

}  // namespace mullion::fuzz

#define MULLION_FUZZ_TARGET(target_name)                                                   \
  static void Fuzz_##target_name(::mullion::ByteView data);                                \
  static ::mullion::fuzz::Target target_##target_name = {#target_name, Fuzz_##target_name, \
                                                         nullptr};                         \
  [[maybe_unused]] static const bool registered_##target_name =                            \
      ::mullion::fuzz::Register(&target_##target_name);                                    \
  static void Fuzz_##target_name([[maybe_unused]] ::mullion::ByteView data)

#define MULLION_FUZZ_CHECK(condition)                                                         \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "%s:%d: fuzz check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)

#endif  // MULLION_FUZZ_FUZZ_H_
