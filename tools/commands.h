// The subcommands of `mullion`: each adds its options to the command line, and runs.
//
// Output: results on standard output; progress and errors on standard error.
// Errors: the exit codes below; an error's line says what could not be done, with what, and why.
#ifndef MULLION_TOOLS_COMMANDS_H_
#define MULLION_TOOLS_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/report.h"

namespace CLI {
class App;
}

namespace mullion::tools {

enum ExitCode : int {
  kExitOk = 0,
  kExitUsage = 1,       // wrong arguments, or an output that cannot be written
  kExitUnreadable = 2,  // an input cannot be read
  kExitLosses = 3,      // all was read, but not all of it became pixels
};

struct ReplayCommand {
  void AddTo(CLI::App* app);
  int Run() const;

  std::vector<std::string> captures;
  std::string keylog_path;
  int32_t workers = -1;
  uint32_t copies = 1;
  uint32_t loops = 1;
  double speed = 0;  // 0: as fast as it decodes
  std::string final_path, png_dir, frames_path;
  std::optional<uint32_t> surface;
  uint64_t png_every = 1;
  bool json = false;
  bool quiet = false;
};

struct InfoCommand {
  void AddTo(CLI::App* app);
  int Run() const;

  std::vector<std::string> captures;
  std::string keylog_path;
  int32_t workers = -1;
  bool json = false;
};

// "mullion: TEXT" on standard error.
void PrintError(const std::string& text);
// Prints to standard output; kExitUsage, with a line that says why, if that fails (a full disk).
[[nodiscard]] int PrintResult(const std::string& text, int exit_code);
// Prints why captures could not be read, and gives the exit code that the run deserves.
[[nodiscard]] int JudgeRun(const RunResult& run);
// The size of each file; 0 where that is not known.
std::vector<RunResult::Capture> ListCaptures(const std::vector<std::string>& paths);

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_COMMANDS_H_
