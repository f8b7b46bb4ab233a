// The bitmap codecs capability set: GUIDs, and the names of codecs and sets.
#include <algorithm>
#include <cstring>

#include "codecs/wire/caps.h"

namespace mullion {
namespace {

struct KnownCodec {
  uint8_t guid[16];  // as on the wire: three little-endian parts, then eight bytes
  BitmapCodec codec;
};

constexpr KnownCodec kKnownCodecs[] = {
    {{0xB9, 0x1B, 0x8D, 0xCA, 0x0F, 0x00, 0x4F, 0x15, 0x58, 0x9F, 0xAE, 0x2D, 0x1A, 0x87, 0xE2,
      0xD6},
     BitmapCodec::kNsCodec},
    {{0x12, 0x2F, 0x77, 0x76, 0x72, 0xBD, 0x63, 0x44, 0xAF, 0xB3, 0xB7, 0x3C, 0x9C, 0x6F, 0x78,
      0x86},
     BitmapCodec::kRemoteFx},
    {{0xD4, 0xCC, 0x44, 0x27, 0x8A, 0x9D, 0x74, 0x4E, 0x80, 0x3C, 0x0E, 0xCB, 0xEE, 0xA1, 0x9C,
      0x54},
     BitmapCodec::kImageRemoteFx},
    {{0xF8, 0x9A, 0xAE, 0x4D, 0x99, 0xB3, 0xF6, 0x4D, 0xB4, 0x3A, 0x66, 0x2F, 0xD9, 0xC0, 0xF5,
      0xD6},
     BitmapCodec::kQoi},
    {{0xDC, 0xC6, 0x9C, 0x22, 0x60, 0xA8, 0x52, 0x4B, 0xB4, 0xD8, 0x05, 0x3A, 0x22, 0xB3, 0x89,
      0x2B},
     BitmapCodec::kQoiz},
    {{0xA6, 0x51, 0x43, 0x9C, 0x35, 0x35, 0xAE, 0x42, 0x91, 0x0C, 0xCD, 0xFC, 0xE5, 0x76, 0x0B,
      0x58},
     BitmapCodec::kIgnore},
};

}  // namespace

Status ParseBitmapCodec(ByteReader* reader, BitmapCodecDef* out) {
  *out = BitmapCodecDef{};
  const ByteView guid = reader->Take(16, "codecGUID");
  out->id = reader->U8("codecID");
  const size_t size = reader->U16("codecPropertiesLength");
  out->properties = reader->Take(size, "codecProperties");
  MULLION_TRY(reader->status());
  std::copy(guid.begin(), guid.end(), out->guid.begin());
  for (const KnownCodec& known : kKnownCodecs) {
    if (std::memcmp(known.guid, guid.data(), 16) == 0) out->codec = known.codec;
  }
  // Properties are hints for the sender; short ones (shadow servers send four zeros) are no error.
  ByteReader properties(out->properties);
  if (out->codec == BitmapCodec::kNsCodec && size >= 3) {
    out->nsc_dynamic_fidelity = properties.U8("fAllowDynamicFidelity") != 0;
    out->nsc_subsampling = properties.U8("fAllowSubsampling") != 0;
    out->nsc_color_loss_level = properties.U8("colorLossLevel");
  } else if ((out->codec == BitmapCodec::kRemoteFx || out->codec == BitmapCodec::kImageRemoteFx) &&
             size >= 12) {
    properties.Skip(4, "length");
    out->rfx_capture_flags = properties.U32("captureFlags");
  }
  return Ok();
}

const char* BitmapCodecName(BitmapCodec codec) {
  switch (codec) {
    case BitmapCodec::kNone:
      return "none";
    case BitmapCodec::kNsCodec:
      return "nscodec";
    case BitmapCodec::kRemoteFx:
      return "remotefx";
    case BitmapCodec::kImageRemoteFx:
      return "image_remotefx";
    case BitmapCodec::kQoi:
      return "qoi";
    case BitmapCodec::kQoiz:
      return "qoiz";
    case BitmapCodec::kIgnore:
      return "ignore";
    case BitmapCodec::kUnknown:
      return "unknown";
  }
  return "unknown";
}

const char* CapTypeName(uint16_t type) {
  static constexpr const char* kNames[] = {nullptr,
                                           "general",
                                           "bitmap",
                                           "order",
                                           "bitmap_cache",
                                           "control",
                                           nullptr,
                                           "activation",
                                           "pointer",
                                           "share",
                                           "color_cache",
                                           nullptr,
                                           "sound",
                                           "input",
                                           "font",
                                           "brush",
                                           "glyph_cache",
                                           "offscreen",
                                           "bitmap_cache_host",
                                           "bitmap_cache2",
                                           "virtual_channel",
                                           "nine_grid",
                                           "gdi_plus",
                                           "rail",
                                           "window",
                                           "composition",
                                           "multifragment",
                                           "large_pointer",
                                           "surface_commands",
                                           "bitmap_codecs",
                                           "frame_acknowledge"};
  if (type >= std::size(kNames) || kNames[type] == nullptr) return "unknown";
  return kNames[type];
}

}  // namespace mullion
