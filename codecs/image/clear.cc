#include "codecs/image/clear.h"

#include "codecs/image/clear_layers.h"
#include "codecs/image/clear_storage.h"

namespace mullion {
namespace {

constexpr uint8_t kGlyphIndex = 0x01;
constexpr uint8_t kGlyphHit = 0x02;
constexpr uint8_t kCacheReset = 0x04;

void DrawGlyph(const std::vector<uint32_t>& glyph, const PixelView& dst) {
  const uint32_t* from = glyph.data();
  for (int32_t y = 0; y < dst.height_px; ++y) {
    uint8_t* out = dst.row(y);
    for (int32_t x = 0; x < dst.width_px; ++x, out += 4) {
      const uint32_t pixel = clear::ToFormat(*from++, dst.format);
      std::memcpy(out, &pixel, 4);
    }
  }
}

void StoreGlyph(const PixelView& src, std::vector<uint32_t>* glyph) {
  glyph->clear();
  glyph->reserve(static_cast<size_t>(src.bounds().area()));
  for (int32_t y = 0; y < src.height_px; ++y) {
    const uint8_t* from = src.row(y);
    for (int32_t x = 0; x < src.width_px; ++x, from += 4) {
      uint32_t pixel;
      std::memcpy(&pixel, from, 4);
      glyph->push_back(clear::ToFormat(pixel, src.format));
    }
  }
}

}  // namespace

struct ClearDecoder::State {
  clear::BarCaches caches;
  clear::Glyphs glyphs;  // empty before the first one, then kGlyphSlots
  size_t glyph_bytes = 0;
  NsCodecScratch scratch;
  bool started = false;
  uint8_t next_seq = 0;

  Status DecodeLayers(ByteReader* reader, const PixelView& dst);
};

ClearDecoder::ClearDecoder() : state_(std::make_unique<State>()) {}
ClearDecoder::~ClearDecoder() = default;
ClearDecoder::ClearDecoder(ClearDecoder&&) noexcept = default;
ClearDecoder& ClearDecoder::operator=(ClearDecoder&&) noexcept = default;

void ClearDecoder::Restart() { state_->started = false; }

size_t ClearDecoder::memory_bytes() const {
  return sizeof(State) + state_->caches.bars.memory_bytes() +
         state_->caches.short_bars.memory_bytes() +
         state_->glyphs.capacity() * sizeof(std::vector<uint32_t>) + state_->glyph_bytes +
         state_->scratch.capacity_bytes();
}

uint64_t ClearDecoder::repaired_bars() const { return state_->caches.repaired; }

// CLEARCODEC_COMPOSITE_PAYLOAD.
Status ClearDecoder::State::DecodeLayers(ByteReader* reader, const PixelView& dst) {
  const uint32_t residual_size = reader->U32("residualByteCount");
  const uint32_t bands_size = reader->U32("bandsByteCount");
  const uint32_t subcodecs_size = reader->U32("subcodecByteCount");
  const size_t residual_at = reader->offset();
  const ByteView residual = reader->Take(residual_size, "residualData");
  const size_t bands_at = reader->offset();
  const ByteView bands = reader->Take(bands_size, "bandsData");
  const size_t subcodecs_at = reader->offset();
  const ByteView subcodecs = reader->Take(subcodecs_size, "subcodecData");
  MULLION_TRY(reader->status());
  MULLION_TRY(clear::DecodeResidual(residual, residual_at, dst));
  MULLION_TRY(clear::DecodeBands(bands, bands_at, &caches, dst));
  return clear::DecodeSubcodecs(subcodecs, subcodecs_at, &scratch, dst);
}

Status ClearDecoder::Decode(ByteView in, const PixelView& dst) {
  State& state = *state_;
  if (dst.bounds().empty()) return Fail(Err::kMalformed, "bitmap size");
  ByteReader reader(in);
  const uint8_t flags = reader.U8("flags");
  const uint8_t seq = reader.U8("seqNumber");
  const bool has_glyph = (flags & kGlyphIndex) != 0;
  const bool glyph_hit = (flags & kGlyphHit) != 0;
  const uint16_t glyph_index = has_glyph ? reader.U16("glyphIndex") : uint16_t{0};
  MULLION_TRY(reader.status());
  // The first number should be 0. A recording may begin later, so any is taken to start with.
  if (state.started && seq != state.next_seq) return Fail(Err::kState, "seqNumber", 1);
  state.started = true;
  state.next_seq = static_cast<uint8_t>(seq + 1);
  if ((flags & kCacheReset) != 0) {
    state.caches.bars.ResetCursor();
    state.caches.short_bars.ResetCursor();
  }
  if (glyph_hit && !has_glyph) return Fail(Err::kMalformed, "flags", 0);
  if (!has_glyph) return state.DecodeLayers(&reader, dst);

  if (glyph_index >= clear::kGlyphSlots) return Fail(Err::kMalformed, "glyphIndex", 2);
  const int64_t area = dst.bounds().area();
  if (area > clear::kMaxGlyphPixels) return Fail(Err::kMalformed, "glyph area", 2);
  if (glyph_hit) {
    if (state.glyphs.empty() || state.glyphs[glyph_index].size() < static_cast<size_t>(area)) {
      return Fail(Err::kState, "glyphIndex", 2);
    }
    if (reader.remaining() > 0) return Fail(Err::kMalformed, "compositePayload", 4);
    DrawGlyph(state.glyphs[glyph_index], dst);
    return Ok();
  }
  MULLION_TRY(state.DecodeLayers(&reader, dst));
  if (state.glyphs.empty()) state.glyphs.resize(clear::kGlyphSlots);
  auto& glyph = state.glyphs[glyph_index];
  state.glyph_bytes -= glyph.capacity() * sizeof(uint32_t);
  StoreGlyph(dst, &glyph);
  state.glyph_bytes += glyph.capacity() * sizeof(uint32_t);
  return Ok();
}

}  // namespace mullion
