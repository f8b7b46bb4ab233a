// The graphics pipeline: the PDUs on the dynamic channel "Microsoft::Windows::RDS::Graphics".
//
// Spec: MS-RDPEGFX 2.2.1 (common types), 2.2.2 (messages), 2.2.3 (capability sets).
// Shapes: a server's message is RDP_SEGMENTED_DATA (codecs/bulk/zgfx.h); inflated, it is a run of
// PDUs, walked by EgfxPdus. A client's message is one PDU, not segmented. ParseEgfxX takes the body
// behind the PDU's header. Rectangles in pixels of a surface, right and bottom exclusive.
// Ownership: views into the caller's bytes. Over-read: never. Threads: pure functions.
// Errors: kTruncated, kMalformed, kLimit with the specification's field; offsets count from the
// bytes given (a body's, for ParseEgfxX).
//
// Where this is laxer than the letter of the specification: header flags, reserved fields, padding
// and bytes behind a body's last field are ignored, RESET_GRAPHICS may have any size, cache slots
// may have any number, and capability sets of unknown versions or without flags are kept.
#ifndef MULLION_CODECS_WIRE_EGFX_H_
#define MULLION_CODECS_WIRE_EGFX_H_

#include <array>
#include <cstdint>
#include <span>

#include "codecs/base/byte_reader.h"
#include "codecs/base/byte_writer.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/wire/gcc.h"

namespace mullion {

inline constexpr char kEgfxChannelName[] = "Microsoft::Windows::RDS::Graphics";

// INVARIANT: the numbers are the wire's cmdId.
enum class EgfxCmd : uint16_t {
  kWireToSurface1 = 0x01,
  kWireToSurface2 = 0x02,
  kDeleteEncodingContext = 0x03,
  kSolidFill = 0x04,
  kSurfaceToSurface = 0x05,
  kSurfaceToCache = 0x06,
  kCacheToSurface = 0x07,
  kEvictCacheEntry = 0x08,
  kCreateSurface = 0x09,
  kDeleteSurface = 0x0A,
  kStartFrame = 0x0B,
  kEndFrame = 0x0C,
  kFrameAck = 0x0D,  // client
  kResetGraphics = 0x0E,
  kMapToOutput = 0x0F,
  kCacheImportOffer = 0x10,  // client
  kCacheImportReply = 0x11,
  kCapsAdvertise = 0x12,  // client
  kCapsConfirm = 0x13,
  kMapToWindow = 0x15,
  kQoeFrameAck = 0x16,  // client
  kMapToScaledOutput = 0x17,
  kMapToScaledWindow = 0x18,
  // Windows sends them; no specification says what they hold.
  kProtectSurface = 0x19,
  kWatermark = 0x1A,
};
const char* EgfxCmdName(uint16_t cmd);  // "wire_to_surface_1", ...; "unknown" for others

// INVARIANT: the numbers are the wire's codecId.
enum class EgfxCodec : uint16_t {
  kUncompressed = 0x0,
  kRemoteFx = 0x3,  // CAVIDEO
  kClear = 0x8,
  kProgressive = 0x9,
  kPlanar = 0xA,
  kAvc420 = 0xB,
  kAlpha = 0xC,
  kProgressiveV2 = 0xD,  // no specification names it
  kAvc444 = 0xE,
  kAvc444V2 = 0xF,
};
const char* EgfxCodecName(uint16_t codec);  // "remotefx", ...; "unknown" for others

enum class EgfxPixelFormat : uint8_t { kXrgb = 0x20, kArgb = 0x21 };

// One PDU of a message.
struct EgfxPdu {
  EgfxCmd cmd = EgfxCmd::kStartFrame;  // any number that was sent
  uint16_t flags = 0;                  // zero, says the specification
  ByteView body;
};

// Next is false at the end and after an error; status() says which.
class EgfxPdus {
 public:
  explicit EgfxPdus(ByteView message) : reader_(message) {}
  bool Next(EgfxPdu* pdu);
  Status status() const { return reader_.status(); }
  size_t remaining() const { return reader_.remaining(); }  // bytes

 private:
  ByteReader reader_;
};

struct EgfxPoint {
  int16_t x = 0, y = 0;
  constexpr bool operator==(const EgfxPoint&) const = default;
};

// RECT16 and POINT16 lists, read when looked at. PRECONDITION: i < size().
class EgfxRects {
 public:
  EgfxRects() = default;
  explicit EgfxRects(ByteView bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size() / 8; }
  // INVARIANT: edges are never inverted; rectangles may be empty.
  Rect operator[](size_t i) const;

 private:
  ByteView bytes_;
};
class EgfxPoints {
 public:
  EgfxPoints() = default;
  explicit EgfxPoints(ByteView bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size() / 4; }
  EgfxPoint operator[](size_t i) const;

 private:
  ByteView bytes_;
};

struct EgfxWireToSurface1 {
  uint16_t surface_id = 0;
  EgfxCodec codec = EgfxCodec::kUncompressed;  // any number that was sent
  EgfxPixelFormat format = EgfxPixelFormat::kXrgb;
  Rect dest;  // may be empty; AVC: a bounding rectangle
  ByteView data;
};
Status ParseEgfxWireToSurface1(ByteView body, EgfxWireToSurface1* out);

struct EgfxWireToSurface2 {
  uint16_t surface_id = 0;
  EgfxCodec codec = EgfxCodec::kProgressive;  // any number that was sent
  uint32_t context_id = 0;
  EgfxPixelFormat format = EgfxPixelFormat::kXrgb;
  ByteView data;
};
Status ParseEgfxWireToSurface2(ByteView body, EgfxWireToSurface2* out);

struct EgfxDeleteEncodingContext {
  uint16_t surface_id = 0;
  uint32_t context_id = 0;
};
Status ParseEgfxDeleteEncodingContext(ByteView body, EgfxDeleteEncodingContext* out);

struct EgfxSolidFill {
  uint16_t surface_id = 0;
  uint8_t b = 0, g = 0, r = 0, xa = 0;  // xa is alpha on an ARGB surface, else nothing
  EgfxRects rects;
};
Status ParseEgfxSolidFill(ByteView body, EgfxSolidFill* out);

struct EgfxSurfaceToSurface {
  uint16_t source_id = 0;
  uint16_t dest_id = 0;
  Rect source;  // may be empty
  EgfxPoints points;
};
Status ParseEgfxSurfaceToSurface(ByteView body, EgfxSurfaceToSurface* out);

struct EgfxSurfaceToCache {
  uint16_t surface_id = 0;
  uint64_t key = 0;
  uint16_t slot = 0;
  Rect source;  // may be empty
};
Status ParseEgfxSurfaceToCache(ByteView body, EgfxSurfaceToCache* out);

struct EgfxCacheToSurface {
  uint16_t slot = 0;
  uint16_t surface_id = 0;
  EgfxPoints points;
};
Status ParseEgfxCacheToSurface(ByteView body, EgfxCacheToSurface* out);

Status ParseEgfxEvictCacheEntry(ByteView body, uint16_t* slot);

struct EgfxCreateSurface {
  uint16_t surface_id = 0;
  uint16_t width_px = 0;   // may be 0 on hostile input
  uint16_t height_px = 0;  // likewise
  EgfxPixelFormat format = EgfxPixelFormat::kXrgb;
};
Status ParseEgfxCreateSurface(ByteView body, EgfxCreateSurface* out);

Status ParseEgfxDeleteSurface(ByteView body, uint16_t* surface_id);

struct EgfxStartFrame {
  uint32_t timestamp = 0;  // packed UTC time of the day; 0: none
  uint32_t frame_id = 0;
};
Status ParseEgfxStartFrame(ByteView body, EgfxStartFrame* out);

Status ParseEgfxEndFrame(ByteView body, uint32_t* frame_id);

inline constexpr uint32_t kMaxEgfxOutputSidePx = 32766;  // 2.2.2.14

struct EgfxResetGraphics {
  uint32_t width_px = 0;   // INVARIANT: 1 to kMaxEgfxOutputSidePx
  uint32_t height_px = 0;  // INVARIANT: likewise
  uint32_t monitor_count = 0;
  std::array<MonitorDef, kMaxMonitors> monitors;
};
Status ParseEgfxResetGraphics(ByteView body, EgfxResetGraphics* out);

// MAP_SURFACE_TO_OUTPUT and MAP_SURFACE_TO_SCALED_OUTPUT.
struct EgfxMapToOutput {
  uint16_t surface_id = 0;
  uint32_t x = 0, y = 0;                         // any value
  bool scaled = false;                           // to the target size
  uint32_t target_width = 0, target_height = 0;  // any value
};
Status ParseEgfxMapToOutput(ByteView body, EgfxMapToOutput* out);
Status ParseEgfxMapToScaledOutput(ByteView body, EgfxMapToOutput* out);

// MAP_SURFACE_TO_WINDOW and MAP_SURFACE_TO_SCALED_WINDOW.
struct EgfxMapToWindow {
  uint16_t surface_id = 0;
  uint64_t window_id = 0;
  uint32_t mapped_width = 0, mapped_height = 0;  // any value
  bool scaled = false;                           // to the target size
  uint32_t target_width = 0, target_height = 0;  // any value
};
Status ParseEgfxMapToWindow(ByteView body, EgfxMapToWindow* out);
Status ParseEgfxMapToScaledWindow(ByteView body, EgfxMapToWindow* out);

// The slots of the first size() entries that the client offered.
class EgfxCacheSlots {
 public:
  EgfxCacheSlots() = default;
  explicit EgfxCacheSlots(ByteView bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size() / 2; }
  uint16_t operator[](size_t i) const;

 private:
  ByteView bytes_;
};
Status ParseEgfxCacheImportReply(ByteView body, EgfxCacheSlots* out);

// INVARIANT: the numbers are the wire's version.
inline constexpr uint32_t kEgfxVersion8 = 0x00080004;
inline constexpr uint32_t kEgfxVersion81 = 0x00080105;
inline constexpr uint32_t kEgfxVersion10 = 0x000A0002;
inline constexpr uint32_t kEgfxVersion101 = 0x000A0100;  // 16 reserved bytes, no flags
inline constexpr uint32_t kEgfxVersion102 = 0x000A0200;
inline constexpr uint32_t kEgfxVersion103 = 0x000A0301;
inline constexpr uint32_t kEgfxVersion104 = 0x000A0400;
inline constexpr uint32_t kEgfxVersion105 = 0x000A0502;
inline constexpr uint32_t kEgfxVersion106 = 0x000A0600;
inline constexpr uint32_t kEgfxVersion106Err = 0x000A0601;  // as the specification once had it
inline constexpr uint32_t kEgfxVersion107 = 0x000A0701;
const char* EgfxVersionName(uint32_t version);  // "8.1", "10.7", ...; "unknown" for others

inline constexpr uint32_t kEgfxThinClient = 0x01;
inline constexpr uint32_t kEgfxSmallCache = 0x02;
inline constexpr uint32_t kEgfxAvc420Enabled = 0x10;
inline constexpr uint32_t kEgfxAvcDisabled = 0x20;
inline constexpr uint32_t kEgfxAvcThinClient = 0x40;
inline constexpr uint32_t kEgfxScaledMapDisable = 0x80;

struct EgfxCapset {
  uint32_t version = 0;
  uint32_t flags = 0;  // 0 for 10.1, and where none were sent
};
Status ParseEgfxCapsConfirm(ByteView body, EgfxCapset* out);

// Walks CAPS_ADVERTISE. Next is false at the end and after an error; status() says which.
class EgfxCapsets {
 public:
  explicit EgfxCapsets(ByteView body) : reader_(body), left_(reader_.U16("capsSetCount")) {}
  bool Next(EgfxCapset* capset);
  Status status() const { return reader_.status(); }

 private:
  ByteReader reader_;
  uint32_t left_;
};

inline constexpr uint32_t kEgfxQueueDepthUnavailable = 0;
inline constexpr uint32_t kEgfxSuspendFrameAck = 0xFFFFFFFF;

struct EgfxFrameAck {
  uint32_t queue_depth = kEgfxQueueDepthUnavailable;  // bytes not yet decoded, or one of the above
  uint32_t frame_id = 0;
  uint32_t total_frames_decoded = 0;
};
Status ParseEgfxFrameAck(ByteView body, EgfxFrameAck* out);

struct EgfxQoeFrameAck {
  uint32_t frame_id = 0;
  uint32_t timestamp_ms = 0;   // of the frame's start
  uint16_t time_diff_se = 0;   // milliseconds from START_FRAME to END_FRAME
  uint16_t time_diff_edr = 0;  // milliseconds from END_FRAME until the frame was drawn
};
Status ParseEgfxQoeFrameAck(ByteView body, EgfxQoeFrameAck* out);

inline constexpr size_t kMaxEgfxCacheOffer = 5461;  // entries, 2.2.2.16

struct EgfxCacheEntry {
  uint64_t key = 0;
  uint32_t size_bytes = 0;
};
class EgfxCacheEntries {
 public:
  EgfxCacheEntries() = default;
  explicit EgfxCacheEntries(ByteView bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size() / 12; }
  EgfxCacheEntry operator[](size_t i) const;

 private:
  ByteView bytes_;
};
Status ParseEgfxCacheImportOffer(ByteView body, EgfxCacheEntries* out);

// What a client sends: whole PDUs with their headers.
void WriteEgfxCapsAdvertise(std::span<const EgfxCapset> capsets, ByteWriter* out);
void WriteEgfxFrameAck(const EgfxFrameAck& ack, ByteWriter* out);
void WriteEgfxQoeFrameAck(const EgfxQoeFrameAck& ack, ByteWriter* out);
// PRECONDITION: at most kMaxEgfxCacheOffer entries.
void WriteEgfxCacheImportOffer(std::span<const EgfxCacheEntry> entries, ByteWriter* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_EGFX_H_
