// The framer against its own reassembly, and whole sessions through framer and follower.
#include <algorithm>
#include <vector>

#include "fuzz/fuzz.h"
#include "io/connect/follow.h"
#include "io/net/framer.h"
#include "tests/support/session_writer.h"

namespace mullion::fuzz {
namespace {

struct Framed {
  PduKind kind;
  std::vector<uint8_t> bytes;
  bool operator==(const Framed&) const = default;
};

// Everything that one direction frames when it arrives in chunks of `chunk` bytes; what is left
// over goes to `rest`.
std::vector<Framed> FrameAll(ByteView stream, size_t chunk, Status* status, size_t* rest) {
  Framer framer;
  std::vector<Framed> out;
  uint64_t sum = 0;
  *status = Ok();
  for (size_t at = 0; at < stream.size() && status->ok(); at += chunk) {
    framer.Push(Bytes::Copy(stream.subspan(at, std::min(chunk, stream.size() - at))));
    for (bool got = true; got && status->ok();) {
      Bytes pdu;
      PduKind kind = PduKind::kTpkt;
      *status = framer.Next(&pdu, &kind, &got);
      if (!got) break;
      MULLION_FUZZ_CHECK(pdu.size() <= Framer::kMaxCredSspBytes + 6);
      MULLION_FUZZ_CHECK(std::equal(pdu.view().begin(), pdu.view().end(),
                                    stream.begin() + static_cast<ptrdiff_t>(sum)));
      sum += pdu.size();
      out.push_back({kind, {pdu.view().begin(), pdu.view().end()}});
    }
    MULLION_FUZZ_CHECK(framer.stream_offset() == sum);
  }
  *rest = framer.buffered_bytes();
  return out;
}

void CheckEvents(const SessionFollower& follower, ByteView pdu) {
  for (const FollowEvent& event : follower.events()) {
    if (!event.payload.empty()) {
      MULLION_FUZZ_CHECK(event.payload.data() >= pdu.data() &&
                         event.payload.data() + event.payload.size() <= pdu.data() + pdu.size());
    }
    if (event.kind == FollowKind::kChannelData) {
      MULLION_FUZZ_CHECK(event.channel_index < follower.facts().channels.size());
    }
    if (event.kind == FollowKind::kActivated) {
      MULLION_FUZZ_CHECK(follower.facts().desktop_width > 0);
      MULLION_FUZZ_CHECK(follower.facts().desktop_height > 0);
    }
    MULLION_FUZZ_CHECK(event.kind != FollowKind::kDisconnect || follower.finished());
  }
  MULLION_FUZZ_CHECK(follower.facts().channels.size() <= 31);
  MULLION_FUZZ_CHECK(follower.facts().codecs[0] == BitmapCodec::kNone);
}

}  // namespace

MULLION_FUZZ_TARGET(framer) {
  if (data.empty()) return;
  const size_t chunk = size_t{data[0]} % 64 + 1;
  const ByteView stream = data.subspan(1);
  Status one, many;
  size_t rest_one = 0, rest_many = 0;
  const auto whole = FrameAll(stream, std::max<size_t>(stream.size(), 1), &one, &rest_one);
  const auto parts = FrameAll(stream, chunk, &many, &rest_many);
  MULLION_FUZZ_CHECK(whole == parts);
  MULLION_FUZZ_CHECK(one.err == many.err && one.offset == many.offset);
  MULLION_FUZZ_CHECK(!one.ok() || rest_one == rest_many);
}

// Records of { flags, size, bytes }: bit 0 direction, bits 1 and 2 kind, bit 3 wraps the bytes as
// MCS data of the I/O channel, bit 4 of the first one begins in the middle of an active session.
MULLION_FUZZ_TARGET(follow) {
  SessionFollower follower;
  if (!data.empty() && (data[0] & 0x10) != 0) {
    for (const test::DirectedPdu& pdu : test::SessionStart(640, 480)) {
      MULLION_FUZZ_CHECK(follower.Feed(pdu.to_server, PduKind::kTpkt, pdu.bytes).ok());
    }
    MULLION_FUZZ_CHECK(follower.active());
  }
  ByteReader reader(data);
  while (reader.ok() && reader.remaining() >= 3) {
    const uint8_t flags = reader.U8("flags");
    const size_t size = reader.U16("size");
    const ByteView bytes = reader.Take(std::min(size, reader.remaining()), "bytes");
    const bool to_server = (flags & 1) != 0;
    const auto kind = static_cast<PduKind>(flags >> 1 & 3);
    std::vector<uint8_t> pdu(bytes.begin(), bytes.end());
    if ((flags & 8) != 0) pdu = test::SendData(to_server, test::kIoChannel, pdu);
    (void)follower.Feed(to_server, kind, pdu);
    CheckEvents(follower, pdu);
    for (const FollowEvent& event : follower.events()) {
      if (event.kind == FollowKind::kShareData) {
        (void)follower.TakeShareData(event.type2, event.payload);
      }
    }
  }
}

// Both directions of a stream as they come from a capture: chunks through two framers.
MULLION_FUZZ_TARGET(follow_stream) {
  SessionFollower follower;
  Framer framers[2];
  ByteReader reader(data);
  while (reader.ok() && reader.remaining() >= 2) {
    const uint8_t head = reader.U8("head");
    const size_t size = size_t{head & 0x7Fu} * 4 + 1;
    const ByteView chunk = reader.Take(std::min(size, reader.remaining()), "chunk");
    const bool to_server = (head & 0x80) != 0;
    Framer& framer = framers[to_server ? 1 : 0];
    framer.Push(Bytes::Copy(chunk));
    for (bool got = true; got;) {
      Bytes pdu;
      PduKind kind = PduKind::kTpkt;
      if (!framer.Next(&pdu, &kind, &got).ok()) return;
      if (!got) break;
      (void)follower.Feed(to_server, kind, pdu.view());
      CheckEvents(follower, pdu.view());
    }
  }
}

}  // namespace mullion::fuzz
