#include "codecs/wire/surface.h"

namespace mullion {
namespace {

constexpr uint8_t kExHeaderPresent = 0x01;  // EX_COMPRESSED_BITMAP_HEADER_PRESENT

void ParseSurfaceBits(ByteReader* reader, SurfaceBits* bits) {
  *bits = SurfaceBits{};
  const size_t start = reader->offset();
  const int32_t left = reader->U16("destLeft");
  const int32_t top = reader->U16("destTop");
  const int32_t right = reader->U16("destRight");
  const int32_t bottom = reader->U16("destBottom");
  bits->bits_per_pixel = reader->U8("bpp");
  const uint8_t flags = reader->U8("flags");
  reader->Skip(1, "reserved");
  bits->codec_id = reader->U8("codecID");
  bits->width_px = reader->U16("width");
  bits->height_px = reader->U16("height");
  const size_t length = reader->U32("bitmapDataLength");
  if ((flags & kExHeaderPresent) != 0) {
    bits->has_ex_header = true;
    bits->high_unique_id = reader->U32("highUniqueId");
    bits->low_unique_id = reader->U32("lowUniqueId");
    bits->milliseconds = reader->U64("tmMilliseconds");
    bits->seconds = reader->U64("tmSeconds");
  }
  bits->data = reader->Take(length, "bitmapData");
  if (right <= left) reader->SetError(Err::kMalformed, "destRight", start + 4);
  if (bottom <= top) reader->SetError(Err::kMalformed, "destBottom", start + 6);
  bits->dest = RectFromEdges(left, top, right, bottom);
}

}  // namespace

bool SurfaceCommands::Next(SurfaceCommand* command) {
  if (!reader_.ok() || reader_.remaining() == 0) return false;
  const size_t start = reader_.offset();
  const uint16_t type = reader_.U16("cmdType");
  command->cmd = static_cast<SurfaceCmd>(type);
  switch (command->cmd) {
    case SurfaceCmd::kSetSurfaceBits:
    case SurfaceCmd::kStreamSurfaceBits:
      ParseSurfaceBits(&reader_, &command->bits);
      break;
    case SurfaceCmd::kFrameMarker:
      command->marker = FrameMarker{};
      command->marker.end = reader_.U16("frameAction") == 1;
      // Some servers end the update without the frameId that the specification requires.
      if (reader_.remaining() > 0) command->marker.frame_id = reader_.U32("frameId");
      break;
    default:
      reader_.SetError(Err::kMalformed, "cmdType", start);
      break;
  }
  return reader_.ok();
}

}  // namespace mullion
