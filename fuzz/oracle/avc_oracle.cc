#include "fuzz/oracle/avc_oracle.h"

#include <freerdp/channels/rdpgfx.h>
#include <freerdp/codec/color.h>
#include <freerdp/codec/h264.h>
#include <winpr/wlog.h>

#include <vector>

namespace mullion::oracle {
namespace {

std::vector<RECTANGLE_16> RectsOf(std::span<const Rect> region) {
  std::vector<RECTANGLE_16> rects;
  for (const Rect& r : region) {
    rects.push_back({static_cast<UINT16>(r.x), static_cast<UINT16>(r.y),
                     static_cast<UINT16>(r.right()), static_cast<UINT16>(r.bottom())});
  }
  return rects;
}

UINT32 Size(ByteView bytes) { return static_cast<UINT32>(bytes.size()); }

}  // namespace

struct AvcOracle::Context {
  H264_CONTEXT* h264 = h264_context_new(FALSE);
  ~Context() { h264_context_free(h264); }
};

AvcOracle::AvcOracle(int32_t width_px, int32_t height_px) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
  context_ = std::make_unique<Context>();
  if (context_->h264 == nullptr) return;
  h264_context_reset(context_->h264, static_cast<UINT32>(width_px), static_cast<UINT32>(height_px));
}
AvcOracle::~AvcOracle() = default;

bool AvcOracle::Decode420(ByteView bitstream, std::span<const Rect> region, const PixelView& dst) {
  if (context_->h264 == nullptr) return false;
  auto rects = RectsOf(region);
  return avc420_decompress(context_->h264, bitstream.data(), Size(bitstream), dst.data,
                           PIXEL_FORMAT_BGRX32, static_cast<UINT32>(dst.stride_bytes),
                           static_cast<UINT32>(dst.width_px), static_cast<UINT32>(dst.height_px),
                           rects.data(), static_cast<UINT32>(rects.size())) >= 0;
}

bool AvcOracle::Decode444(Yuv444Layout layout, const Avc444Stream& stream, const PixelView& dst) {
  if (context_->h264 == nullptr) return false;
  const BYTE op = stream.has_main && stream.has_aux ? 0 : stream.has_main ? 1 : 2;
  const Avc420Stream& first = stream.has_main ? stream.main : stream.aux;
  auto rects = RectsOf(first.region);
  auto aux_rects = op == 0 ? RectsOf(stream.aux.region) : std::vector<RECTANGLE_16>();
  const ByteView aux = op == 0 ? stream.aux.bitstream : ByteView();
  return avc444_decompress(
             context_->h264, op, rects.data(), static_cast<UINT32>(rects.size()),
             first.bitstream.data(), Size(first.bitstream), aux_rects.data(),
             static_cast<UINT32>(aux_rects.size()), aux.data(), Size(aux), dst.data,
             PIXEL_FORMAT_BGRX32, static_cast<UINT32>(dst.stride_bytes),
             static_cast<UINT32>(dst.width_px), static_cast<UINT32>(dst.height_px),
             layout == Yuv444Layout::kV1 ? RDPGFX_CODECID_AVC444 : RDPGFX_CODECID_AVC444v2) >= 0;
}

}  // namespace mullion::oracle
