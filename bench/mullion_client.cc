// Mullion's side: what an embedder with an event loop does. Sockets and the engine's descriptor in
// one epoll; bytes in by mln_session_feed, frames out by mln_engine_dispatch.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/priority.h"
#include "bench/session_client.h"
#include "engine/api/mullion.h"

namespace mullion::bench {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

class MullionClient final : public SessionClient {
 public:
  MullionClient(const ScriptServer& server, const std::vector<const SessionScript*>& sessions,
                int workers)
      : server_(server), sessions_(sessions.size()), read_(kReadBytes), inline_(workers == 0) {
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = workers;
    options.on_event = [](void* self, const mln_event* event) {
      static_cast<MullionClient*>(self)->OnEvent(*event);
    };
    options.user = this;
    if (mln_engine_create(&options, &engine_) != MLN_OK) return;
    LeadWorkers();
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    Watch(EPOLL_CTL_ADD, mln_engine_fd(engine_), EPOLLIN, sessions_.size());
    for (size_t i = 0; i < sessions_.size(); ++i) {
      sessions_[i].script = sessions[i];
      sessions_[i].index = i;
    }
  }
  ~MullionClient() override {
    mln_engine_destroy(engine_);
    for (Session& session : sessions_) {
      if (session.fd >= 0) close(session.fd);
    }
    close(epoll_);
  }

  bool Connect(uint64_t timeout_ns) override {
    if (engine_ == nullptr) return false;
    for (Session& session : sessions_) {
      if (!Open(session)) return false;
    }
    const uint64_t deadline_ns = NowNs() + timeout_ns;
    while (NowNs() < deadline_ns) {
      bool all = true;
      for (const Session& session : sessions_) all = all && session.width_px > 0;
      if (all) return true;
      RunFor(1'000'000);
    }
    return false;
  }

  void RunFor(uint64_t ns) override {
    const uint64_t deadline_ns = NowNs() + ns;
    for (uint64_t now = NowNs(); now < deadline_ns; now = NowNs()) {
      epoll_event events[256];
      const uint64_t wait_ms = blocked_ > 0 ? 1 : (deadline_ns - now + 999'999) / 1'000'000;
      const int count = epoll_wait(epoll_, events, 256, static_cast<int>(wait_ms));
      bool ready = blocked_ > 0;
      for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 < sessions_.size()) {
          Read(sessions_[events[i].data.u64]);
        } else {
          ready = true;  // the engine's descriptor
        }
      }
      if (ready || inline_) mln_engine_dispatch(engine_, 0);
      if (blocked_ > 0) {
        for (Session& session : sessions_) {
          if (session.blocked) FeedUnread(session);
        }
      }
    }
  }

  uint64_t framebuffer_bytes() const override {
    uint64_t sum = 0;
    for (const Session& s : sessions_) sum += uint64_t(s.width_px) * uint64_t(s.height_px) * 4;
    return sum;
  }

 private:
  struct Session {
    const SessionScript* script = nullptr;
    size_t index = 0;
    int fd = -1;
    mln_session* session = nullptr;
    std::vector<uint8_t> unread;  // what is not fed yet
    bool blocked = false;         // the engine's queue is full
    int32_t width_px = 0, height_px = 0;
  };

  void Watch(int operation, int fd, uint32_t events, uint64_t data) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  bool Open(Session& session) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = server_.address(session.index);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    session.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (session.fd < 0 ||
        connect(session.fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return false;
    }
    Watch(EPOLL_CTL_ADD, session.fd, EPOLLIN, session.index);
    return mln_session_create(engine_, &session, &session.session) == MLN_OK;
  }

  void Read(Session& session) {
    if (session.fd < 0 || session.blocked) return;
    const ssize_t got = recv(session.fd, read_.data(), read_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return Reopen(session);
    const ByteView bytes(read_.data(), static_cast<size_t>(got));
    // Whole steps are fed from where they were read; only what is left is kept.
    if (session.unread.empty()) {
      const ByteView rest = bytes.subspan(Feed(session, bytes));
      session.unread.assign(rest.begin(), rest.end());
    } else {
      session.unread.insert(session.unread.end(), bytes.begin(), bytes.end());
      FeedUnread(session);
    }
  }

  void FeedUnread(Session& session) {
    const size_t fed = Feed(session, session.unread);
    session.unread.erase(session.unread.begin(),
                         session.unread.begin() + static_cast<ptrdiff_t>(fed));
  }

  // The server has ended the session: the user logs in again.
  void Reopen(Session& session) {
    close(session.fd);
    mln_session_close(session.session);
    session.session = nullptr;
    session.unread.clear();
    if (!Open(session)) log_.failures.fetch_add(1);
  }

  // Returns how many bytes it took: whole steps, as long as the engine takes them.
  size_t Feed(Session& session, ByteView bytes) {
    size_t done = 0;
    bool blocked = false;
    StepHeader header;
    while (bytes.size() - done >= sizeof(header)) {
      std::memcpy(&header, bytes.data() + done, sizeof(header));
      if (bytes.size() - done - sizeof(header) < header.size) break;
      const mln_err err =
          mln_session_feed(session.session, header.to_server != 0 ? MLN_TO_SERVER : MLN_TO_CLIENT,
                           header.time_ns, bytes.data() + done + sizeof(header), header.size);
      blocked = err == MLN_ERR_LIMIT;
      if (blocked) break;
      if (err != MLN_OK) log_.failures.fetch_add(1);
      done += sizeof(header) + header.size;
    }
    if (blocked != session.blocked) {
      session.blocked = blocked;
      blocked_ += blocked ? 1 : -1;
      Watch(EPOLL_CTL_MOD, session.fd, blocked ? 0u : uint32_t{EPOLLIN}, session.index);
    }
    return done;
  }

  void OnEvent(const mln_event& event) {
    auto* session = static_cast<Session*>(event.user);
    if (session == nullptr) return;
    switch (event.kind) {
      case MLN_EVENT_FRAME: {
        const uint64_t start_ns = server_.start_ns(session->index);
        if (start_ns != ScriptServer::kNotStarted) log_.Add(start_ns + event.time_ns);
        return;
      }
      case MLN_EVENT_RESIZED:
        session->width_px = event.u.resized.width_px;
        session->height_px = event.u.resized.height_px;
        return;
      case MLN_EVENT_LOST:
      case MLN_EVENT_DISCONNECTED:
        log_.failures.fetch_add(1);
        return;
      default:
        return;
    }
  }

  const ScriptServer& server_;
  std::vector<Session> sessions_;
  std::vector<uint8_t> read_;
  const bool inline_;  // feeding decodes, and what it shows is there at once
  mln_engine* engine_ = nullptr;
  int epoll_ = -1;
  int blocked_ = 0;  // sessions
};

}  // namespace

std::unique_ptr<SessionClient> MakeMullionClient(const ScriptServer& server,
                                                 const std::vector<const SessionScript*>& sessions,
                                                 int workers) {
  return std::make_unique<MullionClient>(server, sessions, workers);
}

}  // namespace mullion::bench
