// Bitmap codecs: raw_bitmap, interleaved (against the plain twin and libfreerdp2), planar (against
// libfreerdp2).
//
// Input: one byte of options, width - 1, height - 1, then the stream.
#include <cstring>
#include <vector>

#include "codecs/image/interleaved.h"
#include "codecs/image/planar.h"
#include "codecs/image/raw_bitmap.h"
#include "codecs/simd/pixel_expand.h"
#include "fuzz/fuzz.h"
#include "tests/support/interleaved_plain.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bitmap_oracle.h"
#endif

namespace mullion {
namespace {

// Exactly the pixels, so that a sanitizer sees a byte too far.
struct Picture {
  std::vector<uint8_t> bytes;
  PixelView view;

  Picture(int32_t width, int32_t height, PixelFormat format)
      : bytes(static_cast<size_t>(width) * static_cast<size_t>(height) * 4),
        view{bytes.data(), width, height, ptrdiff_t{width} * 4, format} {}
};

struct Case {
  uint8_t options;
  int32_t width, height;
  PixelFormat format;
  ByteView stream;
};

bool Read(ByteView data, Case* c) {
  if (data.size() < 3) return false;
  c->options = data[0];
  c->width = 1 + data[1];
  c->height = 1 + data[2] % 64;
  c->format = (data[0] & 0x80) != 0 ? PixelFormat::kRgbx32 : PixelFormat::kBgrx32;
  c->stream = data.subspan(3);
  return true;
}

int Depth(uint8_t options) {
  constexpr int kDepths[] = {8, 15, 16, 24, 32};
  return kDepths[(options & 0x0F) % 5];
}

Palette MakePalette() {
  Palette palette;
  for (int i = 0; i < 256; ++i) {
    palette.Set(i, static_cast<uint8_t>(i), static_cast<uint8_t>(5 * i), static_cast<uint8_t>(~i));
  }
  return palette;
}

}  // namespace
}  // namespace mullion

MULLION_FUZZ_TARGET(raw_bitmap) {
  using namespace mullion;
  Case c;
  if (!Read(data, &c)) return;
  const Palette palette = MakePalette();
  const int bpp = Depth(c.options);
  const size_t stride = PaddedBitmapRowBytes(c.width, bpp);
  Picture picture(c.width, c.height, c.format);
  const Status status = DecodeRawBitmap(c.stream, bpp, &palette, picture.view, stride);
  const size_t needed = stride * static_cast<size_t>(c.height - 1) + BitmapRowBytes(c.width, bpp);
  MULLION_FUZZ_CHECK(status.ok() == (c.stream.size() >= needed));
  if (!status.ok()) return;
  Picture twin(c.width, c.height, c.format);
  ExpandPixelsReference({c.stream.data(), stride, bpp, palette.entries, false}, twin.view);
  MULLION_FUZZ_CHECK(picture.bytes == twin.bytes);
}

MULLION_FUZZ_TARGET(interleaved) {
  using namespace mullion;
  Case c;
  if (!Read(data, &c)) return;
  const Palette palette = MakePalette();
  const int bpp = Depth(c.options);
  Picture picture(c.width, c.height, c.format);
  const Status status = DecodeInterleaved(c.stream, bpp, &palette, picture.view);
  MULLION_FUZZ_CHECK(status.offset <= c.stream.size());
  if (bpp == 32) {
    MULLION_FUZZ_CHECK(status.err == Err::kUnsupported);
    return;
  }
  std::vector<uint8_t> pixels;
  size_t reached = 0;
  const bool plain_ok = DecodeInterleavedPlain(c.stream, bpp, c.width, c.height, &pixels, &reached);
  MULLION_FUZZ_CHECK(status.ok() == plain_ok);
  if (!plain_ok) return;
  Picture twin(c.width, c.height, c.format);
  ExpandPixelsReference({pixels.data(), BitmapRowBytes(c.width, bpp), bpp, palette.entries, false},
                        twin.view);
  MULLION_FUZZ_CHECK(picture.bytes == twin.bytes);
#ifdef MULLION_HAVE_ORACLE
  static oracle::BitmapOracle peer;
  Picture theirs(c.width, c.height, c.format);
  // Behind the last order its pixels are stale, ours black.
  MULLION_FUZZ_CHECK(peer.DecodeInterleaved(c.stream, bpp, &palette, theirs.view));
  MULLION_FUZZ_CHECK(std::memcmp(picture.bytes.data(), theirs.bytes.data(), 4 * reached) == 0);
#endif
}

MULLION_FUZZ_TARGET(planar) {
  using namespace mullion;
  Case c;
  if (!Read(data, &c)) return;
  // Tall enough to be decoded in bands.
  if ((c.options & 0x40) != 0) c.height = 1 + 4 * data[2];
  // Wide enough to be decoded row by row, subsampled or not, if there are a hundred rows.
  if ((c.options & 0x20) != 0) {
    c.width = 512 + 4 * data[1];
    c.height = 1 + data[2];
  }
  static PlanarScratch scratch;
  const bool keep = (c.options & 1) != 0;
  Picture picture(c.width, c.height, c.format);
  const Status status =
      DecodePlanar(c.stream, picture.view, &scratch, keep ? AlphaMode::kKeep : AlphaMode::kOpaque);
  MULLION_FUZZ_CHECK(status.offset <= c.stream.size());
#ifdef MULLION_HAVE_ORACLE
  static oracle::BitmapOracle peer;
  Picture theirs(c.width, c.height, c.format);
  const bool peer_ok = peer.DecodePlanar(c.stream, theirs.view, keep);
  MULLION_FUZZ_CHECK(status.ok() == peer_ok);
  if (peer_ok) MULLION_FUZZ_CHECK(picture.bytes == theirs.bytes);
#endif
}
