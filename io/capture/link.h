// From a captured packet to the TCP segment in it.
//
// Specification: LINKTYPE_ values of tcpdump.org (Ethernet with VLAN tags, Linux cooked 1 and 2,
// raw IP, BSD loopback); RFC 791, RFC 8200 (extension headers), RFC 9293.
// Ownership: views borrow the packet. Threads: any.
// Errors: what is no TCP segment, or is cut before its payload, is no segment: false. Checksums are
// not looked at: offloading leaves wrong ones in good captures.
#ifndef MULLION_IO_CAPTURE_LINK_H_
#define MULLION_IO_CAPTURE_LINK_H_

#include "codecs/base/byte_reader.h"
#include "io/capture/endpoint.h"

namespace mullion {

constexpr uint8_t kTcpFin = 1;
constexpr uint8_t kTcpSyn = 2;
constexpr uint8_t kTcpRst = 4;
constexpr uint8_t kTcpAck = 16;

struct TcpSegment {
  Endpoint source, destination;
  uint32_t sequence = 0;
  uint32_t acknowledgement = 0;
  uint8_t flags = 0;
  ByteView payload;            // as much as was captured
  uint32_t missing_bytes = 0;  // of the payload, cut off by the snap length
  bool is_fragment = false;    // the first fragment of a datagram: the rest of it is not here
};

bool IsKnownLinkType(uint16_t link_type);
bool ParseTcpPacket(uint16_t link_type, ByteView packet, TcpSegment* segment);

}  // namespace mullion

#endif  // MULLION_IO_CAPTURE_LINK_H_
