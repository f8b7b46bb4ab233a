// build/bench/latency [--json] [--samples N] [--workers N] [--flooders N] [--sizes]
//
// From the last byte of a frame in the engine's hands to its event in the embedder's: p50, p99, for
// a change of one tile and for a full 1080p frame; on an idle machine, beside one session that
// floods (fairness: p99 may double), and on a saturated machine (several flood). A flooding session
// always has a full 1080p frame queued. One controller thread feeds and dispatches everything, as
// an embedder's event loop would.
// --sizes: the cost of a full frame by desktop size instead.
// Exit: 0; 1 wrong usage; 3 a frame was lost.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/command_line.h"
#include "bench/priority.h"
#include "bench/process_usage.h"
#include "bench/synthetic_session.h"
#include "engine/api/mullion.h"
#include "engine/metrics.h"

namespace mullion::bench {
namespace {

constexpr char kUsage[] =
    "usage: latency [--json] [--samples N] [--workers N] [--flooders N] [--sizes]\n";
constexpr int32_t kWidth = 1920, kHeight = 1080;
// A tile often, a whole frame now and then: whoever sends whole frames all the time floods, too.
constexpr uint64_t kTilePauseNs = 4'000'000;
constexpr uint64_t kFramePauseNs = 60'000'000;
constexpr uint64_t kTimeoutNs = 20'000'000'000;

struct Options {
  bool json = false;
  int samples = 200;
  int workers = -1;
  int flooders = 8;
  bool sizes = false;
};

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--json") {
      options->json = true;
    } else if (name == "--sizes") {
      options->sizes = true;
    } else if (i + 1 == argc) {
      return false;
    } else if (name == "--samples") {
      options->samples = std::atoi(argv[++i]);
    } else if (name == "--workers") {
      options->workers = std::atoi(argv[++i]);
    } else if (name == "--flooders") {
      options->flooders = std::atoi(argv[++i]);
    } else {
      return false;
    }
  }
  return options->samples > 0 && options->workers >= -1 && options->flooders >= 0;
}

// An engine, sessions in it, and the frames that they are fed.
class Host {
 public:
  struct Session {
    mln_session* handle = nullptr;
    const std::vector<std::vector<uint8_t>>* frames = nullptr;
    size_t next = 0;
    size_t fed = 0, shown = 0;
    bool pending = false;  // the next frame did not fit yet
    uint64_t fed_ns = 0;
    Histogram* latency = nullptr;
  };

  explicit Host(int workers) {
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = workers;
    options.limits.max_queued_bytes = 8u << 20;  // two full frames
    options.on_event = [](void* self, const mln_event* event) {
      static_cast<Host*>(self)->OnEvent(*event);
    };
    options.user = this;
    (void)mln_engine_create(&options, &engine_);
    LeadWorkers();
  }
  ~Host() { mln_engine_destroy(engine_); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  bool lost() const { return lost_; }
  void Dispatch(int timeout_ms) { mln_engine_dispatch(engine_, timeout_ms); }

  Session* Open(int32_t width_px, int32_t height_px,
                const std::vector<std::vector<uint8_t>>* frames) {
    auto session = std::make_unique<Session>();
    session->frames = frames;
    if (mln_session_create(engine_, session.get(), &session->handle) != MLN_OK) return nullptr;
    for (const SyntheticPdu& pdu : ConnectPdus(width_px, height_px)) {
      (void)mln_session_feed(session->handle, pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, 0,
                             pdu.bytes.data(), pdu.bytes.size());
      Dispatch(0);
    }
    sessions_.push_back(std::move(session));
    return sessions_.back().get();
  }

  // False when the engine's queue is full.
  bool Feed(Session* session) {
    const std::vector<uint8_t>& frame = (*session->frames)[session->next % session->frames->size()];
    session->fed_ns = NowNs();
    const mln_err err = mln_session_feed(session->handle, MLN_TO_CLIENT, session->fed_ns,
                                         frame.data(), frame.size());
    if (err == MLN_ERR_LIMIT) return false;
    lost_ |= err != MLN_OK;
    ++session->next;
    ++session->fed;
    return true;
  }

 private:
  void OnEvent(const mln_event& event) {
    auto* session = static_cast<Session*>(event.user);
    if (event.kind == MLN_EVENT_LOST || event.kind == MLN_EVENT_DISCONNECTED) lost_ = true;
    if (event.kind != MLN_EVENT_FRAME) return;
    ++session->shown;
    if (session->latency != nullptr) session->latency->Add(NowNs() - session->fed_ns);
  }

  mln_engine* engine_ = nullptr;
  std::vector<std::unique_ptr<Session>> sessions_;
  bool lost_ = false;
};

struct Row {
  const char* frame = "";
  const char* machine = "";
  uint64_t p50_ns = 0, p99_ns = 0, max_ns = 0;
  uint64_t samples = 0;
  bool ok = false;
};

Row Measure(const Options& options, const std::vector<std::vector<uint8_t>>& frames,
            const std::vector<std::vector<uint8_t>>& flood, int flooders, int samples,
            uint64_t pause_ns) {
  Row row;
  Host host(options.workers);
  std::vector<Host::Session*> busy;
  for (int i = 0; i < flooders; ++i) busy.push_back(host.Open(kWidth, kHeight, &flood));
  Host::Session* measured = host.Open(kWidth, kHeight, &frames);
  const auto latency = std::make_unique<Histogram>();
  const uint64_t deadline_ns = NowNs() + kTimeoutNs;
  uint64_t due_ns = NowNs() + 5 * pause_ns;
  // The first frames find cold memory: they are not counted.
  const size_t warm = 10;
  const size_t wanted = static_cast<size_t>(samples) + warm;
  while (measured->shown < wanted && NowNs() < deadline_ns && !host.lost()) {
    for (Host::Session* session : busy) {
      // Always a frame in work and one behind it.
      while (session->fed < session->shown + 2 && host.Feed(session)) {
      }
    }
    if (measured->fed == measured->shown && NowNs() >= due_ns) {
      measured->latency = measured->shown >= warm ? latency.get() : nullptr;
      (void)host.Feed(measured);
      due_ns = NowNs() + pause_ns;
    }
    // Sleeps between frames only: a poll with a timeout has no finer unit than a millisecond.
    host.Dispatch(busy.empty() && measured->fed > measured->shown ? 100 : 1);
    if (measured->fed > measured->shown) due_ns = NowNs() + pause_ns;
  }
  std::array<uint64_t, 16 * 35> sums{};
  latency->AddTo(&sums);
  row.p50_ns = Histogram::Percentile(sums, 500);
  row.p99_ns = Histogram::Percentile(sums, 990);
  row.max_ns = latency->max();
  row.samples = measured->shown > warm ? measured->shown - warm : 0;
  row.ok = !host.lost() && row.samples > 0;
  return row;
}

std::vector<std::vector<uint8_t>> Frames(const Rect& place, int count) {
  std::vector<std::vector<uint8_t>> frames;
  for (int i = 0; i < count; ++i) frames.push_back(FramePdus(place, i * 37 + 1));
  return frames;
}

int RunLatencies(const Options& options) {
  const auto tile = Frames({640, 320, 64, 64}, 8);
  const auto full = Frames({0, 0, kWidth, kHeight}, 3);
  struct Case {
    const char* machine;
    int flooders;
  };
  const Case cases[] = {{"idle", 0}, {"one session floods", 1}, {"saturated", options.flooders}};
  std::vector<Row> rows;
  for (const bool whole : {false, true}) {
    for (const Case& c : cases) {
      const int samples = whole ? std::max(20, options.samples / 4) : options.samples;
      rows.push_back(Measure(options, whole ? full : tile, full, c.flooders, samples,
                             whole ? kFramePauseNs : kTilePauseNs));
      rows.back().frame = whole ? "1920x1080" : "one tile";
      rows.back().machine = c.machine;
    }
  }
  bool ok = true;
  if (options.json) std::printf("{\"flooders\": %d, \"rows\": [", options.flooders);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& r = rows[i];
    ok = ok && r.ok;
    std::printf(options.json ? "%s\n  {\"frame\": \"%s\", \"machine\": \"%s\", \"p50_ms\": %.4f, "
                               "\"p99_ms\": %.4f, \"max_ms\": %.4f, \"samples\": %llu}"
                             : "%s%-10s %-20s p50 %8.3f ms, p99 %8.3f ms, max %8.3f ms, %llu "
                               "frames\n",
                options.json && i > 0 ? "," : "", r.frame, r.machine, double(r.p50_ns) / 1e6,
                double(r.p99_ns) / 1e6, double(r.max_ns) / 1e6,
                static_cast<unsigned long long>(r.samples));
  }
  if (options.json) std::printf("]}\n");
  return ok ? 0 : 3;
}

// CPU time of a frame by desktop size: the process has nothing else to do.
int RunSizes(const Options& options) {
  constexpr Rect kSizes[] = {{0, 0, 640, 480},
                             {0, 0, 1024, 768},
                             {0, 0, 1920, 1080},
                             {0, 0, 2560, 1440},
                             {0, 0, 3840, 2160}};
  bool ok = true;
  if (options.json) std::printf("{\"rows\": [");
  for (size_t i = 0; i < std::size(kSizes); ++i) {
    const Rect& size = kSizes[i];
    const auto frames = Frames(size, 2);
    Host host(options.workers);
    Host::Session* session = host.Open(size.w, size.h, &frames);
    double best_ms = 1e9;
    for (int round = 0; round < 5 + options.samples / 10; ++round) {
      const uint64_t begin = ProcessCpuNs();
      (void)host.Feed(session);
      while (session->shown < session->fed && !host.lost()) host.Dispatch(1000);
      if (round >= 2) best_ms = std::min(best_ms, double(ProcessCpuNs() - begin) / 1e6);
    }
    ok = ok && !host.lost();
    const double mpix = double(size.area()) / 1e6;
    std::printf(options.json ? "%s\n  {\"width\": %d, \"height\": %d, \"cpu_ms\": %.4f, "
                               "\"cpu_ms_per_mpix\": %.4f}"
                             : "%s%dx%d: %.3f ms CPU a frame, %.3f ms a megapixel\n",
                options.json && i > 0 ? "," : "", size.w, size.h, best_ms, best_ms / mpix);
  }
  if (options.json) std::printf("]}\n");
  return ok ? 0 : 3;
}

int Main(int argc, char** argv) {
  Options options;
  if (const auto code = ReadArguments(argc, argv, kUsage, ParseOptions, &options)) return *code;
  return RunBeforeOthers(
      [](void* context) {
        const Options& o = *static_cast<const Options*>(context);
        return o.sizes ? RunSizes(o) : RunLatencies(o);
      },
      &options);
}

}  // namespace
}  // namespace mullion::bench

int main(int argc, char** argv) { return mullion::bench::Main(argc, argv); }
