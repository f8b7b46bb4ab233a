// Where recorded sessions are, and which of them a build's tests see.
#ifndef MULLION_TESTS_ENGINE_CAPTURES_H_
#define MULLION_TESTS_ENGINE_CAPTURES_H_

#include <filesystem>
#include <string>
#include <vector>

namespace mullion::testing {

// Sanitizers cost an order of magnitude: they see some of the committed captures only.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)  // clang
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

inline const std::filesystem::path kOwnCaptures =
    std::filesystem::path(MULLION_SOURCE_DIR) / "tests/data/captures";
inline const std::filesystem::path kSharedCaptures =
    std::filesystem::path(MULLION_SOURCE_DIR) / "../shared/captures";

// Those with references to the frame: the committed ones, and the others of shared/captures/a.
std::vector<std::filesystem::path> ReferenceCaptures();
// The four sessions of shared/captures/windows/README.md, which are fetched and never committed: in
// the folder that MULLION_WINDOWS_CAPTURES names, or there. Empty, with a line that says so, where
// they are missing.
std::vector<std::filesystem::path> WindowsCaptures();
// The published dumps of the graphics pipeline, likewise.
std::vector<std::filesystem::path> PublishedDumps();

}  // namespace mullion::testing

#endif  // MULLION_TESTS_ENGINE_CAPTURES_H_
