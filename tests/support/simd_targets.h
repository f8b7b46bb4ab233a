// Runs a check once for every SIMD target that this machine and build have.
#ifndef MULLION_TESTS_SUPPORT_SIMD_TARGETS_H_
#define MULLION_TESTS_SUPPORT_SIMD_TARGETS_H_

#include <doctest/doctest.h>

#include "hwy/targets.h"

namespace mullion {

// Puts the normal dispatch back, whatever happens in between.
class SimdTargetGuard {
 public:
  ~SimdTargetGuard() { hwy::SetSupportedTargetsForTest(0); }
};

template <class Check>
void ForEachSimdTarget(const Check& check) {
  SimdTargetGuard guard;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(static_cast<uint32_t>(target));
    INFO("target ", hwy::TargetName(target));
    check();
  }
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_SIMD_TARGETS_H_
