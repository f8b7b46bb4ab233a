// Amounts in words for people: "1.2 MB", "350 us", "12.3 s".
//
// Threads: pure. Errors: none.
#ifndef MULLION_TOOLS_FORMAT_TEXT_H_
#define MULLION_TOOLS_FORMAT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/tally.h"

namespace mullion::tools {

std::string FormatBytes(uint64_t bytes);
std::string FormatTime(uint64_t ns);
std::string FormatReal(double value, int decimals);
// 16 hexadecimal digits.
std::string FormatHash(uint64_t hash);
// "1 session", "2 sessions".
std::string FormatCount(uint64_t count, std::string_view noun);
// Cuts or fills up with spaces to `width` columns (of bytes; names here are ASCII).
std::string PadRight(std::string_view text, size_t width);
// Fills up with spaces on the left.
std::string PadLeft(std::string_view text, size_t width);
// "remotefx 39, planar 4"; "none" if empty.
std::string FormatNames(const Tally::Names& names);
// Without control bytes, which a peer's names may hold and a terminal would obey.
std::string Printable(std::string_view text);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_FORMAT_TEXT_H_
