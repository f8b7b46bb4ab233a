// Builds capture files packet by packet, as odd as a test wants them. Independent of CaptureWriter.
//
// Checksums are left zero: the reader does not look at them.
#ifndef MULLION_TESTS_SUPPORT_PACKET_BUILDER_H_
#define MULLION_TESTS_SUPPORT_PACKET_BUILDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/base/byte_writer.h"

namespace mullion::test {

using Octets = std::vector<uint8_t>;

constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;

struct PacketSpec {
  uint16_t link_type = 1;  // LINKTYPE_
  int vlan_tags = 0;       // Ethernet
  bool is_v6 = false;
  bool swapped_family = false;  // loopback: the family in the other byte order
  bool to_server = true;        // from 10.0.0.1 (or fd00::1) to 10.0.0.2 (fd00::2), or back
  uint8_t client_host = 1;      // the last byte of the client's address
  uint16_t client_port = 50000, server_port = 3389;
  uint32_t sequence = 0, acknowledgement = 0;
  uint8_t flags = kAck;
  size_t ip_option_bytes = 0;   // a multiple of 4 (IPv4), or of 8: an extension header (IPv6)
  size_t tcp_option_bytes = 0;  // a multiple of 4
  uint16_t fragment = 0;        // IPv4: flags and offset; IPv6: a fragment header if not 0
  bool zero_ip_length = false;  // as segmentation offload leaves it
  size_t trailer_bytes = 0;     // padding behind the datagram
  ByteView payload;
};
Octets BuildPacket(const PacketSpec& spec);

// An X.224 connection request and confirm, in their TPKTs; the confirm chooses TLS.
Octets ConnectionRequest(std::string_view cookie = "");
Octets ConnectionConfirm();

struct TimedPacket {
  Octets bytes;
  uint64_t time_ns = 0;
};

// One TCP connection whose sequence numbers are kept along. `base` gives ports, link and family.
class TcpTalk {
 public:
  explicit TcpTalk(std::vector<TimedPacket>* out, const PacketSpec& base = {},
                   uint32_t client_initial = 1000, uint32_t server_initial = 2000)
      : out_(out), base_(base), next_{server_initial, client_initial} {}

  void Handshake();
  // Data in segments of `segment_bytes` at most.
  void Data(bool to_server, ByteView bytes, size_t segment_bytes = 1400);
  // The negotiation, both ways.
  void Negotiate();
  void Send(bool to_server, uint8_t flags, ByteView payload);  // advances
  void SendAt(bool to_server, uint32_t sequence, uint8_t flags, ByteView payload);
  void Fin(bool to_server) { Send(to_server, kFin | kAck, {}); }
  uint32_t next(bool to_server) const { return next_[to_server ? 1 : 0]; }
  void Advance(bool to_server, size_t bytes) {
    next_[to_server ? 1 : 0] += static_cast<uint32_t>(bytes);
  }

 private:
  std::vector<TimedPacket>* out_;
  PacketSpec base_;
  uint32_t next_[2];  // [1]: of the client
};

// Classic pcap.
Octets BuildPcap(const std::vector<TimedPacket>& packets, uint16_t link_type = 1,
                 bool big_endian = false, bool nanoseconds = false);

class PcapngBuilder {
 public:
  explicit PcapngBuilder(bool big_endian = false) : big_endian_(big_endian) {}

  void Section();
  void Section(bool big_endian) {
    big_endian_ = big_endian;
    Section();
  }
  // resolution < 0: no option (microseconds).
  void Interface(uint16_t link_type = 1, int resolution = -1, int64_t offset_seconds = 0,
                 uint32_t snap_length = 0);
  // `ticks` in the interface's resolution; original_size 0: that of the packet.
  void Enhanced(ByteView packet, uint64_t ticks, uint32_t interface_id = 0,
                uint32_t original_size = 0);
  void Obsolete(ByteView packet, uint64_t ticks, uint16_t interface_id = 0);
  void Simple(ByteView packet, uint32_t original_size = 0);
  void Secrets(std::string_view key_log);
  void Block(uint32_t type, ByteView body);

  const Octets& bytes() const { return out_; }

 private:
  void U16(Octets* to, uint16_t v) const;
  void U32(Octets* to, uint32_t v) const;
  void Padded(Octets* to, ByteView bytes) const;

  bool big_endian_;
  Octets out_;
};

// A pcapng of one section and one interface with nanoseconds; secrets first if there are any.
Octets BuildPcapng(const std::vector<TimedPacket>& packets, std::string_view key_log = "",
                   uint16_t link_type = 1);

// Bytes without a pattern, the same for the same seed.
Octets Noise(size_t size, uint32_t seed);

}  // namespace mullion::test

#endif  // MULLION_TESTS_SUPPORT_PACKET_BUILDER_H_
