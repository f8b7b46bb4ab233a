// Graphics pipeline PDUs inside one session that is otherwise in order, inline (0 workers): through
// channels, surfaces, caches, decoders, commits and events.
//
// Input: records of command (1 byte; bit 7 set: the message ends behind it), length (2 bytes,
// little endian), the PDU's body. Headers and channels are written here, so that mutations reach
// further.
#include <algorithm>

#include "fuzz/session_host.h"
#include "tests/support/egfx_server.h"

namespace mullion::fuzz {
namespace {

void FeedAll(const std::vector<test::DirectedPdu>& pdus, SessionHost* host) {
  for (const test::DirectedPdu& pdu : pdus) {
    host->Feed(pdu.to_server ? MLN_TO_SERVER : MLN_TO_CLIENT, pdu.bytes);
  }
}

}  // namespace

MULLION_FUZZ_TARGET(egfx_session) {
  mln_limits limits{};
  limits.max_desktop_px = 2048 * 2048;
  limits.max_surface_bytes = 16 << 20;
  limits.max_cache_bytes = 4 << 20;
  limits.max_tile_state_bytes = 16 << 20;
  SessionHost host(limits);
  test::EgfxTransport transport;
  transport.dvc_bytes = 15000;  // few pieces: how messages are joined is another target's affair
  transport.chunk_bytes = 16000;
  test::EgfxChannel channel(transport);
  FeedAll(test::SessionStart(64, 64), &host);
  FeedAll(channel.Open(), &host);
  test::EgfxMessage message;
  ByteReader reader(data);
  while (reader.ok() && reader.remaining() > 2) {
    const uint8_t command = reader.U8("command");
    const size_t length = reader.U16("length");
    const ByteView body = reader.Take(std::min(length, reader.remaining()), "body");
    message.Pdu(command & 0x7F, test::Buffer(body.begin(), body.end()));
    if ((command & 0x80) != 0) FeedAll(channel.Send(message.Take()), &host);
  }
  if (!message.empty()) FeedAll(channel.Send(message.Take()), &host);
}

}  // namespace mullion::fuzz
