#include "codecs/wire/avc.h"

namespace mullion {
namespace {

constexpr size_t kRectBytes = 8;
constexpr size_t kQuantQualityBytes = 2;

Status ReadView(ByteReader* reader, size_t base, Avc420Stream* out) {
  const size_t count = reader->U32("numRegionRects");
  if (reader->ok() && count > reader->remaining() / (kRectBytes + kQuantQualityBytes)) {
    reader->SetError(Err::kTruncated, "regionRects", reader->offset());
  }
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const size_t at = reader->offset();
    const int32_t left = reader->U16("regionRects");
    const int32_t top = reader->U16("regionRects");
    const int32_t right = reader->U16("regionRects");
    const int32_t bottom = reader->U16("regionRects");
    if (right < left || bottom < top) {
      reader->SetError(Err::kMalformed, "regionRects", at);
    } else if (right > left && bottom > top) {
      out->region.push_back(RectFromEdges(left, top, right, bottom));
    }
  }
  if (reader->ok())
    out->quant_quality = reader->Take(count * kQuantQualityBytes, "quantQualityVals");
  out->bitstream = reader->TakeRest();
  Status status = reader->status();
  status.offset += static_cast<uint32_t>(base);
  return status;
}

}  // namespace

void Avc420Stream::Clear() {
  region.clear();
  quant_quality = {};
  bitstream = {};
}

Status ParseAvc420(ByteView stream, Avc420Stream* out) {
  out->Clear();
  ByteReader reader(stream);
  return ReadView(&reader, 0, out);
}

Status ParseAvc444(ByteView stream, Avc444Stream* out) {
  out->has_main = out->has_aux = false;
  out->main.Clear();
  out->aux.Clear();
  ByteReader reader(stream);
  const uint32_t info = reader.U32("avc420EncodedBitstreamInfo");
  const uint32_t lc = info >> 30;
  if (lc == 3) reader.SetError(Err::kMalformed, "LC", 0);
  if (lc != 0) {
    const size_t base = reader.offset();
    ByteReader view(reader.TakeRest());
    MULLION_TRY(reader.status());
    MULLION_TRY(ReadView(&view, base, lc == 1 ? &out->main : &out->aux));
    out->has_main = lc == 1;
    out->has_aux = lc == 2;
    return Ok();
  }
  const size_t main_base = reader.offset();
  ByteReader main(reader.Take(info & 0x3FFFFFFF, "avc420EncodedBitstream1"));
  const size_t aux_base = reader.offset();
  ByteReader aux(reader.TakeRest());
  MULLION_TRY(reader.status());
  MULLION_TRY(ReadView(&main, main_base, &out->main));
  MULLION_TRY(ReadView(&aux, aux_base, &out->aux));
  out->has_main = out->has_aux = true;
  return Ok();
}

}  // namespace mullion
