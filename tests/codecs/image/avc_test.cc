#include "codecs/image/avc.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "codecs/wire/h264.h"
#include "tests/support/avc_draw.h"
#include "tests/support/avc_encoder.h"
#include "tests/support/vector_file.h"

namespace mullion {
namespace {

constexpr int64_t kMaxPx = 1 << 20;

// True, with a line in the log, in a build that cannot decode.
bool NoDecoder() {
  if (AvcDecoder::Available()) return false;
  std::printf("skipped: built without libavcodec\n");
  AvcDecoder decoder(kMaxPx);
  AvcPicture picture;
  CHECK(decoder.Decode(std::vector<uint8_t>{1, 2, 3}, &picture).err == Err::kUnsupported);
  return true;
}

YuvPicture Noise(int32_t width, int32_t height, uint32_t seed) {
  std::mt19937 random(seed);
  YuvPicture picture(width, height);
  picture.Randomise(random);
  return picture;
}

bool SamePicture(const YuvView& a, const YuvPicture& b) {
  if (a.width_px != b.width_px || a.height_px != b.height_px) return false;
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    for (int32_t y = 0; y < a.height_px >> shift; ++y) {
      for (int32_t x = 0; x < a.width_px >> shift; ++x) {
        if (a.row(p, y)[x] != b.At(p, x, y)) return false;
      }
    }
  }
  return true;
}

TEST_CASE("I_PCM pictures decode exactly, one per call, and outlive the decoder") {
  if (NoDecoder()) return;
  std::vector<AvcPicture> pictures(4);
  {
    AvcDecoder decoder(kMaxPx);
    CHECK(decoder.memory_bytes() == 0);
    for (uint32_t i = 0; i < 4; ++i) {
      REQUIRE(decoder.Decode(EncodeAvcPcm(Noise(48, 32, i)), &pictures[i]).ok());
    }
    CHECK(decoder.memory_bytes() >= 48 * 32 * 3);
  }
  for (uint32_t i = 0; i < 4; ++i) CHECK(SamePicture(pictures[i].view(), Noise(48, 32, i)));
}

TEST_CASE("a predicted frame shows what it repeats") {
  if (NoDecoder()) return;
  AvcDecoder decoder(kMaxPx);
  const YuvPicture noise = Noise(48, 32, 7);
  AvcPicture picture;
  REQUIRE(decoder.Decode(EncodeAvcPcm(noise), &picture).ok());
  for (uint32_t n = 1; n < 20; ++n) {
    REQUIRE(decoder.Decode(EncodeAvcRepeat(6, n), &picture).ok());
    CHECK(SamePicture(picture.view(), noise));
  }
}

TEST_CASE("pictures may change their size; the cropping of the stream is not applied") {
  if (NoDecoder()) return;
  AvcDecoder decoder(kMaxPx);
  AvcPicture picture;
  for (const int32_t size : {64, 16, 160}) {
    const YuvPicture noise = Noise(size, 16, 5);
    REQUIRE(decoder.Decode(EncodeAvcPcm(noise, /*crop=*/true), &picture).ok());
    CHECK(SamePicture(picture.view(), noise));
  }
}

TEST_CASE("pictures beyond the limit are refused before they are allocated") {
  if (NoDecoder()) return;
  AvcDecoder decoder(64 * 64);
  AvcPicture picture;
  CHECK(decoder.Decode(EncodeAvcPcm(Noise(80, 64, 1)), &picture).err == Err::kLimit);
  CHECK(picture.empty());
  CHECK(decoder.memory_bytes() < 1 << 20);
  REQUIRE(decoder.Decode(EncodeAvcPcm(Noise(64, 64, 2)), &picture).ok());
  CHECK(SamePicture(picture.view(), Noise(64, 64, 2)));
  // The sequence says 16k x 16k, and more; the slice is a small picture's.
  for (const uint32_t mbs : {1024u, 16384u, 0xFFFFFFu, 0xFFFFFFFFu}) {
    auto bytes = EncodeAvcPcm(Noise(16, 16, 3));
    const auto claim = WriteAvcSequence({.width_mbs = mbs, .height_mbs = mbs});
    const size_t honest = WriteAvcSequence({.width_mbs = 1, .height_mbs = 1}).size();
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(honest));
    bytes.insert(bytes.begin(), claim.begin(), claim.end());
    CHECK(!decoder.Decode(bytes, &picture).ok());
    CHECK(picture.empty());
  }
}

TEST_CASE("other sample formats are unsupported") {
  if (NoDecoder()) return;
  for (const AvcSequence& sequence :
       {AvcSequence{.profile = 110, .bit_depth = 10},
        AvcSequence{.profile = 122, .chroma_format = 2},
        AvcSequence{.profile = 244, .chroma_format = 3},
        AvcSequence{.profile = 100, .chroma_format = 0}, AvcSequence{.profile = 118}}) {
    AvcSequence claim = sequence;
    claim.width_mbs = claim.height_mbs = 1;
    CAPTURE(claim.profile);
    auto bytes = EncodeAvcPcm(Noise(16, 16, 3));
    const auto other = WriteAvcSequence(claim);
    const size_t honest = WriteAvcSequence({.width_mbs = 1, .height_mbs = 1}).size();
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(honest));
    bytes.insert(bytes.begin(), other.begin(), other.end());
    AvcDecoder decoder(kMaxPx);
    AvcPicture picture;
    CHECK(decoder.Decode(bytes, &picture).err == Err::kUnsupported);
    CHECK(picture.empty());
  }
}

TEST_CASE("bytes that hold no picture fail, and the next frame is none the worse") {
  if (NoDecoder()) return;
  AvcDecoder decoder(kMaxPx);
  AvcPicture picture;
  const YuvPicture noise = Noise(32, 32, 7);
  const auto good = EncodeAvcPcm(noise);
  std::mt19937 random(1);
  std::vector<uint8_t> garbage(3000);
  for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
  std::vector<uint8_t> garbage_nals;
  for (size_t i = 0; i < 300; ++i) {
    garbage_nals.insert(garbage_nals.end(), {0, 0, 1, static_cast<uint8_t>(i)});
    for (int n = 0; n < 30; ++n) garbage_nals.push_back(static_cast<uint8_t>(random() | 4));
  }
  for (const auto& bad :
       {std::vector<uint8_t>{}, std::vector<uint8_t>{0}, std::vector<uint8_t>(1000), garbage,
        garbage_nals, WriteAvcSequence({.width_mbs = 2, .height_mbs = 2})}) {
    CHECK(!decoder.Decode(bad, &picture).ok());
    CHECK(picture.empty());
    REQUIRE(decoder.Decode(good, &picture).ok());
    CHECK(SamePicture(picture.view(), noise));
  }
}

TEST_CASE("many pictures in one frame cost no more than one") {
  if (NoDecoder()) return;
  const auto good = EncodeAvcPcm(Noise(512, 512, 7));
  H264NalUnits units(good);
  ByteView nal, slice;
  while (units.Next(&nal)) slice = nal;
  REQUIRE(H264StartsIdrPicture(slice));
  std::vector<uint8_t> bytes = good;
  for (int i = 0; i < 1000; ++i) {
    bytes.insert(bytes.end(), {0, 0, 1});
    bytes.insert(bytes.end(), slice.begin(), slice.begin() + 24);
  }
  AvcDecoder decoder(kMaxPx);
  AvcPicture picture;
  const Status status = decoder.Decode(bytes, &picture);
  CHECK(status.err == Err::kMalformed);
  CHECK(status.field == std::string("first_mb_in_slice"));
  CHECK(decoder.memory_bytes() == 0);
  // A predicted picture in front is one too many as well.
  std::vector<uint8_t> behind = {0, 0, 1, 0x61, 0x9A, 0x80};
  behind.insert(behind.end(), good.begin(), good.end());
  CHECK(decoder.Decode(behind, &picture).err == Err::kMalformed);
  CHECK(decoder.memory_bytes() == 0);
}

TEST_CASE("a frame cut anywhere fails or is whole") {
  if (NoDecoder()) return;
  const YuvPicture noise = Noise(16, 32, 9);
  const auto good = EncodeAvcPcm(noise);
  int accepted = 0;
  for (size_t size = 0; size < good.size(); ++size) {
    AvcDecoder decoder(kMaxPx);
    AvcPicture picture;
    const std::vector<uint8_t> cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    if (!decoder.Decode(cut, &picture).ok()) continue;
    ++accepted;
    CAPTURE(size);
    CHECK(SamePicture(picture.view(), noise));
  }
  CHECK(accepted <= 2);  // the stop bit, and zeros behind it
}

TEST_CASE("a predicted frame without what it refers to is no picture") {
  if (NoDecoder()) return;
  const auto first = ReadVector("avc420/wpts-avc420_mainprofile-00.in.bin");
  const auto second = ReadVector("avc420/wpts-avc420_mainprofile-01.in.bin");
  if (first.empty() || second.empty()) return;
  Avc420Stream stream;
  AvcDecoder decoder(kMaxPx);
  AvcPicture picture;
  REQUIRE(ParseAvc420(second, &stream).ok());
  CHECK(!decoder.Decode(stream.bitstream, &picture).ok());
  REQUIRE(ParseAvc420(first, &stream).ok());
  CHECK(decoder.Decode(stream.bitstream, &picture).ok());
}

}  // namespace
}  // namespace mullion
