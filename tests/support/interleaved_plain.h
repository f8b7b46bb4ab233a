// The honest slow twin of DecodeInterleaved, and a generator of random order streams.
//
// MS-RDPBCGR 3.1.9: one pixel at a time into one whole buffer, codes told apart by comparisons.
#ifndef MULLION_TESTS_SUPPORT_INTERLEAVED_PLAIN_H_
#define MULLION_TESTS_SUPPORT_INTERLEAVED_PLAIN_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

// Raw wire pixels, (bits_per_pixel + 7) / 8 bytes each; false where DecodeInterleaved must fail.
// *reached: how many pixels the stream's orders wrote.
bool DecodeInterleavedPlain(ByteView in, int bits_per_pixel, int width, int height,
                            std::vector<uint8_t>* pixels, size_t* reached = nullptr);

// A valid stream for a bitmap of that size which uses every order code sooner or later.
std::vector<uint8_t> RandomInterleavedStream(std::mt19937* random, int bits_per_pixel, int width,
                                             int height);

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_INTERLEAVED_PLAIN_H_
