#include "tests/support/packet_builder.h"

#include <algorithm>

namespace mullion::test {
namespace {

// ByteWriter::Zeros makes g++ 12 see overflows that are not there.
void Zeros(ByteWriter* w, size_t count) {
  for (size_t i = 0; i < count; ++i) w->U8(0);
}

void WriteLink(const PacketSpec& spec, ByteWriter* w) {
  const uint16_t type = spec.is_v6 ? 0x86DD : 0x0800;
  switch (spec.link_type) {
    case 1:
      Zeros(w, 12);
      for (int i = 0; i < spec.vlan_tags; ++i) {
        w->U16Be(i + 1 < spec.vlan_tags ? 0x88A8 : 0x8100);
        w->U16Be(static_cast<uint16_t>(100 + i));
      }
      w->U16Be(type);
      break;
    case 113:
      Zeros(w, 14);
      w->U16Be(type);
      break;
    case 276:
      w->U16Be(type);
      Zeros(w, 18);
      break;
    case 0:
      if (spec.swapped_family) {
        w->U32Be(spec.is_v6 ? 30 : 2);
      } else {
        w->U32(spec.is_v6 ? 30 : 2);
      }
      break;
    case 108:
      w->U32Be(spec.is_v6 ? 24 : 2);
      break;
    default:
      break;  // raw IP
  }
}

void WriteIp(const PacketSpec& spec, size_t tcp_size, ByteWriter* w) {
  const uint8_t hosts[2] = {spec.to_server ? spec.client_host : uint8_t{2},
                            spec.to_server ? uint8_t{2} : spec.client_host};
  if (!spec.is_v6) {
    const size_t header = 20 + spec.ip_option_bytes;
    w->U8(static_cast<uint8_t>(0x40 | header / 4));
    w->U8(0);
    w->U16Be(spec.zero_ip_length ? uint16_t{0} : static_cast<uint16_t>(header + tcp_size));
    w->U16Be(7);
    w->U16Be(spec.fragment);
    w->U8(64);
    w->U8(6);
    w->U16Be(0);
    for (const uint8_t host : hosts) w->U32Be(0x0A000000u | host);
    for (size_t i = 0; i < spec.ip_option_bytes; ++i) w->U8(1);
    return;
  }
  const size_t extensions = spec.ip_option_bytes + (spec.fragment != 0 ? 8 : 0);
  w->U32Be(0x60000000);
  w->U16Be(static_cast<uint16_t>(tcp_size + extensions));
  w->U8(spec.ip_option_bytes > 0 ? uint8_t{0} : spec.fragment != 0 ? uint8_t{44} : uint8_t{6});
  w->U8(64);
  for (const uint8_t host : hosts) {
    w->U8(0xFD);
    Zeros(w, 14);
    w->U8(host);
  }
  if (spec.ip_option_bytes > 0) {
    w->U8(spec.fragment != 0 ? 44 : 6);
    w->U8(static_cast<uint8_t>(spec.ip_option_bytes / 8 - 1));
    Zeros(w, spec.ip_option_bytes - 2);
  }
  if (spec.fragment != 0) {
    w->U8(6);
    w->U8(0);
    w->U16Be(spec.fragment);
    w->U32Be(7);
  }
}

}  // namespace

Octets BuildPacket(const PacketSpec& spec) {
  Octets out;
  ByteWriter w(&out);
  WriteLink(spec, &w);
  WriteIp(spec, 20 + spec.tcp_option_bytes + spec.payload.size(), &w);
  w.U16Be(spec.to_server ? spec.client_port : spec.server_port);
  w.U16Be(spec.to_server ? spec.server_port : spec.client_port);
  w.U32Be(spec.sequence);
  w.U32Be(spec.acknowledgement);
  w.U8(static_cast<uint8_t>((5 + spec.tcp_option_bytes / 4) << 4));
  w.U8(spec.flags);
  w.U16Be(0xFFFF);
  w.U32Be(0);
  for (size_t i = 0; i < spec.tcp_option_bytes; ++i) w.U8(1);
  w.Bytes(spec.payload);
  Zeros(&w, spec.trailer_bytes);
  return out;
}

Octets ConnectionRequest(std::string_view cookie) {
  Octets out;
  ByteWriter w(&out);
  const size_t size = 11 + cookie.size() + 8;
  w.U8(3);
  w.U8(0);
  w.U16Be(static_cast<uint16_t>(size));
  w.U8(static_cast<uint8_t>(size - 5));
  w.U8(0xE0);
  Zeros(&w, 5);
  for (const char c : cookie) w.U8(static_cast<uint8_t>(c));
  w.U32(0x00080001);  // RDP_NEG_REQ
  w.U32(1);
  return out;
}

Octets ConnectionConfirm() {
  return {3, 0, 0, 19, 14, 0xD0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0};
}

void TcpTalk::SendAt(bool to_server, uint32_t sequence, uint8_t flags, ByteView payload) {
  PacketSpec spec = base_;
  spec.to_server = to_server;
  spec.sequence = sequence;
  spec.acknowledgement = (flags & kAck) != 0 ? next(!to_server) : 0;
  spec.flags = flags;
  spec.payload = payload;
  out_->push_back({BuildPacket(spec), 1700000000000000000u + out_->size() * 1000});
}

void TcpTalk::Send(bool to_server, uint8_t flags, ByteView payload) {
  SendAt(to_server, next(to_server), flags, payload);
  Advance(to_server, payload.size() + ((flags & (kSyn | kFin)) != 0 ? 1 : 0));
}

void TcpTalk::Handshake() {
  Send(true, kSyn, {});
  Send(false, kSyn | kAck, {});
  Send(true, kAck, {});
}

void TcpTalk::Data(bool to_server, ByteView bytes, size_t segment_bytes) {
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), segment_bytes));
    Send(to_server, kAck, part);
    bytes = bytes.subspan(part.size());
  }
}

void TcpTalk::Negotiate() {
  Data(true, ConnectionRequest());
  Data(false, ConnectionConfirm());
}

Octets BuildPcap(const std::vector<TimedPacket>& packets, uint16_t link_type, bool big_endian,
                 bool nanoseconds) {
  Octets out;
  ByteWriter w(&out);
  const auto u32 = [&w, big_endian](uint32_t v) { big_endian ? w.U32Be(v) : w.U32(v); };
  u32(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4);
  u32(big_endian ? 0x00020004 : 0x00040002);
  u32(0);
  u32(0);
  u32(262144);
  u32(link_type);
  for (const TimedPacket& p : packets) {
    u32(static_cast<uint32_t>(p.time_ns / 1000000000));
    u32(static_cast<uint32_t>(p.time_ns % 1000000000 / (nanoseconds ? 1 : 1000)));
    u32(static_cast<uint32_t>(p.bytes.size()));
    u32(static_cast<uint32_t>(p.bytes.size()));
    w.Bytes(p.bytes);
  }
  return out;
}

void PcapngBuilder::U16(Octets* to, uint16_t v) const {
  ByteWriter w(to);
  big_endian_ ? w.U16Be(v) : w.U16(v);
}
void PcapngBuilder::U32(Octets* to, uint32_t v) const {
  ByteWriter w(to);
  big_endian_ ? w.U32Be(v) : w.U32(v);
}
void PcapngBuilder::Padded(Octets* to, ByteView bytes) const {
  ByteWriter w(to);
  w.Bytes(bytes);
  Zeros(&w, (4 - bytes.size() % 4) % 4);
}

void PcapngBuilder::Block(uint32_t type, ByteView body) {
  const uint32_t size = static_cast<uint32_t>(12 + (body.size() + 3) / 4 * 4);
  U32(&out_, type);
  U32(&out_, size);
  Padded(&out_, body);
  U32(&out_, size);
}

void PcapngBuilder::Section() {
  Octets body;
  U32(&body, 0x1A2B3C4D);
  U16(&body, 1);
  U16(&body, 0);
  body.resize(body.size() + 8, 0xFF);
  Block(0x0A0D0D0A, body);
}

void PcapngBuilder::Interface(uint16_t link_type, int resolution, int64_t offset_seconds,
                              uint32_t snap_length) {
  Octets body;
  U16(&body, link_type);
  U16(&body, 0);
  U32(&body, snap_length);
  if (resolution >= 0) {
    U16(&body, 9);
    U16(&body, 1);
    const uint8_t value[1] = {static_cast<uint8_t>(resolution)};
    Padded(&body, value);
  }
  if (offset_seconds != 0) {
    U16(&body, 14);
    U16(&body, 8);
    const uint64_t v = static_cast<uint64_t>(offset_seconds);
    const uint32_t high = static_cast<uint32_t>(v >> 32);
    const uint32_t low = static_cast<uint32_t>(v);
    U32(&body, big_endian_ ? high : low);
    U32(&body, big_endian_ ? low : high);
  }
  if (body.size() > 8) U32(&body, 0);
  Block(1, body);
}

void PcapngBuilder::Enhanced(ByteView packet, uint64_t ticks, uint32_t interface_id,
                             uint32_t original_size) {
  const uint32_t size = static_cast<uint32_t>(packet.size());
  Octets body;
  U32(&body, interface_id);
  U32(&body, static_cast<uint32_t>(ticks >> 32));
  U32(&body, static_cast<uint32_t>(ticks));
  U32(&body, size);
  U32(&body, original_size != 0 ? original_size : size);
  Padded(&body, packet);
  Block(6, body);
}

void PcapngBuilder::Obsolete(ByteView packet, uint64_t ticks, uint16_t interface_id) {
  const uint32_t size = static_cast<uint32_t>(packet.size());
  Octets body;
  U16(&body, interface_id);
  U16(&body, 0);
  U32(&body, static_cast<uint32_t>(ticks >> 32));
  U32(&body, static_cast<uint32_t>(ticks));
  U32(&body, size);
  U32(&body, size);
  Padded(&body, packet);
  Block(2, body);
}

void PcapngBuilder::Simple(ByteView packet, uint32_t original_size) {
  Octets body;
  U32(&body, original_size != 0 ? original_size : static_cast<uint32_t>(packet.size()));
  Padded(&body, packet);
  Block(3, body);
}

void PcapngBuilder::Secrets(std::string_view key_log) {
  Octets body;
  U32(&body, 0x544C534B);
  U32(&body, static_cast<uint32_t>(key_log.size()));
  Padded(&body, {reinterpret_cast<const uint8_t*>(key_log.data()), key_log.size()});
  Block(10, body);
}

Octets BuildPcapng(const std::vector<TimedPacket>& packets, std::string_view key_log,
                   uint16_t link_type) {
  PcapngBuilder builder;
  builder.Section();
  if (!key_log.empty()) builder.Secrets(key_log);
  builder.Interface(link_type, 9);
  for (const TimedPacket& p : packets) builder.Enhanced(p.bytes, p.time_ns);
  return builder.bytes();
}

Octets Noise(size_t size, uint32_t seed) {
  Octets bytes(size);
  for (uint8_t& b : bytes) {
    seed = seed * 1664525 + 1013904223;
    b = static_cast<uint8_t>(seed >> 24);
  }
  return bytes;
}

}  // namespace mullion::test
