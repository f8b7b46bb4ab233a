// The program `mullion`: one subcommand a file, on the public API only.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "engine/api/mullion.hpp"
#include "tools/commands.h"

namespace {

using mullion::tools::kExitUsage;

// Our one line for every kind of wrong usage, instead of CLI11's own and its exit codes above 100.
int ReportUsage(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const std::string command = chosen.empty() ? "mullion" : "mullion " + chosen[0]->get_name();
  std::fprintf(stderr, "mullion: %s\nTry '%s --help'.\n", error.what(), command.c_str());
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string version = "mullion " + std::string(mln::Version());
  CLI::App app("Decodes captured RDP sessions into pixels.", "mullion");
  app.footer(
      "Exit codes: 0 all decoded; 1 wrong usage; 2 an input cannot be read; 3 decoded with "
      "losses.\n"
      "More in the manual page mullion(1).");
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", version);

  mullion::tools::ReplayCommand replay;
  CLI::App* replay_app = app.add_subcommand("replay", "Replay captures: pictures, logs, a summary");
  replay_app->set_version_flag("--version", version);
  replay.AddTo(replay_app);

  mullion::tools::InfoCommand info;
  CLI::App* info_app = app.add_subcommand("info", "Tell what is in captures");
  info_app->set_version_flag("--version", version);
  info.AddTo(info_app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return ReportUsage(app, error);
  }
  if (app.get_subcommands().empty()) {
    std::fprintf(stderr, "mullion: nothing to do\n\n%s", app.help().c_str());
    return kExitUsage;
  }
  return replay_app->parsed() ? replay.Run() : info.Run();
}
