// build/bench/sessions CAPTURE... [--json] [--idle N] [--seconds S] [--growth N,N...]
//
// Growth: what a thousand sessions cost that only stand there (CPU and memory), and what a session
// at work costs by the number of sessions and by the number of workers. Captures are played in real
// time, in turn; idle sessions have drawn the first screen of theirs.
// Exit: 0; 1 wrong usage; 2 a capture cannot be played; 3 a measurement failed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bench/command_line.h"
#include "bench/load_run.h"

namespace mullion::bench {
namespace {

constexpr char kUsage[] =
    "usage: sessions CAPTURE... [--json] [--idle N] [--seconds S] [--growth N,N...]\n";
constexpr uint64_t kIdleAfterNs = 500'000'000;

struct Options {
  std::vector<std::string> captures;
  bool json = false;
  size_t idle = 1000;
  double seconds = 3;
  std::vector<size_t> growth = {1, 4, 16, 64, 256};
};

std::vector<size_t> Numbers(const char* text) {
  std::vector<size_t> numbers;
  for (char* end = nullptr; *text != 0; text = *end == ',' ? end + 1 : end) {
    numbers.push_back(std::strtoul(text, &end, 10));
    if (end == text || numbers.back() == 0) return {};
  }
  return numbers;
}

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--json") {
      options->json = true;
    } else if (name.substr(0, 2) != "--") {
      options->captures.emplace_back(name);
    } else if (i + 1 == argc) {
      return false;
    } else if (name == "--idle") {
      options->idle = std::strtoul(argv[++i], nullptr, 10);
    } else if (name == "--seconds") {
      options->seconds = std::atof(argv[++i]);
    } else if (name == "--growth") {
      options->growth = Numbers(argv[++i]);
    } else {
      return false;
    }
  }
  return !options->captures.empty() && options->idle > 0 && options->seconds > 0 &&
         !options->growth.empty();
}

LoadPlan Plan(const std::vector<SessionScript>& scripts, size_t count, double seconds) {
  LoadPlan plan;
  plan.seconds = seconds;
  plan.stagger_seconds = std::min(plan.stagger_seconds, seconds);
  for (size_t i = 0; i < count; ++i) plan.sessions.push_back(&scripts[i % scripts.size()]);
  return plan;
}

struct Row {
  int workers = -1;
  LoadResult result;
};

void PrintRows(const char* name, const std::vector<Row>& rows, bool json) {
  if (json) std::printf("\"%s\": [", name);
  for (size_t i = 0; i < rows.size(); ++i) {
    const LoadResult& r = rows[i].result;
    if (json) {
      std::printf("%s\n  {\"workers\": %d, ", i > 0 ? "," : "", rows[i].workers);
      PrintJsonMembers(r);
      std::printf("}");
    } else if (!r.ok) {
      std::printf("%-8s %5llu sessions: %s\n", name, static_cast<unsigned long long>(r.sessions),
                  r.error);
    } else {
      std::printf(
          "%-8s %5llu sessions, %2d workers: %.3f ms CPU per session and second, p99 %.2f ms, %.0f "
          "KiB a session\n",
          name, static_cast<unsigned long long>(r.sessions), rows[i].workers,
          r.CpuShare() * 1e3 / double(r.sessions), double(r.p99_ns) / 1e6, r.SessionBytes() / 1024);
    }
  }
  if (json) std::printf("]");
}

int Run(const Options& options) {
  std::vector<SessionScript> active(options.captures.size());
  for (size_t i = 0; i < active.size(); ++i) {
    std::string error;
    if (!LoadScript(options.captures[i], &active[i], &error)) {
      std::fprintf(stderr, "sessions: %s\n", error.c_str());
      return 2;
    }
  }
  std::vector<SessionScript> idle = active;
  for (SessionScript& script : idle) MakeIdle(kIdleAfterNs, &script);

  std::vector<Row> idles(1), by_sessions, by_workers;
  LoadPlan still = Plan(idle, options.idle, options.seconds);
  still.settle_seconds = 2;  // the last first screens are drawn
  idles[0].result = RunLoad(still);
  for (const size_t count : options.growth) {
    by_sessions.push_back({-1, RunLoad(Plan(active, count, options.seconds))});
  }
  const size_t some = options.growth[options.growth.size() / 2];
  for (const int workers : {0, 1, 2, 4}) {
    LoadPlan plan = Plan(active, some, options.seconds);
    plan.workers = workers;
    by_workers.push_back({workers, RunLoad(plan)});
  }

  if (options.json) std::printf("{");
  PrintRows("idle", idles, options.json);
  if (options.json) std::printf(",\n ");
  PrintRows("sessions", by_sessions, options.json);
  if (options.json) std::printf(",\n ");
  PrintRows("workers", by_workers, options.json);
  if (options.json) std::printf("}\n");
  for (const auto* rows : {&idles, &by_sessions, &by_workers}) {
    for (const Row& row : *rows) {
      if (!row.result.ok) return 3;
    }
  }
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  if (const auto code = ReadArguments(argc, argv, kUsage, ParseOptions, &options)) return *code;
  return Run(options);
}

}  // namespace
}  // namespace mullion::bench

int main(int argc, char** argv) { return mullion::bench::Main(argc, argv); }
