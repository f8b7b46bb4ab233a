#include "fuzz/oracle/clear_oracle.h"

#include <freerdp/codec/clear.h>
#include <freerdp/codec/color.h>
#include <winpr/wlog.h>

namespace mullion::oracle {

struct ClearOracle::Context {
  CLEAR_CONTEXT* clear = clear_context_new(FALSE);
  ~Context() { clear_context_free(clear); }
};

ClearOracle::ClearOracle() : context_(std::make_unique<Context>()) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
}
ClearOracle::~ClearOracle() = default;

bool ClearOracle::Decode(ByteView in, const PixelView& dst) {
  const auto width = static_cast<UINT32>(dst.width_px);
  const auto height = static_cast<UINT32>(dst.height_px);
  return clear_decompress(context_->clear, in.data(), static_cast<UINT32>(in.size()), width, height,
                          dst.data, PIXEL_FORMAT_BGRX32, static_cast<UINT32>(dst.stride_bytes), 0,
                          0, width, height, nullptr) >= 0;
}

}  // namespace mullion::oracle
