// Pointer updates, slow path and fast path.
//
// Spec: MS-RDPBCGR 2.2.9.1.1.4 (TS_POINTER_PDU and its kinds), fast path 2.2.9.1.2.1.5 to .9, .11.
// Shapes: masks as sent: rows bottom-up, padded to two bytes; the AND mask has 1 bit per pixel, the
// XOR mask `xor_bpp`. Mask lengths are the sender's: the decoder checks them against the size.
// Ownership: views into the caller's bytes. Over-read: never. Threads: a pure function.
// Errors: kTruncated, kMalformed with the field; kLimit for a side over 384 pixels.
#ifndef MULLION_CODECS_WIRE_POINTER_H_
#define MULLION_CODECS_WIRE_POINTER_H_

#include <cstdint>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

inline constexpr uint16_t kMaxPointerSidePx = 384;  // MS-RDPBCGR 2.2.9.1.2.1.11

enum class PointerKind : uint8_t {
  kUnknown,   // a type that no specification names: skip and count
  kHidden,    // SYSPTR_NULL
  kDefault,   // SYSPTR_DEFAULT, or any other system pointer
  kPosition,  // move to (x, y)
  kCached,    // show the shape of cache_index
  kShape,     // a new shape: show it and keep it at cache_index
};

struct PointerUpdate {
  PointerKind kind = PointerKind::kUnknown;
  uint16_t x = 0, y = 0;     // kPosition; for kShape the hot spot
  uint16_t cache_index = 0;  // kCached, kShape
  // kShape only:
  uint16_t xor_bpp = 0;   // 24 for TS_COLORPOINTERATTRIBUTE, else as sent
  uint16_t width_px = 0;  // INVARIANT: at most kMaxPointerSidePx; 0 by some servers for "none"
  uint16_t height_px = 0;
  ByteView xor_mask;
  ByteView and_mask;
};

// `body` of a share data PDU of type2 0x1B: messageType, padding, the update.
Status ParsePointerPdu(ByteView body, PointerUpdate* out);

// `code` is a FastPathCode of a pointer update; anything else gives kUnknown.
Status ParseFastPathPointer(uint8_t code, ByteView data, PointerUpdate* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_POINTER_H_
