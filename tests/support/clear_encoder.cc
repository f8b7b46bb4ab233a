#include "tests/support/clear_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tests/support/nsc_encoder.h"

namespace mullion {
namespace {

// 0x00RRGGBB, so that three little-endian bytes are blue, green, red.
uint32_t At(const PixelView& src, int32_t x, int32_t y) {
  const uint8_t* p = src.row(y) + ptrdiff_t{x} * 4;
  const bool bgr = src.format == PixelFormat::kBgrx32;
  return static_cast<uint32_t>(p[bgr ? 2 : 0]) << 16 | static_cast<uint32_t>(p[1]) << 8 |
         p[bgr ? 0 : 2];
}

void Colour(uint32_t colour, ByteWriter* writer) {
  writer->U16(static_cast<uint16_t>(colour));
  writer->U8(static_cast<uint8_t>(colour >> 16));
}

void RunLength(uint32_t run, ByteWriter* writer) {
  writer->U8(static_cast<uint8_t>(std::min<uint32_t>(run, 0xFF)));
  if (run < 0xFF) return;
  writer->U16(static_cast<uint16_t>(std::min<uint32_t>(run, 0xFFFF)));
  if (run >= 0xFFFF) writer->U32(run);
}

std::vector<uint32_t> Pixels(const PixelView& src, const Rect& rect) {
  std::vector<uint32_t> pixels;
  for (int32_t y = rect.y; y < rect.bottom(); ++y) {
    for (int32_t x = rect.x; x < rect.right(); ++x) pixels.push_back(At(src, x, y));
  }
  return pixels;
}

void Residual(const PixelView& src, ByteWriter* writer) {
  const std::vector<uint32_t> pixels = Pixels(src, src.bounds());
  for (size_t i = 0; i < pixels.size();) {
    size_t end = i;
    while (end < pixels.size() && pixels[end] == pixels[i]) ++end;
    Colour(pixels[i], writer);
    RunLength(static_cast<uint32_t>(end - i), writer);
    i = end;
  }
}

// False with too many colours.
bool Rlex(const std::vector<uint32_t>& pixels, ByteWriter* writer) {
  std::vector<uint32_t> palette;
  std::vector<size_t> indices;
  for (const uint32_t pixel : pixels) {
    auto found = std::find(palette.begin(), palette.end(), pixel);
    if (found == palette.end()) {
      if (palette.size() == 0x7F) return false;
      found = palette.insert(found, pixel);
    }
    indices.push_back(static_cast<size_t>(found - palette.begin()));
  }
  const int bits = std::max(1, static_cast<int>(std::bit_width(palette.size() - 1)));
  const size_t max_depth = (size_t{1} << (8 - bits)) - 1;
  writer->U8(static_cast<uint8_t>(palette.size()));
  for (const uint32_t colour : palette) Colour(colour, writer);
  for (size_t i = 0; i < indices.size();) {
    const size_t start = indices[i];
    size_t same = i;
    while (same < indices.size() && indices[same] == start) ++same;
    size_t end = same;  // the suite: the last of the run, and what counts up from it
    while (end < indices.size() && indices[end] == indices[end - 1] + 1 && end - same < max_depth) {
      ++end;
    }
    const size_t depth = end - same;
    writer->U8(static_cast<uint8_t>((start + depth) | depth << bits));
    RunLength(static_cast<uint32_t>(same - i - 1), writer);
    i = end;
  }
  return true;
}

void Region(const PixelView& src, const ClearPlan::Region& region, ByteWriter* writer) {
  std::vector<uint8_t> data;
  ByteWriter body(&data);
  ClearSubcodec id = region.subcodec;
  const std::vector<uint32_t> pixels = Pixels(src, region.rect);
  if (id == ClearSubcodec::kRlex && !Rlex(pixels, &body)) {
    data.clear();
    id = ClearSubcodec::kRaw;
  }
  if (id == ClearSubcodec::kNsCodec) {
    data = EncodeNsCodec(src.Sub(region.rect), {2, region.rect.w % 2 == 0, false, true});
  }
  if (id == ClearSubcodec::kRaw) {
    for (const uint32_t pixel : pixels) Colour(pixel, &body);
  }
  for (const int32_t v : {region.rect.x, region.rect.y, region.rect.w, region.rect.h}) {
    writer->U16(static_cast<uint16_t>(v));
  }
  writer->U32(static_cast<uint32_t>(data.size()));
  writer->U8(static_cast<uint8_t>(id));
  writer->Bytes(data);
}

}  // namespace

void ClearEncoder::VBar(const Column& column, uint32_t background, ByteWriter* writer) {
  if (const auto hit = bar_at_.find(column); hit != bar_at_.end()) {
    ++bar_hits;
    writer->U16(static_cast<uint16_t>(0x8000 | hit->second));
    return;
  }
  // The Short V-Bar: what is left between backgrounds. It must end in the first 63 rows.
  size_t first = 0, end = column.size();
  while (end > 0 && column[end - 1] == background) --end;
  while (first < end && column[first] == background) ++first;
  const Column short_bar(column.begin() + static_cast<ptrdiff_t>(first),
                         column.begin() + static_cast<ptrdiff_t>(end));
  if (const auto hit = short_bar_at_.find(short_bar); hit != short_bar_at_.end()) {
    ++short_hits;
    writer->U16(static_cast<uint16_t>(0x4000 | hit->second));
    writer->U8(static_cast<uint8_t>(first));
  } else {
    ++short_misses;
    writer->U16(static_cast<uint16_t>(first | end << 8));
    for (const uint32_t pixel : short_bar) Colour(pixel, writer);
    Column& slot = short_bars_[static_cast<size_t>(short_bar_cursor_)];
    if (const auto old = short_bar_at_.find(slot);
        old != short_bar_at_.end() && old->second == short_bar_cursor_) {
      short_bar_at_.erase(old);
    }
    slot = short_bar;
    short_bar_at_[short_bar] = short_bar_cursor_;
    short_bar_cursor_ = (short_bar_cursor_ + 1) % 16384;
  }
  Column& slot = bars_[static_cast<size_t>(bar_cursor_)];
  if (const auto old = bar_at_.find(slot); old != bar_at_.end() && old->second == bar_cursor_) {
    bar_at_.erase(old);
  }
  slot = column;
  bar_at_[column] = bar_cursor_;
  bar_cursor_ = (bar_cursor_ + 1) % 32768;
}

void ClearEncoder::Band(const PixelView& src, const Rect& rect, ByteWriter* writer) {
  const uint32_t background = At(src, rect.x, rect.y);
  for (const int32_t v : {rect.x, rect.right() - 1, rect.y, rect.bottom() - 1}) {
    writer->U16(static_cast<uint16_t>(v));
  }
  Colour(background, writer);
  for (int32_t x = rect.x; x < rect.right(); ++x) {
    VBar(Pixels(src, {x, rect.y, 1, rect.h}), background, writer);
  }
}

void ClearEncoder::Header(const ClearPlan& plan, bool hit, ByteWriter* writer) {
  const bool glyph = plan.glyph_index >= 0;
  writer->U8(static_cast<uint8_t>((glyph ? 1 : 0) | (hit ? 2 : 0) | (plan.cache_reset ? 4 : 0)));
  writer->U8(seq_++);
  if (glyph) writer->U16(static_cast<uint16_t>(plan.glyph_index));
}

std::vector<uint8_t> ClearEncoder::EncodeGlyphHit(int glyph_index) {
  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  ClearPlan plan;
  plan.glyph_index = glyph_index;
  Header(plan, true, &writer);
  return out;
}

std::vector<uint8_t> ClearEncoder::Encode(const PixelView& src, const ClearPlan& plan) {
  if (plan.cache_reset) bar_cursor_ = short_bar_cursor_ = 0;
  std::vector<uint8_t> out, layers[3];
  ByteWriter writer(&out), residual(&layers[0]), bands(&layers[1]), regions(&layers[2]);
  Header(plan, false, &writer);
  if (plan.residual) Residual(src, &residual);
  for (const Rect& rect : plan.bands) Band(src, rect, &bands);
  for (const auto& region : plan.regions) Region(src, region, &regions);
  for (const auto& layer : layers) writer.U32(static_cast<uint32_t>(layer.size()));
  for (const auto& layer : layers) writer.Bytes(layer);
  return out;
}

}  // namespace mullion
