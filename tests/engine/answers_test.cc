// Sessions that answer: what goes back to the server, in which order, and when.
#include <doctest/doctest.h>

#include <mutex>
#include <string>
#include <vector>

#include "codecs/wire/dvc.h"
#include "codecs/wire/egfx.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/svc.h"
#include "codecs/wire/x224.h"
#include "engine/api/mullion.h"
#include "tests/support/egfx_server.h"

namespace mullion::testing {
namespace {

using test::Buffer;
using test::DirectedPdu;

constexpr uint16_t kDynamicChannel = test::kFirstChannel + 1;

// What a server hears: dynamic channel PDUs, unwrapped.
class Listener {
 public:
  explicit Listener(int workers) {
    mln_engine_options options;
    mln_engine_options_init(&options);
    options.workers = workers;
    options.user = this;
    options.on_event = [](void* user, const mln_event* event) {
      if (event->kind == MLN_EVENT_FRAME) ++static_cast<Listener*>(user)->frames;
    };
    options.on_output = [](void* user, mln_session*, const uint8_t* bytes, size_t size) {
      auto* self = static_cast<Listener*>(user);
      std::lock_guard lock(self->mutex_);
      self->pdus_.emplace_back(bytes, bytes + size);
    };
    REQUIRE(mln_engine_create(&options, &engine) == MLN_OK);
    REQUIRE(mln_session_create(engine, nullptr, &session) == MLN_OK);
  }
  ~Listener() { mln_engine_destroy(engine); }

  void Feed(const std::vector<DirectedPdu>& pdus) {
    for (const DirectedPdu& pdu : pdus) {
      while (mln_session_feed(session, pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, 0,
                              pdu.bytes.data(), pdu.bytes.size()) == MLN_ERR_LIMIT) {
        mln_engine_dispatch(engine, 10);
      }
    }
  }
  void Server(const Buffer& dvc_pdu) {
    test::EgfxChannel channel({});
    Feed(channel.StaticMessage(false, dvc_pdu));
  }
  // Waits for `count` messages in all.
  std::vector<Buffer> Heard(size_t count) {
    for (int i = 0; i < 3000; ++i) {
      mln_engine_dispatch(engine, 10);
      std::lock_guard lock(mutex_);
      if (pdus_.size() >= count) break;
    }
    std::lock_guard lock(mutex_);
    std::vector<Buffer> messages;
    for (const Buffer& pdu : pdus_) messages.push_back(Unwrap(pdu));
    return messages;
  }
  static Buffer Unwrap(const Buffer& pdu) {
    REQUIRE(pdu.size() > 15);
    CHECK(pdu[0] == 3);
    CHECK((pdu[2] << 8 | pdu[3]) == static_cast<int>(pdu.size()));
    McsPdu mcs;
    REQUIRE(ParseMcs(ByteView(pdu).subspan(7), &mcs).ok());
    CHECK(mcs.type == McsType::kSendDataRequest);
    CHECK(mcs.channel == kDynamicChannel);
    CHECK(mcs.user == test::kUser);
    ChannelChunk chunk;
    REQUIRE(ParseChannelChunk(mcs.data, &chunk).ok());
    CHECK(chunk.total_length == chunk.data.size());
    CHECK(chunk.flags == (kChannelFlagFirst | kChannelFlagLast));
    return {chunk.data.begin(), chunk.data.end()};
  }

  mln_engine* engine = nullptr;
  mln_session* session = nullptr;
  int frames = 0;

 private:
  std::mutex mutex_;
  std::vector<Buffer> pdus_;
};

Buffer Create(uint8_t id, const std::string& name) {
  Buffer pdu = {0x10, id};
  for (const char c : name) pdu.push_back(static_cast<uint8_t>(c));
  pdu.push_back(0);
  return pdu;
}

// The graphics PDU inside of a data PDU of channel 7.
EgfxPdu Graphics(const Buffer& message) {
  DvcPdu dvc;
  REQUIRE(ParseDvc(/*to_server=*/true, message, &dvc).ok());
  CHECK(dvc.cmd == DvcCmd::kData);
  CHECK(dvc.channel_id == 7);
  EgfxPdus pdus(dvc.data);
  EgfxPdu pdu;
  REQUIRE(pdus.Next(&pdu));
  return pdu;
}

Buffer FrameMessage(uint32_t id) {
  test::EgfxMessage out;
  const Rect rect = {0, 0, 8, 8};
  out.StartFrame(id);
  out.SolidFill(1, {static_cast<uint8_t>(id), 2, 3}, {&rect, 1});
  out.EndFrame(id);
  return out.Take();
}

TEST_CASE("answers: channels are opened or refused, capabilities advertised, soft-sync answered") {
  for (const int workers : {0, 2}) {
    Listener listener(workers);
    REQUIRE(mln_session_answer(listener.session) == MLN_OK);
    listener.Feed(test::SessionStart(64, 48));
    listener.Server({0x50, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // capabilities, version 3
    listener.Server(Create(9, "Microsoft::Windows::RDS::Telemetry"));
    listener.Server(Create(7, kEgfxChannelName));
    listener.Server({0x80, 0, 8, 0, 0, 0, 1, 0, 0, 0});  // soft-sync request, TCP flushed
    listener.Server({0x40, 7});
    const std::vector<Buffer> heard = listener.Heard(6);
    REQUIRE(heard.size() == 6);
    CHECK(heard[0] == Buffer{0x50, 0, 3, 0});
    CHECK(heard[1] == Buffer{0x10, 9, 0x05, 0x40, 0x00, 0x80});
    CHECK(heard[2] == Buffer{0x10, 7, 0, 0, 0, 0});
    const EgfxPdu advertise = Graphics(heard[3]);
    CHECK(advertise.cmd == EgfxCmd::kCapsAdvertise);
    EgfxCapsets capsets(advertise.body);
    EgfxCapset capset;
    std::vector<uint32_t> versions;
    while (capsets.Next(&capset)) versions.push_back(capset.version);
    CHECK(capsets.status().ok());
    CHECK(versions.front() == kEgfxVersion8);
    CHECK(versions.back() == kEgfxVersion107);
    CHECK(heard[4] == Buffer{0x90, 0, 0, 0, 0, 0});
    CHECK(heard[5] == Buffer{0x40, 7});
  }
}

TEST_CASE(
    "answers: every frame is acknowledged in order, once it is committed; and not while "
    "suspended") {
  for (const int workers : {0, 2}) {
    Listener listener(workers);
    REQUIRE(mln_session_answer(listener.session) == MLN_OK);
    listener.Feed(test::SessionStart(64, 48));
    listener.Server(Create(7, kEgfxChannelName));
    test::EgfxChannel channel({});
    test::EgfxMessage out;
    out.CapsConfirm(kEgfxVersion81, 0);  // no quality of experience before version 10
    out.ResetGraphics(64, 48);
    out.CreateSurface(1, 64, 48);
    out.MapToOutput(1, 0, 0);
    listener.Feed(channel.Send(out.Take()));
    for (uint32_t id = 5; id < 8; ++id) listener.Feed(channel.Send(FrameMessage(id)));
    std::vector<Buffer> heard = listener.Heard(5);
    REQUIRE(heard.size() == 5);
    EgfxFrameAck ack;
    for (uint32_t i = 0; i < 3; ++i) {
      const EgfxPdu pdu = Graphics(heard[2 + i]);
      REQUIRE(pdu.cmd == EgfxCmd::kFrameAck);
      REQUIRE(ParseEgfxFrameAck(pdu.body, &ack).ok());
      CHECK(ack.frame_id == 5 + i);
      CHECK(ack.total_frames_decoded == 1 + i);
      CHECK(ack.queue_depth != kEgfxSuspendFrameAck);
    }
    // Suspended: told once, then silence; and back.
    mln_session_suspend_acks(listener.session, 1);
    for (uint32_t id = 8; id < 11; ++id) listener.Feed(channel.Send(FrameMessage(id)));
    while (listener.frames < 6) mln_engine_dispatch(listener.engine, 10);
    mln_session_suspend_acks(listener.session, 0);
    out.CapsConfirm(kEgfxVersion107, 0);
    listener.Feed(channel.Send(out.Take()));
    listener.Feed(channel.Send(FrameMessage(11)));
    heard = listener.Heard(8);
    REQUIRE(heard.size() == 8);
    REQUIRE(ParseEgfxFrameAck(Graphics(heard[5]).body, &ack).ok());
    CHECK(ack.queue_depth == kEgfxSuspendFrameAck);
    CHECK(ack.frame_id == 8);
    REQUIRE(ParseEgfxFrameAck(Graphics(heard[6]).body, &ack).ok());
    CHECK(ack.queue_depth != kEgfxSuspendFrameAck);
    CHECK(ack.frame_id == 11);
    CHECK(ack.total_frames_decoded == 7);
    const EgfxPdu qoe = Graphics(heard[7]);
    CHECK(qoe.cmd == EgfxCmd::kQoeFrameAck);
    EgfxQoeFrameAck times;
    REQUIRE(ParseEgfxQoeFrameAck(qoe.body, &times).ok());
    CHECK(times.frame_id == 11);
  }
}

TEST_CASE("answers: a session that only watches says nothing, and cannot change its mind") {
  Listener listener(0);
  listener.Feed(test::EgfxSession(64, 48, {FrameMessage(1)}));
  CHECK(mln_session_answer(listener.session) == MLN_ERR_STATE);
  CHECK(mln_session_answer(nullptr) == MLN_ERR_MALFORMED);
  CHECK(listener.Heard(0).empty());
}

}  // namespace
}  // namespace mullion::testing
