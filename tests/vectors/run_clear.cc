// clearcodec: one decoder per sequence.
#include <algorithm>

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

}  // namespace mullion::vectors
