// H.264 byte streams, as far as one must look into them before a decoder does: NAL units, and what
// a sequence parameter set says about its pictures.
//
// Specification: ITU-T H.264 7.3.2.1.1 (seq_parameter_set_data), 7.4.1 (NAL units), Annex B.
// Why: a few bytes can ask a decoder for pictures of gigabytes. What they ask for is known here
// first.
// Shapes: sizes in macroblocks of 16x16. Ownership: borrows the bytes; allocates nothing.
// Threads: pure. Errors: kTruncated (the parameter set ends early), kMalformed (a value out of
// range), kUnsupported (a profile that has other syntax); offsets are in the NAL unit.
#ifndef MULLION_CODECS_WIRE_H264_H_
#define MULLION_CODECS_WIRE_H264_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr uint8_t kH264IdrSlice = 5;
inline constexpr uint8_t kH264SequenceParameterSet = 7;

// The NAL units of an Annex B byte stream, in order, without their start codes.
class H264NalUnits {
 public:
  explicit H264NalUnits(ByteView annex_b);

  // False at the end. A unit has at least its header byte.
  bool Next(ByteView* nal);

 private:
  ByteView rest_;  // from a unit's first byte on, or empty
};

inline uint8_t H264NalType(ByteView nal) { return nal[0] & 31; }

// A slice, or a part of one (nal_unit_type 1 to 5).
inline bool H264IsSlice(ByteView nal) { return H264NalType(nal) >= 1 && H264NalType(nal) <= 5; }

// An IDR slice whose first_mb_in_slice is 0, which is coded as a single 1.
inline bool H264StartsIdrPicture(ByteView nal) {
  return H264NalType(nal) == kH264IdrSlice && nal.size() > 1 && (nal[1] & 0x80) != 0;
}

struct H264Sequence {
  uint32_t width_mbs = 0;
  uint32_t height_mbs = 0;
  uint32_t reference_frames = 0;
  uint32_t chroma_format = 1;  // 0: grey, 1: 4:2:0, 2: 4:2:2, 3: 4:4:4
  uint32_t bit_depth = 8;      // the larger of luma and chroma

  uint64_t area_px() const { return uint64_t{width_mbs} * height_mbs * 256; }
};

// PRECONDITION: a NAL unit of type kH264SequenceParameterSet.
Status ParseH264Sequence(ByteView nal, H264Sequence* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_H264_H_
