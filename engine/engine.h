// The engine: one pool, one scratch pool, one network thread, many sessions, one controller.
//
// Threads: the controller's, but for SessionReady, WakeNetwork, Wake and the const getters (any
// thread).
#ifndef MULLION_ENGINE_ENGINE_H_
#define MULLION_ENGINE_ENGINE_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/api/mullion.h"
#include "engine/bytes_pool.h"
#include "engine/pipeline.h"
#include "engine/pool.h"
#include "engine/scratch.h"
#include "engine/tile_pool.h"

namespace mullion {

class Replay;
class Session;

class Engine {
 public:
  explicit Engine(const mln_engine_options& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // ---- controller
  int Dispatch(int timeout_ms);
  int fd() const { return event_fd_; }
  Session* NewSession(Replay* replay);  // network stage or controller
  void CloseSession(Session* session);
  mln_err OpenReplay(const char* path, const mln_replay_options& options, mln_replay** replay,
                     mln_error* error);
  void CloseReplay(Replay* replay);
  void Emit(const mln_event& event) { options_.on_event(options_.user, &event); }
  void SessionEnded(Session* session);
  void TellFeeder() { room_ = true; }  // inside Dispatch: a fed session takes bytes again
  void GetMetrics(mln_metrics* metrics) const;

  // ---- any thread
  bool takes_output() const { return options_.on_output != nullptr; }
  void EmitOutput(mln_session* session, const uint8_t* bytes, size_t size) {
    options_.on_output(options_.user, session, bytes, size);
  }
  void SessionReady(Session* session);  // it has events
  void WakeNetwork();
  void Wake();  // the controller

  Pool* pool() { return &pool_; }
  ScratchPool* scratch() { return &scratch_; }
  BytesSource* bytes() { return &bytes_; }
  BytesSource* tiles() { return &tiles_; }  // what progressive tiles keep
  Jobs* jobs() { return &jobs_; }
  const Limits& limits() const { return limits_; }
  bool every_frame() const { return options_.delivery == MLN_DELIVER_EVERY_FRAME; }
  PixelFormat format() const { return static_cast<PixelFormat>(options_.format); }

 private:
  void NetworkThread();
  void FreeSession(Session* session);
  int DispatchReady();
  int DispatchEndedReplays();
  void ClearEventFd();

  mln_engine_options options_;
  Limits limits_;
  int event_fd_ = -1;
  std::atomic<bool> woken_{false};  // the descriptor is readable, or about to be
  ScratchPool scratch_;
  BytesPool bytes_;
  TilePool tiles_;
  Jobs jobs_;
  Pool pool_;
  bool dispatching_ = false;
  bool room_ = false;  // for bytes that were refused

  mutable std::mutex sessions_mutex_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<Session*> ready_;  // guarded by sessions_mutex_
  std::vector<Session*> batch_;  // the controller's
  Metrics retired_;              // of closed sessions; guarded by sessions_mutex_

  // The network thread works on replays_ while it holds net_mutex_.
  std::mutex net_mutex_;
  std::vector<std::unique_ptr<Replay>> replays_;
  std::mutex wake_mutex_;  // guards net_woken_ and stop_network_
  std::condition_variable net_wake_;
  bool net_woken_ = false;
  bool stop_network_ = false;
  std::thread network_;
};

void FillMetrics(const Metrics* const* all, size_t count, mln_metrics* out);

}  // namespace mullion

#endif  // MULLION_ENGINE_ENGINE_H_
