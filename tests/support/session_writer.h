// Writes the PDUs of small synthetic sessions, as a server and a client would: for tests and seeds.
//
// Every function returns one whole TPKT PDU unless it says otherwise. Plain and small on purpose:
// fixed user id 1007, I/O channel 1003, static channels from 1004 on, message channel 1010.
#ifndef MULLION_TESTS_SUPPORT_SESSION_WRITER_H_
#define MULLION_TESTS_SUPPORT_SESSION_WRITER_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "codecs/wire/gcc.h"
#include "codecs/wire/mcs.h"
#include "codecs/wire/x224.h"

namespace mullion::test {

using Buffer = std::vector<uint8_t>;

inline constexpr uint16_t kIoChannel = 1003;
inline constexpr uint16_t kFirstChannel = 1004;
inline constexpr uint16_t kMessageChannel = 1010;
inline constexpr uint16_t kUser = 1007;

// Byte by byte: g++ 12 sees overflows that are not there in an inlined insert().
inline void Append(Buffer* out, const Buffer& more) {
  for (const uint8_t b : more) out->push_back(b);
}

inline Buffer Tpkt(const Buffer& mcs) {
  Buffer out;
  ByteWriter w(&out);
  WriteX224DataHeader(mcs.size(), &w);
  Append(&out, mcs);
  return out;
}

inline Buffer ConnectionRequest(uint32_t protocols) {
  Buffer out;
  ByteWriter w(&out);
  WriteX224Request(
      {.token = "Cookie: mstshash=user", .has_negotiation = true, .protocols = protocols}, &w);
  return out;
}
// type 2 is a response, 3 a failure.
inline Buffer ConnectionConfirm(uint8_t type, uint32_t value) {
  Buffer out = {3, 0, 0, 19, 14, 0xD0, 0, 0, 0, 0, 0, type, 0, 8, 0};
  ByteWriter(&out).U32(value);
  return out;
}

inline Buffer Block(uint16_t type, const Buffer& body) {
  Buffer out;
  ByteWriter w(&out);
  w.U16(type);
  w.U16(static_cast<uint16_t>(body.size() + 4));
  Append(&out, body);
  return out;
}

// BER with 16-bit lengths.
inline Buffer Ber(std::initializer_list<uint8_t> tag, const Buffer& body) {
  Buffer out(tag);
  ByteWriter w(&out);
  w.U8(0x82);
  w.U16Be(static_cast<uint16_t>(body.size()));
  Append(&out, body);
  return out;
}

inline Buffer ConnectInitial(uint16_t width, uint16_t height,
                             std::initializer_list<std::string_view> channels) {
  Buffer core;
  ByteWriter w(&core);
  w.U32(0x00080004);
  w.U16(width);
  w.U16(height);
  w.U16(0xCA01);
  w.U16(0xAA03);
  w.U32(0x409);
  w.U32(2600);
  for (const char c : std::string_view("tester")) w.U16(static_cast<uint16_t>(c));
  w.Zeros(32 - 12 + 12 + 64);
  Buffer net;
  ByteWriter n(&net);
  n.U32(static_cast<uint32_t>(channels.size()));
  for (const std::string_view name : channels) {
    for (size_t i = 0; i < 8; ++i) n.U8(i < name.size() ? static_cast<uint8_t>(name[i]) : 0);
    n.U32(0x80000000);
  }
  Buffer blocks = Block(kCsCore, core);
  Append(&blocks, Block(kCsSecurity, Buffer(8)));
  Append(&blocks, Block(kCsNet, net));
  Append(&blocks, Block(kCsMessageChannel, Buffer(4)));

  Buffer gcc = {0, 5, 0, 0x14, 0x7C, 0, 1};
  ByteWriter g(&gcc);
  g.U16Be(static_cast<uint16_t>(0x8000 | (blocks.size() + 14)));
  Append(&gcc, Buffer{0, 8, 0, 0x10, 0, 1, 0xC0, 0, 'D', 'u', 'c', 'a'});
  g.U16Be(static_cast<uint16_t>(0x8000 | blocks.size()));
  Append(&gcc, blocks);

  Buffer body = {4, 1, 1, 4, 1, 1, 1, 1, 0xFF};
  for (int i = 0; i < 3; ++i) Append(&body, Ber({0x30}, Buffer{2, 1, 34}));
  Append(&body, Ber({4}, gcc));
  return Tpkt(Ber({0x7F, 0x65}, body));
}

inline Buffer ConnectResponse(uint16_t channels, uint32_t encryption_method = 0) {
  Buffer core;
  ByteWriter w(&core);
  w.U32(0x00080004);
  w.U32(1);
  Buffer security;
  ByteWriter s(&security);
  s.U32(encryption_method);
  s.U32(encryption_method == 0 ? 0 : 2);
  Buffer net;
  ByteWriter n(&net);
  n.U16(kIoChannel);
  n.U16(channels);
  for (uint16_t i = 0; i < channels; ++i) n.U16(static_cast<uint16_t>(kFirstChannel + i));
  if (channels % 2 != 0) n.U16(0);
  Buffer blocks = Block(kScCore, core);
  Append(&blocks, Block(kScSecurity, security));
  Append(&blocks, Block(kScNet, net));
  Append(&blocks, Block(kScMessageChannel, Buffer{kMessageChannel & 0xFF, kMessageChannel >> 8}));

  Buffer gcc = {0, 5, 0, 0x14, 0x7C, 0, 1};
  ByteWriter g(&gcc);
  g.U16Be(static_cast<uint16_t>(0x8000 | (blocks.size() + 14)));
  Append(&gcc, Buffer{0x14, 0x76, 0x0A, 1, 1, 0, 1, 0xC0, 0, 'M', 'c', 'D', 'n'});
  g.U16Be(static_cast<uint16_t>(0x8000 | blocks.size()));
  Append(&gcc, blocks);

  Buffer body = {0x0A, 1, 0, 2, 1, 0};
  Append(&body, Ber({0x30}, Buffer{2, 1, 34}));
  Append(&body, Ber({4}, gcc));
  return Tpkt(Ber({0x7F, 0x66}, body));
}

inline Buffer AttachUserConfirm() { return Tpkt({0x2E, 0, 0, 6}); }
inline Buffer JoinConfirm(uint16_t channel) {
  Buffer mcs;
  ByteWriter w(&mcs);
  w.U32Be(0x3E000006);
  w.U16Be(channel);
  w.U16Be(channel);
  return Tpkt(mcs);
}

inline Buffer SendData(bool to_server, uint16_t channel, const Buffer& data) {
  Buffer mcs;
  ByteWriter w(&mcs);
  WriteSendDataRequest(kUser, channel, data.size(), &w);
  if (!to_server) mcs[0] = 26 << 2;  // indication
  Append(&mcs, data);
  return Tpkt(mcs);
}

inline Buffer WithSecurityHeader(uint16_t flags, const Buffer& body) {
  Buffer out;
  ByteWriter w(&out);
  w.U16(flags);
  w.U16(0);
  Append(&out, body);
  return out;
}

inline Buffer ClientInfoPdu(uint8_t compression_type) {
  Buffer body;
  ByteWriter w(&body);
  w.U32(0);
  w.U32(0x10 | 0x80 | uint32_t{compression_type} << 9);
  w.Zeros(10);  // five empty texts
  w.Zeros(10);  // their terminators
  return SendData(true, kIoChannel, WithSecurityHeader(0x0040, body));
}

inline Buffer LicenceValid() {
  return SendData(false, kIoChannel,
                  WithSecurityHeader(0x0080, {0xFF, 3, 16, 0, 7, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0}));
}

// A share control PDU without its MCS envelope: what SendData takes, alone or several in a row.
inline Buffer ShareControlPdu(uint8_t type, const Buffer& body) {
  Buffer out;
  ByteWriter w(&out);
  w.U16(static_cast<uint16_t>(body.size() + 6));
  w.U16(static_cast<uint16_t>(0x10 | type));
  w.U16(1002);
  Append(&out, body);
  return out;
}

inline Buffer ShareDataPduBytes(uint8_t type2, const Buffer& body, uint8_t compressed_type = 0) {
  Buffer out;
  ByteWriter w(&out);
  w.U32(0x103EA);
  w.U8(0);
  w.U8(1);
  w.U16(static_cast<uint16_t>(body.size() + 4));
  w.U8(type2);
  w.U8(compressed_type);
  w.U16(static_cast<uint16_t>(compressed_type == 0 ? 0 : body.size() + 18));
  Append(&out, body);
  return ShareControlPdu(7, out);
}

// The sets that both active PDUs carry here: bitmap (size), and codecs {GUID first byte, id}.
inline Buffer CapabilitySets(uint16_t width, uint16_t height, const Buffer& codecs) {
  Buffer bitmap;
  ByteWriter w(&bitmap);
  for (const uint16_t v :
       std::initializer_list<uint16_t>{32, 1, 1, 1, width, height, 0, 1, 1, 0, 1, 0}) {
    w.U16(v);
  }
  Buffer out;
  ByteWriter o(&out);
  o.U16(2);  // numberCapabilities
  o.U16(0);
  Append(&out, Block(2, bitmap));
  Append(&out, Block(29, codecs));
  return out;
}

inline Buffer DemandActive(uint16_t width, uint16_t height, const Buffer& codecs = {0}) {
  const Buffer sets = CapabilitySets(width, height, codecs);
  Buffer body;
  ByteWriter w(&body);
  w.U32(0x103EA);
  w.U16(4);
  w.U16(static_cast<uint16_t>(sets.size()));
  Append(&body, Buffer{'R', 'D', 'P', 0});
  Append(&body, sets);
  w.U32(0);
  return ShareControlPdu(1, body);
}

inline Buffer ConfirmActive(uint16_t width, uint16_t height, const Buffer& codecs = {0}) {
  const Buffer sets = CapabilitySets(width, height, codecs);
  Buffer body;
  ByteWriter w(&body);
  w.U32(0x103EA);
  w.U16(1002);
  w.U16(4);
  w.U16(static_cast<uint16_t>(sets.size()));
  Append(&body, Buffer{'M', 'U', 'L', 0});
  Append(&body, sets);
  return ShareControlPdu(3, body);
}

inline Buffer DisconnectUltimatum(uint8_t reason) {
  Buffer mcs;
  ByteWriter w(&mcs);
  WriteDisconnectUltimatum(reason, &w);
  return Tpkt(mcs);
}

struct DirectedPdu {
  bool to_server;
  Buffer bytes;
};

// From the connection request to the confirm active: TLS, two channels, 64K compression.
inline std::vector<DirectedPdu> SessionStart(uint16_t width, uint16_t height) {
  return {{true, ConnectionRequest(3)},
          {false, ConnectionConfirm(2, 1)},
          {true, ConnectInitial(width, height, {"rdpsnd", "drdynvc"})},
          {false, ConnectResponse(2)},
          {false, AttachUserConfirm()},
          {false, JoinConfirm(kFirstChannel)},
          {true, ClientInfoPdu(1)},
          {false, LicenceValid()},
          {false, SendData(false, kIoChannel, DemandActive(width, height))},
          {true, SendData(true, kIoChannel, ConfirmActive(width, height))}};
}

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_SESSION_WRITER_H_
