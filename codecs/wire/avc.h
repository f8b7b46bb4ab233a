// H.264 in the graphics pipeline: what WIRE_TO_SURFACE_PDU_1 carries for AVC420, AVC444 and
// AVC444v2, taken apart into region rectangles and H.264 byte streams.
//
// Specification: MS-RDPEGFX 2.2.4.4 (RFX_AVC420_BITMAP_STREAM), 2.2.4.5 and 2.2.4.6
// (RFX_AVC444_BITMAP_STREAM and its V2, which have one form).
// Shapes and units: rectangles in pixels of the surface.
// Ownership: the views borrow the stream; the rectangles are owned and keep their capacity when an
// object is used again. Memory is bounded by the stream: at most 1.6 bytes are stored per byte
// read. Threads: an object is filled by one thread, then read by any number.
// Errors: kTruncated (a length does not fit), kMalformed (inverted edges, a forbidden LC).
//
// The H.264 bytes are not looked at: an empty `bitstream` is no error here.
#ifndef MULLION_CODECS_WIRE_AVC_H_
#define MULLION_CODECS_WIRE_AVC_H_

#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/rect.h"
#include "codecs/base/status.h"

namespace mullion {

struct Avc420Stream {
  std::vector<Rect> region;  // INVARIANT: none is empty; regionRects that are empty are left out
  ByteView quant_quality;    // RDPGFX_AVC420_QUANT_QUALITY (qpVal, qualityVal) of every regionRect
  ByteView bitstream;        // one frame, ITU-T H.264 Annex B

  void Clear();
};

// LC 0: both views. LC 1: the main (luma) view only. LC 2: the auxiliary (chroma) view only.
// A view that is absent has no region and no bitstream.
struct Avc444Stream {
  bool has_main = false;
  bool has_aux = false;
  Avc420Stream main;
  Avc420Stream aux;
};

Status ParseAvc420(ByteView stream, Avc420Stream* out);

// For RFX_AVC444_BITMAP_STREAM and RFX_AVC444V2_BITMAP_STREAM. Offsets count from the start of the
// whole. cbAvc420EncodedBitstream1 counts for LC 0 only: with one view, that view is all the rest.
Status ParseAvc444(ByteView stream, Avc444Stream* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_AVC_H_
