// libfreerdp2's bitmap decoders and encoders on the same bytes.
//
// Row order: everything is in wire order here; the peer's own flips are undone.
// Where the peer is not to be believed:
//   - interleaved: a stream that ends early leaves stale pixels in the rest, where ours is black;
//   - planar: nothing is checked against the context's size, so the context is made anew for every
//     size; an empty stream is read past, so it is refused here.
#ifndef MULLION_FUZZ_ORACLE_BITMAP_ORACLE_H_
#define MULLION_FUZZ_ORACLE_BITMAP_ORACLE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/image/palette.h"

namespace mullion::oracle {

class BitmapOracle {
 public:
  BitmapOracle();
  ~BitmapOracle();

  // PRECONDITION of all: a positive stride. X is 0xFF or, where asked for, alpha.
  bool DecodeInterleaved(ByteView in, int bits_per_pixel, const Palette* palette,
                         const PixelView& dst);
  bool DecodePlanar(ByteView in, const PixelView& dst, bool keep_alpha);
  // PRECONDITION: `in` holds all rows.
  bool CopyRaw(ByteView in, int bits_per_pixel, const Palette* palette, size_t stride_bytes,
               const PixelView& dst);

  // The peer's encoders; empty when they fail. `src` is kBgrx32. Interleaved takes 15, 16 and 24
  // bpp, at most 64x64 pixels, widths that are multiples of four.
  std::vector<uint8_t> EncodeInterleaved(const PixelView& src, int bits_per_pixel);
  std::vector<uint8_t> EncodePlanar(const PixelView& src, bool rle, bool alpha);

  // For benchmarks: the decoders leave rows flipped and X as the peer does, which costs nothing.
  void leave_rows_and_alpha(bool leave) { leave_ = leave; }

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  bool leave_ = false;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_BITMAP_ORACLE_H_
