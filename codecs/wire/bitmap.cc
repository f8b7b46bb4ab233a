#include "codecs/wire/bitmap.h"

#include <algorithm>

namespace mullion {

Status ParseUpdateType(ByteView body, uint16_t* type) {
  ByteReader reader(body);
  *type = reader.U16("updateType");
  return reader.status();
}

Status ParseSlowPathOrders(ByteView body, OrdersUpdate* out) {
  ByteReader reader(body);
  reader.Skip(2, "updateType");
  reader.Skip(2, "pad2OctetsA");
  out->count = reader.U16("numberOrders");
  reader.Skip(2, "pad2OctetsB");
  out->orders = reader.TakeRest();
  return reader.status();
}

Status ParseFastPathOrders(ByteView body, OrdersUpdate* out) {
  ByteReader reader(body);
  out->count = reader.U16("numberOrders");
  out->orders = reader.TakeRest();
  return reader.status();
}

BitmapRects::BitmapRects(ByteView body) : reader_(body) {
  const uint16_t type = reader_.U16("updateType");
  if (type != static_cast<uint16_t>(UpdateType::kBitmap)) {
    reader_.SetError(Err::kMalformed, "updateType", 0);
  }
  count_ = reader_.U16("numberRectangles");
  left_ = reader_.ok() ? count_ : uint16_t{0};
}

bool BitmapRects::Next(BitmapRect* rect) {
  if (left_ == 0 || !reader_.ok()) return false;
  --left_;
  const size_t start = reader_.offset();
  const int32_t left = reader_.U16("destLeft");
  const int32_t top = reader_.U16("destTop");
  const int32_t right = reader_.U16("destRight");
  const int32_t bottom = reader_.U16("destBottom");
  rect->width_px = reader_.U16("width");
  rect->height_px = reader_.U16("height");
  rect->bits_per_pixel = reader_.U16("bitsPerPixel");
  rect->flags = reader_.U16("flags");
  const size_t length = reader_.U16("bitmapLength");
  rect->data = reader_.Take(length, "bitmapDataStream");
  if (right < left) reader_.SetError(Err::kMalformed, "destRight", start + 4);
  if (bottom < top) reader_.SetError(Err::kMalformed, "destBottom", start + 6);
  if (!reader_.ok()) return false;
  rect->dest = RectFromEdges(left, top, right + 1, bottom + 1);
  if ((rect->flags & (kBitmapCompression | kNoBitmapCompressionHdr)) == kBitmapCompression) {
    // TS_CD_HEADER: of its four fields only the body's size matters, and only to drop padding.
    ByteReader header(rect->data);
    header.Skip(2, "cbCompFirstRowSize");
    const size_t body = header.U16("cbCompMainBodySize");
    header.Skip(4, "cbScanWidth");
    if (!header.ok()) {
      reader_.SetError(Err::kTruncated, "bitmapComprHdr", start + 18);
      return false;
    }
    rect->data = header.Take(std::min(body, header.remaining()), "bitmapDataStream");
  }
  return true;
}

Status ParsePalette(ByteView body, PaletteUpdate* out) {
  ByteReader reader(body);
  const uint16_t type = reader.U16("updateType");
  reader.Skip(2, "pad2Octets");
  const uint32_t count = reader.U32("numberColors");
  MULLION_TRY(reader.status());
  if (type != static_cast<uint16_t>(UpdateType::kPalette)) {
    return Fail(Err::kMalformed, "updateType", 0);
  }
  if (count == 0 || count > 256) return Fail(Err::kMalformed, "numberColors", 4);
  out->count = static_cast<uint16_t>(count);
  out->entries = reader.Take(size_t{count} * 3, "paletteEntries");
  return reader.status();
}

}  // namespace mullion
