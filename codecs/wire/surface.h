// Surface commands: set surface bits, stream surface bits, frame markers.
//
// Spec: MS-RDPBCGR 2.2.9.2 (commands), 2.2.9.2.1.1 (TS_BITMAP_DATA_EX), 2.2.9.2.1.1.1 (its optional
// header). Fast path: the data of an update of code 4 is a run of commands.
// Shapes: rectangles in desktop pixels, the wire's right and bottom being exclusive here.
// Ownership: views into the caller's bytes. Over-read: never. Threads: one at a time.
// Errors: kTruncated, kMalformed with the field. An unknown cmdType has no length, so it is
// kMalformed and ends the walk.
#ifndef MULLION_CODECS_WIRE_SURFACE_H_
#define MULLION_CODECS_WIRE_SURFACE_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's cmdType.
enum class SurfaceCmd : uint16_t {
  kSetSurfaceBits = 1,
  kFrameMarker = 4,
  kStreamSurfaceBits = 6,
};

// Set and stream surface bits have the same fields and the same meaning.
struct SurfaceBits {
  Rect dest;  // INVARIANT: not empty; w and h need not equal the coded size
  uint8_t bits_per_pixel = 0;
  uint8_t codec_id = 0;   // 0 is raw; others as negotiated (SessionFacts::codecs)
  uint16_t width_px = 0;  // coded size; may be 0 on hostile input
  uint16_t height_px = 0;
  bool has_ex_header = false;  // TS_COMPRESSED_BITMAP_HEADER_EX was present
  uint32_t high_unique_id = 0;
  uint32_t low_unique_id = 0;
  uint64_t milliseconds = 0;
  uint64_t seconds = 0;
  ByteView data;
};

struct FrameMarker {
  bool end = false;
  uint32_t frame_id = 0;  // 0 when a server leaves it out
};

struct SurfaceCommand {
  SurfaceCmd cmd = SurfaceCmd::kFrameMarker;
  SurfaceBits bits;    // kSetSurfaceBits, kStreamSurfaceBits
  FrameMarker marker;  // kFrameMarker
};

// Next is false at the end and after an error; status() says which.
class SurfaceCommands {
 public:
  explicit SurfaceCommands(ByteView data) : reader_(data) {}
  bool Next(SurfaceCommand* command);
  Status status() const { return reader_.status(); }
  size_t remaining() const { return reader_.remaining(); }  // bytes

 private:
  ByteReader reader_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_SURFACE_H_
