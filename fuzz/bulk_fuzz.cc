// Bulk decompression: mppc, ncrush, xcrush, zgfx, bulk_mixed.
//
// Input: a session of packets: u8 flags, u16 size (cut to what is left), bytes. One inflater (and
// one libfreerdp2 context) takes them in turn. Where both accept a packet they must agree, until
// they have differed in what they accept: then their histories may differ too.
#include <algorithm>
#include <memory>
#include <vector>

#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zgfx.h"
#include "fuzz/fuzz.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bulk_oracle.h"
#endif

namespace mullion::fuzz {
namespace {

struct Packet {
  uint8_t flags;
  ByteView bytes;
};

std::vector<Packet> Split(ByteView data) {
  std::vector<Packet> packets;
  ByteReader reader(data);
  while (reader.remaining() > 3) {
    const uint8_t flags = reader.U8("flags");
    const size_t size = reader.U16("size");
    packets.push_back({flags, reader.Take(std::min(size, reader.remaining()), "bytes")});
  }
  return packets;
}

// Touches every byte, for the sanitizers.
void ReadAll(ByteView bytes) {
  uint8_t sum = 0;
  for (const uint8_t byte : bytes) sum = static_cast<uint8_t>(sum + byte);
  volatile uint8_t sink = sum;
  (void)sink;
}

#ifdef MULLION_HAVE_ORACLE
// What libfreerdp2 does that the specification does not ask for (codecs/bulk/README.md): those
// packets go to us alone, and the comparison ends.
bool PeerDiffers(const Packet& packet) {
  const uint8_t type = packet.flags & kBulkTypeMask;
  if (type == kBulkTypeRdp61) {
    if ((packet.flags & kBulkCompressed) == 0) return true;
    if (packet.bytes.size() < 2) return true;
    // L1_COMPRESSED: 2.11.7 divides by zero on a match that lies where it is copied to, which an
    // encoder may emit once its history has wrapped (corpus: match-at-its-own-place).
    if ((packet.bytes[0] & 0x01) != 0) return true;
    const bool inner = (packet.bytes[0] & 0x10) != 0;
    return (packet.bytes[1] & kBulkCompressed) != 0 ? !inner : (packet.bytes[1] & 0xC0) != 0;
  }
  if (type == kBulkTypeRdp6) {
    return (packet.flags & kBulkAtFront) != 0 && (packet.flags & kBulkFlushed) != 0;
  }
  return false;
}
#endif

#ifdef MULLION_HAVE_ORACLE
// libfreerdp2 takes the reserved bits of a segment's last byte for unused bits too.
bool HasReservedBits(ByteView message) {
  ByteReader reader(message);
  const uint8_t descriptor = reader.U8("descriptor");
  if (descriptor == 0xE0) return message.back() > 7;
  reader.Skip(6, "counts");
  while (reader.ok() && reader.remaining() > 0) {
    const ByteView segment = reader.Take(reader.U32("size"), "segment");
    if (!segment.empty() && segment.back() > 7) return true;
  }
  return false;
}
#endif

// `type` > 15: each packet's own.
void RunBulk(ByteView data, uint8_t type) {
  BulkInflater inflater;
#ifdef MULLION_HAVE_ORACLE
  auto peer = std::make_unique<oracle::BulkOracle>();
#endif
  for (Packet packet : Split(data)) {
    if (type <= kBulkTypeMask) {
      packet.flags = static_cast<uint8_t>((packet.flags & ~unsigned{kBulkTypeMask}) | type);
    }
    ByteView out;
    const Status status = inflater.Inflate(packet.flags, packet.bytes, &out);
    ReadAll(out);
    MULLION_FUZZ_CHECK(out.size() <= packet.bytes.size() + 131070);
    MULLION_FUZZ_CHECK(status.ok() || status.field[0] != '\0');
#ifdef MULLION_HAVE_ORACLE
    if (peer == nullptr) continue;
    ByteView theirs;
    if (!status.ok() || PeerDiffers(packet) ||
        !peer->Inflate(packet.flags, packet.bytes, &theirs)) {
      peer.reset();
      continue;
    }
    MULLION_FUZZ_CHECK(std::ranges::equal(out, theirs));
#endif
  }
}

}  // namespace

MULLION_FUZZ_TARGET(mppc) {
  RunBulk(data, kBulkType64K);
  RunBulk(data, kBulkType8K);
}
MULLION_FUZZ_TARGET(ncrush) { RunBulk(data, kBulkTypeRdp6); }
MULLION_FUZZ_TARGET(xcrush) { RunBulk(data, kBulkTypeRdp61); }
MULLION_FUZZ_TARGET(bulk_mixed) { RunBulk(data, 0xFF); }

MULLION_FUZZ_TARGET(zgfx) {
  constexpr size_t kMaxSize = 1 << 20;
  ZgfxInflater view_form, vector_form, lite(ZgfxInflater::Variant::kRdp8Lite);
#ifdef MULLION_HAVE_ORACLE
  auto peer = std::make_unique<oracle::ZgfxOracle>();
#endif
  for (const Packet& packet : Split(data)) {
    ByteView out;
    if ((packet.flags & 1) != 0) {
      if (!lite.Inflate(packet.bytes, kMaxSize, &out).ok()) MULLION_FUZZ_CHECK(out.empty());
      ReadAll(out);
      continue;
    }
    const Status status = view_form.Inflate(packet.bytes, kMaxSize, &out);
    ReadAll(out);
    MULLION_FUZZ_CHECK(out.size() <= kMaxSize);
    std::vector<uint8_t> appended;
    const Status again = vector_form.Inflate(packet.bytes, kMaxSize, &appended);
    MULLION_FUZZ_CHECK(status.err == again.err && std::ranges::equal(out, appended));
#ifdef MULLION_HAVE_ORACLE
    if (peer == nullptr) continue;
    ByteView theirs;
    // libfreerdp2 loops for long on overrun streams, so it sees only what we accept.
    if (!status.ok() || HasReservedBits(packet.bytes) || !peer->Inflate(packet.bytes, &theirs)) {
      peer.reset();
      continue;
    }
    MULLION_FUZZ_CHECK(std::ranges::equal(out, theirs));
#endif
    if (!status.ok()) return;
  }
}

}  // namespace mullion::fuzz
