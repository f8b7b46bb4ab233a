// One ordered step of a session: a graphics command, or something the embedder is to be told.
//
// Ops leave the lane in the order of the server's bytes and are committed in that order, whatever
// order their decoding ends in. Everything that becomes an event is an op, so that there is one
// order for pixels and for events.
// Units: desktop pixels, or those of `surface`. Ownership: an op owns its payload slice and its
// job.
#ifndef MULLION_ENGINE_OP_H_
#define MULLION_ENGINE_OP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codecs/base/bytes.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"
#include "codecs/image/clear.h"
#include "codecs/image/palette.h"
#include "engine/api/mullion.h"
#include "engine/job.h"
#include "engine/surface.h"

namespace mullion {

struct SessionFacts;

enum class OpKind : uint8_t {
  kDraw,
  kFrameBegin,
  kFrameEnd,   // value: frame id
  kUpdateEnd,  // of one update PDU: ends the frame if no frame marker is open
  kOpened,
  kResize,  // dest: the new desktop
  kPointer,
  kInfo,
  kFacts,       // the session's facts changed; no event
  kLost,        // status, dest, codec: something was lost before decoding
  kDisconnect,  // status; the session's last op
  // The graphics pipeline; `surface` is the one that the op is about.
  kCreateSurface,
  kDeleteSurface,
  kMapToOutput,  // dest: where it is shown, desktop pixels
  kMapToWindow,
  kKeepAlpha,     // its alpha bytes mean something from here on
  kAttachOutput,  // the desktop was resized: mapped surfaces are shown again
  kFill,          // payload: body of SOLIDFILL
  kCopy,          // payload: body of SURFACE_TO_SURFACE; source
  kToCache,       // dest: what of the surface; value: slot
  kFromCache,     // payload: body of CACHE_TO_SURFACE
  kEvict,         // value: slot
  kClearCache,
  kForgetTiles,  // its progressive tiles start anew
};

// INVARIANT: rows of the decode table (engine/decode.cc) stand in this order.
enum class CodecId : uint8_t {
  kRaw,
  kInterleaved,
  kPlanar,
  kNsCodec,
  kRemoteFx,
  kQoi,
  kClear,
  kAlpha,
  kProgressive,
  kAvc420,
  kAvc444,
  kAvc444V2,
  kOther
};
inline constexpr int kCodecCount = static_cast<int>(CodecId::kOther);
const char* CodecName(CodecId codec);

struct PointerImage {
  int32_t width_px = 0, height_px = 0;
  int32_t hot_x = 0, hot_y = 0;
  Bytes bgra;
};

// What few ops carry; shared with the event that the op becomes.
struct Note {
  const char* name = "";
  std::string detail;
  uint32_t code = 0;
  bool graceful = false;
  std::string client, server, tls;              // kOpened, kFacts
  std::shared_ptr<const SessionFacts> facts;    // kFacts
  std::shared_ptr<const PointerImage> pointer;  // kPointer with a shape
  std::vector<mln_monitor> monitors;            // kResize by the graphics pipeline
};

struct Op {
  OpKind kind = OpKind::kDraw;
  CodecId codec = CodecId::kOther;
  uint8_t bits_per_pixel = 0;
  bool bottom_up = false;    // rows of the coded picture as on the wire
  bool row_padding = false;  // raw rows are padded to four bytes
  bool acknowledge = false;  // kFrameEnd of the graphics pipeline
  bool keep_alpha = false;   // the surface's alpha bytes are not touched
  uint8_t pointer_kind = 0;  // mln_pointer_kind
  uint32_t value = 0;        // frame id, pointer cache index
  // kDraw: where the coded picture's top left goes, cut to the desktop or the surface; `dest` may
  // be smaller than the coded picture, never larger. kPointer: x, y. kResize: w, h.
  Rect dest;
  int32_t coded_width_px = 0, coded_height_px = 0;
  int64_t paints_px = 0;  // what it touches besides that: fills, copies, a surface's first pixels
  Status status;
  Bytes payload;
  std::shared_ptr<const Palette> palette;  // 8 bpp
  JobPtr job;                              // RemoteFX, Progressive, AVC
  std::shared_ptr<Surface> surface;        // null: the framebuffer itself
  std::shared_ptr<Surface> source;         // kCopy
  std::shared_ptr<ClearDecoder> clear;     // kClear: the session's
  std::shared_ptr<const Note> note;
  uint64_t time_ns = 0;     // capture time of the packet
  uint64_t arrival_ns = 0;  // when the packet entered its ring
};

}  // namespace mullion

#endif  // MULLION_ENGINE_OP_H_
