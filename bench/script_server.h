// A server that plays scripts: a process of its own, so that what it costs is not its clients'.
//
// Session i listens on a socket of its own. Whoever connects is sent the connection sequence at
// once, and the paced part from start_ns(i) on; what it sends is read and thrown away. At the
// script's end the connection is closed, and the next one may come.
// Two forms: plain server bytes, for an RDP client; or framed steps of both directions, for a
// client that follows recorded sessions: StepHeader, then the step's bytes.
// Late: a server that is kept waiting by its client sends later, but the schedule stays.
// Threads: Start() forks, so call it while the process has one thread. Errors: null.
#ifndef MULLION_BENCH_SCRIPT_SERVER_H_
#define MULLION_BENCH_SCRIPT_SERVER_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/session_script.h"
#include "engine/metrics.h"

namespace mullion::bench {

struct StepHeader {
  uint64_t time_ns = 0;
  uint32_t size = 0;
  uint32_t to_server = 0;
};

struct ScriptServerOptions {
  std::vector<const SessionScript*> sessions;  // by session; outlive the server
  bool framed = false;
  bool realtime = false;    // see priority.h
  uint64_t stagger_ns = 0;  // sessions start their paced parts spread over this time
};

class ScriptServer {
 public:
  static constexpr uint64_t kNotStarted = UINT64_MAX;

  static std::unique_ptr<ScriptServer> Start(ScriptServerOptions options);
  ~ScriptServer();
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;

  // A path for connect(), in the file system.
  std::string address(size_t session) const;
  // When time 0 of the session's current connection was or will be, by NowNs(); kNotStarted before
  // Go() and between connections.
  uint64_t start_ns(size_t session) const;
  // The paced parts may begin.
  void Go();
  // How late steps were written for which no client was to blame, and the server's CPU time.
  uint64_t LatenessP99Ns() const;
  uint64_t cpu_ns() const;

 private:
  struct Shared;
  class Process;
  ScriptServer() = default;

  ScriptServerOptions options_;
  std::string folder_;
  Shared* shared_ = nullptr;
  size_t shared_bytes_ = 0;
  pid_t child_ = -1;
};

}  // namespace mullion::bench

#endif  // MULLION_BENCH_SCRIPT_SERVER_H_
