// build/bench/scaling CAPTURE... [--json] [--rounds N] [--loops N] [--workers MAX]
//   [--whole-frames] [--only WORKERS|plain]
//
// One busy session: each capture as fast as it decodes, by a plain loop over the same parsers and
// decoders (plain_player), by the engine without pool threads, and with 1, 2 ... workers. Rounds
// take turns and the minimum counts. Prints CPU and wall time of one play, the speed-up over one
// worker, what the pipeline costs over the plain loop, and what Amdahl's law says of 8 and 16 cores
// from the serial part of the plain loop (all that is not a decoder's call).
// --only W runs the engine with W workers and nothing else, --only plain the plain loop: for
// profilers.
// --whole-frames adds a session made in code that has nothing but whole RemoteFX frames of
// 1920x1080.
// Each frame that is told wakes a thread: how often threads were switched in a play, and what a
// wake-up costs here by itself (hand_over.h), say how much of the cost is that.
// The plain loop knows no graphics pipeline; such captures are measured without it.
//
// Exit: 0; 1 wrong usage; 2 a capture cannot be played; 3 pictures differ or something was lost.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "bench/command_line.h"
#include "bench/hand_over.h"
#include "bench/plain_player.h"
#include "bench/priority.h"
#include "bench/process_usage.h"
#include "bench/synthetic_session.h"
#include "engine/api/mullion.h"
#include "engine/metrics.h"

namespace mullion::bench {
namespace {

constexpr char kUsage[] =
    "usage: scaling CAPTURE... [--json] [--rounds N] [--loops N] [--workers MAX]\n"
    "               [--whole-frames] [--only WORKERS|plain]\n";

constexpr int kEverything = -1, kOnlyPlain = -2;

struct Options {
  std::vector<std::string> captures;
  bool json = false;
  bool whole_frames = false;
  int rounds = 7;
  int loops = 3;
  int workers = 0;  // 0: one per core
  int only = kEverything;
};

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--json") {
      options->json = true;
    } else if (name == "--whole-frames") {
      options->whole_frames = true;
    } else if (name.substr(0, 2) != "--") {
      options->captures.emplace_back(name);
    } else if (i + 1 == argc) {
      return false;
    } else if (name == "--rounds") {
      options->rounds = std::atoi(argv[++i]);
    } else if (name == "--loops") {
      options->loops = std::atoi(argv[++i]);
    } else if (name == "--only") {
      options->only = std::string_view(argv[++i]) == "plain" ? kOnlyPlain : std::atoi(argv[i]);
    } else if (name == "--workers") {
      options->workers = std::atoi(argv[++i]);
    } else {
      return false;
    }
  }
  if (options->workers == 0) {
    options->workers = std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  }
  return (options->whole_frames || !options->captures.empty()) && options->rounds > 0 &&
         options->loops > 0 && options->workers > 0;
}

struct Cost {
  double cpu_ms = 1e300, wall_ms = 1e300, switches = 1e300;
  void Best(const Cost& other) {
    cpu_ms = std::min(cpu_ms, other.cpu_ms);
    wall_ms = std::min(wall_ms, other.wall_ms);
    switches = std::min(switches, other.switches);
  }
};

class Clock {
 public:
  Cost Read(int plays) const {
    const Usage end = UsageNow();
    return {double(end.cpu_ns - begin_.cpu_ns) / 1e6 / plays,
            double(end.wall_ns - begin_.wall_ns) / 1e6 / plays,
            double(end.switches - begin_.switches) / plays};
  }

 private:
  const Usage begin_ = UsageNow();
};

constexpr int32_t kWidthPx = 1920, kHeightPx = 1080;
constexpr int kWholeFrames = 8;

SessionScript WholeFrames() {
  SessionScript script;
  script.name = "whole-rfx-frames-1080";
  const auto add = [&](bool to_server, const std::vector<uint8_t>& bytes) {
    script.steps.push_back({.time_ns = 0,
                            .to_server = to_server,
                            .offset = script.bytes.size(),
                            .size = bytes.size(),
                            .server_bytes = 0});
    script.bytes.insert(script.bytes.end(), bytes.begin(), bytes.end());
  };
  for (const SyntheticPdu& pdu : ConnectPdus(kWidthPx, kHeightPx)) add(pdu.to_server, pdu.bytes);
  for (int i = 0; i < kWholeFrames; ++i) add(false, FramePdus({0, 0, kWidthPx, kHeightPx}, i));
  return script;
}

// The script through an engine, by the C API.
class EnginePlayer {
 public:
  EnginePlayer(const SessionScript& script, int workers) : script_(script) {
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = workers;
    options.on_event = [](void* self, const mln_event* event) {
      static_cast<EnginePlayer*>(self)->OnEvent(*event);
    };
    options.user = this;
    (void)mln_engine_create(&options, &engine_);
  }
  ~EnginePlayer() { mln_engine_destroy(engine_); }
  EnginePlayer(const EnginePlayer&) = delete;
  EnginePlayer& operator=(const EnginePlayer&) = delete;

  // False: something was lost.
  bool Play(bool hashed) {
    ended_ = lost_ = false;
    hashed_ = hashed;
    mln_session* session = nullptr;
    if (mln_session_create(engine_, nullptr, &session) != MLN_OK) return false;
    for (const ScriptStep& step : script_.steps) {
      const ByteView bytes = script_.BytesOf(step);
      const mln_direction direction = step.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT;
      mln_err err;
      while ((err = mln_session_feed(session, direction, step.time_ns, bytes.data(),
                                     bytes.size())) == MLN_ERR_LIMIT) {
        mln_engine_dispatch(engine_, 10);
      }
      if (err != MLN_OK) lost_ = true;
      mln_engine_dispatch(engine_, 0);
    }
    while (mln_session_finish(session) == MLN_ERR_LIMIT) mln_engine_dispatch(engine_, 10);
    while (!ended_) mln_engine_dispatch(engine_, 1000);
    mln_session_close(session);
    return !lost_;
  }
  uint64_t hash() const { return hash_; }
  uint64_t frames() const { return frames_; }

 private:
  void OnEvent(const mln_event& event) {
    if (event.kind == MLN_EVENT_LOST) lost_ = true;
    if (event.kind == MLN_EVENT_DISCONNECTED) ended_ = true;
    if (event.kind != MLN_EVENT_FRAME) return;
    ++frames_;
    const mln_framebuffer& f = event.u.frame.framebuffer;
    if (hashed_) hash_ = HashPicture(f.data, f.width_px, f.height_px, f.stride_bytes);
  }

  const SessionScript& script_;
  mln_engine* engine_ = nullptr;
  bool ended_ = false, lost_ = false, hashed_ = false;
  uint64_t hash_ = 0, frames_ = 0;
};

struct Result {
  std::string name;
  bool plain_known = false;  // the plain loop can draw it
  bool equal = false;        // and draws the same picture
  bool lost = false;
  Cost plain;
  double serial = 0;          // of the plain loop's time: not inside a decoder
  std::vector<Cost> engines;  // by workers, from 0 on

  // What the wake-ups of one worker's play cost by themselves, as a share of the plain loop.
  double WakeUps(double hand_over_us) const {
    return engines[1].switches * hand_over_us / 1e3 / plain.cpu_ms;
  }
  double Overhead() const { return engines[1].cpu_ms / plain.cpu_ms - 1; }
  double InlineOverhead() const { return engines[0].cpu_ms / plain.cpu_ms - 1; }
  double Speedup(size_t workers) const { return engines[1].wall_ms / engines[workers].wall_ms; }
  double Predicted(int cores) const { return 1 / (serial + (1 - serial) / cores); }
};

Result Measure(const SessionScript& script, const Options& options) {
  Result result;
  result.name = script.name;
  PlainPlayer plain(script);
  plain.set_timed(true);
  result.plain_known = plain.Play();
  if (result.plain_known) {
    double best_ms = 1e300;
    for (int i = 0; i < options.rounds; ++i) {
      const uint64_t begin = NowNs();
      (void)plain.Play();
      const double all_ms = double(NowNs() - begin) / 1e6;
      if (all_ms >= best_ms) continue;
      best_ms = all_ms;
      result.serial = 1 - double(plain.decode_ns()) / 1e6 / all_ms;
    }
    plain.set_timed(false);
  }
  std::vector<std::unique_ptr<EnginePlayer>> players;
  for (int workers = 0; workers <= options.workers; ++workers) {
    players.push_back(std::make_unique<EnginePlayer>(script, workers));
    result.lost |= !players.back()->Play(/*hashed=*/true);
  }
  result.engines.resize(players.size());
  result.equal = true;
  for (const auto& player : players) {
    result.equal &= player->hash() == players[0]->hash();
    if (result.plain_known) result.equal &= player->hash() == plain.Hash();
  }
  for (int round = 0; round < options.rounds; ++round) {
    if (result.plain_known) {
      const Clock clock;
      for (int i = 0; i < options.loops; ++i) (void)plain.Play();
      result.plain.Best(clock.Read(options.loops));
    }
    for (size_t workers = 0; workers < players.size(); ++workers) {
      const Clock clock;
      for (int i = 0; i < options.loops; ++i) (void)players[workers]->Play(/*hashed=*/false);
      result.engines[workers].Best(clock.Read(options.loops));
    }
  }
  return result;
}

void PrintText(const Result& r, double hand_over_us) {
  std::printf("%s%s\n", r.name.c_str(),
              r.lost     ? ": something was LOST"
              : !r.equal ? ": the pictures DIFFER"
                         : "");
  if (r.plain_known) {
    std::printf(
        "  plain loop  %8.2f ms CPU, %.1f %% outside of the decoders: at best %.1fx on 8 "
        "cores, %.1fx on 16\n",
        r.plain.cpu_ms, r.serial * 100, r.Predicted(8), r.Predicted(16));
  }
  for (size_t w = 0; w < r.engines.size(); ++w) {
    std::printf("  %zu workers   %8.2f ms CPU, %8.2f ms", w, r.engines[w].cpu_ms,
                r.engines[w].wall_ms);
    if (w >= 1) std::printf(", %.2fx", r.Speedup(w));
    if (r.plain_known) {
      std::printf(", %+.1f %% over the plain loop",
                  100 * (r.engines[w].cpu_ms / r.plain.cpu_ms - 1));
      if (w == 1) {
        std::printf(", %.0f switches: %.1f %%", r.engines[1].switches,
                    100 * r.WakeUps(hand_over_us));
      }
    }
    std::printf("\n");
  }
}

void PrintJson(const Result& r, double hand_over_us, bool last) {
  std::printf("\n  {\"capture\": \"%s\", \"equal\": %s, \"lost\": %s", r.name.c_str(),
              r.equal ? "true" : "false", r.lost ? "true" : "false");
  if (r.plain_known) {
    std::printf(
        ", \"plain_cpu_ms\": %.4f, \"overhead_inline\": %.4f, \"overhead_one_worker\": "
        "%.4f, \"wake_ups_one_worker\": %.4f, \"serial_fraction\": %.4f, \"predicted_8\": %.3f, "
        "\"predicted_16\": %.3f",
        r.plain.cpu_ms, r.InlineOverhead(), r.Overhead(), r.WakeUps(hand_over_us), r.serial,
        r.Predicted(8), r.Predicted(16));
  }
  std::printf(", \"workers\": [");
  for (size_t w = 0; w < r.engines.size(); ++w) {
    std::printf(
        "%s{\"workers\": %zu, \"cpu_ms\": %.4f, \"wall_ms\": %.4f, \"switches\": %.1f, "
        "\"speedup\": %.4f}",
        w > 0 ? ", " : "", w, r.engines[w].cpu_ms, r.engines[w].wall_ms, r.engines[w].switches,
        r.Speedup(w));
  }
  std::printf("]}%s", last ? "\n" : ",");
}

bool LoadAll(const Options& options, std::vector<SessionScript>* scripts) {
  for (const std::string& path : options.captures) {
    std::string error;
    if (!LoadScript(path, &scripts->emplace_back(), &error)) {
      std::fprintf(stderr, "scaling: %s\n", error.c_str());
      return false;
    }
  }
  if (options.whole_frames) scripts->push_back(WholeFrames());
  return true;
}

bool RunOnly(const SessionScript& script, const Options& options) {
  const bool is_plain = options.only == kOnlyPlain;
  const int plays = options.rounds * options.loops;
  PlainPlayer plain(script);
  EnginePlayer player(script, std::max(options.only, 0));
  bool good = true;
  const Clock clock;
  for (int i = 0; i < plays; ++i) good &= is_plain ? plain.Play() : player.Play(/*hashed=*/false);
  const Cost cost = clock.Read(plays);
  std::printf("%s: %.2f ms CPU, %.2f ms, %.1f switches\n", script.name.c_str(), cost.cpu_ms,
              cost.wall_ms, cost.switches);
  return good;
}

int RunAll(const Options& options) {
  std::vector<SessionScript> scripts;
  if (!LoadAll(options, &scripts)) return 2;
  bool good = true;
  if (options.only != kEverything) {
    for (const SessionScript& script : scripts) good &= RunOnly(script, options);
    return good ? 0 : 3;
  }
  const double hand_over_us = MeasureHandOverUs();
  std::printf(options.json ? "{\"hand_over_us\": %.2f, \"captures\": ["
                           : "waking a thread takes %.1f us of CPU\n",
              hand_over_us);
  for (const SessionScript& script : scripts) {
    const Result result = Measure(script, options);
    good = good && result.equal && !result.lost;
    options.json ? PrintJson(result, hand_over_us, &script == &scripts.back())
                 : PrintText(result, hand_over_us);
    std::fflush(stdout);
  }
  if (options.json) std::printf("]}\n");
  return good ? 0 : 3;
}

int Main(int argc, char** argv) {
  Options options;
  if (const auto code = ReadArguments(argc, argv, kUsage, ParseOptions, &options)) return *code;
  return RunBeforeOthers(
      [](void* context) { return RunAll(*static_cast<const Options*>(context)); }, &options);
}

}  // namespace
}  // namespace mullion::bench

int main(int argc, char** argv) { return mullion::bench::Main(argc, argv); }
