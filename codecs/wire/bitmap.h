// Bitmap and palette updates, and the type field of slow-path graphics updates.
//
// Spec: MS-RDPBCGR 2.2.9.1.1.3 (slow path), 2.2.9.1.1.3.1.1 (palette), 2.2.9.1.1.3.1.2 (bitmap);
// fast path 2.2.9.1.2.1.1 and 2.2.9.1.2.1.2 carry the same bytes, updateType included.
// Shapes: rectangles in desktop pixels; the wire's inclusive right and bottom become w and h.
// Ownership: views into the caller's bytes. Over-read: never. Threads: one at a time.
// Errors: kTruncated, kMalformed with the field.
#ifndef MULLION_CODECS_WIRE_BITMAP_H_
#define MULLION_CODECS_WIRE_BITMAP_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

// INVARIANT: the numbers are the wire's updateType (MS-RDPBCGR 2.2.9.1.1.3.1).
enum class UpdateType : uint16_t { kOrders = 0, kBitmap = 1, kPalette = 2, kSynchronize = 3 };

// The updateType that every slow-path update (the body of a share data PDU of type2 0x02) begins
// with. `*type` may hold a value that is no UpdateType: skip and count. Pass the same `body`,
// updateType included, to the parser of that type.
Status ParseUpdateType(ByteView body, uint16_t* type);

struct OrdersUpdate {
  uint16_t count = 0;  // numberOrders
  ByteView orders;
};
Status ParseSlowPathOrders(ByteView body, OrdersUpdate* out);  // with updateType and padding
Status ParseFastPathOrders(ByteView body, OrdersUpdate* out);  // numberOrders first

// BITMAP_COMPRESSION and NO_BITMAP_COMPRESSION_HDR of TS_BITMAP_DATA.flags.
inline constexpr uint16_t kBitmapCompression = 0x0001;
inline constexpr uint16_t kNoBitmapCompressionHdr = 0x0400;

// TS_BITMAP_DATA. `width_px` x `height_px` pixels are coded (rows bottom-up, raw rows padded to
// four bytes); the part that `dest` covers, from the top left, is to be drawn.
struct BitmapRect {
  Rect dest;               // INVARIANT: w and h are 1..65536
  uint16_t width_px = 0;   // of the coded bitmap; may exceed dest.w (padding columns)
  uint16_t height_px = 0;  // of the coded bitmap
  uint16_t bits_per_pixel = 0;
  uint16_t flags = 0;
  ByteView data;  // after TS_CD_HEADER, if there is one
  bool compressed() const { return (flags & kBitmapCompression) != 0; }
};

// Walks the rectangles of one TS_UPDATE_BITMAP_DATA (`body` begins with updateType 1). Next is
// false at the end and after an error; status() says which. Bytes after the last rectangle are
// ignored, as servers pad.
class BitmapRects {
 public:
  explicit BitmapRects(ByteView body);
  bool Next(BitmapRect* rect);
  Status status() const { return reader_.status(); }
  size_t remaining() const { return reader_.remaining(); }  // bytes
  uint16_t count() const { return count_; }                 // numberRectangles as sent

 private:
  ByteReader reader_;
  uint16_t count_ = 0;
  uint16_t left_ = 0;
};

// TS_UPDATE_PALETTE_DATA: 256 (rarely fewer) entries of three bytes, red, green, blue.
struct PaletteUpdate {
  uint16_t count = 0;  // INVARIANT: 1..256
  ByteView entries;    // INVARIANT: count * 3 bytes
};
Status ParsePalette(ByteView body, PaletteUpdate* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_BITMAP_H_
