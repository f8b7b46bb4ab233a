#include "bench/session_script.h"

#include <algorithm>
#include <string_view>

#include "codecs/wire/share.h"
#include "engine/api/mullion.h"
#include "io/capture/capture.h"
#include "io/connect/follow.h"

namespace mullion::bench {
namespace {

// X.224 connection confirm that selects PROTOCOL_RDP, MS-RDPBCGR 2.2.1.2.1.
constexpr uint8_t kPlainConfirm[] = {3, 0, 0, 19, 14, 0xD0, 0, 0, 0, 0, 0, 2, 0, 8, 0, 0, 0, 0, 0};

// Domain MCS PDUs by their first byte (T.125 7), behind TPKT and X.224 data headers.
constexpr size_t kMcsOffset = 7;
constexpr uint8_t kAttachUserConfirm = 0x2E;
constexpr uint8_t kChannelJoinConfirm = 0x3E;
constexpr uint16_t kFirstUser = 1001;

// PDUs of one direction that were captured this close together are one step: a server writes them
// in one go.
constexpr uint64_t kSameStepNs = 100'000;

class ScriptBuilder final : public CaptureSink {
 public:
  explicit ScriptBuilder(SessionScript* script) : script_(script) {}

  void OnOpen(const CapturedConnection&, uint64_t) override {}
  void OnTls(uint32_t, const char*, const char*) override {}
  void OnBytes(uint32_t id, bool to_server, uint64_t time_ns, ByteView bytes) override {
    if (id != 0 || failed_) return;
    Framer& framer = framers_[to_server ? 1 : 0];
    framer.Push(Bytes::Copy(bytes));
    for (;;) {
      Bytes pdu;
      PduKind kind{};
      bool got = false;
      if (!framer.Next(&pdu, &kind, &got).ok()) failed_ = true;
      if (failed_ || !got) return;
      Take(to_server, kind, time_ns, pdu.view());
    }
  }
  void OnClose(uint32_t, uint64_t, const CaptureError&) override {}

  bool failed() const { return failed_; }
  bool drew() const { return drew_; }
  const SessionFacts& facts() const { return follower_.facts(); }

 private:
  void Take(bool to_server, PduKind kind, uint64_t time_ns, ByteView pdu) {
    if (kind == PduKind::kCredSsp || kind == PduKind::kEarlyAuth) return;
    if (!to_server && !confirmed_) {
      confirmed_ = true;
      pdu = kPlainConfirm;
    }
    const uint8_t mcs = kind == PduKind::kTpkt && pdu.size() > kMcsOffset ? pdu[kMcsOffset] : 0;
    if (!to_server && attached_) {
      if (mcs != kChannelJoinConfirm) AppendJoinConfirms();
      attached_ = false;
    }
    (void)follower_.Feed(to_server, kind, pdu);
    if (!to_server && !drew_ && mcs == kAttachUserConfirm && pdu.size() >= kMcsOffset + 4) {
      attached_ = true;
      user_ = static_cast<uint16_t>(pdu[kMcsOffset + 2] << 8 | pdu[kMcsOffset + 3]);
    }
    for (const FollowEvent& event : follower_.events()) {
      const bool draws = event.kind == FollowKind::kFastPath ||
                         (event.kind == FollowKind::kShareData &&
                          event.type2 == static_cast<uint8_t>(ShareData::kUpdate)) ||
                         (event.kind == FollowKind::kChannelData && !event.to_server);
      if (event.kind == FollowKind::kDisconnect) ended_ = true;
      if (draws && !drew_) {
        drew_ = true;
        script_->connect_steps = script_->steps.size();
        started_ns_ = time_ns;
      }
    }
    if (ended_) return;  // a script has no end of its own
    Append(to_server, drew_ ? time_ns - std::min(time_ns, started_ns_) : 0, pdu);
  }

  // Newer peers agree to leave the joining of channels out (MS-RDPBCGR 2.2.1.4.2,
  // SKIP_CHANNELJOIN); older clients wait for it.
  void AppendJoinConfirms() {
    const SessionFacts& facts = follower_.facts();
    std::vector<uint16_t> ids = {static_cast<uint16_t>(user_ + kFirstUser), facts.io_channel};
    if (facts.message_channel != 0) ids.push_back(facts.message_channel);
    for (const ChannelFact& channel : facts.channels) ids.push_back(channel.id);
    for (const uint16_t id : ids) {
      const auto high = static_cast<uint8_t>(id >> 8), low = static_cast<uint8_t>(id);
      const uint8_t pdu[] = {3,
                             0,
                             0,
                             15,
                             2,
                             0xF0,
                             0x80,
                             kChannelJoinConfirm,
                             0,
                             static_cast<uint8_t>(user_ >> 8),
                             static_cast<uint8_t>(user_),
                             high,
                             low,
                             high,
                             low};
      Append(/*to_server=*/false, 0, pdu);
    }
  }

  void Append(bool to_server, uint64_t time_ns, ByteView pdu) {
    std::vector<ScriptStep>& steps = script_->steps;
    const size_t offset = script_->bytes.size();
    script_->bytes.insert(script_->bytes.end(), pdu.begin(), pdu.end());
    if (!to_server) server_bytes_ += pdu.size();
    // The capture's clocks of both directions may cross by microseconds.
    if (!steps.empty()) time_ns = std::max(time_ns, steps.back().time_ns);
    if (steps.size() > script_->connect_steps && steps.back().to_server == to_server &&
        time_ns - steps.back().time_ns < kSameStepNs && drew_) {
      steps.back().size += pdu.size();
      steps.back().server_bytes = server_bytes_;
      return;
    }
    steps.push_back({time_ns, to_server, offset, pdu.size(), server_bytes_});
  }

  SessionScript* const script_;
  Framer framers_[2];
  SessionFollower follower_;
  bool confirmed_ = false;
  bool attached_ = false;  // the last server PDU gave the client its MCS user
  uint16_t user_ = 0;      // less kFirstUser
  bool drew_ = false;
  bool ended_ = false;
  bool failed_ = false;
  uint64_t started_ns_ = 0;
  uint64_t server_bytes_ = 0;
};

constexpr std::string_view kGraphicsChannel = "Microsoft::Windows::RDS::Graphics";

// Plays the script through an engine of this thread, to know which frame ends when.
void FindFrames(SessionScript* script) {
  mln_engine_options options;
  mln_engine_options_init(&options);
  options.workers = 0;
  options.on_event = [](void* user, const mln_event* event) {
    if (event->kind != MLN_EVENT_FRAME) return;
    static_cast<SessionScript*>(user)->frames.push_back({event->u.frame.frame_id, event->time_ns});
  };
  options.user = script;
  mln_engine* engine = nullptr;
  mln_session* session = nullptr;
  if (mln_engine_create(&options, &engine) != MLN_OK) return;
  if (mln_session_create(engine, nullptr, &session) == MLN_OK) {
    for (const ScriptStep& step : script->steps) {
      const ByteView bytes = script->BytesOf(step);
      while (mln_session_feed(session, step.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, step.time_ns,
                              bytes.data(), bytes.size()) == MLN_ERR_LIMIT) {
        mln_engine_dispatch(engine, 1);
      }
      mln_engine_dispatch(engine, 0);
    }
    while (mln_engine_dispatch(engine, 20) > 0) {
    }
  }
  mln_engine_destroy(engine);
}

}  // namespace

uint64_t SessionScript::TimeOfServerByte(uint64_t server_bytes_read) const {
  const auto step = std::partition_point(steps.begin(), steps.end(), [&](const ScriptStep& s) {
    return s.server_bytes < server_bytes_read;
  });
  return step == steps.end() ? (steps.empty() ? 0 : steps.back().time_ns) : step->time_ns;
}

bool LoadScript(const std::string& path, SessionScript* script, std::string* error) {
  CaptureReader reader;
  CaptureError status = reader.Open(path, "");
  ScriptBuilder builder(script);
  for (bool more = true; more && status.ok();) status = reader.Next(&builder, &more);
  if (!status.ok()) {
    *error = path + ": " + status.message;
    return false;
  }
  if (builder.failed() || !builder.drew() || builder.facts().desktop_width == 0) {
    *error = path + ": no session with a picture";
    return false;
  }
  const size_t slash = path.find_last_of('/');
  script->name = slash == std::string::npos ? path : path.substr(slash + 1);
  script->name = script->name.substr(0, script->name.find_last_of('.'));
  // The first activation's: a client allocates that first.
  script->width_px = builder.facts().desktop_width;
  script->height_px = builder.facts().desktop_height;
  script->bits_per_pixel = builder.facts().desktop_bpp;
  for (const ChannelFact& channel : builder.facts().channels) {
    script->channels.push_back(channel.name);
    script->channel_options.push_back(channel.options);
  }
  const std::string_view bytes(reinterpret_cast<const char*>(script->bytes.data()),
                               script->bytes.size());
  script->graphics_pipeline = bytes.find(kGraphicsChannel) != std::string_view::npos;
  if (script->graphics_pipeline) FindFrames(script);
  return true;
}

void MakeIdle(uint64_t after_ns, SessionScript* script) {
  std::erase_if(script->steps, [&](const ScriptStep& s) { return s.time_ns > after_ns; });
  std::erase_if(script->frames, [&](const ScriptFrame& f) { return f.time_ns > after_ns; });
  script->hold = true;
  script->name += "-idle";
}

}  // namespace mullion::bench
