// Whole sessions: a committed capture from its file to its last frame, at 0, 1 and 2 workers.
//
// Measures wall time of everything: reading the file, TLS, framing, inflating, decoding, commits,
// events. Bytes per second are those of the capture file; `frames` is the sum over iterations.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "engine/api/mullion.h"

namespace {

const std::string kFolder = MULLION_SOURCE_DIR "/tests/data/captures/";

struct Tally {
  bool ended = false;
  uint64_t frames = 0;
};

void OnEvent(void* user, const mln_event* event) {
  auto* tally = static_cast<Tally*>(user);
  if (event->kind == MLN_EVENT_FRAME) ++tally->frames;
  if (event->kind == MLN_EVENT_REPLAY_ENDED) tally->ended = true;
}

void ReplaySession(benchmark::State& state, const std::string& name) {
  const std::string path = kFolder + name + ".pcapng";
  uint64_t frames = 0;
  for (auto _ : state) {
    Tally tally;
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = static_cast<int32_t>(state.range(0));
    options.on_event = OnEvent;
    options.user = &tally;
    mln_engine* engine = nullptr;
    mln_replay_options replay_options;
    mln_replay_options_init(&replay_options);
    mln_replay* replay = nullptr;
    mln_error error{};
    if (mln_engine_create(&options, &engine) != MLN_OK ||
        mln_replay_open(engine, path.c_str(), &replay_options, &replay, &error) != MLN_OK) {
      mln_engine_destroy(engine);
      state.SkipWithError(error.message);
      return;
    }
    while (!tally.ended) mln_engine_dispatch(engine, -1);
    mln_engine_destroy(engine);
    frames += tally.frames;
  }
  state.counters["frames"] = static_cast<double>(frames);
  state.SetBytesProcessed(static_cast<int64_t>(std::filesystem::file_size(path)) *
                          static_cast<int64_t>(state.iterations()));
}

BENCHMARK_CAPTURE(ReplaySession, remotefx, "sh2-nla-rfx")
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ReplaySession, nscodec_xcrush, "sh2-nsc-xcrush")
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ReplaySession, interleaved24_slowpath, "xrdp09-bitmap24")
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
