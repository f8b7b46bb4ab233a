// One session: its pipeline, and the controller's side of it (info, events to the embedder).
//
// Threads: the producer (network stage, or the controller for fed sessions) calls Push*; everything
// else is the controller's, but for what says otherwise.
// Lifetime: Stop() and then the destructor, by the controller, when no producer pushes any more.
#ifndef MULLION_ENGINE_SESSION_H_
#define MULLION_ENGINE_SESSION_H_

#include <atomic>
#include <memory>
#include <string>

#include "engine/api/mullion.h"
#include "engine/commit.h"
#include "engine/lane.h"
#include "engine/pipeline.h"
#include "io/connect/follow.h"
#include "io/net/framer.h"

namespace mullion {

class Engine;
class Replay;

class Session {
 public:
  Session(Engine* engine, Replay* replay);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ---- producer
  // Queues one packet, or returns false: on_space of the engine follows.
  bool Push(Packet&& packet);
  // Frames bytes and queues what is whole. `*bytes` is taken only when all was queued before it;
  // false: call again with the same arguments when there is space.
  bool PushBytes(bool to_server, uint64_t time_ns, Bytes* bytes);
  bool PushEnd(uint64_t time_ns, Status status, std::string reason);
  bool producer_done() const { return producer_done_; }
  uint64_t last_time_ns() const { return pending_time_ns_; }

  // ---- controller
  // Delivers at most `budget` queued events through the engine's callback; returns how many.
  int Dispatch(int budget);
  bool has_events() {
    return !ended_ && (pipeline_.events.size() > 0 || pipeline_.out_of_memory.load() ||
                       room_.load(std::memory_order_acquire));
  }
  // An event could not be told.
  void OutOfMemory() { pipeline_.StopOutOfMemory(); }
  // Discards work in flight; returns when no pool thread touches the session any more.
  void Stop();
  mln_err SetFramebuffer(uint8_t* data, int64_t stride_bytes, mln_format format);
  mln_err GetInfo(mln_session_info* info) const;
  mln_err Surface(uint32_t index, mln_surface* surface) const;
  bool ended() const { return ended_; }
  mln_err Channel(uint32_t index, const char** name, uint32_t* id) const;

  // False when it is too late, or nobody takes what it says.
  bool Answer();

  // ---- any thread
  void SuspendAcknowledgements(bool suspend) { pipeline_.outbox.Suspend(suspend); }
  bool Lock(mln_framebuffer* framebuffer);
  void Unlock();
  const Metrics& metrics() const { return pipeline_.metrics; }
  void AddMemory(mln_metrics* metrics) const;
  const Counters& counters() const { return pipeline_.counters; }
  size_t queued_packets() const { return lane_.queued_packets(); }
  size_t queued_ops() const { return commit_.size(); }

  Engine* engine() const { return engine_; }
  Replay* replay() const { return replay_; }
  void detach_replay() { replay_ = nullptr; }
  void* user = nullptr;
  bool ready_queued = false;     // in the engine's ready list; guarded by its mutex
  bool close_requested = false;  // by the embedder, from inside a callback
  bool end_counted = false;      // its replay knows that it has ended

 private:
  Pipeline* SetUpPipeline();
  void Deliver(Event& event);
  void StopForMemory(uint64_t time_ns, const Status& status);
  void DeliverFrame(Event& event, mln_event* out);
  void DeliverResized(const Event& event, mln_event* out);
  mln_framebuffer View() const;

  Engine* const engine_;
  Replay* replay_;
  Pipeline pipeline_;
  CommitRing commit_;
  Lane lane_;

  // The producer's:
  Framer framers_[2];  // by direction: to client, to server
  uint64_t next_seq_ = 0;
  Status framing_status_;  // a failure is the session's end, however long that has to wait
  bool fed_ = false;
  bool producer_done_ = false;
  uint64_t pending_time_ns_ = 0;
  Packet pending_;  // framed, but not queued yet
  bool has_pending_ = false;
  std::atomic<bool> room_{false};  // for what a fed session has framed, but not queued yet

  // The controller's:
  std::shared_ptr<const Note> facts_;
  std::vector<Rect> merged_region_;  // of frames that were skipped (MLN_DELIVER_LATEST)
  uint64_t told_ns_ = 0;             // time of the last event
  bool in_resized_ = false;
  bool ended_ = false;
  uint64_t frames_ = 0, lost_ = 0;
};

}  // namespace mullion

#endif  // MULLION_ENGINE_SESSION_H_
