#include "tests/support/qoi_encoder.h"

#include "codecs/base/byte_writer.h"

namespace mullion {
namespace {

struct Pixel {
  uint8_t r = 0, g = 0, b = 0, a = 0;
  bool operator==(const Pixel&) const = default;
};

int Hash(const Pixel& p) { return (p.r * 3 + p.g * 5 + p.b * 7 + p.a * 11) % 64; }
int Signed(int difference) { return static_cast<int8_t>(difference); }
bool Within(int v, int low, int high) { return v >= low && v <= high; }

}  // namespace

std::vector<uint8_t> EncodeQoi(const PixelView& src, int channels) {
  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  writer.U32Be(0x716F6966);
  writer.U32Be(static_cast<uint32_t>(src.width_px));
  writer.U32Be(static_cast<uint32_t>(src.height_px));
  writer.U8(static_cast<uint8_t>(channels));
  writer.U8(0);
  Pixel index[64] = {};
  Pixel last = {0, 0, 0, 255};
  int run = 0;
  const auto end_run = [&] {
    if (run > 0) writer.U8(static_cast<uint8_t>(0xC0 | (run - 1)));
    run = 0;
  };
  for (int32_t y = 0; y < src.height_px; ++y) {
    for (int32_t x = 0; x < src.width_px; ++x) {
      const uint8_t* p = src.row(y) + ptrdiff_t{x} * 4;
      const bool bgr = src.format == PixelFormat::kBgrx32;
      const Pixel now = {p[bgr ? 2 : 0], p[1], p[bgr ? 0 : 2], channels == 4 ? p[3] : uint8_t{255}};
      if (now == last) {
        if (++run == 62) end_run();
        continue;
      }
      end_run();
      const int hash = Hash(now);
      const int dr = Signed(now.r - last.r), dg = Signed(now.g - last.g),
                db = Signed(now.b - last.b);
      const int drg = Signed(dr - dg), dbg = Signed(db - dg);
      if (index[hash] == now) {
        writer.U8(static_cast<uint8_t>(hash));
      } else if (now.a != last.a) {
        for (const uint8_t v : {uint8_t{0xFF}, now.r, now.g, now.b, now.a}) writer.U8(v);
      } else if (Within(dr, -2, 1) && Within(dg, -2, 1) && Within(db, -2, 1)) {
        writer.U8(static_cast<uint8_t>(0x40 | (dr + 2) << 4 | (dg + 2) << 2 | (db + 2)));
      } else if (Within(dg, -32, 31) && Within(drg, -8, 7) && Within(dbg, -8, 7)) {
        writer.U8(static_cast<uint8_t>(0x80 | (dg + 32)));
        writer.U8(static_cast<uint8_t>((drg + 8) << 4 | (dbg + 8)));
      } else {
        for (const uint8_t v : {uint8_t{0xFE}, now.r, now.g, now.b}) writer.U8(v);
      }
      index[hash] = now;
      last = now;
    }
  }
  end_run();
  writer.Zeros(7);
  writer.U8(1);
  return out;
}

}  // namespace mullion
