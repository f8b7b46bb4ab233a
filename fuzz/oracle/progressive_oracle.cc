#include "fuzz/oracle/progressive_oracle.h"

#include <freerdp/codec/color.h>
#include <freerdp/codec/progressive.h>
#include <freerdp/codec/region.h>
#include <winpr/wlog.h>

namespace mullion::oracle {

struct ProgressiveOracle::Context {
  PROGRESSIVE_CONTEXT* progressive;
  UINT32 frame = 0;  // every stream is a frame of its own
};

ProgressiveOracle::ProgressiveOracle(int32_t width_px, int32_t height_px)
    : context_(new Context{progressive_context_new(FALSE)}) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
  progressive_create_surface_context(context_->progressive, 1, static_cast<UINT32>(width_px),
                                     static_cast<UINT32>(height_px));
}

ProgressiveOracle::~ProgressiveOracle() { progressive_context_free(context_->progressive); }

bool ProgressiveOracle::Decode(ByteView stream, const PixelView& dst) {
  REGION16 invalid;
  region16_init(&invalid);
  const INT32 result = progressive_decompress_ex(
      context_->progressive, stream.data(), static_cast<UINT32>(stream.size()), dst.data,
      PIXEL_FORMAT_BGRX32, static_cast<UINT32>(dst.stride_bytes), 0, 0, &invalid, 1,
      ++context_->frame);
  region16_uninit(&invalid);
  return result >= 0;
}

}  // namespace mullion::oracle
