#include "bench/load_run.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "bench/priority.h"
#include "bench/process_usage.h"
#include "bench/script_server.h"
#include "bench/session_client.h"

namespace mullion::bench {
namespace {

constexpr uint64_t kConnectTimeoutNs = 30'000'000'000;

uint64_t Nanoseconds(double seconds) { return static_cast<uint64_t>(seconds * 1e9); }

// In the client's process.
LoadResult Measure(const LoadPlan& plan, ScriptServer* server) {
  LoadResult result;
  result.sessions = plan.sessions.size();
  const auto fail = [&](const char* why) {
    std::snprintf(result.error, sizeof(result.error), "%s", why);
    return result;
  };
  const auto client = plan.side == Side::kMullion
                          ? MakeMullionClient(*server, plan.sessions, plan.workers)
                          : MakeFreerdpClient(*server, plan.sessions);
  if (client == nullptr) return fail("not built in");
  result.base_bytes = ProportionalBytes();
  if (!client->Connect(kConnectTimeoutNs)) return fail("not all sessions could connect");
  server->Go();
  client->RunFor(Nanoseconds(plan.stagger_seconds + plan.settle_seconds));

  FrameLog& log = client->log();
  const uint64_t server_cpu = server->cpu_ns();
  const Usage begin = UsageNow();
  log.counting.store(true);
  client->RunFor(Nanoseconds(plan.seconds));
  log.counting.store(false);
  const Usage end = UsageNow();

  std::array<uint64_t, 16 * 35> latency{};
  log.latency.AddTo(&latency);
  result.frames = log.frames.load();
  result.failures = log.failures.load();
  result.p50_ns = Histogram::Percentile(latency, 500);
  result.p99_ns = Histogram::Percentile(latency, 990);
  result.max_ns = log.latency.max();
  result.wall_ns = end.wall_ns - begin.wall_ns;
  result.cpu_ns = end.cpu_ns - begin.cpu_ns;
  result.switches = end.switches - begin.switches;
  result.allocations = end.allocations.total - begin.allocations.total;
  result.codec_library_allocations =
      end.allocations.codec_library - begin.allocations.codec_library;
  result.server_cpu_ns = server->cpu_ns() - server_cpu;
  result.server_late_p99_ns = server->LatenessP99Ns();
  result.framebuffer_bytes = client->framebuffer_bytes();
  result.end_bytes = ProportionalBytes();
  result.ok = true;
  return result;
}

}  // namespace

const char* SideName(Side side) { return side == Side::kMullion ? "mullion" : "libfreerdp2"; }

bool HaveFreerdp() {
#ifdef MULLION_HAVE_ORACLE
  return true;
#else
  return false;
#endif
}

LoadResult RunLoad(const LoadPlan& plan) {
  LoadResult result;
  result.sessions = plan.sessions.size();
  const auto fail = [&](const char* why) {
    std::snprintf(result.error, sizeof(result.error), "%s", why);
    return result;
  };
  ScriptServerOptions options;
  options.sessions = plan.sessions;
  options.realtime = plan.realtime;
  options.framed = plan.side == Side::kMullion;
  options.stagger_ns = Nanoseconds(plan.stagger_seconds);
  const auto server = ScriptServer::Start(std::move(options));
  int channel[2];
  if (server == nullptr || pipe(channel) != 0) return fail("the server could not be started");
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)GoBeforeOthers(-15);
    if (plan.realtime) (void)GoRealTime(1);
    const LoadResult measured = Measure(plan, server.get());
    const bool told = write(channel[1], &measured, sizeof(measured)) == sizeof(measured);
    _exit(told ? 0 : 1);  // sessions are not ended one by one: that is not what is measured
  }
  close(channel[1]);
  if (child < 0 || read(channel[0], &result, sizeof(result)) != sizeof(result)) {
    result = LoadResult();
    result.sessions = plan.sessions.size();
    (void)fail("the client process died");
  }
  close(channel[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return result;
}

void PrintJsonMembers(const LoadResult& r) {
  std::printf("\"sessions\": %llu, \"ok\": %s", static_cast<unsigned long long>(r.sessions),
              r.ok ? "true" : "false");
  if (!r.ok) {
    std::printf(", \"error\": \"%s\"", r.error);
    return;
  }
  std::printf(
      ", \"frames\": %llu, \"failures\": %llu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": "
      "%.3f, \"cpu\": %.4f, \"cpu_ms_per_session_second\": %.4f, \"switches_per_frame\": %.2f, "
      "\"allocations_per_frame\": %.3f, \"codec_library_allocations_per_frame\": %.3f, "
      "\"session_kib\": %.1f, \"server_late_p99_ms\": %.3f, \"server_cpu\": %.4f",
      static_cast<unsigned long long>(r.frames), static_cast<unsigned long long>(r.failures),
      double(r.p50_ns) / 1e6, double(r.p99_ns) / 1e6, double(r.max_ns) / 1e6, r.CpuShare(),
      r.CpuShare() * 1e3 / double(r.sessions), r.PerFrame(r.switches), r.PerFrame(r.allocations),
      r.PerFrame(r.codec_library_allocations), r.SessionBytes() / 1024,
      double(r.server_late_p99_ns) / 1e6,
      r.wall_ns > 0 ? double(r.server_cpu_ns) / double(r.wall_ns) : 0);
}

}  // namespace mullion::bench
