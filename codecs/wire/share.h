// Share control and share data headers: what every slow-path PDU of the I/O channel begins with.
//
// Spec: MS-RDPBCGR 2.2.8.1.1.1.1 (TS_SHARECONTROLHEADER), 2.2.8.1.1.1.2 (TS_SHAREDATAHEADER).
// Shapes: one MCS payload may hold several share control PDUs one after the other: ShareControls
// walks them.
// Ownership: views into the caller's bytes. Over-read: never. Threads: one at a time.
// Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_SHARE_H_
#define MULLION_CODECS_WIRE_SHARE_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's pduType (low four bits).
enum class ShareType : uint8_t {
  kDemandActive = 1,
  kConfirmActive = 3,
  kDeactivateAll = 6,
  kData = 7,
  kServerRedirect = 10,
};

struct ShareControl {
  uint8_t type = 0;     // a ShareType, or unknown; kFlow is reported as 0xFF and has no body
  uint16_t source = 0;  // pduSource
  ByteView body;
};
inline constexpr uint8_t kShareFlow = 0xFF;

// Next is false at the end and after an error; status() says which. Up to three bytes of padding
// after the last PDU are ignored.
class ShareControls {
 public:
  explicit ShareControls(ByteView payload) : reader_(payload) {}
  bool Next(ShareControl* pdu);
  Status status() const { return reader_.status(); }

 private:
  ByteReader reader_;
};

// INVARIANT: the numbers are the wire's pduType2.
enum class ShareData : uint8_t {
  kUpdate = 0x02,
  kControl = 0x14,
  kPointer = 0x1B,
  kInput = 0x1C,
  kSynchronize = 0x1F,
  kRefreshRect = 0x21,
  kPlaySound = 0x22,
  kSuppressOutput = 0x23,
  kShutdownRequest = 0x24,
  kShutdownDenied = 0x25,
  kSaveSessionInfo = 0x26,
  kFontList = 0x27,
  kFontMap = 0x28,
  kSetKeyboardIndicators = 0x29,
  kBitmapCachePersistentList = 0x2B,
  kBitmapCacheError = 0x2C,
  kSetKeyboardImeStatus = 0x2D,
  kOffscreenCacheError = 0x2E,
  kSetErrorInfo = 0x2F,
  kDrawNineGridError = 0x30,
  kDrawGdiPlusError = 0x31,
  kArcStatus = 0x32,
  kStatusInfo = 0x36,
  kMonitorLayout = 0x37,
  kFrameAcknowledge = 0x38,
};

// The specification's name in snake case ("save_session_info"), "unknown" for others.
const char* SharePduName(uint8_t type2);

struct ShareDataPdu {
  uint8_t type2 = 0;  // a ShareData, or unknown: skip and count
  // PACKET_COMPRESSED 0x20, AT_FRONT 0x40, FLUSHED 0x80, type in the low four bits.
  uint8_t compressed_type = 0;
  // uncompressedLength as sent: it counts part of the header, and servers disagree which. A hint.
  uint16_t uncompressed_length = 0;
  uint32_t share_id = 0;
  ByteView body;  // compressed if compressed_type says so
};

// `body` of a ShareControl of type kData.
Status ParseShareData(ByteView body, ShareDataPdu* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SHARE_H_
