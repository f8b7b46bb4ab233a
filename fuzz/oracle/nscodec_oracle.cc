#include "fuzz/oracle/nscodec_oracle.h"

#include <freerdp/codec/color.h>
#include <freerdp/codec/nsc.h>
#include <winpr/wlog.h>

namespace mullion::oracle {

struct NsCodecOracle::Context {
  NSC_CONTEXT* nsc = nsc_context_new();
  ~Context() { nsc_context_free(nsc); }
};

NsCodecOracle::NsCodecOracle() : context_(std::make_unique<Context>()) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
}
NsCodecOracle::~NsCodecOracle() = default;

bool NsCodecOracle::Decode(ByteView in, const PixelView& dst) {
  const auto width = static_cast<UINT32>(dst.width_px);
  const auto height = static_cast<UINT32>(dst.height_px);
  return nsc_process_message(context_->nsc, 32, width, height, in.data(),
                             static_cast<UINT32>(in.size()), dst.data, PIXEL_FORMAT_BGRA32,
                             static_cast<UINT32>(dst.stride_bytes), 0, 0, width, height,
                             FREERDP_FLIP_NONE) != 0;
}

}  // namespace mullion::oracle
