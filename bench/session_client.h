// Many sessions of one client library against a ScriptServer: Mullion's engine, or libfreerdp2.
//
// Latency is from the moment that the frame's last byte was due by the server's schedule to the
// moment that the embedder has the frame; so whatever waited, for whatever reason, counts.
// Threads: one calls everything here.
#ifndef MULLION_BENCH_SESSION_CLIENT_H_
#define MULLION_BENCH_SESSION_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/script_server.h"
#include "bench/session_script.h"
#include "engine/metrics.h"

namespace mullion::bench {

// Frames of all sessions while `counting`.
struct FrameLog {
  std::atomic<bool> counting{false};
  std::atomic<uint64_t> frames{0};
  std::atomic<uint64_t> failures{0};  // what could not be decoded, sessions that ended by an error
  Histogram latency;

  // A frame whose last byte was due at `due_ns` has come.
  void Add(uint64_t due_ns) {
    if (!counting.load(std::memory_order_relaxed)) return;
    const uint64_t now = NowNs();
    latency.Add(now > due_ns ? now - due_ns : 0);
    frames.fetch_add(1, std::memory_order_relaxed);
  }
};

class SessionClient {
 public:
  virtual ~SessionClient() = default;
  // Connects all sessions; false when one of them fails or it takes longer than `timeout_ns`.
  virtual bool Connect(uint64_t timeout_ns) = 0;
  // Goes on serving the sessions for so long.
  virtual void RunFor(uint64_t ns) = 0;
  const FrameLog& log() const { return log_; }
  FrameLog& log() { return log_; }
  // Bytes of all framebuffers.
  virtual uint64_t framebuffer_bytes() const = 0;

 protected:
  FrameLog log_;
};

// One engine, one controller thread that reads the sockets and dispatches. `server` is framed.
std::unique_ptr<SessionClient> MakeMullionClient(const ScriptServer& server,
                                                 const std::vector<const SessionScript*>& sessions,
                                                 int workers);
// A thread and a context per session, as its own clients do it; null without libfreerdp2.
// `server` is not framed.
std::unique_ptr<SessionClient> MakeFreerdpClient(const ScriptServer& server,
                                                 const std::vector<const SessionScript*>& sessions);

}  // namespace mullion::bench

#endif  // MULLION_BENCH_SESSION_CLIENT_H_
