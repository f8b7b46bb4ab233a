// The framer: PDUs in any chunking, without copies where none is needed, and bounded.
#include <doctest/doctest.h>

#include <algorithm>

#include "io/net/framer.h"
#include "tests/support/session_writer.h"

namespace mullion::test {
namespace {

struct Framed {
  PduKind kind;
  Buffer bytes;
  bool operator==(const Framed&) const = default;
};

std::vector<Framed> Drain(Framer* framer, Status* status) {
  std::vector<Framed> out;
  for (;;) {
    Bytes pdu;
    PduKind kind = PduKind::kTpkt;
    bool got = false;
    *status = framer->Next(&pdu, &kind, &got);
    if (!got) return out;
    out.push_back({kind, Buffer(pdu.view().begin(), pdu.view().end())});
  }
}

Buffer CredSsp(size_t size) {
  Buffer out = {0x30, 0x82, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
  out.resize(out.size() + size, 0x77);
  return out;
}

// Both sides of a session with NLA: negotiation, two TSRequests, the result, MCS, fast path.
std::vector<Framed> NlaStream() {
  Buffer fast(200, 4);
  fast[0] = 0x30;  // what begins a TSRequest too
  fast[1] = 0x80;
  fast[2] = 200;
  return {{PduKind::kTpkt, ConnectionConfirm(2, 8)},
          {PduKind::kCredSsp, CredSsp(300)},
          {PduKind::kCredSsp, {0x30, 0x03, 1, 2, 3}},
          {PduKind::kEarlyAuth, {0, 0, 0, 0}},
          {PduKind::kTpkt, ConnectResponse(2)},
          {PduKind::kTpkt, AttachUserConfirm()},
          {PduKind::kFastPath, fast},
          {PduKind::kFastPath, {0x00, 0x05, 0x05, 0, 0}},
          {PduKind::kTpkt, LicenceValid()}};
}

TEST_CASE("the same PDUs come out however the stream is cut") {
  const std::vector<Framed> expected = NlaStream();
  Buffer stream;
  for (const Framed& pdu : expected) Append(&stream, pdu.bytes);
  for (const size_t chunk :
       {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{100}, stream.size()}) {
    CAPTURE(chunk);
    Framer framer;
    std::vector<Framed> got;
    for (size_t at = 0; at < stream.size(); at += chunk) {
      const size_t size = std::min(chunk, stream.size() - at);
      framer.Push(Bytes::Copy(ByteView(stream).subspan(at, size)));
      Status status;
      for (Framed& pdu : Drain(&framer, &status)) got.push_back(std::move(pdu));
      REQUIRE(status.ok());
    }
    CHECK(got == expected);
    CHECK(framer.buffered_bytes() == 0);
    CHECK(framer.stream_offset() == stream.size());
  }
}

TEST_CASE("a PDU inside one chunk is a slice of it, one across chunks is whole") {
  const Buffer pdu = LicenceValid();
  Buffer stream = pdu;
  Append(&stream, pdu);
  const Bytes chunk = Bytes::Copy(ByteView(stream).first(stream.size() - 3));
  Framer framer;
  framer.Push(chunk);
  Bytes out;
  PduKind kind = PduKind::kFastPath;
  bool got = false;
  REQUIRE(framer.Next(&out, &kind, &got).ok());
  REQUIRE(got);
  CHECK(out.data() == chunk.data());
  REQUIRE(framer.Next(&out, &kind, &got).ok());
  CHECK_FALSE(got);
  framer.Push(Bytes::Copy(ByteView(stream).last(3)));
  REQUIRE(framer.Next(&out, &kind, &got).ok());
  REQUIRE(got);
  CHECK(out.size() == pdu.size());
  CHECK(std::equal(pdu.begin(), pdu.end(), out.data()));
}

TEST_CASE("0x30 is fast path once the negotiation is over, or when told so") {
  const Buffer fast = {0x30, 0x05, 1, 2, 3};
  for (const auto expect : {Framer::Expect::kAuto, Framer::Expect::kNla, Framer::Expect::kPdus}) {
    Framer framer;
    framer.SetExpect(expect);
    framer.Push(Bytes::Copy(fast));
    Status status;
    const std::vector<Framed> out = Drain(&framer, &status);
    if (expect == Framer::Expect::kPdus) {
      REQUIRE(out.size() == 1);
      CHECK(out[0].kind == PduKind::kFastPath);
      CHECK(out[0].bytes.size() == 5);
    } else {
      CHECK(out.empty());  // a TSRequest of five bytes after its header
      CHECK(framer.buffered_bytes() == 5);
    }
  }
}

TEST_CASE("lengths that cannot be are final errors with their place in the stream") {
  struct Row {
    Buffer bytes;
    Err err;
  };
  const Buffer good = AttachUserConfirm();
  for (const Row& row : {Row{{3, 0, 0, 6}, Err::kMalformed}, Row{{0x00, 0x01}, Err::kMalformed},
                         Row{{0x00, 0x80, 0x02}, Err::kMalformed}, Row{{0x02}, Err::kMalformed},
                         Row{{0x30, 0x80}, Err::kMalformed}, Row{{0x30, 0x85}, Err::kMalformed},
                         Row{{0x30, 0x83, 2, 0, 0}, Err::kLimit}}) {
    Framer framer;
    Buffer stream = good;
    Append(&stream, row.bytes);
    framer.Push(Bytes::Copy(stream));
    Status status;
    CHECK(Drain(&framer, &status).size() == 1);
    CHECK(status.err == row.err);
    CHECK(status.offset >= good.size());
    CHECK(status.offset < stream.size());
    framer.Push(Bytes::Copy(good));
    Status again;
    CHECK(Drain(&framer, &again).empty());
    CHECK(again.err == row.err);
  }
}

TEST_CASE("the largest PDUs pass") {
  Buffer tpkt(65535, 1);
  tpkt[0] = 3;
  tpkt[1] = 0;
  tpkt[2] = tpkt[3] = 0xFF;
  Buffer fast(32767, 1);
  fast[0] = 0;
  fast[1] = fast[2] = 0xFF;
  Framer framer;
  framer.SetExpect(Framer::Expect::kPdus);
  framer.Push(Bytes::Copy(tpkt));
  framer.Push(Bytes::Copy(fast));
  Status status;
  const std::vector<Framed> out = Drain(&framer, &status);
  REQUIRE(out.size() == 2);
  CHECK(out[0].bytes.size() == 65535);
  CHECK(out[1].bytes.size() == 32767);
}

}  // namespace
}  // namespace mullion::test
