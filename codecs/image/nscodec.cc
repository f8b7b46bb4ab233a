#include "codecs/image/nscodec.h"

#include "codecs/simd/nsc_color.h"
#include "codecs/simd/nsc_rle.h"
#include "codecs/simd/prefetch_rows.h"

namespace mullion {
namespace {

enum Plane { kLuma, kOrange, kGreen, kAlpha, kPlaneCount };

constexpr const char* kPlaneNames[kPlaneCount] = {"LumaPlane", "OrangeChromaPlane",
                                                  "GreenChromaPlane", "AlphaPlane"};
constexpr const char* kCountNames[kPlaneCount] = {
    "LumaPlaneByteCount", "OrangeChromaPlaneByteCount", "GreenChromaPlaneByteCount",
    "AlphaPlaneByteCount"};

struct CodedPlane {
  ByteView bytes;
  size_t offset = 0;    // of `bytes` in the stream
  size_t raw_size = 0;  // expanded
  bool used = true;

  bool compressed() const { return used && bytes.size() < raw_size; }
};

// NSCODEC_BITMAP_STREAM, its lengths checked against the bitmap's size.
struct Stream {
  CodedPlane planes[kPlaneCount];
  size_t luma_stride = 0;
  size_t chroma_stride = 0;
  uint8_t color_loss_level = 0;
  bool subsampled = false;
};

Status ParseStream(ByteView in, size_t width, size_t height, AlphaMode alpha, Stream* stream) {
  ByteReader reader(in);
  uint32_t counts[kPlaneCount];
  for (int i = 0; i < kPlaneCount; ++i) counts[i] = reader.U32(kCountNames[i]);
  stream->color_loss_level = reader.U8("ColorLossLevel");
  const uint8_t subsampling = reader.U8("ChromaSubsamplingLevel");
  reader.Skip(2, "Reserved");
  MULLION_TRY(reader.status());
  if (stream->color_loss_level < 1 || stream->color_loss_level > 7) {
    return Fail(Err::kMalformed, "ColorLossLevel", 16);
  }
  if (subsampling > 1) return Fail(Err::kMalformed, "ChromaSubsamplingLevel", 17);
  stream->subsampled = subsampling == 1;
  size_t chroma_height = height;
  stream->luma_stride = width;
  stream->chroma_stride = width;
  if (stream->subsampled) {
    stream->luma_stride = (width + 7) / 8 * 8;
    stream->chroma_stride = stream->luma_stride / 2;
    chroma_height = (height + 1) / 2;
  }
  stream->planes[kLuma].raw_size = stream->luma_stride * height;
  stream->planes[kOrange].raw_size = stream->chroma_stride * chroma_height;
  stream->planes[kGreen].raw_size = stream->chroma_stride * chroma_height;
  stream->planes[kAlpha].raw_size = width * height;
  stream->planes[kAlpha].used = alpha == AlphaMode::kKeep && counts[kAlpha] > 0;

  for (int i = 0; i < kPlaneCount; ++i) {
    CodedPlane& plane = stream->planes[i];
    if ((counts[i] == 0 && i != kAlpha) || counts[i] > plane.raw_size) {
      return Fail(Err::kMalformed, kCountNames[i], static_cast<size_t>(i) * 4);
    }
    plane.offset = reader.offset();
    plane.bytes = reader.Take(counts[i], kPlaneNames[i]);
  }
  return reader.status();
}

}  // namespace

Status DecodeNsCodec(ByteView in, NsCodecScratch* scratch, const PixelView& dst, AlphaMode alpha) {
  if (dst.bounds().empty()) return Fail(Err::kMalformed, "bitmap size");
  Stream stream;
  MULLION_TRY(ParseStream(in, static_cast<size_t>(dst.width_px), static_cast<size_t>(dst.height_px),
                          alpha, &stream));

  PrefetchFirstRows(dst);
  constexpr int64_t kSmallPx = int64_t{64} * 1024;  // its pixels fit the second-level cache
  const bool small = dst.bounds().area() <= kSmallPx;
  size_t scratch_size = 0;
  for (const CodedPlane& plane : stream.planes) {
    if (plane.compressed()) scratch_size += plane.raw_size + kNscRleSlack;
  }
  uint8_t* expanded = scratch->Reserve(scratch_size);
  const uint8_t* samples[kPlaneCount] = {};
  for (int i = 0; i < kPlaneCount; ++i) {
    const CodedPlane& plane = stream.planes[i];
    if (!plane.used) continue;
    // Small pictures are converted at once at the end, and would wait for all of their rows.
    if (small && i < 3) PrefetchRows(dst, i, 3);
    if (!plane.compressed()) {
      samples[i] = plane.bytes.data();
      continue;
    }
    if (!ExpandNscRle(plane.bytes, expanded, plane.raw_size)) {
      return Fail(Err::kMalformed, kPlaneNames[i], plane.offset);
    }
    samples[i] = expanded;
    expanded += plane.raw_size + kNscRleSlack;
  }

  NscPlanes planes;
  planes.luma = samples[kLuma];
  planes.orange = samples[kOrange];
  planes.green = samples[kGreen];
  planes.alpha = samples[kAlpha];
  planes.luma_stride = stream.luma_stride;
  planes.chroma_stride = stream.chroma_stride;
  planes.alpha_stride = static_cast<size_t>(dst.width_px);
  planes.chroma_shift = stream.color_loss_level - 1;
  planes.subsampled = stream.subsampled;
  ConvertNscPlanes(planes, dst);
  return Ok();
}

}  // namespace mullion
