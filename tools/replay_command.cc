// `mullion replay`: captures become pictures, logs and a summary.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>

#include "tools/commands.h"
#include "tools/format_text.h"
#include "tools/frame_outputs.h"
#include "tools/progress.h"

namespace mullion::tools {
namespace {

constexpr uint32_t kMaxCopies = 100000;

// "max", "realtime" or a factor; false if `text` is none of them.
bool ParseSpeed(const std::string& text, double* speed) {
  if (text == "max" || text == "realtime") {
    *speed = text == "max" ? 0 : 1;
    return true;
  }
  double factor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (!(factor > 0) || factor > 1e6) return false;
  *speed = factor;
  return true;
}

std::string ProgressText(const mln::Metrics& metrics, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(metrics.pixels) / 1e6 / seconds : 0;
  return FormatCount(metrics.frames, "frame") + ", " + FormatReal(rate, 0) + " MPix/s";
}

}  // namespace

void ReplayCommand::AddTo(CLI::App* app) {
  app->add_option(
         "CAPTURE", captures,
         "Capture files (pcapng, pcap, or dumps of the graphics pipeline), replayed one after "
         "the other")
      ->required()
      ->type_name("");
  app->add_option("--keylog", keylog_path,
                  "TLS keys in NSS key log format, for captures that hold none")
      ->type_name("FILE");
  app->add_option("--workers", workers, "Decode threads; 0: none of their own [one per core]")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""));
  app->add_option("--sessions", copies, "Replay N copies of each session at once [1]")
      ->type_name("N")
      ->check(CLI::Range(1u, kMaxCopies).description(""));
  app->add_option("--loop", loops, "Play the captures N times [1]")
      ->type_name("N")
      ->check(CLI::Range(1u, 1000000u).description(""));
  app->add_option_function<std::string>(
         "--speed",
         [this](const std::string& text) {
           if (ParseSpeed(text, &speed)) return;
           throw CLI::ValidationError("--speed", text + " is not max, realtime or a factor > 0");
         },
         "max: as fast as it decodes; realtime; or a factor of real time [max]")
      ->type_name("max|realtime|FACTOR");
  auto* final_option = app->add_option("--final", final_path, "Write the last framebuffer as PNG")
                           ->type_name("FILE.png");
  app->add_option("--surface", surface,
                  "With --final: write this surface of the graphics pipeline instead")
      ->type_name("ID")
      ->check(CLI::Range(0, 65535).description(""))
      ->needs(final_option);
  auto* dir = app->add_option("--png-dir", png_dir, "Write framebuffers of frames into DIR as PNG")
                  ->type_name("DIR");
  app->add_option("--every", png_every, "With --png-dir: every Nth frame [1]")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 60).description(""))
      ->needs(dir);
  app->add_option("--frames", frames_path,
                  "Write a line per frame: index, ms, x, y, w, h, hash, frame id; tab-separated")
      ->type_name("FILE.tsv");
  app->add_flag("--json", json, "Print the summary as one JSON object");
  app->add_flag("--quiet", quiet, "No progress bar, no summary (--json still prints)");
}

int ReplayCommand::Run() const {
  FrameOutputs outputs({final_path, png_dir, png_every, frames_path, surface});
  outputs.Prepare();
  if (!outputs.error().empty()) {
    PrintError(outputs.error());
    return kExitUsage;
  }
  Player player;
  if (const mln::Error error = player.Start(workers)) {
    PrintError("cannot start the engine: " + error.message());
    return kExitUnreadable;
  }
  RunResult run;
  run.captures = ListCaptures(captures);
  run.copies = copies;
  run.loops = loops;
  run.workers = workers;
  double total_bytes = 0;
  for (const RunResult::Capture& capture : run.captures) {
    total_bytes += static_cast<double>(capture.file_bytes) * copies * loops;
  }

  Progress progress(!quiet);
  const auto start = std::chrono::steady_clock::now();
  const auto on_tick = [&] {
    if (!progress.Due()) return;
    const mln::Metrics metrics = player.ReadMetrics();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    // Packets are fewer bytes than the file, which also holds headers and acknowledgements.
    const double done = total_bytes > 0 ? static_cast<double>(metrics.bytes_in) / total_bytes : 0;
    progress.Draw(std::min(done, 0.99), ProgressText(metrics, elapsed.count()));
  };
  for (uint32_t loop = 0; loop < loops; ++loop) {
    const Player::EventHandler on_event = [&](const mln::Event& event, const SessionResult& session,
                                              const mln::Framebuffer* framebuffer) {
      if (loop == 0) outputs.OnEvent(event, session, framebuffer);
    };
    for (RunResult::Capture& capture : run.captures) {
      capture.error =
          player.Play(capture.path, {keylog_path, speed, copies, true}, on_event, on_tick);
    }
  }
  progress.Clear();

  run.wall_ns = static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  run.sessions = &player.sessions();
  run.metrics = player.ReadMetrics();
  run.losses = FindLosses(player.sessions());
  run.exit_code = JudgeRun(run);
  if (!outputs.error().empty()) {
    PrintError(outputs.error());
    run.exit_code = kExitUsage;
  }
  if (run.exit_code == kExitLosses) PrintError("losses: " + run.losses.ToString());
  if (json) return PrintResult(ReplayJson(run), run.exit_code);
  if (!quiet && !run.sessions->empty()) return PrintResult(ReplayText(run), run.exit_code);
  return run.exit_code;
}

}  // namespace mullion::tools
