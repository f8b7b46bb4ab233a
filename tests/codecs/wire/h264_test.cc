#include "codecs/wire/h264.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/avc_encoder.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

std::vector<std::vector<uint8_t>> Split(const std::vector<uint8_t>& bytes) {
  std::vector<std::vector<uint8_t>> nals;
  H264NalUnits units(bytes);
  ByteView nal;
  while (units.Next(&nal)) nals.emplace_back(nal.begin(), nal.end());
  return nals;
}

TEST_CASE("byte streams are split at start codes of three bytes") {
  using Nals = std::vector<std::vector<uint8_t>>;
  CHECK(Split({}) == Nals{});
  CHECK(Split({0, 0, 1}) == Nals{});
  CHECK(Split({1, 1, 0, 1, 9}) == Nals{});
  CHECK(Split({0, 0, 1, 9}) == Nals{{9}});
  CHECK(Split({7, 7, 0, 0, 0, 1, 9, 8, 0, 0, 1, 5}) == Nals{{9, 8}, {5}});
  CHECK(Split({0, 0, 1, 9, 0, 0, 0, 1, 5, 0, 0}) == Nals{{9, 0}, {5, 0, 0}});
  CHECK(Split({0, 0, 1, 0, 0, 1, 0, 0, 1, 5, 1}) == Nals{{5, 1}});
  // Units that are all empty, many: no recursion.
  std::vector<uint8_t> empty_units;
  for (int i = 0; i < 1000000; ++i) empty_units.insert(empty_units.end(), {0, 0, 1});
  CHECK(Split(empty_units) == Nals{});
}

TEST_CASE("a sequence parameter set says what pictures will come") {
  for (const int profile : {66, 77, 88, 100, 110, 244}) {
    CAPTURE(profile);
    const auto nals = Split(WriteAvcSequence(
        {.profile = profile, .width_mbs = 120, .height_mbs = 68, .reference_frames = 4}));
    REQUIRE(nals.size() == 1);
    REQUIRE(H264NalType(nals[0]) == kH264SequenceParameterSet);
    H264Sequence sequence;
    REQUIRE(ParseH264Sequence(nals[0], &sequence).ok());
    CHECK(sequence.width_mbs == 120);
    CHECK(sequence.height_mbs == 68);
    CHECK(sequence.reference_frames == 4);
    CHECK(sequence.chroma_format == 1);
    CHECK(sequence.bit_depth == 8);
    CHECK(sequence.area_px() == 1920 * 1088);
    for (size_t size = 1; size < nals[0].size() - 1; ++size) {
      const std::vector<uint8_t> cut(nals[0].begin(),
                                     nals[0].begin() + static_cast<ptrdiff_t>(size));
      CHECK(ParseH264Sequence(cut, &sequence).err == Err::kTruncated);
    }
  }
}

TEST_CASE("formats, sizes and profiles that are not ours are told apart") {
  H264Sequence sequence;
  const auto parse = [&](const AvcSequence& claim) {
    return ParseH264Sequence(Split(WriteAvcSequence(claim))[0], &sequence);
  };
  REQUIRE(parse({.profile = 110, .bit_depth = 10, .width_mbs = 1, .height_mbs = 1}).ok());
  CHECK(sequence.bit_depth == 10);
  REQUIRE(parse({.profile = 244, .chroma_format = 3, .width_mbs = 1, .height_mbs = 1}).ok());
  CHECK(sequence.chroma_format == 3);
  REQUIRE(parse({.width_mbs = 8, .height_mbs = 2, .frame_mbs_only = false}).ok());
  CHECK(sequence.height_mbs == 4);
  CHECK(parse({.profile = 118, .width_mbs = 1, .height_mbs = 1}).err == Err::kUnsupported);
  CHECK(parse({.width_mbs = 1056, .height_mbs = 1}).err == Err::kMalformed);
  CHECK(parse({.width_mbs = 1, .height_mbs = 0xFFFFFFFF}).err == Err::kMalformed);
}

TEST_CASE("scaling lists and picture order cycles are passed over, emulation prevention undone") {
  // High profile: a scaling matrix with one list of sixteen and one that ends at once (delta -8),
  // picture order type 1 with two offsets, one of them long; 20 x 15 macroblocks. Written by hand:
  const char* const bits =
      "01100111"
      "01100100"
      "00000000"
      "00110011"
      "1"  // header, profile, level, id
      "010"
      "1"
      "1"
      "0"
      "1"  // 4:2:0, 8 bits, scaling matrix
      "1"
      "1111111111111111"  // list 0: sixteen deltas of 0
      "1"
      "000010001"  // list 1: delta -8
      "000000"     // no others
      "1"
      "010"
      "0"  // frame numbers; order type 1
      "1"
      "1"
      "011"
      "000000000000000000010000000000000000001"
      "1"  // offsets; two in the cycle
      "010"
      "0"
      "000010100"
      "0001111"
      "1"
      "1"
      "0"
      "0"
      "1";
  std::vector<uint8_t> nal;
  int count = 0, zeros = 0;
  uint8_t byte = 0;
  const auto put = [&](uint8_t value) {
    if (zeros >= 2 && value <= 3) {
      nal.push_back(3);
      zeros = 0;
    }
    nal.push_back(value);
    zeros = value == 0 ? zeros + 1 : 0;
  };
  for (const char* bit = bits; *bit != '\0'; ++bit) {
    byte = static_cast<uint8_t>(byte << 1 | (*bit - '0'));
    if (++count % 8 == 0) put(byte);
  }
  put(static_cast<uint8_t>(byte << (8 - count % 8)));
  H264Sequence sequence;
  REQUIRE(ParseH264Sequence(nal, &sequence).ok());
  CHECK(sequence.reference_frames == 1);
  CHECK(sequence.width_mbs == 20);
  CHECK(sequence.height_mbs == 15);
}

TEST_CASE("a delta_scale that is no signed byte is refused (found by fuzzing: an overflow)") {
  const std::vector<uint8_t> found = {
      0x01, 0x00, 0x00, 0x01, 0x67, 0xF4, 0x00, 0x33, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0xFF, 0xFF, 0x01, 0x67, 0xFF, 0xFF, 0xC4, 0xC4, 0xC4, 0x00, 0x00, 0x01, 0x67, 0xF4, 0x00,
      0x91, 0x35, 0x97, 0x80, 0x1B, 0x04, 0xFE, 0xFE, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4,
      0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xF4, 0x00, 0x33, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x01, 0x67, 0xF4, 0x00, 0x33, 0xFF, 0xFF, 0xFF, 0xFF,
      0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF,
      0xFE, 0xFF, 0xFF, 0x00, 0x00, 0x01, 0x00, 0x01, 0x67, 0xF4, 0x00, 0x33};
  int refused = 0;
  for (const auto& nal : Split(found)) {
    H264Sequence sequence;
    const Status status = ParseH264Sequence(nal, &sequence);
    CHECK_FALSE(status.ok());
    refused += status.field != nullptr && std::string(status.field) == "delta_scale" ? 1 : 0;
  }
  CHECK(refused > 0);
}

TEST_CASE("the sequences of Windows' encoder are read") {
  struct Vector {
    const char* name;
    uint32_t width_mbs, height_mbs;
  };
  for (const Vector& v : {Vector{"avc420/wpts-avc420_baseprofile-00", 40, 30},
                          {"avc420/wpts-avc420_mainprofile-00", 40, 30},
                          {"avc420/wpts-rdpegfxh264testdata-00", 64, 38}}) {
    const auto bytes = ReadVector(std::string(v.name) + ".in.bin");
    if (bytes.empty()) return;
    int sequences = 0;
    for (const auto& nal : Split(bytes)) {
      if (H264NalType(nal) != kH264SequenceParameterSet) continue;
      ++sequences;
      H264Sequence sequence;
      REQUIRE(ParseH264Sequence(nal, &sequence).ok());
      CHECK(sequence.width_mbs == v.width_mbs);
      CHECK(sequence.height_mbs == v.height_mbs);
    }
    CHECK(sequences == 1);
  }
}

}  // namespace
}  // namespace mullion
