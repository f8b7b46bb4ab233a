#include "codecs/image/planar.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "tests/support/bitmap_picture.h"
#include "tests/support/planar_encoder.h"
#include "tests/support/simd_targets.h"
#include "tests/support/vector_file.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bitmap_oracle.h"
#endif

namespace mullion {
namespace {

using Stream = std::vector<uint8_t>;

std::vector<uint8_t> Opaque(std::vector<uint8_t> pixels) {
  for (size_t i = 3; i < pixels.size(); i += 4) pixels[i] = 0xFF;
  return pixels;
}

TEST_CASE("lossless pictures come back at every size, raw and coded, with and without alpha") {
  PlanarScratch scratch;
  for (int32_t width = 1; width <= 140; width += width < 70 ? 1 : 7) {
    for (const int32_t height : {1, 2, 17}) {
      for (int flags = 0; flags < 8; ++flags) {
        CAPTURE(width);
        CAPTURE(height);
        CAPTURE(flags);
        const PlanarOptions options = {.rle = (flags & 1) != 0, .alpha = (flags & 2) != 0};
        BitmapPicture source(width, height), picture(width, height);
        source.FillDesktop(static_cast<uint32_t>(width + flags));
        const Stream in = EncodePlanar(source.view(), options);
        const PixelView view = (flags & 4) != 0 ? picture.view().Flipped() : picture.view();
        REQUIRE(DecodePlanar(in, view, &scratch, AlphaMode::kKeep).ok());
        REQUIRE(BitmapPicture::Packed(view) ==
                (options.alpha ? source.Packed() : Opaque(source.Packed())));
        REQUIRE(DecodePlanar(in, view, &scratch).ok());
        REQUIRE(BitmapPicture::Packed(view) == Opaque(source.Packed()));
        REQUIRE(picture.CanariesIntact());
      }
    }
  }
}

TEST_CASE("large pictures, in bands or row by row, come back too, or are left alone") {
  PlanarScratch scratch;
  for (const auto& [width, height] :
       {std::pair{331, 155}, {64, 801}, {1366, 37}, {4999, 13}, {20001, 3}}) {
    for (int flags = 0; flags < 4; ++flags) {
      CAPTURE(width);
      CAPTURE(flags);
      const bool alpha = (flags & 1) != 0, loss = (flags & 2) != 0;
      BitmapPicture source(width, height), picture(width, height);
      source.FillDesktop(static_cast<uint32_t>(width + flags));
      Stream in = EncodePlanar(source.view(),
                               {.colour_loss = loss ? 2 : 0, .subsample = loss, .alpha = alpha});
      const std::vector<uint8_t> untouched = picture.Packed();
      Stream cut = in;
      cut.resize(in.size() - 3);
      REQUIRE(DecodePlanar(cut, picture.view(), &scratch, AlphaMode::kKeep).err == Err::kTruncated);
      REQUIRE(picture.Packed() == untouched);
      REQUIRE(DecodePlanar(in, picture.view(), &scratch, AlphaMode::kKeep).ok());
      REQUIRE(picture.CanariesIntact());
      if (!loss) {
        REQUIRE(picture.Packed() == (alpha ? source.Packed() : Opaque(source.Packed())));
      } else {  // as the same picture in pieces of even size, which are decoded as a whole
        for (int32_t x = 0; x < width; x += 640) {
          for (int32_t y = 0; y < height; y += 64) {
            const Rect part = Intersect({x, y, 640, 64}, {0, 0, width, height});
            BitmapPicture piece(part.w, part.h);
            const Stream coded = EncodePlanar(
                source.view().Sub(part), {.colour_loss = 2, .subsample = true, .alpha = alpha});
            REQUIRE(DecodePlanar(coded, piece.view(), &scratch, AlphaMode::kKeep).ok());
            REQUIRE(piece.Packed() == BitmapPicture::Packed(picture.view().Sub(part)));
          }
        }
      }
    }
  }
  CHECK(scratch.planes.size() < 2'000'000);
}

TEST_CASE("areas that equal the row above come back at every width") {
  PlanarScratch scratch;
  std::mt19937 random(6);
  for (const int32_t first : {1, 180, 370, 430, 748, 1910}) {
    for (int32_t width = first; width < first + 70; ++width) {
      CAPTURE(width);
      // The widest are large enough to be decoded row by row.
      const int32_t height = width > 700 ? 75 : 23;
      BitmapPicture source(width, height), picture(width, height);
      for (int32_t y = 0; y < height; ++y) {
        for (int32_t x = 0; x < width * 4; ++x) {
          source.view().row(y)[x] = static_cast<uint8_t>(x / 4 % 9 == 0 ? x : 77);
        }
      }
      // Rows of one, two and many dots, their neighbours without.
      for (const int dots : {0, 0, 1, 1, 2, 30}) {
        uint8_t* row =
            source.view().row(static_cast<int32_t>(random() % static_cast<uint32_t>(height)));
        for (int i = 0; i < dots; ++i) row[random() % static_cast<size_t>(4 * width)] ^= 0x55;
      }
      const Stream in = EncodePlanar(source.view(), {});
      REQUIRE(DecodePlanar(in, picture.view(), &scratch).ok());
      REQUIRE(picture.Packed() == Opaque(source.Packed()));
      REQUIRE(picture.CanariesIntact());
    }
  }
}

// One plane as the specification describes it, a byte at a time. False: cut short, or a segment
// crosses its scan-line.
bool DecodePlanePlainly(const Stream& in, size_t* at, size_t width, size_t height,
                        std::vector<uint8_t>* plane) {
  plane->clear();
  for (size_t y = 0; y < height; ++y) {
    uint8_t last = 0;
    for (size_t x = 0; x < width;) {
      if (*at >= in.size()) return false;
      const size_t control = in[(*at)++];
      size_t raw = control >> 4, run = control & 15;
      if (run == 1 || run == 2) run = 16 * run + raw, raw = 0;
      if (in.size() - *at < raw || width - x < raw + run) return false;
      for (size_t i = 0; i < raw + run; ++i, ++x) {
        if (i < raw) last = in[(*at)++];
        const int delta = last % 2 == 0 ? last / 2 : -(last / 2) - 1;
        plane->push_back(y == 0 ? last
                                : static_cast<uint8_t>((*plane)[plane->size() - width] + delta));
      }
    }
  }
  return true;
}

TEST_CASE("random segments, many of them the longest, equal a plain decoder") {
  PlanarScratch scratch;
  std::mt19937 random(8);
  int good = 0, bad = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto width = static_cast<size_t>(i % 2 == 0 ? 1 + random() % 500 : 64);
    const auto height = static_cast<size_t>(1 + random() % 40);
    Stream in = {0x30};
    for (int plane = 0; plane < 3; ++plane) {
      for (size_t y = 0; y < height; ++y) {
        const bool flat = random() % 2 == 0;
        for (size_t x = 0; x < width;) {
          const size_t left = width - x;
          size_t raw = flat ? 0 : random() % 16;
          size_t run = raw > 0 ? random() % 16 : random() % 8 == 0 ? 3 + random() % 45 : 47;
          if (random() % 3000 != 0) {  // else it may cross the scan-line
            raw = std::min(raw, left);
            run = std::min(run, left - raw);
          }
          if (raw > 0 ? run == 1 || run == 2 : run < 3) {
            run = 0;
            raw = std::max<size_t>(raw, 1);
          }
          const size_t code = run > 15 ? (run & 15) << 4 | run >> 4 : raw << 4 | run;
          in.push_back(static_cast<uint8_t>(code));
          for (size_t k = 0; k < (run > 15 ? 0 : raw); ++k) {
            in.push_back(static_cast<uint8_t>(random()));
          }
          x += raw + run;
        }
      }
    }
    if (random() % 8 == 0) in.resize(in.size() - random() % in.size());
    std::vector<uint8_t> planes[3];
    size_t at = 1;
    bool ok = true;
    for (auto& plane : planes) ok = ok && DecodePlanePlainly(in, &at, width, height, &plane);
    BitmapPicture picture(static_cast<int32_t>(width), static_cast<int32_t>(height));
    REQUIRE(DecodePlanar(in, picture.view(), &scratch).ok() == ok);
    REQUIRE(picture.CanariesIntact());
    ++(ok ? good : bad);
    if (!ok) continue;
    const std::vector<uint8_t> got = picture.Packed();
    int wrong = 0;
    for (size_t k = 0; k < width * height; ++k) {
      for (size_t c = 0; c < 3; ++c) wrong += got[4 * k + c] != planes[2 - c][k];
    }
    REQUIRE(wrong == 0);
  }
  CHECK(good > 1000);
  CHECK(bad > 200);
}

TEST_CASE("colour loss one without subsampling keeps a picture within two levels") {
  PlanarScratch scratch;
  BitmapPicture source(67, 21), picture(67, 21);
  source.FillDesktop(3);
  const Stream in = EncodePlanar(source.view(), {.colour_loss = 1});
  REQUIRE(DecodePlanar(in, picture.view(), &scratch).ok());
  const std::vector<uint8_t> got = picture.Packed(), want = Opaque(source.Packed());
  int worst = 0;
  for (size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::abs(got[i] - want[i]));
  CHECK(worst <= 3);
}

TEST_CASE("both orders and every target give the same picture") {
  for (const PlanarOptions& options :
       {PlanarOptions{}, PlanarOptions{.rle = false}, PlanarOptions{.colour_loss = 3},
        PlanarOptions{.colour_loss = 2, .subsample = true, .alpha = true},
        PlanarOptions{.colour_loss = 7, .subsample = true, .rle = false}}) {
    // Decoded as a whole, in bands, and row by row.
    for (const auto& [width, height] : {std::pair{131, 35}, {131, 401}, {605, 91}}) {
      CAPTURE(width);
      CAPTURE(height);
      BitmapPicture source(width, height);
      source.FillDesktop(9);
      const Stream in = EncodePlanar(source.view(), options);
      std::vector<uint8_t> first;
      ForEachSimdTarget([&, width = width, height = height] {
        PlanarScratch scratch;
        BitmapPicture bgrx(width, height), rgbx(width, height, PixelFormat::kRgbx32);
        REQUIRE(DecodePlanar(in, bgrx.view(), &scratch).ok());
        REQUIRE(DecodePlanar(in, rgbx.view(), &scratch).ok());
        std::vector<uint8_t> swapped = rgbx.Packed();
        for (size_t i = 0; i < swapped.size(); i += 4) std::swap(swapped[i], swapped[i + 2]);
        REQUIRE(swapped == bgrx.Packed());
        if (first.empty()) first = swapped;
        REQUIRE(swapped == first);
      });
    }
  }
}

TEST_CASE("truncation at every byte is an error, and flipped bits stay inside") {
  PlanarScratch scratch;
  std::mt19937 random(4);
  for (const PlanarOptions& options :
       {PlanarOptions{}, PlanarOptions{.rle = false}, PlanarOptions{.alpha = true},
        PlanarOptions{.colour_loss = 2, .subsample = true, .alpha = true},
        PlanarOptions{.colour_loss = 4, .subsample = true, .rle = false}}) {
    BitmapPicture source(37, 11), picture(37, 11);
    source.FillDesktop(5);
    Stream in = EncodePlanar(source.view(), options);
    if (!options.rle) in.pop_back();  // the padding
    for (const AlphaMode mode : {AlphaMode::kOpaque, AlphaMode::kKeep}) {
      const std::vector<uint8_t> untouched = picture.Packed();
      for (size_t size = 0; size < in.size(); ++size) {
        const Stream cut(in.begin(), in.begin() + static_cast<ptrdiff_t>(size));
        const Status status = DecodePlanar(cut, picture.view(), &scratch, mode);
        REQUIRE(status.err == Err::kTruncated);
        REQUIRE(status.offset <= size);
        REQUIRE(picture.Packed() == untouched);
      }
      for (int i = 0; i < 2000; ++i) {
        Stream flipped = in;
        flipped[random() % flipped.size()] ^= static_cast<uint8_t>(1u << random() % 8);
        const Status status = DecodePlanar(flipped, picture.view(), &scratch, mode);
        REQUIRE(status.offset <= in.size());
      }
    }
    REQUIRE(picture.CanariesIntact());
  }
}

TEST_CASE("errors are named") {
  PlanarScratch scratch;
  BitmapPicture picture(4, 2);
  const auto decode = [&](const Stream& in) { return DecodePlanar(in, picture.view(), &scratch); };
  CHECK(std::string(decode({}).field) == "FormatHeader");
  CHECK(std::string(decode({0x38, 4, 4, 4, 4, 4, 4}).field) == "FormatHeader");  // CS, no CLL
  CHECK(decode({0x30, 4, 4, 4, 4, 4, 4}).ok());
  CHECK(decode({0xF0, 4, 4, 4, 4, 4, 4}).ok());           // reserved bits
  CHECK(decode({0x30, 0, 4, 0, 0, 4, 4, 4, 4, 4}).ok());  // empty segments
  CHECK(decode({0x30, 4, 4, 4, 4, 4, 4, 9, 9, 9}).ok());  // bytes behind
  const Status crossed = decode({0x30, 4, 4, 4, 5, 4, 4});
  CHECK(crossed.err == Err::kMalformed);
  CHECK(std::string(crossed.field) == "nRunLength");
  CHECK(std::string(decode({0x10, 4, 5, 4, 4, 4, 4, 4, 4}).field) == "nRunLength");  // in alpha
  CHECK(std::string(decode({0x30, 4, 4, 4, 4, 4, 0x40}).field) == "GreenChromaOrBluePlane");
  CHECK(std::string(decode({0x20, 1, 2, 3}).field) == "LumaOrRedPlane");
}

TEST_CASE("a skipped alpha segment beyond the input's end is reported at the end") {
  // Found by the fuzzer: the offset pointed behind the input.
  PlanarScratch scratch;
  BitmapPicture picture(4, 2);
  const Stream in = {0x10, 0xFF, 4, 4, 4, 4, 4, 4, 4};
  const Status status = DecodePlanar(in, picture.view(), &scratch);
  CHECK(status.err == Err::kTruncated);
  CHECK(std::string(status.field) == "AlphaPlane");
  CHECK(status.offset == in.size());
}

TEST_CASE("hostile sizes cost neither memory nor time") {
  PlanarScratch scratch;
  uint8_t nothing = 0;
  for (const int32_t width : {65535, INT32_MAX}) {
    for (const int header : {0x00, 0x10, 0x20, 0x30, 0x39, 0x1A, 0x0F}) {
      const Stream in = {static_cast<uint8_t>(header), 0xF2, 0xF2, 0xF2, 0xF2, 0xF2};
      const PixelView view = {&nothing, width, width, 0, PixelFormat::kBgrx32};
      CHECK(DecodePlanar(in, view, &scratch).err == Err::kTruncated);
    }
  }
  CHECK(scratch.planes.empty());
  for (const int32_t bad : {0, -1, INT32_MIN}) {
    const Stream in = {0x30, 3, 3, 3};
    CHECK(DecodePlanar(in, {&nothing, bad, 1, 4, PixelFormat::kBgrx32}, &scratch).err ==
          Err::kMalformed);
    CHECK(DecodePlanar(in, {&nothing, 1, bad, 4, PixelFormat::kBgrx32}, &scratch).err ==
          Err::kMalformed);
  }
}

TEST_CASE("the specification's plane decodes to its values") {
  // MS-RDPEGDI 3.1.9.2.3, as red; green and blue are flat.
  const Stream in = {0x30, 0x13, 0xFF, 0x20, 0xFE, 0xFD, 0x60, 0x01, 0x7D, 0xF5,
                     0xC2, 0x9A, 0x38, 0x60, 0x01, 0x67, 0x8B, 0xA3, 0x78, 0xAF,  //
                     0x06, 0x06, 0x06, 0x06, 0x06, 0x06};
  PlanarScratch scratch;
  BitmapPicture picture(6, 3);
  REQUIRE(DecodePlanar(in, picture.view(), &scratch).ok());
  const uint8_t red[] = {255, 255, 255, 255, 254, 253, 254, 192, 132,
                         96,  75,  25,  253, 140, 62,  14,  135, 193};
  const std::vector<uint8_t> got = picture.Packed();
  for (size_t i = 0; i < 18; ++i) CHECK(got[4 * i + 2] == red[i]);
}

// ---- ../shared

TEST_CASE("vectors") {
  constexpr struct {
    const char* name;
    int32_t width, height;
    int pixel_bytes;
    bool flipped, red_first;
  } kVectors[] = {
      {"ctxis-16x1x32", 16, 1, 4, false, false},
      {"ctxis-32x32x32", 32, 32, 4, true, false},
      {"freerdp-test_rle_uncompressed_bitmap_16bpp", 32, 32, 4, false, false},
      {"ironrdp-32x64_rgb_raw", 32, 64, 3, false, true},
      {"ironrdp-64x24_argb_rle", 64, 24, 3, false, true},
      {"ironrdp-64x35_ycocg_rle_ss", 64, 35, 3, false, true},
      {"ironrdp-64x64_ycocg_raw_ss", 64, 64, 3, false, true},
  };
  PlanarScratch scratch;
  for (const auto& v : kVectors) {
    CAPTURE(v.name);
    const Stream in = ReadVector(std::string("planar/") + v.name + ".in.bin");
    const Stream out = ReadVector(std::string("planar/") + v.name + ".out.bin");
    if (in.empty()) continue;
    BitmapPicture picture(v.width, v.height);
    const PixelView view = v.flipped ? picture.view().Flipped() : picture.view();
    REQUIRE(DecodePlanar(in, view, &scratch).ok());
    const std::vector<uint8_t> got = picture.Packed();
    int wrong = 0;
    for (size_t i = 0; i < got.size() / 4; ++i) {
      const uint8_t* want = out.data() + i * static_cast<size_t>(v.pixel_bytes);
      wrong += got[4 * i] != want[v.red_first ? 2 : 0] || got[4 * i + 1] != want[1] ||
               got[4 * i + 2] != want[v.red_first ? 0 : 2];
    }
    CHECK(wrong == 0);
  }
  // Single planes without a header: taken three times over, as red, green and blue.
  for (const char* name : {"blue", "green"}) {
    CAPTURE(name);
    const std::string base = std::string("planar/freerdp-plane-") + name + "-rle";
    const Stream plane = ReadVector(base + ".in.bin"), out = ReadVector(base + ".out.bin");
    if (plane.empty()) continue;
    Stream in = {0x30};
    for (int i = 0; i < 3; ++i) in.insert(in.end(), plane.begin(), plane.end());
    BitmapPicture picture(64, 64);
    REQUIRE(DecodePlanar(in, picture.view(), &scratch).ok());
    const std::vector<uint8_t> got = picture.Packed();
    for (size_t i = 0; i < out.size(); ++i) {
      REQUIRE(got[4 * i] == out[i]);
      REQUIRE(got[4 * i + 1] == out[i]);
      REQUIRE(got[4 * i + 2] == out[i]);
    }
  }
}

TEST_CASE("the streams decode to their hashes") {
  const std::string dir = MULLION_SOURCE_DIR "/../shared/streams";
  PlanarScratch scratch;
  for (const char* name : {"planarfull.office", "planar64.desktop"}) {
    bench::Stream stream;
    std::string why;
    if (!bench::ReadStream(dir + "/" + name + ".rdpb", &stream, &why)) {
      std::printf("skipped: %s\n", why.c_str());
      continue;
    }
    CAPTURE(name);
    std::vector<uint8_t> pixels(static_cast<size_t>(stream.width_px) *
                                static_cast<size_t>(stream.height_px) * 4);
    const PixelView frame = {pixels.data(), stream.width_px, stream.height_px,
                             ptrdiff_t{stream.width_px} * 4, PixelFormat::kBgrx32};
    for (const bench::Record& r : stream.records) {
      REQUIRE(DecodePlanar(r.payload, frame.Sub({r.x, r.y, r.w, r.h}), &scratch).ok());
    }
    bench::Fnv hash;
    for (size_t i = 0; i < pixels.size(); i += 4) hash.Add(&pixels[i], 3);
    uint64_t want = 0;
    REQUIRE(bench::LookUpHash(dir, stream.name, &want));
    CHECK(hash.value() == want);
  }
}

#ifdef MULLION_HAVE_ORACLE
TEST_CASE("libfreerdp2 decodes our encoder's pictures as we do") {
  oracle::BitmapOracle peer;
  PlanarScratch scratch;
  for (int flags = 0; flags < 8; ++flags) {
    for (const int loss : {0, 1, 2, 5, 7}) {
      for (const int32_t width : {2, 16, 64, 90, 131, 2401}) {
        const PlanarOptions options = {.colour_loss = loss,
                                       .subsample = (flags & 1) != 0 && loss > 0,
                                       .rle = (flags & 2) != 0,
                                       .alpha = (flags & 4) != 0};
        CAPTURE(flags);
        CAPTURE(loss);
        CAPTURE(width);
        BitmapPicture source(width, 22), ours(width, 22), theirs(width, 22);
        source.FillDesktop(static_cast<uint32_t>(width + loss));
        const Stream in = EncodePlanar(source.view(), options);
        for (const bool keep : {false, true}) {
          REQUIRE(
              DecodePlanar(in, ours.view(), &scratch, keep ? AlphaMode::kKeep : AlphaMode::kOpaque)
                  .ok());
          REQUIRE(peer.DecodePlanar(in, theirs.view(), keep));
          CHECK(ours.Packed() == theirs.Packed());
        }
      }
    }
  }
}

TEST_CASE("pictures of libfreerdp2's encoder come back") {
  oracle::BitmapOracle peer;
  PlanarScratch scratch;
  for (uint32_t seed = 0; seed < 24; ++seed) {
    const auto width = static_cast<int32_t>(4 + 7 * seed);
    const bool alpha = seed % 3 == 0, rle = seed % 2 == 0;
    BitmapPicture source(width, 31), ours(width, 31);
    source.FillDesktop(seed);
    const Stream in = peer.EncodePlanar(source.view(), rle, alpha);
    REQUIRE_FALSE(in.empty());
    // The peer codes bottom-up.
    REQUIRE(DecodePlanar(in, ours.view().Flipped(), &scratch).ok());
    CHECK(ours.Packed() == Opaque(source.Packed()));
  }
}
#endif

}  // namespace
}  // namespace mullion
