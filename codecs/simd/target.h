// Which SIMD target the kernels run on here. Threads: any. Errors: none.
#ifndef MULLION_CODECS_SIMD_TARGET_H_
#define MULLION_CODECS_SIMD_TARGET_H_

namespace mullion {

// "AVX3", "AVX2", "SSE4" ...; a static string.
const char* SimdTargetName();

}  // namespace mullion

#endif  // MULLION_CODECS_SIMD_TARGET_H_
