// build/bench/density [CAPTURE[:WEIGHT][:idle]]... [--json] [--seconds S] [--limit-ms MS]
//   [--max-sessions N] [--workers N] [--at N] [--memory] [--side mullion|libfreerdp2] [--realtime]
//
// How many sessions in real time? Plays the captures, mixed by weight, to N sessions at once, and
// looks for the largest N whose frames are shown within 16 ms at the 99th percentile, counted from
// the moment that each frame's last byte was due: falling behind the schedule is being late.
// Then the same for libfreerdp2, on the same bytes over the same sockets, with a thread per session
// as its clients run it. Starts are spread over eight seconds, so that copies are not in phase.
// --at N measures N sessions only; with --memory also, in five seconds more, what memory a session
// of Mullion takes: idle, and in what was measured. --realtime puts both sides before all else on
// the machine, for machines that others use too. Exit: 0; 1 wrong usage; 2 a capture cannot be
// played.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "bench/command_line.h"
#include "bench/load_run.h"

namespace mullion::bench {
namespace {

constexpr char kUsage[] =
    "usage: density CAPTURE[:WEIGHT][:idle]... [--json] [--seconds S] [--limit-ms MS]\n"
    "               [--max-sessions N] [--workers N] [--at N] [--memory]\n"
    "               [--side mullion|libfreerdp2] [--realtime]\n";
// An idle session has drawn its first screen.
constexpr uint64_t kIdleAfterNs = 500'000'000;
// What a session more costs is the difference between two numbers of them.
using Counts = size_t[2];
constexpr Counts kMemorySessions = {32, 160};
constexpr Counts kMemorySessionsAt = {8, 40};  // of one kind, and beside a run at a given number
constexpr int kMaxSteps = 10;

struct Options {
  std::vector<std::string> captures;
  bool json = false;
  double seconds = 4;
  double limit_ms = 16;
  size_t max_sessions = 4000;
  int workers = -1;
  size_t at = 0;
  bool memory = false;
  std::string side;
  bool realtime = false;
};

// Scripts by weight; sessions take them in turn.
struct Mix {
  std::vector<std::unique_ptr<SessionScript>> scripts;
  std::vector<const SessionScript*> order;

  std::vector<const SessionScript*> Sessions(size_t count) const {
    std::vector<const SessionScript*> sessions(count);
    for (size_t i = 0; i < count; ++i) sessions[i] = order[i % order.size()];
    return sessions;
  }
};

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--json") {
      options->json = true;
    } else if (name == "--realtime") {
      options->realtime = true;
    } else if (name == "--memory") {
      options->memory = true;
    } else if (name.substr(0, 2) != "--") {
      options->captures.emplace_back(name);
    } else if (++i == argc) {
      return false;
    } else if (name == "--seconds") {
      options->seconds = std::atof(argv[i]);
    } else if (name == "--limit-ms") {
      options->limit_ms = std::atof(argv[i]);
    } else if (name == "--max-sessions") {
      options->max_sessions = std::strtoul(argv[i], nullptr, 10);
    } else if (name == "--workers") {
      options->workers = std::atoi(argv[i]);
    } else if (name == "--at") {
      options->at = std::strtoul(argv[i], nullptr, 10);
    } else if (name == "--side") {
      options->side = argv[i];
    } else {
      return false;
    }
  }
  return !options->captures.empty() && options->seconds > 0 && options->limit_ms > 0 &&
         options->max_sessions > 0;
}

bool LoadMix(const std::vector<std::string>& captures, Mix* mix) {
  std::vector<std::pair<const SessionScript*, int>> weights;
  int most = 0;
  for (const std::string& capture : captures) {
    std::string path = capture;
    bool idle = false;
    int weight = 1;
    for (size_t colon; (colon = path.rfind(':')) != std::string::npos; path.resize(colon)) {
      const std::string word = path.substr(colon + 1);
      word == "idle" ? void(idle = true) : void(weight = std::max(1, std::atoi(word.c_str())));
    }
    auto script = std::make_unique<SessionScript>();
    std::string error;
    if (!LoadScript(path, script.get(), &error)) {
      std::fprintf(stderr, "density: %s\n", error.c_str());
      return false;
    }
    if (idle) MakeIdle(kIdleAfterNs, script.get());
    weights.emplace_back(script.get(), weight);
    most = std::max(most, weight);
    mix->scripts.push_back(std::move(script));
  }
  // Interleaved, so that any number of sessions has about the mix.
  for (int round = 0; round < most; ++round) {
    for (const auto& [script, weight] : weights) {
      if (round < weight) mix->order.push_back(script);
    }
  }
  return true;
}

struct Memory {
  bool ok = false;
  double session_kib = 0;  // beyond the framebuffer
  double process_kib = 0;  // once, whatever the number of sessions
};

struct SideResult {
  Side side = Side::kMullion;
  std::vector<LoadResult> steps;
  LoadResult best;  // the largest that held; ok is false if none did
  Memory idle, active;
};

class Search {
 public:
  Search(const Options& options, const Mix& mix) : options_(options), mix_(mix) {
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    cores_ = cpus > 0 ? static_cast<double>(cpus) : 1;
  }

  double cores() const { return cores_; }

  LoadResult Step(Side side, size_t count) {
    LoadPlan plan;
    plan.side = side;
    plan.sessions = mix_.Sessions(count);
    plan.seconds = options_.seconds;
    plan.workers = options_.workers;
    plan.realtime = options_.realtime;
    const LoadResult r = RunLoad(plan);
    std::fprintf(stderr, "%-11s %5zu sessions: ", SideName(side), count);
    if (!r.ok) {
      std::fprintf(stderr, "%s\n", r.error);
      return r;
    }
    std::fprintf(stderr,
                 "p50 %.2f ms, p99 %.2f ms, %.0f %% CPU, %llu frames, %llu failures; server %.2f "
                 "ms late\n",
                 double(r.p50_ns) / 1e6, double(r.p99_ns) / 1e6, r.CpuShare() * 100,
                 static_cast<unsigned long long>(r.frames),
                 static_cast<unsigned long long>(r.failures), double(r.server_late_p99_ns) / 1e6);
    return r;
  }

  // Brackets the limit from a guess that a small run's CPU time allows, then halves the bracket.
  SideResult Run(Side side) {
    SideResult result;
    result.side = side;
    size_t held = 0;
    size_t failed = options_.max_sessions + 1;
    size_t next = std::min<size_t>(16, options_.max_sessions);
    for (int i = 0; i < kMaxSteps; ++i) {
      LoadResult step = Step(side, next);
      result.steps.push_back(step);
      // Others' load can only make a run worse: a failure counts when it comes twice.
      if (!Holds(step)) result.steps.push_back(step = Step(side, next));
      const bool good = Holds(step);
      if (good && next > held) {
        held = next;
        result.best = step;
      }
      if (!good) failed = std::min(failed, next);
      if (held == options_.max_sessions || failed <= held + 1) break;
      if (held > 0 && double(failed) / double(held) < 1.06) break;
      if (i == 0 && good && step.cpu_ns > 0) {
        const double full = cores_ / (step.CpuShare() / double(next));
        next = Clamp(static_cast<size_t>(0.5 * full), held + 1, failed - 1);
      } else if (failed > options_.max_sessions) {
        next = Clamp(static_cast<size_t>(double(held) * 1.5) + 1, held + 1, failed - 1);
      } else {
        next = Clamp((held + failed) / 2, held + 1, failed - 1);
      }
    }
    result.idle = MeasureMemory(side, /*idle=*/true, kMemorySessions);
    result.active = MeasureMemory(side, /*idle=*/false, kMemorySessions);
    return result;
  }

  // One number of sessions. Active ones are not measured again: what the process takes once is what
  // it takes with idle ones. (It takes a little more, in pools, so a session seems larger by that.)
  SideResult RunAt(Side side, size_t count, bool memory) {
    SideResult result;
    result.side = side;
    result.best = Step(side, count);
    result.steps.push_back(result.best);
    if (!memory || !result.best.ok) return result;
    result.idle = MeasureMemory(side, /*idle=*/true, kMemorySessionsAt);
    result.active = result.idle;
    result.active.session_kib =
        (result.best.BytesBeyond() / 1024 - result.idle.process_kib) / double(count);
    return result;
  }

 private:
  static size_t Clamp(size_t value, size_t low, size_t high) {
    return std::max(low, std::min(value, high));
  }
  bool Holds(const LoadResult& r) const {
    return r.ok && r.failures == 0 && r.frames > 0 && double(r.p99_ns) < options_.limit_ms * 1e6;
  }
  // Sessions that are all idle behind their first screen, or all at work.
  Memory MeasureMemory(Side side, bool idle, const Counts& counts) {
    std::vector<SessionScript> scripts;
    for (const auto& script : mix_.scripts) {
      if (script->hold) continue;
      scripts.push_back(*script);
      if (idle) MakeIdle(kIdleAfterNs, &scripts.back());
    }
    LoadResult results[2];
    for (int i = 0; i < 2; ++i) {
      LoadPlan plan;
      plan.side = side;
      plan.stagger_seconds = 1;
      plan.settle_seconds = idle ? 1 : 3;
      plan.seconds = 0.5;
      plan.workers = options_.workers;
      plan.realtime = options_.realtime;
      for (size_t n = 0; n < counts[i] && !scripts.empty(); ++n) {
        plan.sessions.push_back(&scripts[n % scripts.size()]);
      }
      results[i] = RunLoad(plan);
    }
    Memory memory;
    memory.ok = results[0].ok && results[1].ok;
    if (!memory.ok || results[0].sessions == results[1].sessions) return memory;
    const double more = double(results[1].sessions - results[0].sessions) * 1024;
    memory.session_kib = (results[1].BytesBeyond() - results[0].BytesBeyond()) / more;
    memory.process_kib =
        results[0].BytesBeyond() / 1024 - memory.session_kib * double(results[0].sessions);
    return memory;
  }

  const Options& options_;
  const Mix& mix_;
  double cores_ = 1;
};

void PrintText(const SideResult& r, double cores) {
  std::printf("%-11s", SideName(r.side));
  if (!r.best.ok) {
    std::printf(" no number of sessions held\n");
    return;
  }
  std::printf(
      " %llu sessions, %.0f a core; p99 %.2f ms; %.3f ms CPU per session and second; %.1f "
      "switches and %.2f allocations a frame, %.2f of them libavcodec's; beyond the framebuffer "
      "%.0f KiB idle, %.0f KiB active\n",
      static_cast<unsigned long long>(r.best.sessions), double(r.best.sessions) / cores,
      double(r.best.p99_ns) / 1e6, r.best.CpuShare() * 1e3 / double(r.best.sessions),
      r.best.PerFrame(r.best.switches), r.best.PerFrame(r.best.allocations),
      r.best.PerFrame(r.best.codec_library_allocations), r.idle.session_kib, r.active.session_kib);
}

void PrintJsonResult(const char* name, const LoadResult& r) {
  std::printf("\"%s\": {", name);
  PrintJsonMembers(r);
  std::printf("}");
}

void PrintJsonMemory(const char* name, const Memory& memory) {
  std::printf("\"%s\": {\"ok\": %s, \"session_kib\": %.1f, \"process_kib\": %.1f}", name,
              memory.ok ? "true" : "false", memory.session_kib, memory.process_kib);
}

void PrintJson(const Options& options, const std::vector<SideResult>& sides, double cores) {
  std::printf("{\"cores\": %.0f, \"seconds\": %.1f, \"limit_ms\": %.1f, \"mix\": [", cores,
              options.seconds, options.limit_ms);
  for (size_t i = 0; i < options.captures.size(); ++i) {
    std::printf("%s\"%s\"", i > 0 ? ", " : "", options.captures[i].c_str());
  }
  std::printf("], \"sides\": {");
  for (size_t s = 0; s < sides.size(); ++s) {
    const SideResult& r = sides[s];
    std::printf("%s\n  \"%s\": {\"held\": %llu, ", s > 0 ? "," : "", SideName(r.side),
                static_cast<unsigned long long>(r.best.ok ? r.best.sessions : 0));
    PrintJsonResult("best", r.best);
    std::printf(", ");
    PrintJsonMemory("idle", r.idle);
    std::printf(", ");
    PrintJsonMemory("active", r.active);
    std::printf(", \"steps\": [");
    for (size_t i = 0; i < r.steps.size(); ++i) {
      std::printf("%s{", i > 0 ? ", " : "");
      PrintJsonMembers(r.steps[i]);
      std::printf("}");
    }
    std::printf("]}");
  }
  std::printf("}");
  if (options.at == 0 && sides.size() == 2 && sides[0].best.ok && sides[1].best.ok) {
    std::printf(", \"ratio\": %.2f",
                double(sides[0].best.sessions) / double(sides[1].best.sessions));
  }
  std::printf("}\n");
}

int Main(int argc, char** argv) {
  Options options;
  if (const auto code = ReadArguments(argc, argv, kUsage, ParseOptions, &options)) return *code;
  Mix mix;
  if (!LoadMix(options.captures, &mix)) return 2;
  Search search(options, mix);
  std::vector<SideResult> results;
  for (const Side side : {Side::kMullion, Side::kFreerdp}) {
    if (!options.side.empty() && options.side != SideName(side)) continue;
    if (side == Side::kFreerdp && !HaveFreerdp()) continue;
    if (options.at > 0) {
      results.push_back(search.RunAt(side, options.at, options.memory && side == Side::kMullion));
    } else {
      results.push_back(search.Run(side));
    }
  }
  if (options.json) {
    PrintJson(options, results, search.cores());
  } else {
    for (const SideResult& r : results) PrintText(r, search.cores());
  }
  return 0;
}

}  // namespace
}  // namespace mullion::bench

int main(int argc, char** argv) { return mullion::bench::Main(argc, argv); }
