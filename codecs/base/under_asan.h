// Whether AddressSanitizer watches: what would hide a use after free or a write behind an end from
// it, pools and memory from the system itself, is left out then.
#ifndef MULLION_CODECS_BASE_UNDER_ASAN_H_
#define MULLION_CODECS_BASE_UNDER_ASAN_H_

namespace mullion {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kUnderAsan = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kUnderAsan = true;
#else
inline constexpr bool kUnderAsan = false;
#endif
#else
inline constexpr bool kUnderAsan = false;
#endif

}  // namespace mullion

#endif  // MULLION_CODECS_BASE_UNDER_ASAN_H_
