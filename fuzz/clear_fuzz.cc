// ClearCodec: a sequence of messages through one context, beside libfreerdp2's.
#include <vector>

#include "codecs/image/clear.h"
#include "fuzz/fuzz.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/clear_oracle.h"
#endif

namespace mullion {
namespace {

constexpr uint8_t kCanary = 0xA5;

// A picture with one row of canaries in front and behind.
struct Canvas {
  std::vector<uint8_t> bytes;
  PixelView view;

  Canvas(int32_t width, int32_t height) {
    const size_t row = static_cast<size_t>(width) * 4;
    bytes.assign(row * (static_cast<size_t>(height) + 2), kCanary);
    view = {bytes.data() + row, width, height, static_cast<ptrdiff_t>(row), PixelFormat::kBgrx32};
  }
  bool Intact() const {
    for (ptrdiff_t i = 0; i < view.stride_bytes; ++i) {
      if (view.row(-1)[i] != kCanary || view.row(view.height_px)[i] != kCanary) return false;
    }
    return true;
  }
};

[[maybe_unused]] bool SameColours(const Canvas& a, const Canvas& b) {
  for (size_t i = 0; i < a.bytes.size(); ++i) {
    if (i % 4 != 3 && a.bytes[i] != b.bytes[i]) return false;
  }
  return true;
}

}  // namespace

// Input: messages, each behind its width, height and size.
//
// Compared as long as both accept and no bar had to be repaired. libfreerdp2 2.11 is shown nothing
// that we refuse: it writes outside for regions that do not fit. We refuse what the specification
// forbids and libfreerdp2 takes: layers that read on into the next one, a payload behind a glyph
// hit, glyphs of more than 1,024 pixels, glyph hits larger than the glyph. It refuses what we take:
// a residual layer that ends early, a malformed alpha plane in an NSCodec region.
MULLION_FUZZ_TARGET(clear) {
  ByteReader reader(data);
  ClearDecoder decoder;
#ifdef MULLION_HAVE_ORACLE
  oracle::ClearOracle oracle;
  bool compare = true;
#endif
  while (reader.ok() && reader.remaining() > 4) {
    const int32_t width = 1 + reader.U8("width") % 96;
    const int32_t height = 1 + reader.U8("height") % 96;
    const size_t size = reader.U16("size");
    const ByteView message = reader.Take(size, "message");
    if (!reader.ok()) break;
    Canvas ours(width, height);
    const bool ok = decoder.Decode(message, ours.view).ok();
    MULLION_FUZZ_CHECK(ours.Intact());
    MULLION_FUZZ_CHECK(decoder.memory_bytes() < size_t{28} << 20);
#ifdef MULLION_HAVE_ORACLE
    if (!compare) continue;
    Canvas theirs(width, height);
    compare = ok && decoder.repaired_bars() == 0 && oracle.Decode(message, theirs.view);
    if (compare) MULLION_FUZZ_CHECK(SameColours(ours, theirs));
#else
    (void)ok;
#endif
  }
}

}  // namespace mullion
