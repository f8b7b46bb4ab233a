// `mullion info`: what is in a capture. It decodes everything, since only that shows what would be
// lost, but hashes and writes nothing.
#include <CLI/CLI.hpp>

#include "tools/commands.h"

namespace mullion::tools {

void InfoCommand::AddTo(CLI::App* app) {
  app->add_option("CAPTURE", captures,
                  "Capture files (pcapng, pcap, or dumps of the graphics pipeline)")
      ->required()
      ->type_name("");
  app->add_option("--keylog", keylog_path,
                  "TLS keys in NSS key log format, for captures that hold none")
      ->type_name("FILE");
  app->add_option("--workers", workers, "Decode threads; 0: none of their own [one per core]")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""));
  app->add_flag("--json", json, "Print one JSON object");
}

int InfoCommand::Run() const {
  Player player;
  if (const mln::Error error = player.Start(workers)) {
    PrintError("cannot start the engine: " + error.message());
    return kExitUnreadable;
  }
  RunResult run;
  run.captures = ListCaptures(captures);
  run.workers = workers;
  for (RunResult::Capture& capture : run.captures) {
    capture.error = player.Play(capture.path, {keylog_path, 0, 1, false}, {}, {});
  }
  run.sessions = &player.sessions();
  run.metrics = player.ReadMetrics();
  run.losses = FindLosses(player.sessions());
  run.exit_code = JudgeRun(run);
  // What would be lost is what was asked for here, and no failure.
  if (run.exit_code == kExitLosses) run.exit_code = kExitOk;
  if (json) return PrintResult(InfoJson(run), run.exit_code);
  if (run.sessions->empty()) return run.exit_code;
  return PrintResult(InfoText(run), run.exit_code);
}

}  // namespace mullion::tools
