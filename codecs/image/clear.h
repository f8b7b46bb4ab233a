// Decodes ClearCodec bitmaps, with the caches that a session keeps for them.
//
// MS-RDPEGFX 2.2.4.1 (CLEARCODEC_BITMAP_STREAM), 3.3.8.1; state 3.3.1.9 to 3.3.1.13.
// Shapes: dst has the size of the coded bitmap, rows top-down. A bitmap need not cover all of its
// rectangle: PIXELS THAT NO LAYER COVERS KEEP WHAT dst HELD, so dst must hold what the surface
// shows there. X = 0xFF where something is written. Ownership: one decoder per session (not per
// surface); borrows in and dst. Memory: a few KiB at first. The caches grow as the server fills
// them, to at most 6.9 MB of V-Bars, 3.4 MB of Short V-Bars and 16.4 MB of glyphs, and the scratch
// of NSCodec. Over-read, over-write: none. Threads: one at a time, and messages in the order of the
// session: every one changes the caches. Errors: kTruncated, kMalformed, kLimit (layers that
// overwrite each other too often), kState (a glyph that was never sent, a message missing in
// between). Rows may have been written then.
#ifndef MULLION_CODECS_IMAGE_CLEAR_H_
#define MULLION_CODECS_IMAGE_CLEAR_H_

#include <cstdint>
#include <memory>

#include "codecs/base/byte_reader.h"
#include "codecs/base/pixel_view.h"
#include "codecs/base/status.h"

namespace mullion {

class ClearDecoder {
 public:
  ClearDecoder();
  ~ClearDecoder();
  ClearDecoder(ClearDecoder&&) noexcept;
  ClearDecoder& operator=(ClearDecoder&&) noexcept;

  [[nodiscard]] Status Decode(ByteView in, const PixelView& dst);

  // The next message may have any sequence number (after RESET_GRAPHICS); the caches stay.
  void Restart();

  // Bytes of the caches now.
  size_t memory_bytes() const;
  // V-Bars that a server named without having sent them, or sent with another height. What is
  // missing of them is drawn black, as FreeRDP does; anything but 0 means that history was lost.
  uint64_t repaired_bars() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_CLEAR_H_
