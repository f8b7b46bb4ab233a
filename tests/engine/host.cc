#include "tests/engine/host.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "io/capture/capture.h"

namespace mullion::testing {
namespace {

std::string Text(const mln_rect& r) {
  return std::to_string(r.x) + "," + std::to_string(r.y) + "," + std::to_string(r.w) + "," +
         std::to_string(r.h);
}

class PieceSink final : public CaptureSink {
 public:
  explicit PieceSink(std::vector<Piece>* pieces) : pieces_(pieces) {}
  void OnOpen(const CapturedConnection&, uint64_t time_ns) override { opened_ns_ = time_ns; }
  void OnTls(uint32_t, const char*, const char*) override {}
  void OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) override {
    if (id != 0) return;
    pieces_->push_back({to_server, time_ns - opened_ns_, {bytes.begin(), bytes.end()}});
  }
  void OnClose(uint32_t, uint64_t, const CaptureError&) override {}

 private:
  std::vector<Piece>* pieces_;
  uint64_t opened_ns_ = 0;
};

}  // namespace

uint64_t PixelHash(const mln_framebuffer& framebuffer) {
  uint64_t hash = 0x9E3779B97F4A7C15u;
  const bool swap = framebuffer.format == MLN_RGBX32;
  for (int32_t y = 0; y < framebuffer.height_px; ++y) {
    const uint8_t* row = framebuffer.data + y * framebuffer.stride_bytes;
    for (int32_t x = 0; x < framebuffer.width_px; ++x, row += 4) {
      const uint32_t pixel =
          static_cast<uint32_t>(row[swap ? 2 : 0]) | static_cast<uint32_t>(row[1]) << 8 |
          static_cast<uint32_t>(row[swap ? 0 : 2]) << 16 | static_cast<uint32_t>(row[3]) << 24;
      hash = (hash ^ pixel) * 0x100000001B3u;
      hash ^= hash >> 29;
    }
  }
  return hash;
}

Host::Host(const HostOptions& wanted) {
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.workers = wanted.workers;
  options.delivery = wanted.delivery;
  options.format = wanted.format;
  options.limits = wanted.limits;
  options.on_event = &Host::OnEvent;
  options.user = this;
  REQUIRE(mln_engine_create(&options, &engine_) == MLN_OK);
}

Host::~Host() { Destroy(); }

void Host::Destroy() {
  mln_engine_destroy(engine_);
  engine_ = nullptr;
}

mln_replay* Host::Replay(const std::string& path, uint32_t copies, double speed) {
  mln_replay_options options;
  mln_replay_options_init(&options);
  options.copies = copies;
  options.speed = speed;
  mln_replay* replay = nullptr;
  mln_error error{};
  REQUIRE(mln_replay_open(engine_, path.c_str(), &options, &replay, &error) == MLN_OK);
  return replay;
}

mln_session* Host::Create() {
  mln_session* session = nullptr;
  REQUIRE(mln_session_create(engine_, this, &session) == MLN_OK);
  return session;
}

bool Host::Until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    (void)mln_engine_dispatch(engine_, 50);
  }
  return true;
}

bool Host::UntilEnded(size_t sessions) {
  return Until([&] { return ended >= sessions; });
}

SessionLog* Host::Find(mln_session* session) {
  const auto it = std::find_if(logs.rbegin(), logs.rend(),
                               [&](const SessionLog& log) { return log.session == session; });
  return it == logs.rend() ? nullptr : &*it;
}

void Host::OnEvent(void* user, const mln_event* event) {
  auto* host = static_cast<Host*>(user);
  host->Record(*event);
  if (host->hook) host->hook(*event);
}

void Host::Record(const mln_event& event) {
  if (event.kind == MLN_EVENT_REPLAY_ENDED) {
    ++replays_ended;
    replay_error = event.u.replay.error.code;
    return;
  }
  if (event.kind == MLN_EVENT_SESSION_OPENED) {
    logs.emplace_back();
    logs.back().session = event.session;
  }
  SessionLog* log = Find(event.session);
  REQUIRE(log != nullptr);
  CHECK_FALSE(log->ended);  // nothing follows DISCONNECTED
  std::string line = std::to_string(event.kind) + " @" + std::to_string(event.time_ns) + " ";
  switch (event.kind) {
    case MLN_EVENT_RESIZED:
      line += std::to_string(event.u.resized.width_px) + "x" +
              std::to_string(event.u.resized.height_px);
      break;
    case MLN_EVENT_FRAME: {
      const mln_event_frame& frame = event.u.frame;
      log->frames.push_back(PixelHash(frame.framebuffer));
      line += std::to_string(frame.index) + " id " + std::to_string(frame.frame_id) + " " +
              Text(frame.bounds);
      // Appended piece by piece: g++ 12 warns of what is not there in " " + a string.
      for (size_t i = 0; i < frame.region_count; ++i)
        line.append(" ").append(Text(frame.region[i]));
      line.append(" ").append(std::to_string(log->frames.back()));
      break;
    }
    case MLN_EVENT_POINTER:
      line += std::to_string(event.u.pointer.kind) + " " + std::to_string(event.u.pointer.x) + "," +
              std::to_string(event.u.pointer.y) + " " + std::to_string(event.u.pointer.width_px);
      break;
    case MLN_EVENT_SESSION_INFO:
      line += std::string(event.u.info.name) + " " + std::to_string(event.u.info.code);
      break;
    case MLN_EVENT_LOST:
      line += std::string(event.u.lost.codec) + " " + Text(event.u.lost.rect);
      break;
    case MLN_EVENT_DISCONNECTED: {
      log->ended = true;
      log->graceful = event.u.disconnected.graceful != 0;
      log->error = event.u.disconnected.error.code;
      ++ended;
      mln_framebuffer framebuffer;
      if (mln_session_lock(event.session, &framebuffer) == MLN_OK) {
        log->final_hash = PixelHash(framebuffer);
        mln_session_unlock(event.session);
      }
      // When a connection's end was noticed is the source's affair, not the decoder's.
      line = "disconnected " + std::to_string(log->graceful) + " " + std::to_string(log->error);
      break;
    }
    default:
      break;
  }
  log->events.push_back(std::move(line));
}

std::string SmallCapture() {
  return MULLION_SOURCE_DIR "/tests/data/captures/weston-raw-xcrush.pcapng";
}
std::string ResizeCapture() {
  return MULLION_SOURCE_DIR "/tests/data/captures/sh2-resize-rfx.pcapng";
}

const std::vector<Piece>& SmallSession() {
  static const std::vector<Piece> kPieces = [] {
    std::vector<Piece> pieces;
    PieceSink sink(&pieces);
    CaptureReader reader;
    REQUIRE(reader.Open(SmallCapture(), "").ok());
    for (bool more = true; more;) REQUIRE(reader.Next(&sink, &more).ok());
    return pieces;
  }();
  return kPieces;
}

bool FeedBytes(Host* host, mln_session* session, const Piece& piece, size_t step) {
  for (size_t at = 0; at < piece.bytes.size();) {
    const size_t size = std::min(step, piece.bytes.size() - at);
    const mln_err err = mln_session_feed(session, piece.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT,
                                         piece.time_ns, piece.bytes.data() + at, size);
    if (err == MLN_OK) {
      at += size;
    } else if (err == MLN_ERR_LIMIT) {
      (void)mln_engine_dispatch(host->engine(), -1);  // returns when there is room
    } else {
      return false;
    }
  }
  return true;
}

mln_err Finish(Host* host, mln_session* session) {
  mln_err err;
  while ((err = mln_session_finish(session)) == MLN_ERR_LIMIT) {
    (void)mln_engine_dispatch(host->engine(), -1);
  }
  return err;
}

void FeedSmallSession(Host* host, mln_session* session, size_t step) {
  for (const Piece& piece : SmallSession()) REQUIRE(FeedBytes(host, session, piece, step));
  REQUIRE(host->Until([&] {
    const mln_err err = mln_session_finish(session);
    return err == MLN_OK || err == MLN_ERR_STATE;
  }));
}

const SessionLog& SmallReference() {
  static const SessionLog kLog = [] {
    Host host({.workers = 0});
    host.Replay(SmallCapture());
    REQUIRE(host.Until([&] { return host.replays_ended == 1; }));
    REQUIRE(host.logs.size() == 1);
    REQUIRE(host.logs[0].ended);
    REQUIRE(host.logs[0].final_hash != 0);
    REQUIRE(host.logs[0].frames.size() > 5);
    return host.logs[0];
  }();
  return kLog;
}

}  // namespace mullion::testing
