#include "io/capture/link.h"

#include <algorithm>

namespace mullion {
namespace {

constexpr uint16_t kEtherIpv4 = 0x0800;
constexpr uint16_t kEtherIpv6 = 0x86DD;
constexpr uint8_t kProtocolTcp = 6;

// PRECONDITION: `r` is behind the IP header; its end is that of the datagram as captured.
bool ParseTcp(ByteReader* r, TcpSegment* segment) {
  const size_t begin = r->offset();
  segment->source.port = r->U16Be("source port");
  segment->destination.port = r->U16Be("destination port");
  segment->sequence = r->U32Be("sequence number");
  segment->acknowledgement = r->U32Be("acknowledgement number");
  const size_t header_size = (r->U8("data offset") >> 4) * size_t{4};
  segment->flags = r->U8("flags");
  if (header_size < 20) return false;
  const size_t read = r->offset() - begin;
  r->Skip(header_size - read, "TCP header");
  segment->payload = r->TakeRest();
  return r->ok();
}

// What IP says is there, and what was captured of it. `total` counts from the current offset.
ByteReader Datagram(ByteReader* r, size_t total, TcpSegment* segment) {
  const size_t captured = std::min(total, r->remaining());
  segment->missing_bytes = static_cast<uint32_t>(total - captured);
  return ByteReader(r->Take(captured, "datagram"));
}

bool ParseIpv4(ByteReader* r, TcpSegment* segment) {
  const size_t begin = r->offset();
  const size_t header_size = (r->U8("version, header length") & 15) * size_t{4};
  r->Skip(1, "type of service");
  size_t total = r->U16Be("total length");
  r->Skip(2, "identification");
  const uint16_t fragment = r->U16Be("fragment offset");
  r->Skip(1, "time to live");
  const uint8_t protocol = r->U8("protocol");
  r->Skip(2, "checksum");
  const ByteView source = r->Take(4, "source");
  const ByteView destination = r->Take(4, "destination");
  if (!r->ok() || header_size < 20 || protocol != kProtocolTcp || (fragment & 0x1FFF) != 0) {
    return false;
  }
  std::copy(source.begin(), source.end(), segment->source.address.begin());
  std::copy(destination.begin(), destination.end(), segment->destination.address.begin());
  segment->is_fragment = (fragment & 0x2000) != 0;
  // Segmentation offload leaves a zero here when the packet is larger than the field.
  if (total == 0) total = r->offset() - begin + r->remaining();
  if (total < header_size) return false;
  r->Skip(header_size - 20, "options");
  ByteReader datagram = Datagram(r, total - header_size, segment);
  return r->ok() && ParseTcp(&datagram, segment);
}

bool ParseIpv6(ByteReader* r, TcpSegment* segment) {
  r->Skip(4, "version, class, flow");
  size_t total = r->U16Be("payload length");
  uint8_t next = r->U8("next header");
  r->Skip(1, "hop limit");
  const ByteView source = r->Take(16, "source");
  const ByteView destination = r->Take(16, "destination");
  if (!r->ok()) return false;
  std::copy(source.begin(), source.end(), segment->source.address.begin());
  std::copy(destination.begin(), destination.end(), segment->destination.address.begin());
  segment->source.is_v6 = segment->destination.is_v6 = true;
  if (total == 0) total = r->remaining();  // a jumbogram, or segmentation offload
  ByteReader datagram = Datagram(r, total, segment);
  while (datagram.ok() && next != kProtocolTcp) {
    const uint8_t type = next;
    next = datagram.U8("next header");
    switch (type) {
      case 0:      // hop by hop
      case 43:     // routing
      case 60:     // destination options
      case 135:    // mobility
      case 139:    // host identity
      case 140: {  // shim6
        const size_t size = datagram.U8("extension length") * size_t{8} + 6;
        datagram.Skip(size, "extension");
        break;
      }
      case 51: {  // authentication: counts 4-byte words
        const size_t size = datagram.U8("extension length") * size_t{4} + 6;
        datagram.Skip(size, "extension");
        break;
      }
      case 44: {  // fragment
        datagram.Skip(1, "reserved");
        const uint16_t fragment = datagram.U16Be("fragment offset");
        datagram.Skip(4, "identification");
        if ((fragment & 0xFFF8) != 0) return false;
        segment->is_fragment = segment->is_fragment || (fragment & 1) != 0;
        break;
      }
      default:
        return false;
    }
  }
  return datagram.ok() && ParseTcp(&datagram, segment);
}

bool ParseIp(ByteReader* r, TcpSegment* segment) {
  switch (r->Peek() >> 4) {
    case 4:
      return ParseIpv4(r, segment);
    case 6:
      return ParseIpv6(r, segment);
    default:
      return false;
  }
}

bool ParseEtherType(uint16_t type, ByteReader* r, TcpSegment* segment) {
  while (r->ok() && (type == 0x8100 || type == 0x88A8 || type == 0x9100)) {  // VLAN tags
    r->Skip(2, "tag");
    type = r->U16Be("ether type");
  }
  return (type == kEtherIpv4 || type == kEtherIpv6) && ParseIp(r, segment);
}

enum LinkType : uint16_t {
  kNull = 0,
  kEthernet = 1,
  kRawBsd = 12,
  kRawOpenBsd = 14,
  kRaw = 101,
  kLoop = 108,
  kLinuxCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxCooked2 = 276,
};

}  // namespace

bool IsKnownLinkType(uint16_t link_type) {
  switch (link_type) {
    case kNull:
    case kEthernet:
    case kRawBsd:
    case kRawOpenBsd:
    case kRaw:
    case kLoop:
    case kLinuxCooked:
    case kIpv4:
    case kIpv6:
    case kLinuxCooked2:
      return true;
    default:
      return false;
  }
}

bool ParseTcpPacket(uint16_t link_type, ByteView packet, TcpSegment* segment) {
  *segment = {};
  ByteReader r(packet);
  switch (link_type) {
    case kNull:
    case kLoop:
      // The family's number and byte order depend on the system that captured; IP's version says
      // the same.
      r.Skip(4, "family");
      return ParseIp(&r, segment);
    case kEthernet: {
      r.Skip(12, "addresses");
      const uint16_t type = r.U16Be("ether type");
      return ParseEtherType(type, &r, segment);
    }
    case kLinuxCooked: {
      r.Skip(14, "cooked header");
      const uint16_t type = r.U16Be("protocol");
      return ParseEtherType(type, &r, segment);
    }
    case kLinuxCooked2: {
      const uint16_t type = r.U16Be("protocol");
      r.Skip(18, "cooked header");
      return ParseEtherType(type, &r, segment);
    }
    default:
      return IsKnownLinkType(link_type) && ParseIp(&r, segment);
  }
}

}  // namespace mullion
