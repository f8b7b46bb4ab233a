#include "engine/unpack.h"

#include <functional>
#include <utility>

#include "codecs/wire/error_info.h"
#include "codecs/wire/pointer.h"
#include "codecs/wire/share.h"

namespace mullion {
namespace {

const char* PduKindName(PduKind kind) {
  switch (kind) {
    case PduKind::kTpkt:
      return "tpkt";
    case PduKind::kFastPath:
      return "fast_path";
    case PduKind::kCredSsp:
      return "credssp";
    case PduKind::kEarlyAuth:
      return "early_auth";
  }
  return "unknown";
}

// Share data PDUs that the embedder is told of.
bool IsInfo(uint8_t type2) {
  switch (static_cast<ShareData>(type2)) {
    case ShareData::kSaveSessionInfo:
    case ShareData::kSetErrorInfo:
    case ShareData::kMonitorLayout:
    case ShareData::kStatusInfo:
    case ShareData::kArcStatus:
    case ShareData::kPlaySound:
    case ShareData::kSetKeyboardIndicators:
    case ShareData::kSetKeyboardImeStatus:
      return true;
    default:
      return false;
  }
}

// What clients say on dynamic channels is short.
constexpr size_t kMaxClientDynamicBytes = size_t{1} << 16;

}  // namespace

Unpacker::Unpacker(Pipeline* pipeline)
    : pipeline_(pipeline),
      counters_(pipeline->counters),
      fragments_(pipeline->limits.max_pdu_bytes, pipeline->bytes),
      dynamic_(pipeline->limits.max_channel_bytes, pipeline->bytes),
      client_dynamic_(kMaxClientDynamicBytes, pipeline->bytes),
      egfx_(pipeline, &desktop_) {}

Op Unpacker::MakeOp(OpKind kind) const {
  Op op;
  op.kind = kind;
  op.time_ns = packet_.time_ns;
  op.arrival_ns = packet_.arrival_ns;
  return op;
}

void Unpacker::Begin(Packet packet) {
  packet_ = std::move(packet);
  event_ = events_ = 0;
  if (ended_) return;
  switch (packet_.kind) {
    case PacketKind::kOpen: {
      client_ = packet_.note->client;
      server_ = packet_.note->server;
      Op op = MakeOp(OpKind::kOpened);
      op.note = packet_.note;
      Queue(std::move(op));
      return;
    }
    case PacketKind::kTls:
      tls_ = packet_.note->tls;
      return QueueFacts();
    case PacketKind::kPdu:
      return BeginPdu();
    case PacketKind::kSurfaceCommands:
      counters_.Count("update", "surface_commands");
      if (desktop_.empty()) SizeFromSurfaceCommands();
      update_.bytes = packet_.bytes;
      update_.surface.emplace(update_.bytes.view());
      drew_ = true;
      return;
    case PacketKind::kGraphics:
      return egfx_.BeginPlain(packet_.bytes, packet_.time_ns, packet_.arrival_ns);
    case PacketKind::kEnd:
      return EndSession(packet_.status, packet_.status.ok(), packet_.note->detail);
  }
}

void Unpacker::BeginPdu() {
  const SessionFacts& facts = follower_.facts();
  const std::string security = facts.security;
  const uint32_t credssp = facts.credssp_messages;
  const Status status = follower_.Feed(packet_.to_server, packet_.pdu_kind, packet_.bytes.view());
  events_ = follower_.events().size();
  if (packet_.to_server) {
    counters_.Count("client", PduKindName(packet_.pdu_kind));
  } else if (packet_.pdu_kind != PduKind::kTpkt || events_ == 0) {
    counters_.Count("pdu", PduKindName(packet_.pdu_kind));
  }
  if (!status.ok()) {
    if (status.err == Err::kUnsupported) {
      return EndSession(status, false, std::string("unsupported ") + status.field);
    }
    QueueLost("pdu", status);
  }
  if (facts.security != security || (credssp == 0) != (facts.credssp_messages == 0)) QueueFacts();
}

bool Unpacker::Next(Op* op) {
  for (;;) {
    if (queue_next_ < queue_.size()) {
      *op = std::move(queue_[queue_next_++]);
      if (queue_next_ == queue_.size()) {
        queue_.clear();
        queue_next_ = 0;
      }
      return true;
    }
    if (ended_) return false;
    if (NextDraw(op) || NextEgfx(op)) return true;
    if (NextFastPathUpdate()) continue;
    if (drew_) {
      drew_ = false;
      *op = MakeOp(OpKind::kUpdateEnd);
      return true;
    }
    if (event_ < events_) {
      const FollowEvent event = follower_.events()[event_++];
      HandleEvent(event);
      continue;
    }
    packet_.bytes = Bytes();  // an idle session holds nobody's buffer
    return false;
  }
}

void Unpacker::HandleEvent(const FollowEvent& event) {
  if (event.to_server) {
    if (event.kind == FollowKind::kConfirmed) {
      counters_.Count("client", "confirm_active");
      QueueFacts();
      const auto& codecs = follower_.facts().codecs;
      for (size_t id = 0; id < codecs.size(); ++id) {
        if (codecs[id] != BitmapCodec::kNone) {
          counters_.Set("codec-id", BitmapCodecName(codecs[id]), id);
        }
      }
    } else if (event.kind == FollowKind::kDisconnect) {
      EndSession(Ok(), true, "the client disconnected");
    } else if (event.kind == FollowKind::kChannelData) {
      HandleClientChannel(event);
    }
    return;
  }
  switch (event.kind) {
    case FollowKind::kActivated: {
      counters_.Count("pdu", "demand_active");
      const SessionFacts& facts = follower_.facts();
      fragments_.Reset();
      QueueFacts();
      if (desktop_.w != facts.desktop_width || desktop_.h != facts.desktop_height) {
        SetDesktop(facts.desktop_width, facts.desktop_height);
      }
      return;
    }
    case FollowKind::kConfirmed:
      return;
    case FollowKind::kDeactivated:
      counters_.Count("pdu", "deactivate_all");
      fragments_.Reset();
      return;
    case FollowKind::kFastPath: {
      counters_.Count("pdu", "fast_path");
      FastPathOutput output;
      if (Status status = ParseFastPathOutput(event.payload, &output); !status.ok()) {
        return EndSession(status, false, std::string("fast-path output: ") + status.field);
      }
      updates_.emplace(output.updates);
      return;
    }
    case FollowKind::kShareData:
      return HandleShareData(event);
    case FollowKind::kChannelData:
      return HandleChannel(event);
    case FollowKind::kMessageChannel:
      counters_.Count("pdu", "message_channel");
      return;
    case FollowKind::kRedirected:
      counters_.Count("pdu", "redirection");
      return QueueInfo("redirection", 0, "the server redirects to another server");
    case FollowKind::kDisconnect: {
      std::string reason = "disconnect provider ultimatum, reason " + std::to_string(event.reason);
      const uint32_t error_info = follower_.facts().error_info;
      if (error_info != 0) reason += ", error info " + std::to_string(error_info);
      return EndSession(event.graceful ? Ok() : Fail(Err::kState, "errorInfo"), event.graceful,
                        std::move(reason));
    }
  }
}

// `*inflated` is `data` itself, or lies in a history until its next use.
Status Unpacker::Inflate(uint8_t flags, ByteView data, const char* where, ByteView* inflated) {
  *inflated = data;
  if (flags == 0) return Ok();
  MULLION_TRY(bulk_.Inflate(flags, data, inflated));
  if ((flags & 0x20) == 0) return Ok();
  counters_.Count("bulk", BulkTypeName(flags));
  counters_.Count("bulk", where);
  Metrics::Add(pipeline_->metrics.bytes_inflated, inflated->size());
  return Ok();
}

// What ops may keep: a slice of the packet, or a copy of what lies in a history.
Bytes Unpacker::Own(ByteView view) const {
  const ByteView packet = packet_.bytes.view();
  const std::less_equal<const uint8_t*> not_behind;
  const bool inside = not_behind(packet.data(), view.data()) &&
                      not_behind(view.data() + view.size(), packet.data() + packet.size());
  return inside ? packet_.bytes.SliceOf(view) : Bytes::Copy(view, pipeline_->bytes);
}

void Unpacker::HandleShareData(const FollowEvent& event) {
  counters_.Count("pdu", SharePduName(event.type2));
  ByteView body;
  if (Status status = Inflate(event.compressed_type, event.payload, "share_data", &body);
      !status.ok()) {
    return EndSession(status, false, std::string("bulk history: ") + status.field);
  }
  if ((event.compressed_type & 0x20) != 0) {
    if (Status status = follower_.TakeShareData(event.type2, body); !status.ok()) {
      QueueLost("pdu", status);
    }
  }
  switch (static_cast<ShareData>(event.type2)) {
    case ShareData::kUpdate: {
      uint16_t type = 0;
      if (Status status = ParseUpdateType(body, &type); !status.ok()) {
        return QueueLost("update", status);
      }
      // INVARIANT: slow-path update types have the numbers of the fast-path codes.
      drew_ = true;
      if (type == static_cast<uint16_t>(UpdateType::kOrders)) {
        counters_.Count("update", "orders");
        counters_.Count("undecoded", "orders");
        return;
      }
      return HandleUpdate(type <= 3 ? static_cast<uint8_t>(type) : uint8_t{0xFF}, Own(body));
    }
    case ShareData::kPointer: {
      PointerUpdate pointer;
      if (Status status = ParsePointerPdu(body, &pointer); !status.ok()) {
        return QueueLost("pointer", status);
      }
      return HandlePointer(pointer);
    }
    default:
      if (IsInfo(event.type2)) {
        const SessionFacts& facts = follower_.facts();
        const bool error = event.type2 == static_cast<uint8_t>(ShareData::kSetErrorInfo);
        QueueInfo(SharePduName(event.type2), error ? facts.error_info : 0,
                  error ? ErrorInfoName(facts.error_info) : "");
        QueueFacts();
      }
      return;
  }
}

bool Unpacker::NextEgfx(Op* op) {
  if (egfx_.Next(op)) return true;
  drew_ |= egfx_.TakeDrew();
  if (Status status = egfx_.status(); !status.ok()) {
    EndSession(status, false, std::string("graphics pipeline: ") + status.field);
  }
  return false;
}

bool Unpacker::NextFastPathUpdate() {
  if (!updates_) return false;
  FastPathUpdate update;
  if (!updates_->Next(&update)) {
    const Status status = updates_->status();
    updates_.reset();
    if (!status.ok()) EndSession(status, false, std::string("fast-path update: ") + status.field);
    return true;
  }
  ByteView data;
  if (Status status = Inflate(update.compression_flags, update.data, "fast_path", &data);
      !status.ok()) {
    EndSession(status, false, std::string("bulk history: ") + status.field);
    return true;
  }
  if (update.fragmentation == Fragmentation::kSingle) {
    HandleUpdate(update.code, Own(data));
    return true;
  }
  counters_.Count("update", "fragments");
  ByteView whole;
  bool complete = false;
  if (Status status = fragments_.Add(update.code, update.fragmentation, data, &whole, &complete);
      !status.ok()) {
    QueueLost("fragment", status);
    return true;
  }
  if (complete) HandleUpdate(update.code, fragments_.Take());
  return true;
}

// `code` is a fast-path code; the slow path's update types have the same numbers.
void Unpacker::HandleUpdate(uint8_t code, Bytes bytes) {
  counters_.Count("update", FastPathCodeName(code));
  update_ = Update();
  switch (static_cast<FastPathCode>(code)) {
    case FastPathCode::kBitmap:
      update_.bytes = std::move(bytes);
      update_.bitmap.emplace(update_.bytes.view());
      drew_ = true;
      return;
    case FastPathCode::kSurfaceCommands:
      update_.bytes = std::move(bytes);
      update_.surface.emplace(update_.bytes.view());
      drew_ = true;
      return;
    case FastPathCode::kPalette:
      return HandlePalette(bytes.view());
    case FastPathCode::kSynchronize:
      return;
    case FastPathCode::kOrders:
      drew_ = true;
      counters_.Count("undecoded", "orders");
      return;
    case FastPathCode::kPointerHidden:
    case FastPathCode::kPointerDefault:
    case FastPathCode::kPointerPosition:
    case FastPathCode::kPointerColor:
    case FastPathCode::kPointerCached:
    case FastPathCode::kPointerNew:
    case FastPathCode::kPointerLarge: {
      PointerUpdate pointer;
      if (Status status = ParseFastPathPointer(code, bytes.view(), &pointer); !status.ok()) {
        return QueueLost("pointer", status);
      }
      return HandlePointer(pointer);
    }
  }
  counters_.Count("undecoded", "update");
}

void Unpacker::SetDesktop(int32_t width_px, int32_t height_px) {
  if (width_px <= 0 || height_px <= 0 ||
      static_cast<int64_t>(width_px) * height_px > pipeline_->limits.max_desktop_px) {
    return EndSession(Fail(Err::kLimit, "desktopWidth"), false, "the desktop's size is not usable");
  }
  desktop_ = {0, 0, width_px, height_px};
  Op op = MakeOp(OpKind::kResize);
  op.dest = desktop_;
  Queue(std::move(op));
  Queue(MakeOp(OpKind::kAttachOutput));
}

void Unpacker::QueueLost(const char* what, Status status) {
  counters_.Count("lost", what);
  Op op = MakeOp(OpKind::kLost);
  op.status = status;
  Queue(std::move(op));
}

void Unpacker::QueueFacts() {
  auto note = std::make_shared<Note>();
  note->client = client_;
  note->server = server_;
  note->tls = tls_;
  note->facts = std::make_shared<const SessionFacts>(follower_.facts());
  Op op = MakeOp(OpKind::kFacts);
  op.note = std::move(note);
  Queue(std::move(op));
}

void Unpacker::QueueInfo(const char* name, uint32_t code, std::string detail) {
  auto note = std::make_shared<Note>();
  note->name = name;
  note->code = code;
  note->detail = std::move(detail);
  Op op = MakeOp(OpKind::kInfo);
  op.note = std::move(note);
  Queue(std::move(op));
}

void Unpacker::EndSession(Status status, bool graceful, std::string reason) {
  if (ended_) return;
  QueueFacts();
  ended_ = true;
  update_ = Update();
  updates_.reset();
  auto note = std::make_shared<Note>();
  note->graceful = graceful;
  note->detail = std::move(reason);
  Op op = MakeOp(OpKind::kDisconnect);
  op.status = status;
  op.note = std::move(note);
  Queue(std::move(op));
}

}  // namespace mullion
