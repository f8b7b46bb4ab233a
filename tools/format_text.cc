#include "tools/format_text.h"

#include <cinttypes>
#include <cstdio>

namespace mullion::tools {

std::string FormatReal(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

std::string FormatBytes(uint64_t bytes) {
  const double value = static_cast<double>(bytes);
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  if (bytes < 999'950) return FormatReal(value / 1e3, 1) + " kB";
  if (bytes < 999'995'000) return FormatReal(value / 1e6, 2) + " MB";
  return FormatReal(value / 1e9, 2) + " GB";
}

std::string FormatTime(uint64_t ns) {
  const double value = static_cast<double>(ns);
  if (ns < 1000) return std::to_string(ns) + " ns";
  // The bounds are where rounding to the shown decimals would give "1000".
  if (ns < 999'950) return FormatReal(value / 1e3, 1) + " us";
  if (ns < 999'995'000) return FormatReal(value / 1e6, 2) + " ms";
  return FormatReal(value / 1e9, 2) + " s";
}

std::string FormatHash(uint64_t hash) {
  char text[32];
  std::snprintf(text, sizeof(text), "%016" PRIx64, hash);
  return text;
}

std::string FormatCount(uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string PadRight(std::string_view text, size_t width) {
  std::string padded(text.substr(0, width));
  padded.resize(width, ' ');
  return padded;
}

std::string PadLeft(std::string_view text, size_t width) {
  if (text.size() >= width) return std::string(text);
  return std::string(width - text.size(), ' ') + std::string(text);
}

std::string FormatNames(const Tally::Names& names) {
  std::string text;
  for (const auto& [name, value] : names) {
    if (!text.empty()) text += ", ";
    text += name + " " + std::to_string(value);
  }
  return text.empty() ? "none" : Printable(text);
}

std::string Printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return clean;
}

}  // namespace mullion::tools
