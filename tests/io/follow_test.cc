// The follower on synthetic sessions: what real recordings do not show, one property each.
#include <doctest/doctest.h>

#include <cstring>
#include <memory>

#include "codecs/wire/security.h"
#include "codecs/wire/share.h"
#include "codecs/wire/svc.h"
#include "io/connect/follow.h"
#include "tests/support/session_writer.h"

namespace mullion::test {
namespace {

void Start(SessionFollower* follower, uint16_t width = 800, uint16_t height = 600) {
  for (const DirectedPdu& pdu : SessionStart(width, height)) {
    REQUIRE(follower->Feed(pdu.to_server, PduKind::kTpkt, pdu.bytes).ok());
  }
  REQUIRE(follower->active());
}

Status FeedShare(SessionFollower* follower, bool to_server, const Buffer& share, Buffer* keep) {
  *keep = SendData(to_server, kIoChannel, share);
  return follower->Feed(to_server, PduKind::kTpkt, *keep);
}

TEST_CASE("a session's start becomes facts") {
  SessionFollower follower;
  Start(&follower);
  const SessionFacts& facts = follower.facts();
  CHECK(facts.security == "tls");
  CHECK(facts.client_name == "tester");
  CHECK(facts.requested_width == 800);
  CHECK(facts.desktop_width == 800);
  CHECK(facts.desktop_height == 600);
  CHECK(facts.desktop_bpp == 32);
  CHECK(facts.io_channel == kIoChannel);
  CHECK(facts.message_channel == kMessageChannel);
  CHECK(facts.user_channel == kUser);
  CHECK(facts.compression);
  CHECK(facts.compression_type == 1);
  CHECK(facts.licensed);
  CHECK(facts.activations == 1);
  REQUIRE(facts.channels.size() == 2);
  CHECK(facts.channels[0].joined);
  CHECK_FALSE(facts.channels[1].joined);
  CHECK(facts.server_pdus == 5);  // from the connect response on
  CHECK(facts.client_pdus == 3);  // from the connect initial on
}

TEST_CASE("demand and confirm active are events; a new size is told from the same size") {
  SessionFollower follower;
  Start(&follower);
  Buffer keep;
  REQUIRE(FeedShare(&follower, false, ShareControlPdu(6, Buffer(6)), &keep).ok());
  REQUIRE(follower.events().size() == 1);
  CHECK(follower.events()[0].kind == FollowKind::kDeactivated);
  CHECK_FALSE(follower.active());
  REQUIRE(FeedShare(&follower, false, DemandActive(800, 600), &keep).ok());
  REQUIRE(follower.events().size() == 1);
  CHECK(follower.events()[0].kind == FollowKind::kActivated);
  CHECK_FALSE(follower.events()[0].size_changed);
  REQUIRE(FeedShare(&follower, false, DemandActive(1024, 768), &keep).ok());
  CHECK(follower.events()[0].size_changed);
  CHECK(follower.facts().desktop_width == 1024);
  REQUIRE(FeedShare(&follower, true, ConfirmActive(1024, 768), &keep).ok());
  REQUIRE(follower.events().size() == 1);
  CHECK(follower.events()[0].kind == FollowKind::kConfirmed);
  CHECK(follower.facts().activations == 3);
  CHECK(follower.facts().deactivations == 1);
  CHECK(FeedShare(&follower, false, DemandActive(0, 768), &keep).err == Err::kMalformed);
  CHECK(follower.facts().desktop_width == 1024);
}

Buffer QoiAs(uint8_t id) {
  return {1,    0xF8, 0x9A, 0xAE, 0x4D, 0x99, 0xB3, 0xF6, 0x4D, 0xB4,
          0x3A, 0x66, 0x2F, 0xD9, 0xC0, 0xF5, 0xD6, id,   0,    0};
}

TEST_CASE("codec ids: the client's word, then the server's, then the well-known ones; 0 is raw") {
  SessionFollower follower;
  CHECK(follower.facts().codecs[1] == BitmapCodec::kNsCodec);
  CHECK(follower.facts().codecs[3] == BitmapCodec::kRemoteFx);
  Start(&follower);
  Buffer keep;
  REQUIRE(FeedShare(&follower, false, DemandActive(800, 600, QoiAs(9)), &keep).ok());
  CHECK(follower.facts().codecs[9] == BitmapCodec::kQoi);
  CHECK_FALSE(follower.facts().client_offers_codecs);
  REQUIRE(FeedShare(&follower, true, ConfirmActive(800, 600, QoiAs(3)), &keep).ok());
  CHECK(follower.facts().codecs[3] == BitmapCodec::kQoi);
  CHECK(follower.facts().codecs[1] == BitmapCodec::kNsCodec);
  CHECK(follower.facts().client_offers_codecs);
  REQUIRE(FeedShare(&follower, true, ConfirmActive(800, 600, QoiAs(0)), &keep).ok());
  CHECK(follower.facts().codecs[0] == BitmapCodec::kNone);
}

TEST_CASE("several share PDUs in one payload are several events, in order") {
  SessionFollower follower;
  Start(&follower);
  Buffer share = ShareDataPduBytes(0x02, {1, 0, 0, 0});
  Append(&share, ShareDataPduBytes(0x1B, {7, 0, 0, 0, 1, 0}, 0x21));
  Buffer keep;
  REQUIRE(FeedShare(&follower, false, share, &keep).ok());
  REQUIRE(follower.events().size() == 2);
  CHECK(follower.events()[0].kind == FollowKind::kShareData);
  CHECK(follower.events()[0].type2 == 0x02);
  CHECK(follower.events()[0].payload.size() == 4);
  CHECK(follower.events()[1].type2 == 0x1B);
  CHECK(follower.events()[1].compressed_type == 0x21);
  CHECK(follower.events()[1].uncompressed_length == 10);
}

TEST_CASE("a bad share PDU does not hide the one behind it") {
  SessionFollower follower;
  Start(&follower);
  Buffer share = ShareDataPduBytes(0x2F, {1, 0});  // error info of two bytes
  Append(&share, ShareDataPduBytes(0x28, Buffer(8)));
  Buffer keep;
  CHECK(FeedShare(&follower, false, share, &keep).err == Err::kTruncated);
  REQUIRE(follower.events().size() == 2);
  CHECK(follower.events()[1].type2 == 0x28);
}

TEST_CASE("error info decides whether a disconnect is graceful") {
  struct Row {
    uint32_t error;
    uint8_t reason;
    bool graceful;
  };
  for (const Row& row : {Row{0, 3, true}, Row{0, 1, true}, Row{0, 0, false}, Row{0xC, 3, true},
                         Row{0x6, 3, false}, Row{0x112F, 1, false}}) {
    SessionFollower follower;
    Start(&follower);
    Buffer body;
    ByteWriter(&body).U32(row.error);
    Buffer keep;
    REQUIRE(FeedShare(&follower, false, ShareDataPduBytes(0x2F, body), &keep).ok());
    CHECK(follower.facts().error_info == row.error);
    const Buffer end = DisconnectUltimatum(row.reason);
    REQUIRE(follower.Feed(false, PduKind::kTpkt, end).ok());
    REQUIRE(follower.events().size() == 1);
    CHECK(follower.events()[0].kind == FollowKind::kDisconnect);
    CHECK(follower.events()[0].reason == row.reason);
    CHECK(follower.events()[0].graceful == row.graceful);
    CHECK(follower.finished());
    REQUIRE(follower.Feed(false, PduKind::kTpkt, end).ok());
    CHECK(follower.events().empty());
  }
}

TEST_CASE("a later 'no error' does not wipe the error that was told") {
  SessionFollower follower;
  Start(&follower);
  REQUIRE(follower.TakeShareData(0x2F, Buffer{3, 0, 0, 0}).ok());
  REQUIRE(follower.TakeShareData(0x2F, Buffer{0, 0, 0, 0}).ok());
  CHECK(follower.facts().error_info == 3);
}

TEST_CASE("session info that came compressed becomes a fact when it is handed back") {
  SessionFollower follower;
  Start(&follower);
  CHECK_FALSE(follower.facts().logged_on);
  Buffer keep;
  REQUIRE(FeedShare(&follower, false, ShareDataPduBytes(0x26, {9, 9, 9}, 0x21), &keep).ok());
  CHECK_FALSE(follower.facts().logged_on);
  REQUIRE(follower.TakeShareData(0x26, Buffer{2, 0, 0, 0}).ok());
  CHECK(follower.facts().logged_on);
}

TEST_CASE("channel data names its channel, in both directions; unknown channels are told") {
  SessionFollower follower;
  Start(&follower);
  for (const bool to_server : {false, true}) {
    const Buffer pdu = SendData(to_server, kFirstChannel + 1, {3, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3});
    REQUIRE(follower.Feed(to_server, PduKind::kTpkt, pdu).ok());
    REQUIRE(follower.events().size() == 1);
    const FollowEvent& event = follower.events()[0];
    CHECK(event.kind == FollowKind::kChannelData);
    CHECK(event.to_server == to_server);
    CHECK(event.channel_index == 1);
    ChannelChunk chunk;
    REQUIRE(ParseChannelChunk(event.payload, &chunk).ok());
    CHECK(chunk.data.size() == 3);
  }
  CHECK(follower.Feed(false, PduKind::kTpkt, SendData(false, 1999, {1})).err == Err::kState);
}

TEST_CASE("the message channel's PDUs come without their security header") {
  SessionFollower follower;
  Start(&follower);
  const Buffer pdu =
      SendData(false, kMessageChannel, WithSecurityHeader(kSecAutoDetectReq, {6, 0, 1, 0, 1, 0}));
  REQUIRE(follower.Feed(false, PduKind::kTpkt, pdu).ok());
  REQUIRE(follower.events().size() == 1);
  CHECK(follower.events()[0].kind == FollowKind::kMessageChannel);
  CHECK(follower.events()[0].security_flags == kSecAutoDetectReq);
  CHECK(follower.events()[0].payload.size() == 6);
}

TEST_CASE("fast path is passed on from the server and ignored from the client") {
  SessionFollower follower;
  Start(&follower);
  const Buffer pdu = {0x00, 0x05, 0x05, 0, 0};
  REQUIRE(follower.Feed(true, PduKind::kFastPath, pdu).ok());
  CHECK(follower.events().empty());
  REQUIRE(follower.Feed(false, PduKind::kFastPath, pdu).ok());
  REQUIRE(follower.events().size() == 1);
  CHECK(follower.events()[0].kind == FollowKind::kFastPath);
  CHECK(follower.events()[0].payload.data() == pdu.data());
  CHECK(follower.events()[0].payload.size() == pdu.size());
}

TEST_CASE("encrypted RDP security is unsupported for good") {
  SessionFollower follower;
  REQUIRE(follower.Feed(true, PduKind::kTpkt, ConnectionRequest(0)).ok());
  REQUIRE(follower.Feed(false, PduKind::kTpkt, ConnectionConfirm(2, 0)).ok());
  CHECK(follower.facts().security == "rdp");
  REQUIRE(follower.Feed(true, PduKind::kTpkt, ConnectInitial(640, 480, {})).ok());
  CHECK(follower.Feed(false, PduKind::kTpkt, ConnectResponse(0, 2)).err == Err::kUnsupported);
  CHECK(follower.facts().encryption_method == 2);
  CHECK(follower.Feed(true, PduKind::kTpkt, ClientInfoPdu(0)).err == Err::kUnsupported);
}

TEST_CASE("a refused negotiation and a denied authorization end the session with their reason") {
  SessionFollower follower;
  REQUIRE(follower.Feed(false, PduKind::kTpkt, ConnectionConfirm(3, 5)).ok());
  CHECK(follower.finished());
  CHECK(follower.facts().negotiation_failure == 5);
  REQUIRE(follower.events().size() == 1);
  CHECK_FALSE(follower.events()[0].graceful);

  SessionFollower denied;
  REQUIRE(denied.Feed(false, PduKind::kTpkt, ConnectionConfirm(2, 8)).ok());
  CHECK(denied.facts().security == "nla-ex");
  REQUIRE(denied.Feed(true, PduKind::kCredSsp, Buffer{0x30, 0}).ok());
  REQUIRE(denied.Feed(false, PduKind::kEarlyAuth, Buffer{5, 0, 0, 0}).ok());
  CHECK(denied.facts().credssp_messages == 1);
  CHECK(denied.facts().early_auth_denied);
  CHECK(denied.finished());
}

TEST_CASE("redirection is an event in both of its forms") {
  for (const bool enhanced : {true, false}) {
    SessionFollower follower;
    Start(&follower);
    Buffer packet = {0, 4, 12, 0, 7, 0, 0, 0, 0, 0, 0, 0};
    Buffer keep;
    if (enhanced) {
      REQUIRE(FeedShare(&follower, false, ShareControlPdu(10, packet), &keep).ok());
    } else {
      keep = SendData(false, kIoChannel, WithSecurityHeader(kSecRedirectionPkt, packet));
      REQUIRE(follower.Feed(false, PduKind::kTpkt, keep).ok());
    }
    REQUIRE(follower.events().size() == 1);
    CHECK(follower.events()[0].kind == FollowKind::kRedirected);
    CHECK(follower.facts().redirected);
  }
}

TEST_CASE("a session cut or flipped anywhere is followed without harm") {
  const std::vector<DirectedPdu> start = SessionStart(800, 600);
  for (size_t target = 0; target < start.size(); ++target) {
    const Buffer& original = start[target].bytes;
    for (size_t at = 0; at < original.size(); ++at) {
      for (int bit = -1; bit < 8; bit += 3) {
        SessionFollower follower;
        for (size_t i = 0; i < start.size(); ++i) {
          // An exact buffer, so that the sanitizers see one byte too many.
          const Buffer& bytes = start[i].bytes;
          const size_t size = i == target && bit < 0 ? at : bytes.size();
          auto exact = std::make_unique<uint8_t[]>(size);
          if (size > 0) std::memcpy(exact.get(), bytes.data(), size);
          if (i == target && bit >= 0) exact[at] = static_cast<uint8_t>(exact[at] ^ 1 << bit);
          (void)follower.Feed(start[i].to_server, PduKind::kTpkt, {exact.get(), size});
        }
        if (follower.facts().activations > 1) FAIL("one demand active, two activations");
      }
    }
  }
}

}  // namespace
}  // namespace mullion::test
