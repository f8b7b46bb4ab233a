// The bitmaps in a dump of uncompressed RDPGFX PDUs, as ../shared/captures/public has them.
#ifndef MULLION_TESTS_SUPPORT_EGFX_DUMP_H_
#define MULLION_TESTS_SUPPORT_EGFX_DUMP_H_

#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

struct EgfxBitmap {
  uint16_t codec = 0;
  ByteView data;  // borrows the dump
};

// Every WIRE_TO_SURFACE_PDU_1 up to the first PDU that is cut off.
inline std::vector<EgfxBitmap> BitmapsOfEgfxDump(ByteView dump) {
  std::vector<EgfxBitmap> bitmaps;
  ByteReader reader(dump);
  while (reader.ok() && reader.remaining() > 0) {
    const uint16_t command = reader.U16("cmdId");
    reader.Skip(2, "flags");
    const uint32_t length = reader.U32("pduLength");
    ByteReader pdu(reader.Take(length < 8 ? 0 : length - 8, "pdu"));
    if (!reader.ok() || length < 8) break;
    if (command != 1) continue;
    pdu.Skip(2, "surfaceId");
    EgfxBitmap bitmap;
    bitmap.codec = pdu.U16("codecId");
    pdu.Skip(1 + 8, "destRect");
    bitmap.data = pdu.Take(pdu.U32("bitmapDataLength"), "bitmapData");
    if (pdu.ok()) bitmaps.push_back(bitmap);
  }
  return bitmaps;
}

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_EGFX_DUMP_H_
