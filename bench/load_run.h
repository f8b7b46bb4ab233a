// One measurement: N sessions of one side, in a process of its own, against a script server.
//
// Threads: forks twice, so call it while the process has one thread.
// Errors: result.ok is false, and result.error says why.
#ifndef MULLION_BENCH_LOAD_RUN_H_
#define MULLION_BENCH_LOAD_RUN_H_

#include <cstdint>
#include <vector>

#include "bench/session_script.h"

namespace mullion::bench {

enum class Side { kMullion, kFreerdp };
const char* SideName(Side side);
bool HaveFreerdp();

struct LoadPlan {
  Side side = Side::kMullion;
  std::vector<const SessionScript*> sessions;
  // Sessions begin within this time. With less, the load is a wave, as all sessions are at about
  // the same place of their scripts, and its crest is what is measured (with three seconds the load
  // doubled within one measurement). With more, sessions whose scripts have ended log in again,
  // and logins are what is measured.
  double stagger_seconds = 8;
  double settle_seconds = 0.5;  // then they run for this time before anything is measured
  double seconds = 4;           // what is measured
  int workers = -1;             // of Mullion's engine
  bool realtime = false;        // before all else on the machine, if it may: others use it too
};

struct LoadResult {
  bool ok = false;
  char error[96] = "";
  uint64_t sessions = 0;
  uint64_t frames = 0;
  uint64_t failures = 0;
  uint64_t p50_ns = 0, p99_ns = 0, max_ns = 0;  // due by the schedule to shown
  uint64_t wall_ns = 0, cpu_ns = 0;
  uint64_t switches = 0;
  uint64_t allocations = 0;                // all
  uint64_t codec_library_allocations = 0;  // of these, those of libavcodec and libavutil
  uint64_t base_bytes = 0;                 // resident (PSS) before the first session
  uint64_t end_bytes = 0;                  // at the end
  uint64_t framebuffer_bytes = 0;          // of all sessions
  uint64_t server_late_p99_ns = 0;         // how late the server itself was
  uint64_t server_cpu_ns = 0;

  double CpuShare() const { return wall_ns > 0 ? double(cpu_ns) / double(wall_ns) : 0; }
  double PerFrame(uint64_t count) const { return frames > 0 ? double(count) / double(frames) : 0; }
  // Memory beyond the framebuffers, and beyond what the process had before its first session.
  double BytesBeyond() const {
    return double(end_bytes) - double(base_bytes) - double(framebuffer_bytes);
  }
  double SessionBytes() const { return sessions > 0 ? BytesBeyond() / double(sessions) : 0; }
};

LoadResult RunLoad(const LoadPlan& plan);
// Members of the result as JSON, without braces.
void PrintJsonMembers(const LoadResult& result);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_LOAD_RUN_H_
