#include "tools/commands.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mullion::tools {

void PrintError(const std::string& text) { std::fprintf(stderr, "mullion: %s\n", text.c_str()); }

int PrintResult(const std::string& text, int exit_code) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    PrintError(std::string("cannot write to standard output: ") + std::strerror(errno));
    return kExitUsage;
  }
  return exit_code;
}

int JudgeRun(const RunResult& run) {
  int exit_code = run.losses.any() ? kExitLosses : kExitOk;
  for (const RunResult::Capture& capture : run.captures) {
    if (!capture.error) continue;
    const std::string& message = capture.error.message();
    // The engine names the file where it helps; it need not be named twice.
    const bool named = message.find(capture.path) != std::string::npos;
    PrintError(named ? message : capture.path + ": " + message);
    exit_code = kExitUnreadable;
  }
  return exit_code;
}

std::vector<RunResult::Capture> ListCaptures(const std::vector<std::string>& paths) {
  std::vector<RunResult::Capture> captures;
  for (const std::string& path : paths) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    captures.push_back({path, code ? 0 : static_cast<uint64_t>(size), {}});
  }
  return captures;
}

}  // namespace mullion::tools
