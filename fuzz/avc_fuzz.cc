// AVC420 and AVC444 streams, from parsing to pixels; sequence parameter sets alone.
//
// libfreerdp2 is not asked here: it rounds colours otherwise, and combines AVC444 of version 1 in
// another way. bench/avc_bench.cc compares speed, tests/codecs/image/avc*_test.cc pictures.
#include <algorithm>
#include <vector>

#include "codecs/wire/h264.h"
#include "fuzz/fuzz.h"
#include "tests/support/avc_draw.h"

namespace mullion {
namespace {

constexpr int32_t kWidth = 90, kHeight = 60;
constexpr uint8_t kCanary = 0xA5;

// A surface with canaries around it, and a mask of what may be written. Drawn pixels have
// X = 0xFF, so the canary's X tells whether a pixel was.
struct Canvas {
  static constexpr ptrdiff_t kStride = (kWidth + 2) * 4;
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kStride * (kHeight + 2), kCanary);
  PixelView view = {bytes.data() + kStride + 4, kWidth, kHeight, kStride, PixelFormat::kBgrx32};

  bool WrittenOnlyIn(const std::vector<Rect>& a, const std::vector<Rect>& b) const {
    const auto in = [](const std::vector<Rect>& region, int32_t x, int32_t y) {
      return std::any_of(region.begin(), region.end(),
                         [&](const Rect& r) { return Contains(r, {x, y, 1, 1}); });
    };
    for (int32_t y = -1; y <= kHeight; ++y) {
      for (int32_t x = -1; x <= kWidth; ++x) {
        const uint8_t* p = view.row(y) + ptrdiff_t{x} * 4;
        if (std::all_of(p, p + 4, [](uint8_t byte) { return byte == kCanary; })) continue;
        if (!in(a, x, y) && !in(b, x, y)) return false;
      }
    }
    return true;
  }
};

// The data is a row of streams, each behind its length (16 bits).
template <typename Draw>
void ForEachStream(ByteView data, const Draw& draw) {
  ByteReader reader(data);
  for (int i = 0; i < 8 && reader.ok() && reader.remaining() > 0; ++i) {
    const size_t length = reader.U16("length");
    draw(reader.Take(std::min(length, reader.remaining()), "stream"));
  }
}

}  // namespace

MULLION_FUZZ_TARGET(avc420) {
  AvcClient client;
  client.decoder = AvcDecoder(256 * 256);
  ForEachStream(data, [&](ByteView stream) {
    Canvas canvas;
    const bool ok = client.Draw420(stream, canvas.view).ok();
    const std::vector<Rect> nothing;
    MULLION_FUZZ_CHECK(canvas.WrittenOnlyIn(ok ? client.one.region : nothing, nothing));
  });
}

// The first byte chooses the version.
MULLION_FUZZ_TARGET(avc444) {
  if (data.empty()) return;
  const Yuv444Layout layout = data[0] % 2 == 0 ? Yuv444Layout::kV1 : Yuv444Layout::kV2;
  AvcClient client;
  client.decoder = AvcDecoder(256 * 256);
  ForEachStream(data.subspan(1), [&](ByteView stream) {
    Canvas canvas;
    const bool ok = client.Draw444(layout, stream, canvas.view).ok();
    const std::vector<Rect> nothing;
    MULLION_FUZZ_CHECK(canvas.WrittenOnlyIn(ok ? client.two.main.region : nothing,
                                            ok ? client.two.aux.region : nothing));
    MULLION_FUZZ_CHECK(client.state.memory_bytes() <= 256 * 256 * 3);
  });
}

// An Annex B byte stream.
MULLION_FUZZ_TARGET(h264_sequence) {
  H264NalUnits units(data);
  ByteView nal;
  size_t total = 0;
  while (units.Next(&nal)) {
    MULLION_FUZZ_CHECK(!nal.empty());
    total += 3 + nal.size();
    H264Sequence sequence;
    if (!ParseH264Sequence(nal, &sequence).ok()) continue;
    MULLION_FUZZ_CHECK(sequence.area_px() > 0 && sequence.area_px() <= uint64_t{1} << 30);
    MULLION_FUZZ_CHECK(sequence.reference_frames <= 16);
  }
  MULLION_FUZZ_CHECK(total <= data.size());
}

}  // namespace mullion
