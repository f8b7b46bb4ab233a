// clearcodec: one decoder per sequence.
#include <algorithm>
#include <string>
#include <vector>

#include "codecs/base/byte_writer.h"
#include "codecs/image/clear.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {

Outcome RunClear(const Vector& vector, Sequence* sequence) {
  if (!SaneSize(vector.width_px(), vector.height_px())) {
    return vector.kind == "robustness" ? Skip("no size to decode to")
                                       : Failed("params have no usable size");
  }
  Canvas canvas(vector.width_px(), vector.height_px());
  // Pixels that no layer covers show what was there: black, in every reference picture.
  std::fill(canvas.bytes.begin(), canvas.bytes.end(), uint8_t{0});
  const Status status = sequence->State<ClearDecoder>().Decode(vector.input, canvas.view());
  if (vector.kind == "robustness") return Survived(vector, status);
  // Examples that name caches of a session we have not seen: to be survived, whatever comes.
  if (!vector.has_output) return Pass();
  if (!status.ok()) return Failed(Describe(status));
  return CompareImage(vector, &canvas, {.otherwise = "BGRX32"});
}

// The second names V-Bars of a session that we have not seen, which is no error to a decoder.
// INVARIANT: the names hold the section, and with it which layer the bytes are, of what size.
Outcome RunClearLayer(const Vector& vector) {
  struct Row {
    const char* name;
    bool bands;  // else residual
    int32_t width_px, height_px;
  };
  constexpr Row kRows[] = {
      {"4.1.1.3-1-", false, 64, 24}, {"4.1.1.3-2-", true, 64, 24}, {"4.1.1.4-1-", true, 7, 15}};
  for (const Row& row : kRows) {
    if (vector.name().find(row.name) == std::string::npos) continue;
    std::vector<uint8_t> stream;
    ByteWriter w(&stream);
    w.U16(0);  // flags, seqNumber
    w.U32(row.bands ? 0 : static_cast<uint32_t>(vector.input.size()));
    w.U32(row.bands ? static_cast<uint32_t>(vector.input.size()) : 0);
    w.U32(0);  // no subcodecs
    w.Bytes(vector.input);
    Canvas canvas(row.width_px, row.height_px);
    const Status status = ClearDecoder().Decode(stream, canvas.view());
    return status.ok() ? Pass() : Failed(Describe(status));
  }
  return Skip("an example that is not known");
}

}  // namespace mullion::vectors
