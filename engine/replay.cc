#include "engine/replay.h"

#include <new>
#include <utility>

#include "engine/engine.h"
#include "engine/session.h"

namespace mullion {

Replay::Replay(Engine* engine, std::string path, const mln_replay_options& options)
    : engine_(engine),
      path_(std::move(path)),
      keylog_(options.keylog_path != nullptr ? options.keylog_path : ""),
      options_(options),
      loops_left_(options.loops > 0 ? options.loops : 1) {}

Replay::~Replay() = default;

CaptureError Replay::Open() {
  reader_ = std::make_unique<CaptureReader>();
  return reader_->Open(path_, keylog_);
}

Replay::Progress Replay::Step(uint64_t now_ns, uint64_t* due_ns) {
  if (read_all_.load(std::memory_order_relaxed)) return Progress::kDone;
  if (!items_.empty()) {
    Item& item = items_.front();
    *due_ns = DueNs(item, now_ns);
    if (*due_ns > now_ns) return Progress::kWait;
    if (!Deliver(item)) return Progress::kBlocked;
    items_.pop_front();
    return Progress::kMore;
  }
  if (reader_ == nullptr) {
    // The capture is at its end, and delivered.
    connections_.clear();
    if (--loops_left_ > 0 && error_.ok()) {
      pace_capture_ns_ = pace_wall_ns_ = 0;
      error_ = Open();
      if (error_.ok()) return Progress::kMore;
    }
    read_all_.store(true, std::memory_order_release);
    engine_->Wake();
    return Progress::kDone;
  }
  bool more = false;
  CaptureError error = reader_->Next(this, &more);
  if (!error.ok()) error_ = std::move(error);
  if (!more) reader_.reset();
  return Progress::kMore;
}

Replay::Progress Replay::StepOrEnd(uint64_t now_ns, uint64_t* due_ns) noexcept {
  try {
    return Step(now_ns, due_ns);
  } catch (const std::bad_alloc&) {
    for (auto& [id, connection] : connections_) {
      for (Session* session : connection.copies) {
        if (session == nullptr) continue;
        session->OutOfMemory();
        engine_->SessionReady(session);
      }
    }
    items_.clear();
    connections_.clear();
    reader_.reset();
    error_.status = Fail(Err::kLimit, "memory");
    error_.message = "no memory";  // short: it takes none
    read_all_.store(true, std::memory_order_release);
    engine_->Wake();
    return Progress::kDone;
  }
}

uint64_t Replay::DueNs(const Item& item, uint64_t now_ns) {
  if (options_.speed <= 0) return 0;
  if (pace_wall_ns_ == 0) {
    pace_wall_ns_ = now_ns;
    pace_capture_ns_ = item.time_ns;
  }
  if (item.time_ns <= pace_capture_ns_) return pace_wall_ns_;
  const double elapsed = static_cast<double>(item.time_ns - pace_capture_ns_) / options_.speed;
  return pace_wall_ns_ + static_cast<uint64_t>(elapsed);
}

// True when every copy has taken the item.
bool Replay::Deliver(Item& item) {
  Connection& connection = connections_[item.id];
  if (item.kind == Item::kOpen && connection.copies.empty()) {
    connection.opened_ns = item.time_ns;
    const uint32_t copies = options_.copies > 0 ? options_.copies : 1;
    connection.copies.reserve(copies);
    for (uint32_t i = 0; i < copies; ++i) {
      connection.copies.push_back(engine_->NewSession(this));
      ++live_sessions_;
    }
  }
  for (; item.next_copy < connection.copies.size(); ++item.next_copy) {
    Session* session = connection.copies[item.next_copy];
    if (session != nullptr && !DeliverTo(session, connection, item)) return false;
    item.started = false;
  }
  return true;
}

bool Replay::DeliverTo(Session* session, const Connection& connection, Item& item) {
  const uint64_t time_ns = item.time_ns - std::min(item.time_ns, connection.opened_ns);
  if (item.kind == Item::kBytes) {
    if (!item.started) {
      item.rest = item.bytes;
      item.started = true;
    }
    return session->PushBytes(item.to_server, time_ns, &item.rest);
  }
  if (item.kind == Item::kClose) return session->PushEnd(time_ns, item.status, item.text);
  Packet packet;
  packet.time_ns = time_ns;
  if (item.kind == Item::kSurfaceCommands || item.kind == Item::kGraphics) {
    packet.kind =
        item.kind == Item::kGraphics ? PacketKind::kGraphics : PacketKind::kSurfaceCommands;
    packet.bytes = item.bytes;
  } else {
    auto note = std::make_shared<Note>();
    note->client = item.client;
    note->server = item.server;
    note->tls = item.text;
    packet.kind = item.kind == Item::kOpen ? PacketKind::kOpen : PacketKind::kTls;
    packet.note = std::move(note);
  }
  return session->Push(std::move(packet));
}

void Replay::SessionClosed(Session* session) {
  for (auto& [id, connection] : connections_) {
    for (Session*& copy : connection.copies) {
      if (copy == session) copy = nullptr;
    }
  }
}

Replay::Item& Replay::NewItem(Item::Kind kind, uint32_t id, uint64_t time_ns) {
  Item& item = items_.emplace_back();
  item.kind = kind;
  item.id = id;
  item.time_ns = time_ns;
  last_time_ns_ = time_ns;
  return item;
}

void Replay::OnOpen(const CapturedConnection& connection, uint64_t time_ns) {
  Item& item = NewItem(Item::kOpen, connection.id, time_ns);
  item.client = connection.client;
  item.server = connection.server;
}

void Replay::OnTls(uint32_t id, const char* version, const char* cipher) {
  NewItem(Item::kTls, id, last_time_ns_).text = std::string(version) + " " + cipher;
}

void Replay::OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) {
  Item& item = NewItem(Item::kBytes, id, time_ns);
  item.to_server = to_server;
  item.bytes = Bytes::Copy(bytes, engine_->bytes());
}

void Replay::OnClose(uint32_t id, uint64_t time_ns, const CaptureError& error) {
  Item& item = NewItem(Item::kClose, id, time_ns);
  item.status = error.status;
  item.text = error.ok() ? "the connection was closed" : error.message;
}

void Replay::OnSurfaceCommands(uint32_t id, uint64_t time_ns, ByteView commands) {
  NewItem(Item::kSurfaceCommands, id, time_ns).bytes = Bytes::Copy(commands, engine_->bytes());
}

void Replay::OnGraphics(uint32_t id, uint64_t time_ns, ByteView pdu) {
  NewItem(Item::kGraphics, id, time_ns).bytes = Bytes::Copy(pdu, engine_->bytes());
}

}  // namespace mullion
