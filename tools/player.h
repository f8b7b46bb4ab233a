// Plays captures through one engine, one after the other, and keeps what is to be told about each
// session once it is over. What `replay` and `info` have in common.
//
// Ownership: the results are plain copies; sessions are closed as soon as they ended, so that a
// long
//   run holds only the framebuffers of sessions that are still open.
// Threads: all on the caller's; handlers are called inside Play.
// Errors: Play returns why a capture could not be read to its end; what was read counts.
#ifndef MULLION_TOOLS_PLAYER_H_
#define MULLION_TOOLS_PLAYER_H_

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "engine/api/mullion.hpp"

namespace mullion::tools {

// A surface of the graphics pipeline as it was last seen: at the session's end or, since servers
// like to delete theirs before, at the last frame while it was there.
struct SurfaceResult {
  bool deleted = false;  // before the end
  int32_t width_px = 0, height_px = 0;
  bool has_alpha = false;
  mln_surface_mapping mapping = MLN_SURFACE_UNMAPPED;
  mln::Rect target = {};
};

// One session that was played, as it stood at its end.
struct SessionResult {
  int number = 0;      // 1, 2, 3 ... in the order in which the sessions of this run opened
  size_t capture = 0;  // index of the Play call
  mln::SessionInfo info;
  std::vector<mln::Channel> channels;
  std::vector<mln::Counter> counters;
  mln::Metrics metrics = {};
  uint64_t duration_ns = 0;  // time of its last event
  bool graceful = false;
  mln::Error end;        // why it ended; has a message in any case
  std::string graphics;  // confirmed capabilities of the graphics pipeline; "" if there is none
  std::string monitors;  // as the server last told them; "" if it did not
  std::map<uint32_t, SurfaceResult> surfaces;  // by id
  bool has_framebuffer = false;
  uint64_t framebuffer_hash = 0;  // 0 unless PlayOptions::hash_final
  int32_t width_px = 0, height_px = 0;
};

struct PlayOptions {
  std::string keylog_path;
  double speed = 0;  // as mln::ReplayOptions::speed
  uint32_t copies = 1;
  bool hash_final = false;
};

class Player {
 public:
  // Called for every event of a session, its result being what is known so far; `framebuffer` is
  // not null for kDisconnected of a session that has one. Surfaces may be asked for then, too.
  using EventHandler = std::function<void(const mln::Event& event, const SessionResult& session,
                                          const mln::Framebuffer* framebuffer)>;
  // Called about ten times a second while a capture plays.
  using TickHandler = std::function<void()>;

  [[nodiscard]] mln::Error Start(int32_t workers);
  [[nodiscard]] mln::Error Play(const std::string& path, const PlayOptions& options,
                                const EventHandler& on_event, const TickHandler& on_tick);

  // Of everything played so far. A list: sessions keep pointers to their entries.
  const std::list<SessionResult>& sessions() const { return sessions_; }
  mln::Metrics ReadMetrics() const { return engine_.ReadMetrics(); }

 private:
  void OnEvent(const mln::Event& event);
  static void KeepFacts(const mln::Event& event, SessionResult* result);
  void OnDisconnected(const mln::Event& event, SessionResult* result);
  void CloseEnded();

  mln::Engine engine_;
  std::list<SessionResult> sessions_;
  std::vector<mln::SessionRef> ended_;  // to be closed after the dispatch that told us

  // Of the current Play.
  const PlayOptions* options_ = nullptr;
  const EventHandler* on_event_ = nullptr;
  size_t capture_ = 0;
  bool replay_ended_ = false;
  mln::Error replay_error_;
};

}  // namespace mullion::tools

#endif  // MULLION_TOOLS_PLAYER_H_
