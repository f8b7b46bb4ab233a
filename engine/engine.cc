#include "engine/engine.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "engine/replay.h"
#include "engine/session.h"

namespace mullion {
namespace {

int WorkerCount(int32_t wanted) {
  if (wanted >= 0) return std::min(wanted, 256);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

uint32_t OrDefault(uint32_t value, uint32_t otherwise) { return value != 0 ? value : otherwise; }

}  // namespace

Engine::Engine(const mln_engine_options& options)
    : options_(options), pool_(WorkerCount(options.workers)) {
  const mln_limits& l = options.limits;
  limits_.max_desktop_px = OrDefault(l.max_desktop_px, limits_.max_desktop_px);
  limits_.max_pdu_bytes = OrDefault(l.max_pdu_bytes, limits_.max_pdu_bytes);
  limits_.max_scratch_bytes = OrDefault(l.max_scratch_bytes, limits_.max_scratch_bytes);
  limits_.max_queued_bytes = OrDefault(l.max_queued_bytes, limits_.max_queued_bytes);
  limits_.max_waiting_bytes = OrDefault(l.max_waiting_bytes, limits_.max_waiting_bytes);
  limits_.max_pointer_px = OrDefault(l.max_pointer_px, limits_.max_pointer_px);
  limits_.max_channel_bytes = OrDefault(l.max_channel_bytes, limits_.max_channel_bytes);
  limits_.max_surface_bytes = OrDefault(l.max_surface_bytes, limits_.max_surface_bytes);
  limits_.max_cache_bytes = OrDefault(l.max_cache_bytes, limits_.max_cache_bytes);
  limits_.max_tile_state_bytes = OrDefault(l.max_tile_state_bytes, limits_.max_tile_state_bytes);
  limits_.max_decoders = OrDefault(l.max_decoders, limits_.max_decoders);
  event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

Engine::~Engine() {
  if (network_.joinable()) {
    {
      std::lock_guard lock(wake_mutex_);
      stop_network_ = true;
    }
    net_wake_.notify_all();
    network_.join();
  }
  for (auto& session : sessions_) session->Stop();
  sessions_.clear();
  replays_.clear();
  if (event_fd_ >= 0) close(event_fd_);
}

// ---- controller

int Engine::Dispatch(int timeout_ms) {
  if (dispatching_) return 0;
  dispatching_ = true;
  const struct Reset {
    bool* flag;
    ~Reset() { *flag = false; }
  } reset{&dispatching_};
  int delivered = 0;
  const uint64_t begin = NowNs();
  for (;;) {
    delivered = DispatchReady() + DispatchEndedReplays();
    const bool room = std::exchange(room_, false);
    if (delivered > 0 || room || timeout_ms == 0) break;
    int wait_ms = -1;
    if (timeout_ms > 0) {
      const uint64_t elapsed_ms = (NowNs() - begin) / 1000000;
      if (elapsed_ms >= static_cast<uint64_t>(timeout_ms)) break;
      wait_ms = timeout_ms - static_cast<int>(elapsed_ms);
    }
    pollfd descriptor{event_fd_, POLLIN, 0};
    (void)poll(&descriptor, 1, wait_ms);
  }
  return delivered;
}

int Engine::DispatchReady() {
  // Cleared before the look, so that what comes after it makes the descriptor readable again.
  ClearEventFd();
  batch_.clear();
  {
    std::lock_guard lock(sessions_mutex_);
    batch_.reserve(sessions_.size());  // here, so that telling never fails
    batch_.swap(ready_);
  }
  int delivered = 0;
  for (size_t i = 0; i < batch_.size(); ++i) {
    Session* session = batch_[i];
    if (session == nullptr) continue;
    try {
      delivered += session->Dispatch(64);
    } catch (const std::bad_alloc&) {
      session->OutOfMemory();
    }
    {
      // Not before: what it tells while it is dispatched is looked for below.
      std::lock_guard lock(sessions_mutex_);
      session->ready_queued = false;
    }
    if (session->close_requested) {
      FreeSession(session);
    } else if (session->has_events()) {
      SessionReady(session);
    }
  }
  batch_.clear();
  return delivered;
}

int Engine::DispatchEndedReplays() {
  int delivered = 0;
  for (size_t i = 0;; ++i) {
    Replay* replay = nullptr;
    {
      std::lock_guard lock(net_mutex_);
      if (i >= replays_.size()) return delivered;
      if (replays_[i]->end_told || !replays_[i]->finished()) continue;
      replay = replays_[i].get();
      replay->end_told = true;
    }
    mln_event event{};
    event.kind = MLN_EVENT_REPLAY_ENDED;
    event.u.replay.replay = reinterpret_cast<mln_replay*>(replay);
    mln_error& error = event.u.replay.error;
    error.code = static_cast<mln_err>(replay->error().status.err);
    error.offset = replay->error().status.offset;
    error.field = replay->error().status.field;
    std::snprintf(error.message, sizeof(error.message), "%s", replay->error().message.c_str());
    Emit(event);
    ++delivered;
    i = SIZE_MAX;  // from the start again: the callback may have closed any of them
  }
}

Session* Engine::NewSession(Replay* replay) {
  auto session = std::make_unique<Session>(this, replay);
  Session* raw = session.get();
  std::lock_guard lock(sessions_mutex_);
  ready_.reserve(sessions_.size() + 1);
  sessions_.push_back(std::move(session));
  return raw;
}

void Engine::CloseSession(Session* session) {
  if (dispatching_) {
    if (session->close_requested) return;
    session->close_requested = true;  // freed when its callback has returned
    session->Stop();                  // but its caller's framebuffer may be gone before
    SessionReady(session);
    return;
  }
  FreeSession(session);
}

void Engine::FreeSession(Session* session) {
  if (session->replay() != nullptr) {
    {
      std::lock_guard lock(net_mutex_);
      session->replay()->SessionClosed(session);
    }
    WakeNetwork();  // it may have waited for room in this session's queue
  }
  session->Stop();
  SessionEnded(session);
  std::unique_ptr<Session> dying;
  {
    std::lock_guard lock(sessions_mutex_);
    std::erase(ready_, session);
    std::replace(batch_.begin(), batch_.end(), session, static_cast<Session*>(nullptr));
    const auto it = std::find_if(sessions_.begin(), sessions_.end(),
                                 [&](const auto& owned) { return owned.get() == session; });
    if (it != sessions_.end()) {
      dying = std::move(*it);
      sessions_.erase(it);
      retired_.Merge(dying->metrics());
    }
  }
}

void Engine::SessionEnded(Session* session) {
  if (session->replay() == nullptr || session->end_counted) return;
  session->end_counted = true;
  session->replay()->SessionEnded();
  Wake();
}

mln_err Engine::OpenReplay(const char* path, const mln_replay_options& options, mln_replay** out,
                           mln_error* error) {
  auto replay = std::make_unique<Replay>(this, path, options);
  const CaptureError opened = replay->Open();
  if (error != nullptr) {
    error->code = static_cast<mln_err>(opened.status.err);
    error->offset = opened.status.offset;
    error->field = opened.status.field;
    std::snprintf(error->message, sizeof(error->message), "%s", opened.message.c_str());
  }
  if (!opened.ok()) return static_cast<mln_err>(opened.status.err);
  *out = reinterpret_cast<mln_replay*>(replay.get());
  {
    std::lock_guard lock(net_mutex_);
    replays_.push_back(std::move(replay));
  }
  if (!network_.joinable()) network_ = std::thread([this] { NetworkThread(); });
  WakeNetwork();
  return MLN_OK;
}

void Engine::CloseReplay(Replay* replay) {
  std::unique_ptr<Replay> dying;
  {
    std::lock_guard lock(net_mutex_);
    const auto it = std::find_if(replays_.begin(), replays_.end(),
                                 [&](const auto& owned) { return owned.get() == replay; });
    if (it == replays_.end()) return;
    dying = std::move(*it);
    replays_.erase(it);
  }
  // Its sessions have no source any more: those still alive are closed, the others stay.
  std::vector<Session*> orphans;
  {
    std::lock_guard lock(sessions_mutex_);
    for (auto& session : sessions_) {
      if (session->replay() == replay) orphans.push_back(session.get());
    }
  }
  for (Session* session : orphans) {
    session->detach_replay();
    if (!session->end_counted) CloseSession(session);
  }
}

void Engine::GetMetrics(mln_metrics* out) const {
  std::lock_guard lock(sessions_mutex_);
  std::vector<const Metrics*> all{&retired_};
  uint64_t packets = 0, ops = 0;
  for (const auto& session : sessions_) {
    all.push_back(&session->metrics());
    packets += session->queued_packets();
    ops += session->queued_ops();
  }
  FillMetrics(all.data(), all.size(), out);
  for (const auto& session : sessions_) session->AddMemory(out);
  out->queued_packets = packets;
  out->queued_ops = ops;
}

// ---- any thread

void Engine::SessionReady(Session* session) {
  {
    std::lock_guard lock(sessions_mutex_);
    if (session->ready_queued) return;
    session->ready_queued = true;
    ready_.push_back(session);
  }
  Wake();
}

void Engine::Wake() {
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  const uint64_t one = 1;
  (void)!write(event_fd_, &one, sizeof(one));
}

void Engine::ClearEventFd() {
  // A look costs less than a system call. Who wakes has told before what is to be found.
  if (!woken_.load(std::memory_order_acquire)) return;
  uint64_t count = 0;
  // Nothing yet: the write is on its way, and is to be read by the next call.
  if (read(event_fd_, &count, sizeof(count)) < 0) return;
  // After the read: who sees true here may rely on the look at the sessions that follows.
  woken_.exchange(false, std::memory_order_acq_rel);
}

void Engine::WakeNetwork() {
  {
    std::lock_guard lock(wake_mutex_);
    net_woken_ = true;
  }
  net_wake_.notify_one();
}

// ---- network thread

void Engine::NetworkThread() {
  for (;;) {
    bool progress = false;
    uint64_t due_ns = UINT64_MAX;
    {
      std::lock_guard lock(net_mutex_);
      const uint64_t now = NowNs();
      for (auto& replay : replays_) {
        // A few steps each, so that one file does not keep the others waiting.
        for (int i = 0; i < 32; ++i) {
          uint64_t due = UINT64_MAX;
          const Replay::Progress step = replay->StepOrEnd(now, &due);
          if (step == Replay::Progress::kWait) due_ns = std::min(due_ns, due);
          if (step != Replay::Progress::kMore) break;
          progress = true;
        }
      }
    }
    std::unique_lock lock(wake_mutex_);
    if (!progress) {
      const auto woken = [this] { return net_woken_ || stop_network_; };
      if (due_ns == UINT64_MAX) {
        net_wake_.wait(lock, woken);
      } else {
        const uint64_t now = NowNs();
        const uint64_t wait_ns = due_ns > now ? due_ns - now : 0;
        net_wake_.wait_for(lock, std::chrono::nanoseconds(wait_ns), woken);
      }
    }
    net_woken_ = false;
    if (stop_network_) return;
  }
}

void FillMetrics(const Metrics* const* all, size_t count, mln_metrics* out) {
  const uint32_t size = out->struct_size;
  *out = {};
  out->struct_size = size;
  std::array<uint64_t, 16 * 35> decode{}, commit{};
  const auto get = [](const std::atomic<uint64_t>& value) {
    return value.load(std::memory_order_relaxed);
  };
  for (size_t i = 0; i < count; ++i) {
    const Metrics& m = *all[i];
    out->packets += get(m.packets);
    out->bytes_in += get(m.bytes_in);
    out->bytes_inflated += get(m.bytes_inflated);
    out->ops += get(m.ops);
    out->tiles += get(m.tiles);
    out->pixels += get(m.pixels);
    out->frames += get(m.frames);
    out->lost += get(m.lost);
    out->max_queued_packets = std::max(out->max_queued_packets, get(m.max_queued_packets));
    out->max_queued_ops = std::max(out->max_queued_ops, get(m.max_queued_ops));
    out->scratch_bytes += get(m.scratch_bytes);
    out->max_scratch_bytes = std::max(out->max_scratch_bytes, get(m.max_scratch_bytes));
    out->waiting_bytes += get(m.waiting_bytes);
    out->max_waiting_bytes = std::max(out->max_waiting_bytes, get(m.max_waiting_bytes));
    m.decode.AddTo(&decode);
    m.commit.AddTo(&commit);
    out->decode_max_ns = std::max(out->decode_max_ns, m.decode.max());
    out->commit_max_ns = std::max(out->commit_max_ns, m.commit.max());
  }
  out->decode_p50_ns = Histogram::Percentile(decode, 500);
  out->decode_p99_ns = Histogram::Percentile(decode, 990);
  out->commit_p50_ns = Histogram::Percentile(commit, 500);
  out->commit_p99_ns = Histogram::Percentile(commit, 990);
}

}  // namespace mullion
