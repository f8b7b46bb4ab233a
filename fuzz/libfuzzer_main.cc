// libFuzzer's entry point for all targets: the environment variable MULLION_FUZZ names one.
#include "fuzz/fuzz.h"

namespace {
mullion::fuzz::Target* g_target = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("MULLION_FUZZ");
  g_target = name != nullptr ? mullion::fuzz::Find(name) : nullptr;
  if (g_target == nullptr) {
    std::fprintf(stderr, "MULLION_FUZZ must name a target:\n");
    for (auto* t = mullion::fuzz::Targets(); t != nullptr; t = t->next) {
      std::fprintf(stderr, "  %s\n", t->name);
    }
    std::exit(1);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  g_target->run({data, size});
  return 0;
}
