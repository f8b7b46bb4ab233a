// NSCodec, QOI, QOIZ and pointer images; the first and the last beside libfreerdp2.
#include <cstring>
#include <vector>

#include "codecs/bulk/zstd_stream.h"
#include "codecs/image/nscodec.h"
#include "codecs/image/pointer_image.h"
#include "codecs/image/qoi.h"
#include "codecs/simd/nsc_rle.h"
#include "fuzz/fuzz.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/nscodec_oracle.h"
#include "fuzz/oracle/pointer_oracle.h"
#endif

namespace mullion {
namespace {

// A picture with one row of canaries in front and behind.
struct Canvas {
  static constexpr uint8_t kCanary = 0xA5;
  std::vector<uint8_t> bytes;
  PixelView view;

  Canvas(int32_t width, int32_t height, PixelFormat format = PixelFormat::kBgrx32) {
    const size_t row = static_cast<size_t>(width) * 4;
    bytes.assign(row * (static_cast<size_t>(height) + 2), kCanary);
    view = {bytes.data() + row, width, height, static_cast<ptrdiff_t>(row), format};
  }
  bool Intact() const {
    for (ptrdiff_t i = 0; i < view.stride_bytes; ++i) {
      if (view.row(-1)[i] != kCanary || view.row(view.height_px)[i] != kCanary) return false;
    }
    return true;
  }
};

}  // namespace

// Input: width, height, then an NSCODEC_BITMAP_STREAM.
MULLION_FUZZ_TARGET(nscodec) {
  ByteReader reader(data);
  const int32_t width = 1 + reader.U8("width") % 130;
  const int32_t height = 1 + reader.U8("height") % 70;
  const ByteView stream = reader.TakeRest();
  NsCodecScratch scratch;
  Canvas ours(width, height);
  const Canvas untouched = ours;
  const bool ok = DecodeNsCodec(stream, &scratch, ours.view, AlphaMode::kKeep).ok();
  MULLION_FUZZ_CHECK(ours.Intact());
  MULLION_FUZZ_CHECK(ok || ours.bytes == untouched.bytes);
#ifdef MULLION_HAVE_ORACLE
  // libfreerdp2 takes all that we take. It also takes what the specification forbids (planes that
  // are too long or empty, RLE that reads on into the next plane), so nothing is said of those.
  if (ok) {
    oracle::NsCodecOracle oracle;
    Canvas theirs(width, height);
    MULLION_FUZZ_CHECK(oracle.Decode(stream, theirs.view));
    MULLION_FUZZ_CHECK(ours.bytes == theirs.bytes);
  }
#endif
}

// Input: the plane's size, then NSCODEC_RLE_SEGMENTS. The kernel against its twin.
MULLION_FUZZ_TARGET(nsc_rle) {
  ByteReader reader(data);
  const size_t size = reader.U16("size");
  const ByteView segments = reader.TakeRest();
  std::vector<uint8_t> fast(size + kNscRleSlack), plain(size);
  const bool ok = ExpandNscRle(segments, fast.data(), size);
  MULLION_FUZZ_CHECK(ok == ExpandNscRleReference(segments, plain.data(), size));
  MULLION_FUZZ_CHECK(!ok || size == 0 || std::memcmp(fast.data(), plain.data(), size) == 0);
}

// Input: a QOI image; its own size is used where that is small.
MULLION_FUZZ_TARGET(qoi) {
  ByteReader reader(data);
  reader.Skip(4, "magic");
  const uint32_t width = reader.U32Be("width"), height = reader.U32Be("height");
  const bool small = width > 0 && height > 0 && width <= 256 && height <= 256;
  const int32_t w = small ? static_cast<int32_t>(width) : 16;
  const int32_t h = small ? static_cast<int32_t>(height) : 16;
  Canvas bgr(w, h), rgb(w, h, PixelFormat::kRgbx32);
  const bool ok = DecodeQoi(data, bgr.view, AlphaMode::kKeep).ok();
  MULLION_FUZZ_CHECK(DecodeQoi(data, rgb.view, AlphaMode::kKeep).ok() == ok);
  MULLION_FUZZ_CHECK(bgr.Intact() && rgb.Intact());
  for (size_t i = 0; ok && i + 3 < bgr.bytes.size(); i += 4) {
    MULLION_FUZZ_CHECK(bgr.bytes[i] == rgb.bytes[i + 2] && bgr.bytes[i + 1] == rgb.bytes[i + 1] &&
                       bgr.bytes[i + 3] == rgb.bytes[i + 3]);
  }
}

// Input: payloads of one stream, each behind its size.
MULLION_FUZZ_TARGET(qoiz) {
  constexpr size_t kMaxOut = 40000;
  ByteReader reader(data);
  ZstdStream stream(20);
  bool dead = false;
  Canvas canvas(64, 64);
  while (reader.ok() && reader.remaining() > 0) {
    const size_t size = reader.U16("size");
    const ByteView payload = reader.Take(size, "payload");
    if (!reader.ok()) break;
    ByteView out;
    const Status status = stream.Inflate(payload, kMaxOut, &out);
    MULLION_FUZZ_CHECK(out.size() <= kMaxOut);
    MULLION_FUZZ_CHECK(!dead || status.err == Err::kState);
    dead = !status.ok();
    if (!dead) (void)DecodeQoi(out, canvas.view);
    MULLION_FUZZ_CHECK(canvas.Intact());
  }
}

// Input: depth, width, height, the AND mask's size, both masks.
MULLION_FUZZ_TARGET(pointer_image) {
  static constexpr uint16_t kDepths[] = {1, 4, 8, 15, 16, 24, 32, 7};
  ByteReader reader(data);
  PointerShape shape;
  shape.xor_bpp = kDepths[reader.U8("xorBpp") & 7];
  shape.width = static_cast<uint16_t>(reader.U8("width") * 2);
  shape.height = static_cast<uint16_t>(reader.U8("height") * 2);
  const size_t and_size = reader.U16("lengthAndMask");
  shape.and_mask = reader.Take(and_size, "andMaskData");
  shape.xor_mask = reader.TakeRest();
  Palette palette;
  for (int i = 0; i < 256; ++i) palette.Set(i, uint8_t(i), uint8_t(i * 3), uint8_t(i * 7));
  shape.palette = &palette;
  std::vector<uint8_t> ours;
  const bool ok = DecodePointerImage(shape, &ours).ok();
  MULLION_FUZZ_CHECK(ok || ours.empty());
#ifdef MULLION_HAVE_ORACLE
  // libfreerdp2 has no 4 and 15 bpp.
  if (ok && !ours.empty() && shape.xor_bpp != 4 && shape.xor_bpp != 15) {
    std::vector<uint8_t> theirs;
    MULLION_FUZZ_CHECK(oracle::DecodePointerImage(shape, &theirs));
    MULLION_FUZZ_CHECK(ours == theirs);
  }
#endif
}

}  // namespace mullion
