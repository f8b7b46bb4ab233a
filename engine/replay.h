// The network stage of replayed captures: reads, paces and pushes what a capture file holds.
//
// Threads: Step on the network thread, under the engine's net_mutex_; SessionClosed by the
// controller under the same mutex; the rest by the controller.
// Memory: what one capture packet delivered and its sessions have not yet taken.
#ifndef MULLION_ENGINE_REPLAY_H_
#define MULLION_ENGINE_REPLAY_H_

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codecs/base/bytes.h"
#include "engine/api/mullion.h"
#include "io/capture/capture.h"

namespace mullion {

class Engine;
class Session;

class Replay final : public CaptureSink {
 public:
  Replay(Engine* engine, std::string path, const mln_replay_options& options);
  ~Replay() override;

  CaptureError Open();

  enum class Progress { kMore, kBlocked, kWait, kDone };
  // Goes on a little. kWait: nothing is due before *due_ns (NowNs() time).
  Progress Step(uint64_t now_ns, uint64_t* due_ns);
  // The same; without memory it ends, and so do its sessions.
  Progress StepOrEnd(uint64_t now_ns, uint64_t* due_ns) noexcept;

  Engine* engine() const { return engine_; }
  void SessionClosed(Session* session);
  void SessionEnded() { --live_sessions_; }
  bool finished() const { return read_all_.load(std::memory_order_acquire) && live_sessions_ == 0; }
  const CaptureError& error() const { return error_; }
  bool end_told = false;

  void OnOpen(const CapturedConnection& connection, uint64_t time_ns) override;
  void OnTls(uint32_t id, const char* version, const char* cipher) override;
  void OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) override;
  void OnClose(uint32_t id, uint64_t time_ns, const CaptureError& error) override;
  void OnSurfaceCommands(uint32_t id, uint64_t time_ns, ByteView commands) override;
  void OnGraphics(uint32_t id, uint64_t time_ns, ByteView pdu) override;

 private:
  struct Item {
    enum Kind { kOpen, kTls, kBytes, kSurfaceCommands, kGraphics, kClose } kind = kBytes;
    bool to_server = false;
    uint32_t id = 0;
    uint64_t time_ns = 0;
    Bytes bytes;
    Status status;
    std::string client, server, text;
    size_t next_copy = 0;  // the first copy that has not taken it yet
    Bytes rest;            // of `bytes`, for the copy that took a part
    bool started = false;
  };
  struct Connection {
    uint64_t opened_ns = 0;
    std::vector<Session*> copies;  // null: closed by the embedder
  };
  uint64_t DueNs(const Item& item, uint64_t now_ns);
  bool Deliver(Item& item);
  bool DeliverTo(Session* session, const Connection& connection, Item& item);
  Item& NewItem(Item::Kind kind, uint32_t id, uint64_t time_ns);

  Engine* const engine_;
  const std::string path_;
  const std::string keylog_;
  const mln_replay_options options_;
  std::unique_ptr<CaptureReader> reader_;
  std::deque<Item> items_;
  std::map<uint32_t, Connection> connections_;
  uint32_t loops_left_ = 1;
  uint64_t last_time_ns_ = 0;
  uint64_t pace_capture_ns_ = 0, pace_wall_ns_ = 0;  // both zero: not started
  CaptureError error_;
  std::atomic<bool> read_all_{false};
  std::atomic<int> live_sessions_{0};
};

}  // namespace mullion

#endif  // MULLION_ENGINE_REPLAY_H_
