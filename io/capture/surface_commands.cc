#include "io/capture/surface_commands.h"

namespace mullion {
namespace {

constexpr uint16_t kSetSurfaceBits = 1;
constexpr uint16_t kFrameMarker = 4;
constexpr uint16_t kStreamSurfaceBits = 6;
constexpr uint8_t kExtendedHeader = 1;  // EX_COMPRESSED_BITMAP_HEADER_PRESENT

}  // namespace

bool LooksLikeSurfaceCommands(ByteView record) {
  ByteReader r(record);
  if (record.empty()) return false;
  while (r.ok() && r.remaining() > 0) {
    const uint16_t type = r.U16("cmdType");
    if (type == kFrameMarker) {
      if (r.U16("frameAction") > 1) return false;
      r.Skip(4, "frameId");
    } else if (type == kSetSurfaceBits || type == kStreamSurfaceBits) {
      const uint16_t left = r.U16("destLeft");
      const uint16_t top = r.U16("destTop");
      const uint16_t right = r.U16("destRight");
      const uint16_t bottom = r.U16("destBottom");
      r.Skip(1, "bpp");
      const uint8_t flags = r.U8("flags");
      r.Skip(6, "reserved, codecID, width, height");
      const uint32_t size = r.U32("bitmapDataLength");
      if ((flags & kExtendedHeader) != 0) r.Skip(24, "exBitmapDataHeader");
      r.Skip(size, "bitmapData");
      if (left > right || top > bottom) return false;
    } else {
      return false;
    }
  }
  return r.ok();
}

}  // namespace mullion
