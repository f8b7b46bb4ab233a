#include "bench/script_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <queue>

#include "bench/priority.h"
#include "bench/process_usage.h"

namespace mullion::bench {

struct ScriptServer::Shared {
  std::atomic<uint64_t> go_ns{kNotStarted};
  std::atomic<uint64_t> cpu_ns{0};
  Histogram lateness;
  std::atomic<uint64_t> start_ns[];  // by session
};

namespace {

// How long a session rests between two connections.
constexpr uint64_t kRestNs = 500'000'000;

int Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      listen(fd, 4) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

// The child.
class ScriptServer::Process {
 public:
  Process(const ScriptServer& server, const std::vector<int>& listeners)
      : options_(server.options_), shared_(server.shared_), sessions_(options_.sessions.size()) {
    epoll_ = epoll_create1(0);
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);  // NowNs() counts the same
    Watch(EPOLL_CTL_ADD, timer_, EPOLLIN, kTimer);
    for (size_t i = 0; i < sessions_.size(); ++i) {
      sessions_[i].script = options_.sessions[i];
      sessions_[i].listener = listeners[i];
      // Golden-ratio steps: any number of sessions is spread evenly, and neighbours (which may be
      // of one kind) are far apart.
      const double phase = static_cast<double>(i) * 0.6180339887498949;
      sessions_[i].phase_ns = static_cast<uint64_t>((phase - static_cast<double>(uint64_t(phase))) *
                                                    static_cast<double>(options_.stagger_ns));
      Watch(EPOLL_CTL_ADD, listeners[i], EPOLLIN, i * 2);
    }
  }

  [[noreturn]] void Run() {
    for (;;) {
      epoll_event events[256];
      const int count = WaitUntil(NextDue(), events, 256);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == kTimer) {
          uint64_t times = 0;
          (void)!read(timer_, &times, sizeof(times));
          continue;
        }
        Session& session = sessions_[events[i].data.u64 / 2];
        if (events[i].data.u64 % 2 == 0) {
          Accept(session);
        } else {
          Drain(session);
          if (session.fd >= 0 && (events[i].events & EPOLLOUT) != 0) Play(session);
        }
      }
      if (!gone_ && shared_->go_ns.load() != kNotStarted) {
        gone_ = true;
        for (Session& session : sessions_) {
          if (session.fd >= 0) StartPaced(session, shared_->go_ns.load() + session.phase_ns);
        }
      }
      while (!due_.empty() && due_.top().first <= NowNs()) {
        Session& session = sessions_[due_.top().second];
        due_.pop();
        session.queued = false;
        Play(session);
      }
      shared_->cpu_ns.store(ProcessCpuNs(), std::memory_order_relaxed);
    }
  }

 private:
  struct Session {
    const SessionScript* script = nullptr;
    uint64_t phase_ns = 0;
    int listener = -1;
    int fd = -1;
    size_t step = 0;
    size_t written = 0;  // of the step, header included
    bool blocked = false;
    bool queued = false;  // in due_
    bool resting = false;
  };
  using Due = std::pair<uint64_t, size_t>;
  static constexpr uint64_t kTimer = UINT64_MAX;  // what epoll calls it

  size_t IndexOf(const Session& session) const {
    return static_cast<size_t>(&session - sessions_.data());
  }
  std::atomic<uint64_t>& StartOf(const Session& session) {
    return shared_->start_ns[IndexOf(session)];
  }
  void Watch(int operation, int fd, uint32_t events, uint64_t data) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    epoll_ctl(epoll_, operation, fd, &event);
  }
  uint64_t NextDue() const { return due_.empty() ? kNotStarted : due_.top().first; }
  int WaitUntil(uint64_t due_ns, epoll_event* events, int size) {
    if (due_ns != kNotStarted) {
      itimerspec at{};
      at.it_value.tv_sec = static_cast<time_t>(due_ns / 1'000'000'000);
      at.it_value.tv_nsec = static_cast<long>(due_ns % 1'000'000'000);
      timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
    }
    // Woken often before Go(), which is a flag in memory.
    return epoll_wait(epoll_, events, size, gone_ ? 20 : 1);
  }
  void Enqueue(Session& session, uint64_t due_ns) {
    if (session.queued) return;
    session.queued = true;
    due_.push({due_ns, IndexOf(session)});
  }

  void Accept(Session& session) {
    const int fd = accept4(session.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (session.fd >= 0) close(session.fd);
    session.fd = fd;
    session.step = session.written = 0;
    session.blocked = session.resting = false;
    StartOf(session).store(kNotStarted);
    Watch(EPOLL_CTL_ADD, fd, EPOLLIN, IndexOf(session) * 2 + 1);
    if (gone_) StartPaced(session, NowNs() + kRestNs);
    Play(session);
  }
  void StartPaced(Session& session, uint64_t start_ns) {
    StartOf(session).store(start_ns);
    Enqueue(session, start_ns);
  }
  void Drain(Session& session) {
    uint8_t nobody_reads_this[4096];
    for (;;) {
      const ssize_t got = recv(session.fd, nobody_reads_this, sizeof(nobody_reads_this), 0);
      if (got > 0) continue;
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) Hangup(session);
      return;
    }
  }
  void Hangup(Session& session) {
    close(session.fd);
    session.fd = -1;
    StartOf(session).store(kNotStarted);
  }

  // Writes what is due.
  void Play(Session& session) {
    const SessionScript& script = *session.script;
    while (session.fd >= 0 && session.step < script.steps.size()) {
      const ScriptStep& step = script.steps[session.step];
      if (!options_.framed && step.to_server) {
        ++session.step;
        continue;
      }
      const bool paced = session.step >= script.connect_steps;
      const uint64_t start_ns = StartOf(session).load(std::memory_order_relaxed);
      if (paced && start_ns == kNotStarted) return;
      const uint64_t now = NowNs();
      if (paced && start_ns + step.time_ns > now) return Enqueue(session, start_ns + step.time_ns);
      if (paced && !session.blocked && session.written == 0) {
        shared_->lateness.Add(now - start_ns - step.time_ns);
      }
      if (!Write(session, step)) return;
    }
    if (session.fd < 0 || script.hold) return;
    if (!session.resting) {
      session.resting = true;
      return Enqueue(session, NowNs() + kRestNs);
    }
    Hangup(session);
  }

  bool Write(Session& session, const ScriptStep& step) {
    const ByteView bytes = session.script->BytesOf(step);
    const StepHeader header{step.time_ns, static_cast<uint32_t>(bytes.size()), step.to_server};
    const size_t head = options_.framed ? sizeof(header) : 0;
    while (session.written < head + bytes.size()) {
      iovec parts[2];
      int count = 0;
      if (session.written < head) {
        parts[count++] = {
            const_cast<char*>(reinterpret_cast<const char*>(&header)) + session.written,
            head - session.written};
      }
      const size_t from = session.written > head ? session.written - head : 0;
      parts[count++] = {const_cast<uint8_t*>(bytes.data()) + from, bytes.size() - from};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = static_cast<size_t>(count);
      const ssize_t sent = sendmsg(session.fd, &message, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) {
        SetBlocked(session, true);
        return false;
      }
      if (sent < 0) {
        Hangup(session);
        return false;
      }
      session.written += static_cast<size_t>(sent);
    }
    session.written = 0;
    ++session.step;
    SetBlocked(session, false);
    return true;
  }
  void SetBlocked(Session& session, bool blocked) {
    if (session.blocked == blocked) return;
    session.blocked = blocked;
    Watch(EPOLL_CTL_MOD, session.fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN,
          IndexOf(session) * 2 + 1);
  }

  const ScriptServerOptions& options_;
  Shared* const shared_;
  std::vector<Session> sessions_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  int epoll_ = -1;
  int timer_ = -1;
  bool gone_ = false;
};

std::unique_ptr<ScriptServer> ScriptServer::Start(ScriptServerOptions options) {
  std::unique_ptr<ScriptServer> server(new ScriptServer);
  server->options_ = std::move(options);
  const size_t count = server->options_.sessions.size();
  char folder[] = "/tmp/mullion-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return nullptr;
  server->folder_ = folder;
  server->shared_bytes_ = sizeof(Shared) + count * sizeof(std::atomic<uint64_t>);
  void* memory = mmap(nullptr, server->shared_bytes_, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  server->shared_ = new (memory) Shared;
  for (size_t i = 0; i < count; ++i)
    new (&server->shared_->start_ns[i]) std::atomic<uint64_t>(kNotStarted);
  std::vector<int> listeners;
  for (size_t i = 0; i < count; ++i) {
    listeners.push_back(Listen(server->address(i)));
    if (listeners.back() < 0) return nullptr;
  }
  server->child_ = fork();
  if (server->child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // In the field servers have machines of their own: ours does not wait behind its clients.
    // LatenessP99Ns() says what came of it.
    (void)GoBeforeOthers(-19);
    if (server->options_.realtime) (void)GoRealTime(3);
    (new Process(*server, listeners))->Run();
  }
  for (const int listener : listeners) close(listener);
  return server->child_ > 0 ? std::move(server) : nullptr;
}

ScriptServer::~ScriptServer() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (shared_ != nullptr) munmap(shared_, shared_bytes_);
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::string ScriptServer::address(size_t session) const {
  return folder_ + "/" + std::to_string(session);
}

uint64_t ScriptServer::start_ns(size_t session) const {
  return shared_->start_ns[session].load(std::memory_order_relaxed);
}

void ScriptServer::Go() { shared_->go_ns.store(NowNs()); }

uint64_t ScriptServer::LatenessP99Ns() const {
  std::array<uint64_t, 16 * 35> sums{};
  shared_->lateness.AddTo(&sums);
  return Histogram::Percentile(sums, 990);
}

uint64_t ScriptServer::cpu_ns() const { return shared_->cpu_ns.load(std::memory_order_relaxed); }

}  // namespace mullion::bench
