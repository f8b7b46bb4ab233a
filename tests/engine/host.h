// An embedder for tests: an engine through its C API, and everything it said, written down.
#ifndef MULLION_TESTS_ENGINE_HOST_H_
#define MULLION_TESTS_ENGINE_HOST_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/api/mullion.h"

namespace mullion::testing {

// R, G, B, X of every pixel, from the top, whatever the format and stride.
uint64_t PixelHash(const mln_framebuffer& framebuffer);

struct SessionLog {
  mln_session* session = nullptr;
  std::vector<std::string> events;  // one line each, without what differs from run to run
  std::vector<uint64_t> frames;     // hash by frame event
  uint64_t final_hash = 0;          // when it was disconnected
  bool ended = false;
  bool graceful = false;
  mln_err error = MLN_OK;
};

struct HostOptions {
  int workers = 2;
  mln_delivery delivery = MLN_DELIVER_EVERY_FRAME;
  mln_format format = MLN_BGRX32;
  mln_limits limits = {};
};

class Host {
 public:
  explicit Host(const HostOptions& options = {});
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  mln_engine* engine() const { return engine_; }
  void Destroy();

  mln_replay* Replay(const std::string& path, uint32_t copies = 1, double speed = 0);
  mln_session* Create();
  // Dispatches until `done`, or for a minute; false then.
  bool Until(const std::function<bool()>& done);
  bool UntilEnded(size_t sessions);

  SessionLog* Find(mln_session* session);  // the newest log of this handle

  std::vector<SessionLog> logs;  // in the order of SESSION_OPENED
  size_t ended = 0;
  size_t replays_ended = 0;
  mln_err replay_error = MLN_OK;
  std::function<void(const mln_event&)> hook;  // after the event was written down

 private:
  static void OnEvent(void* user, const mln_event* event);
  void Record(const mln_event& event);

  mln_engine* engine_ = nullptr;
};

std::string SmallCapture();   // one short session: raw bitmaps in XCRUSH
std::string ResizeCapture();  // RemoteFX and two resizes

struct Piece {
  bool to_server;
  uint64_t time_ns;
  std::vector<uint8_t> bytes;
};
// The small capture's decrypted bytes, both directions, in order.
const std::vector<Piece>& SmallSession();
// Feeds all of it, `step` bytes at a time, dispatching when the queue is full; then finishes.
void FeedSmallSession(Host* host, mln_session* session, size_t step);
bool FeedBytes(Host* host, mln_session* session, const Piece& piece, size_t step);
// mln_session_finish, dispatching while the queue is full.
mln_err Finish(Host* host, mln_session* session);

// What the small capture's replay says: the reference of most tests.
const SessionLog& SmallReference();

}  // namespace mullion::testing

#endif  // MULLION_TESTS_ENGINE_HOST_H_
