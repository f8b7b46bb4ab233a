// RLGR1 and RLGR3: the adaptive run-length / Golomb-Rice entropy coder of RemoteFX and Progressive.
//
// Specification: MS-RDPRFX 3.1.8.1.7 (pseudo-code in 3.1.8.1.7.3).
// Shapes and units: one component of one 64x64 tile, that is 4096 coefficients in the order of the
// wire (HL1 LH1 HH1 HL2 LH2 HH2 HL3 LH3 HH3 LL3), still quantised, LL3 still as differences.
// Ownership: borrows all; the decoders keep no state between calls.
// Over-read: never outside the view. Over-write: never outside the 4096 coefficients.
// Threads: pure functions.
// Errors: kTruncated for an empty view; kMalformed for what no coefficients lead to (peers go on
// with garbage there): a value, or RLGR3's sum of two codes, of more than 16 bits, and a sum whose
// first part is larger than the whole.
// A short view is no error: an incomplete last symbol and everything behind it are zeros. Encoders
// do leave trailing zeros out, and all peers decode it so. Bytes behind the last symbol are
// ignored.
#ifndef MULLION_CODECS_IMAGE_RLGR_H_
#define MULLION_CODECS_IMAGE_RLGR_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"
#include "codecs/wire/rfx.h"

namespace mullion {

inline constexpr int kRlgrCoefficients = 4096;

// Fills all 4096 `coefficients`; what they hold after an error is unspecified.
Status DecodeRlgr(RfxEntropy mode, ByteView bytes, int16_t* coefficients);

// The same, but as codes: 2 * magnitude - sign, which is 0 for 0. PRECONDITION: all 4096 are 0.
// RfxUnfoldCodes and RfxDequantizeCodes (codecs/simd/rfx_tile.h) go on from there.
Status DecodeRlgrCodes(RfxEntropy mode, ByteView bytes, uint16_t* cleared);

// The same for the three components of a tile, which are decoded in turns: faster than one after
// the other. The error is that of the first component that has one; the others may have been
// decoded.
Status DecodeRlgrTile(RfxEntropy mode, const ByteView (&components)[3],
                      uint16_t* const (&cleared)[3]);

// DecodeRlgr, written as the specification's pseudo-code writes it. For tests.
Status DecodeRlgrReference(RfxEntropy mode, ByteView bytes, int16_t* coefficients);

}  // namespace mullion

#endif  // MULLION_CODECS_IMAGE_RLGR_H_
