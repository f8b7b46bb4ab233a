#include "fuzz/oracle/pointer_oracle.h"

#include <freerdp/codec/color.h>
#include <winpr/wlog.h>

#include <algorithm>

namespace mullion::oracle {

bool DecodePointerImage(const PointerShape& shape, std::vector<uint8_t>* bgra) {
  WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
  gdiPalette palette = {};
  palette.format = PIXEL_FORMAT_BGRX32;
  if (shape.palette != nullptr) {
    // libfreerdp2 keeps its palette's words in the order of its pixel format's name.
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t e = shape.palette->entries[i];
      palette.palette[i] = FreeRDPGetColor(palette.format, static_cast<BYTE>(e >> 16),
                                           static_cast<BYTE>(e >> 8), static_cast<BYTE>(e), 0xFF);
    }
  }
  bgra->assign(size_t{shape.width} * shape.height * 4, 0);
  const BYTE* and_mask = shape.and_mask.empty() ? nullptr : shape.and_mask.data();
  return freerdp_image_copy_from_pointer_data(
             bgra->data(), PIXEL_FORMAT_BGRA32, 0, 0, 0, shape.width, shape.height,
             shape.xor_mask.data(), static_cast<UINT32>(shape.xor_mask.size()), and_mask,
             static_cast<UINT32>(shape.and_mask.size()), shape.xor_bpp,
             shape.palette == nullptr ? nullptr : &palette) != 0;
}

}  // namespace mullion::oracle
