#include "codecs/wire/pointer.h"

#include "codecs/wire/fastpath.h"

namespace mullion {
namespace {

// INVARIANT: the numbers are the wire's messageType (MS-RDPBCGR 2.2.9.1.1.4).
enum MessageType : uint16_t {
  kMessageSystem = 0x01,
  kMessagePosition = 0x03,
  kMessageColor = 0x06,
  kMessageCached = 0x07,
  kMessageNew = 0x08,
  kMessageLarge = 0x09,
};

constexpr uint32_t kSystemPointerNull = 0;  // SYSPTR_NULL

void ParsePosition(ByteReader* reader, PointerUpdate* out) {
  out->kind = PointerKind::kPosition;
  out->x = reader->U16("xPos");
  out->y = reader->U16("yPos");
}

void ParseCached(ByteReader* reader, PointerUpdate* out) {
  out->kind = PointerKind::kCached;
  out->cache_index = reader->U16("cacheIndex");
}

// TS_COLORPOINTERATTRIBUTE, or the same with 32-bit mask lengths (TS_FP_LARGEPOINTERATTRIBUTE).
void ParseShape(uint16_t xor_bpp, bool large, ByteReader* reader, PointerUpdate* out) {
  out->kind = PointerKind::kShape;
  out->xor_bpp = xor_bpp;
  out->cache_index = reader->U16("cacheIndex");
  out->x = reader->U16("hotSpot.xPos");
  out->y = reader->U16("hotSpot.yPos");
  const size_t size_at = reader->offset();
  out->width_px = reader->U16("width");
  out->height_px = reader->U16("height");
  if (out->width_px > kMaxPointerSidePx || out->height_px > kMaxPointerSidePx) {
    reader->SetError(Err::kLimit, "width", size_at);
  }
  const size_t and_size = large ? reader->U32("lengthAndMask") : reader->U16("lengthAndMask");
  const size_t xor_size = large ? reader->U32("lengthXorMask") : reader->U16("lengthXorMask");
  out->xor_mask = reader->Take(xor_size, "xorMaskData");
  out->and_mask = reader->Take(and_size, "andMaskData");
}

}  // namespace

Status ParsePointerPdu(ByteView body, PointerUpdate* out) {
  *out = PointerUpdate{};
  ByteReader reader(body);
  const uint16_t type = reader.U16("messageType");
  reader.Skip(2, "pad2Octets");
  switch (type) {
    case kMessageSystem:
      out->kind = reader.U32("systemPointerType") == kSystemPointerNull ? PointerKind::kHidden
                                                                        : PointerKind::kDefault;
      break;
    case kMessagePosition:
      ParsePosition(&reader, out);
      break;
    case kMessageColor:
      ParseShape(24, false, &reader, out);
      break;
    case kMessageCached:
      ParseCached(&reader, out);
      break;
    case kMessageNew:
      ParseShape(reader.U16("xorBpp"), false, &reader, out);
      break;
    case kMessageLarge:
      ParseShape(reader.U16("xorBpp"), true, &reader, out);
      break;
    default:
      break;
  }
  return reader.status();
}

Status ParseFastPathPointer(uint8_t code, ByteView data, PointerUpdate* out) {
  *out = PointerUpdate{};
  ByteReader reader(data);
  switch (static_cast<FastPathCode>(code)) {
    case FastPathCode::kPointerHidden:
      out->kind = PointerKind::kHidden;
      break;
    case FastPathCode::kPointerDefault:
      out->kind = PointerKind::kDefault;
      break;
    case FastPathCode::kPointerPosition:
      ParsePosition(&reader, out);
      break;
    case FastPathCode::kPointerColor:
      ParseShape(24, false, &reader, out);
      break;
    case FastPathCode::kPointerCached:
      ParseCached(&reader, out);
      break;
    case FastPathCode::kPointerNew:
      ParseShape(reader.U16("xorBpp"), false, &reader, out);
      break;
    case FastPathCode::kPointerLarge:
      ParseShape(reader.U16("xorBpp"), true, &reader, out);
      break;
    default:
      break;
  }
  return reader.status();
}

}  // namespace mullion
