#include "codecs/image/planar.h"

#include "codecs/image/planar_rle.h"
#include "codecs/simd/plane_merge.h"
#include "codecs/simd/prefetch_rows.h"

namespace mullion {
namespace {

constexpr uint8_t kColourLossMask = 0x07;
constexpr uint8_t kChromaSubsampling = 0x08;
constexpr uint8_t kRunLengthEncoding = 0x10;
constexpr uint8_t kNoAlpha = 0x20;

struct Plane {
  const char* name;
  PlaneSize size;
  bool wanted;
  const uint8_t* bytes = nullptr;  // result
};

Status At(Status status, size_t offset) {
  status.offset += static_cast<uint32_t>(offset);
  return status;
}

// Raw planes stay where they are.
Status TakeRaw(ByteView in, size_t* offset, Plane* plane) {
  const size_t left = in.size() - *offset;
  // Rows times columns cannot overflow here: both fit 31 bits.
  const uint64_t size = static_cast<uint64_t>(plane->size.width) * plane->size.height;
  if (left < size) return Fail(Err::kTruncated, plane->name, in.size());
  plane->bytes = in.data() + *offset;
  *offset += static_cast<size_t>(size);
  return Ok();
}

// Run-length coded planes are decoded to `*memory`, which moves on.
Status TakeRle(ByteView in, size_t* offset, Plane* plane, uint8_t** memory) {
  const ByteView rest = in.subspan(*offset);
  size_t used = 0;
  if (!plane->wanted) {
    const Status status = SkipPlanarRle(rest, plane->size, plane->name, &used);
    if (!status.ok()) return At(status, *offset);
  } else {
    const Status status = DecodePlanarRle(rest, plane->size, plane->name, *memory, &used);
    if (!status.ok()) return At(status, *offset);
    plane->bytes = *memory;
    *memory += plane->size.width * plane->size.height;
  }
  *offset += used;
  return Ok();
}

// The fewest bytes that can code the plane: rows of the longest runs. Keeps a few hostile bytes
// from costing the memory of a large bitmap.
uint64_t LeastRleBytes(PlaneSize size) {
  return static_cast<uint64_t>((size.width + 46) / 47) * size.height;
}

}  // namespace

Status DecodePlanar(ByteView in, PixelView dst, PlanarScratch* scratch, AlphaMode alpha) {
  if (dst.width_px <= 0) return Fail(Err::kMalformed, "width");
  if (dst.height_px <= 0) return Fail(Err::kMalformed, "height");
  if (in.empty()) return Fail(Err::kTruncated, "FormatHeader");
  const uint8_t header = in[0];
  const int colour_loss = header & kColourLossMask;
  const bool subsampled = (header & kChromaSubsampling) != 0;
  const bool rle = (header & kRunLengthEncoding) != 0;
  const bool has_alpha = (header & kNoAlpha) == 0;
  if (subsampled && colour_loss == 0) return Fail(Err::kMalformed, "FormatHeader");

  const PlaneSize full = {static_cast<size_t>(dst.width_px), static_cast<size_t>(dst.height_px)};
  const PlaneSize chroma =
      subsampled ? PlaneSize{(full.width + 1) / 2, (full.height + 1) / 2} : full;
  const bool keep_alpha = has_alpha && alpha == AlphaMode::kKeep;
  Plane planes[4] = {{"AlphaPlane", full, keep_alpha},
                     {"LumaOrRedPlane", full, true},
                     {"OrangeChromaOrGreenPlane", chroma, true},
                     {"GreenChromaOrBluePlane", chroma, true}};

  PrefetchFirstRows(dst);
  uint8_t* memory = nullptr;
  if (rle) {
    uint64_t least = 0;
    size_t bytes = kPlanarRleSlack;
    for (int i = has_alpha ? 0 : 1; i < 4; ++i) {
      least += LeastRleBytes(planes[i].size);
      if (planes[i].wanted) bytes += planes[i].size.width * planes[i].size.height;
    }
    if (in.size() - 1 < least) return Fail(Err::kTruncated, "GreenChromaOrBluePlane", in.size());
    if (scratch->planes.size() < bytes) {
      scratch->planes.clear();  // nothing in there is worth copying
      scratch->planes.resize(bytes);
    }
    memory = scratch->planes.data();
  }
  size_t offset = 1;
  for (int i = has_alpha ? 0 : 1; i < 4; ++i) {
    MULLION_TRY(rle ? TakeRle(in, &offset, &planes[i], &memory) : TakeRaw(in, &offset, &planes[i]));
  }
  MergePlanes({.first = planes[1].bytes,
               .second = planes[2].bytes,
               .third = planes[3].bytes,
               .alpha = keep_alpha ? planes[0].bytes : nullptr,
               .stride_bytes = full.width,
               .chroma_stride_bytes = chroma.width,
               .ycocg = colour_loss != 0,
               .chroma_shift = colour_loss == 0 ? 0 : colour_loss - 1,
               .subsampled = subsampled},
              dst);
  return Ok();
}

}  // namespace mullion
