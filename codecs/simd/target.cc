#include "codecs/simd/target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/simd/target.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mullion::HWY_NAMESPACE {
static const char* Name() { return hwy::TargetName(HWY_TARGET); }
}  // namespace mullion::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mullion {
HWY_EXPORT(Name);
const char* SimdTargetName() { return HWY_DYNAMIC_DISPATCH(Name)(); }
}  // namespace mullion
#endif
