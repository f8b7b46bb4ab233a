#include <bit>

#include "codecs/image/clear_layers.h"

namespace mullion::clear {
namespace {

enum SubcodecId : uint8_t { kRaw = 0, kNsCodec = 1, kRlex = 2 };

Status DecodeRaw(ByteView in, const PixelView& dst) {
  if (static_cast<int64_t>(in.size()) != dst.bounds().area() * 3) {
    return Fail(Err::kMalformed, "raw bitmapDataByteCount");
  }
  const uint8_t* from = in.data();
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, from += 3, out += 4) {
      const uint32_t bgrx = 0xFF000000 | static_cast<uint32_t>(from[2]) << 16 |
                            static_cast<uint32_t>(from[1]) << 8 | from[0];
      const uint32_t pixel = ToFormat(bgrx, dst.format);
      std::memcpy(out, &pixel, 4);
    }
  }
  return Ok();
}

// CLEARCODEC_SUBCODEC_RLEX: a run of the suite's first colour, then the suite: palette entries that
// follow each other, up to and including stopIndex.
Status DecodeRlex(ByteView in, const PixelView& dst) {
  ByteReader reader(in);
  const uint8_t palette_count = reader.U8("paletteCount");
  MULLION_TRY(reader.status());
  if (palette_count < 1 || palette_count > 0x7F) return Fail(Err::kMalformed, "paletteCount");
  uint32_t palette[0x7F];
  for (size_t i = 0; i < palette_count; ++i) {
    palette[i] = ToFormat(ReadColour(&reader, "paletteEntries"), dst.format);
  }
  // floor(log2(n - 1)) + 1, and one bit for a palette of one colour.
  const int index_bits = std::max(1, static_cast<int>(std::bit_width(palette_count - 1u)));
  RasterWriter writer(dst);
  while (reader.ok() && reader.remaining() > 0) {
    const size_t at = reader.offset();
    const uint8_t packed = reader.U8("stopIndex");
    const uint32_t run = ReadRunLength(&reader);
    if (!reader.ok()) break;
    const size_t stop = packed & ((1u << index_bits) - 1);
    const size_t depth = static_cast<size_t>(packed) >> index_bits;
    if (stop >= palette_count) return Fail(Err::kMalformed, "stopIndex", at);
    if (depth > stop) return Fail(Err::kMalformed, "suiteDepth", at);
    if (run + uint64_t{depth} + 1 > writer.left()) {
      return Fail(Err::kMalformed, "RLEX runLengthFactor", at);
    }
    writer.Fill(palette[stop - depth], run);
    for (size_t i = stop - depth; i <= stop; ++i) writer.Fill(palette[i], 1);
  }
  MULLION_TRY(reader.status());
  if (writer.left() != 0) return Fail(Err::kTruncated, "RLEX segments", in.size());
  return Ok();
}

Status DecodeOne(uint8_t id, ByteView in, NsCodecScratch* scratch, const PixelView& dst) {
  switch (id) {
    case kRaw:
      return DecodeRaw(in, dst);
    case kNsCodec:
      return DecodeNsCodec(in, scratch, dst);
    case kRlex:
      return DecodeRlex(in, dst);
    default:
      return Fail(Err::kMalformed, "subCodecId");
  }
}

}  // namespace

Status DecodeSubcodecs(ByteView in, size_t offset, NsCodecScratch* scratch, const PixelView& dst) {
  // A few bytes can fill a whole bitmap, so they must not be allowed to do it without end. Servers
  // put subcodecs side by side; this allows each pixel to be written a few times over.
  constexpr int64_t kMaxOverdraw = 4;
  int64_t budget = dst.bounds().area() * kMaxOverdraw;
  ByteReader reader(in);
  while (reader.remaining() > 0) {
    const size_t at = offset + reader.offset();
    Rect rect;
    rect.x = reader.U16("subcodec xStart");
    rect.y = reader.U16("subcodec yStart");
    rect.w = reader.U16("subcodec width");
    rect.h = reader.U16("subcodec height");
    const uint32_t size = reader.U32("bitmapDataByteCount");
    const uint8_t id = reader.U8("subCodecId");
    const size_t data_at = offset + reader.offset();
    const ByteView data = reader.Take(size, "subcodec bitmapData");
    if (!reader.ok()) {
      Status status = reader.status();
      status.offset += static_cast<uint32_t>(offset);
      return status;
    }
    if (!Contains(dst.bounds(), rect)) return Fail(Err::kMalformed, "subcodec rectangle", at);
    if (rect.empty()) continue;
    budget -= rect.area();
    if (budget < 0) return Fail(Err::kLimit, "subcodec overdraw", at);
    Status status = DecodeOne(id, data, scratch, dst.Sub(rect));
    status.offset += static_cast<uint32_t>(data_at);
    MULLION_TRY(status);
  }
  return Ok();
}

}  // namespace mullion::clear
