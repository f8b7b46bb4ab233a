#include "fuzz/oracle/remotefx_oracle.h"

#include <freerdp/codec/color.h>
#include <freerdp/codec/region.h>
#include <freerdp/codec/rfx.h>
#include <winpr/wlog.h>

namespace mullion::oracle {

struct RemoteFxOracle::Context {
  RFX_CONTEXT* rfx;
};

RemoteFxOracle::RemoteFxOracle(int32_t width_px, int32_t height_px)
    : context_(new Context{rfx_context_new(FALSE)}) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
  rfx_context_reset(context_->rfx, static_cast<UINT32>(width_px), static_cast<UINT32>(height_px));
  rfx_context_set_pixel_format(context_->rfx, PIXEL_FORMAT_BGRX32);
}

RemoteFxOracle::~RemoteFxOracle() { rfx_context_free(context_->rfx); }

bool RemoteFxOracle::Decode(ByteView message, const PixelView& dst) {
  REGION16 invalid;
  region16_init(&invalid);
  const BOOL ok =
      rfx_process_message(context_->rfx, message.data(), static_cast<UINT32>(message.size()), 0, 0,
                          dst.data, PIXEL_FORMAT_BGRX32, static_cast<UINT32>(dst.stride_bytes),
                          static_cast<UINT32>(dst.height_px), &invalid);
  region16_uninit(&invalid);
  return ok != FALSE;
}

}  // namespace mullion::oracle
