#include "codecs/image/nscodec.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "tests/support/nsc_encoder.h"
#include "tests/support/simd_targets.h"
#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/nscodec_oracle.h"
#endif

namespace mullion {
namespace {

struct Picture {
  std::vector<uint8_t> bytes;
  PixelView view;

  Picture(int32_t width, int32_t height, uint8_t fill = 0xA5) {
    bytes.assign(static_cast<size_t>(width) * static_cast<size_t>(height) * 4, fill);
    view = {bytes.data(), width, height, ptrdiff_t{width} * 4, PixelFormat::kBgrx32};
  }
};

// Flat areas, gradients and noise, with alpha.
Picture TestPicture(int32_t width, int32_t height, uint32_t seed) {
  Picture picture(width, height);
  std::mt19937 random(seed);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      uint8_t* p = picture.view.row(y) + static_cast<ptrdiff_t>(x) * 4;
      const int kind = (x / 11 + y / 7) % 3;
      for (int i = 0; i < 4; ++i) {
        const int value = kind == 0 ? 40 * i + 60 : kind == 1 ? 3 * x + 5 * y + i : int(random());
        p[i] = static_cast<uint8_t>(value);
      }
    }
  }
  return picture;
}

TEST_CASE("the worked example of MS-RDPNSC 4 decodes exactly") {
  const auto in = ReadVector("nscodec/spec-ms-rdpnsc-4-0-protocol-examples.in.bin");
  const auto out = ReadVector("nscodec/spec-ms-rdpnsc-4-0-protocol-examples.out.bin");
  if (in.empty()) return;
  ForEachSimdTarget([&] {
    NsCodecScratch scratch;
    Picture picture(15, 10);
    REQUIRE(DecodeNsCodec(in, &scratch, picture.view, AlphaMode::kKeep).ok());
    CHECK(picture.bytes == out);
  });
}

TEST_CASE("every vector of the group decodes exactly, and fails at every truncation") {
  struct Vector {
    const char* name;
    int32_t width, height;
  };
  for (const Vector& v : {Vector{"spec-ms-rdpnsc-4-0-protocol-examples", 15, 10},
                          {"synth-desk_31x17_c1s0", 31, 17},
                          {"synth-desk_31x17_c3s1", 31, 17},
                          {"synth-desk_31x17_c5s0", 31, 17},
                          {"synth-desk_31x17_c7s1", 31, 17},
                          {"synth-flat_64x64_c1s0", 64, 64},
                          {"synth-flat_64x64_c5s0", 64, 64},
                          {"synth-grad_1x1_c1s0", 1, 1},
                          {"synth-grad_1x1_c3s1", 1, 1},
                          {"synth-grad_1x1_c5s0", 1, 1},
                          {"synth-grad_1x1_c7s1", 1, 1},
                          {"synth-noise_64x64_c1s0", 64, 64},
                          {"synth-noise_64x64_c3s1", 64, 64}}) {
    const std::string path = std::string("nscodec/") + v.name;
    CAPTURE(path);
    const auto in = ReadVector(path + ".in.bin");
    const auto out = ReadVector(path + ".out.bin");
    if (in.empty()) return;
    NsCodecScratch scratch;
    Picture picture(v.width, v.height);
    REQUIRE(DecodeNsCodec(in, &scratch, picture.view, AlphaMode::kKeep).ok());
    CHECK(picture.bytes == out);

    const Picture untouched(v.width, v.height);
    bool all_fail = true;
    for (size_t cut = 0; cut < in.size(); ++cut) {
      Picture target(v.width, v.height);
      const std::vector<uint8_t> exact(in.begin(), in.begin() + static_cast<ptrdiff_t>(cut));
      all_fail = all_fail && !DecodeNsCodec(exact, &scratch, target.view).ok() &&
                 target.bytes == untouched.bytes;
    }
    CHECK(all_fail);
  }
}

TEST_CASE("the encoded desktop frames decode to FreeRDP's hashes") {
  struct Stream {
    const char* name;
    uint64_t hash;
  };
  for (const Stream& s : {Stream{"nsc64_c3s1.desktop", 0xf29e9d855dcfd633},
                          {"nsc64_c3s1.office", 0x547c6d338da3f68b},
                          {"nscfull_c1s0.desktop", 0x014ff035edc6790d}}) {
    CAPTURE(s.name);
    bench::Stream stream;
    std::string why;
    const std::string path = MULLION_SOURCE_DIR "/../shared/streams/" + std::string(s.name);
    if (!bench::ReadStream(path + ".rdpb", &stream, &why)) {
      std::printf("skipped: %s\n", why.c_str());
      continue;
    }
    Picture frame(stream.width_px, stream.height_px);
    NsCodecScratch scratch;
    for (const bench::Record& r : stream.records) {
      const PixelView tile = frame.view.Sub({r.x, r.y, r.w, r.h});
      REQUIRE(DecodeNsCodec(r.payload, &scratch, tile.Flipped()).ok());
    }
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < frame.bytes.size(); ++i) {
      if (i % 4 != 3) hash = (hash ^ frame.bytes[i]) * 0x100000001b3;
    }
    CHECK(hash == s.hash);
  }
}

TEST_CASE("alpha is written when asked for, X is 0xFF otherwise, and both channel orders agree") {
  const Picture source = TestPicture(45, 22, 1);
  const auto coded = EncodeNsCodec(source.view, {1, false, true, true});
  NsCodecScratch scratch;
  Picture opaque(45, 22), alpha(45, 22), rgb(45, 22);
  rgb.view.format = PixelFormat::kRgbx32;
  REQUIRE(DecodeNsCodec(coded, &scratch, opaque.view).ok());
  REQUIRE(DecodeNsCodec(coded, &scratch, alpha.view, AlphaMode::kKeep).ok());
  REQUIRE(DecodeNsCodec(coded, &scratch, rgb.view).ok());
  for (size_t i = 0; i < source.bytes.size(); i += 4) {
    CHECK(opaque.bytes[i + 3] == 0xFF);
    CHECK(alpha.bytes[i + 3] == source.bytes[i + 3]);
    CHECK(opaque.bytes[i] == rgb.bytes[i + 2]);
    CHECK(opaque.bytes[i + 1] == rgb.bytes[i + 1]);
    CHECK(opaque.bytes[i + 2] == rgb.bytes[i]);
    // Colour loss level 1 loses a bit of each chroma: at most 2 per channel.
    for (size_t c = 0; c < 3; ++c) CHECK(std::abs(opaque.bytes[i + c] - source.bytes[i + c]) <= 2);
  }
}

TEST_CASE("forbidden values are refused by name") {
  const Picture source = TestPicture(16, 4, 2);
  const auto good = EncodeNsCodec(source.view, {3, true, false, true});
  NsCodecScratch scratch;
  Picture picture(16, 4);
  REQUIRE(DecodeNsCodec(good, &scratch, picture.view).ok());
  struct Change {
    size_t at;
    uint8_t value;
    const char* field;
  };
  for (const Change& c : {Change{16, 0, "ColorLossLevel"},
                          {16, 8, "ColorLossLevel"},
                          {17, 2, "ChromaSubsamplingLevel"},
                          {0, 65, "LumaPlaneByteCount"},
                          {4, 17, "OrangeChromaPlaneByteCount"},
                          {4, 0, "OrangeChromaPlaneByteCount"},
                          {11, 0xFF, "GreenChromaPlaneByteCount"},
                          {12, 65, "AlphaPlaneByteCount"},
                          {12, 64, "AlphaPlane"}}) {
    auto bad = good;
    bad[c.at] = c.value;
    const Status status = DecodeNsCodec(bad, &scratch, picture.view);
    CHECK_FALSE(status.ok());
    CHECK(std::string(status.field) == c.field);
  }
  CHECK_FALSE(DecodeNsCodec(good, &scratch, PixelView{}).ok());
  // Right for another size only.
  CHECK_FALSE(DecodeNsCodec(good, &scratch, Picture(8, 4).view).ok());
}

TEST_CASE("a few hostile bytes cost no more than their bitmap's size") {
  // Three planes of one huge run each; the scratch stays within four bytes a pixel.
  std::vector<uint8_t> in = {11, 0, 0, 0, 11, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
  const uint32_t run = 2048 * 1024 - 4;
  for (int plane = 0; plane < 3; ++plane) {
    for (const uint32_t b :
         {9u, 9u, 0xFFu, run & 0xFF, run >> 8 & 0xFF, run >> 16, 0u, 9u, 9u, 9u, 9u}) {
      in.push_back(static_cast<uint8_t>(b));
    }
  }
  NsCodecScratch scratch;
  Picture picture(2048, 1024);
  CHECK(DecodeNsCodec(in, &scratch, picture.view).ok());
  CHECK(scratch.capacity_bytes() <= size_t{2048} * 1024 * 4);
  in[24] = 0x7F;  // one run longer than the plane
  const Picture before = picture;
  CHECK_FALSE(DecodeNsCodec(in, &scratch, picture.view).ok());
  CHECK(picture.bytes == before.bytes);
}

TEST_CASE("changed bytes never reach outside, and a failure leaves the target alone") {
  std::mt19937 random(6);
  NsCodecScratch scratch;
  for (int round = 0; round < 4000; ++round) {
    const int32_t width = 1 + static_cast<int32_t>(random() % 40);
    const int32_t height = 1 + static_cast<int32_t>(random() % 20);
    auto coded = EncodeNsCodec(TestPicture(width, height, static_cast<uint32_t>(round)).view,
                               {1 + round % 7, (round & 8) != 0, (round & 16) != 0, true});
    for (int flips = 1 + round % 3; flips > 0; --flips) {
      coded[random() % coded.size()] ^= static_cast<uint8_t>(1 << random() % 8);
    }
    Picture picture(width, height);
    if (!DecodeNsCodec(coded, &scratch, picture.view, AlphaMode::kKeep).ok()) {
      CHECK(picture.bytes == Picture(width, height).bytes);
    }
  }
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("every colour loss level, with and without subsampling and alpha, equals libfreerdp2") {
  oracle::NsCodecOracle oracle;
  NsCodecScratch scratch;
  for (int round = 0; round < 7 * 2 * 2 * 2 * 3; ++round) {
    const NscEncoderOptions options = {1 + round % 7, (round / 7 & 1) != 0, (round / 14 & 1) != 0,
                                       (round / 28 & 1) != 0};
    const int32_t width = 9 + round * 5 % 61, height = 3 + round * 7 % 43;
    const auto coded =
        EncodeNsCodec(TestPicture(width, height, static_cast<uint32_t>(round)).view, options);
    Picture ours(width, height), theirs(width, height);
    REQUIRE(DecodeNsCodec(coded, &scratch, ours.view, AlphaMode::kKeep).ok());
    REQUIRE(oracle.Decode(coded, theirs.view));
    CHECK(ours.bytes == theirs.bytes);
  }
}
#endif

}  // namespace
}  // namespace mullion
