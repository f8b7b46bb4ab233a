// Demand active, confirm active, and the capability sets in them.
//
// Spec: MS-RDPBCGR 2.2.1.13.1 (demand active), 2.2.1.13.2 (confirm active), 2.2.7 (capability
// sets), 2.2.7.2.10 (bitmap codecs); MS-RDPRFX 2.2.1, MS-RDPNSC 2.2.1 (codec properties). Shapes:
// the body of a share control PDU of that type. One structure holds the sets of either side; what a
// side does not send stays 0. Ownership: structures own what they hold, but for `properties`, a
// view into the PDU. Over-read: never. Threads: pure functions. Errors: kTruncated, kMalformed,
// kLimit with the field and its offset.
#ifndef MULLION_CODECS_WIRE_CAPS_H_
#define MULLION_CODECS_WIRE_CAPS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/base/byte_reader.h"
#include "codecs/base/status.h"

namespace mullion {

// What a codec id of surface commands stands for.
enum class BitmapCodec : uint8_t {
  kNone = 0,       // raw, or an id that nobody announced
  kNsCodec,        // CODEC_GUID_NSCODEC
  kRemoteFx,       // CODEC_GUID_REMOTEFX (video mode)
  kImageRemoteFx,  // CODEC_GUID_IMAGE_REMOTEFX
  kQoi,            // IronRDP's
  kQoiz,           // IronRDP's, a zstd stream per session
  kIgnore,         // CODEC_GUID_IGNORE
  kUnknown,        // announced with a GUID that we do not know
};
const char* BitmapCodecName(BitmapCodec codec);  // "nscodec", "remotefx", ...

// INVARIANT: the numbers are the wire's capabilitySetType.
enum class CapType : uint16_t {
  kGeneral = 1,
  kBitmap = 2,
  kOrder = 3,
  kBitmapCache = 4,
  kControl = 5,
  kActivation = 7,
  kPointer = 8,
  kShare = 9,
  kColorCache = 10,
  kSound = 12,
  kInput = 13,
  kFont = 14,
  kBrush = 15,
  kGlyphCache = 16,
  kOffscreenCache = 17,
  kBitmapCacheHostSupport = 18,
  kBitmapCacheRev2 = 19,
  kVirtualChannel = 20,
  kDrawNineGridCache = 21,
  kDrawGdiPlus = 22,
  kRail = 23,
  kWindow = 24,
  kDesktopComposition = 25,
  kMultifragmentUpdate = 26,
  kLargePointer = 27,
  kSurfaceCommands = 28,
  kBitmapCodecs = 29,
  kFrameAcknowledge = 30,
};
const char* CapTypeName(uint16_t type);  // "general", ...; "unknown" for others

struct BitmapCodecDef {
  BitmapCodec codec = BitmapCodec::kUnknown;
  std::array<uint8_t, 16> guid{};
  uint8_t id = 0;
  ByteView properties;
  // From the properties, where they are there:
  bool nsc_dynamic_fidelity = false;
  bool nsc_subsampling = false;
  uint8_t nsc_color_loss_level = 0;
  uint32_t rfx_capture_flags = 0;  // client: 1 CARDP_CAPS_CAPTURE_NON_CAC
};

struct CacheEntry {
  uint16_t entries = 0;
  uint16_t max_cell_bytes = 0;
};

struct Capabilities {
  uint32_t present = 0;  // bit n: the set of type n was there
  bool has(CapType type) const { return (present >> static_cast<unsigned>(type) & 1) != 0; }

  // General
  uint16_t os_major = 0, os_minor = 0;
  uint16_t protocol_version = 0;
  uint16_t extra_flags = 0;  // FASTPATH_OUTPUT_SUPPORTED 1, NO_BITMAP_COMPRESSION_HDR 0x400 ...
  bool refresh_rect = false;
  bool suppress_output = false;
  // Bitmap
  uint16_t bits_per_pixel = 0;
  uint16_t desktop_width = 0;
  uint16_t desktop_height = 0;
  bool desktop_resize = false;
  uint8_t drawing_flags = 0;
  // Order
  uint16_t order_flags = 0;
  std::array<uint8_t, 32> order_support{};
  uint16_t order_support_ex = 0;
  uint32_t desktop_save_size = 0;
  // BitmapCache (revision 1) and BitmapCacheRev2
  std::array<CacheEntry, 3> bitmap_cache{};
  uint16_t bitmap_cache2_flags = 0;
  uint8_t bitmap_cache2_cells = 0;
  std::array<uint32_t, 5> bitmap_cache2_entries{};  // bit 31: persistent
  // Pointer, LargePointer
  bool color_pointer = false;
  uint16_t color_pointer_cache = 0;
  uint16_t pointer_cache = 0;
  uint16_t large_pointer_flags = 0;
  // Input
  uint16_t input_flags = 0;
  uint32_t keyboard_layout = 0;
  // Brush, GlyphCache, Offscreen
  uint32_t brush_support = 0;
  std::array<CacheEntry, 10> glyph_cache{};
  CacheEntry fragment_cache;
  uint16_t glyph_support = 0;
  uint32_t offscreen_support = 0;
  uint16_t offscreen_cache_kib = 0;
  uint16_t offscreen_cache_entries = 0;
  // VirtualChannel
  uint32_t virtual_channel_flags = 0;
  uint32_t virtual_channel_chunk = 0;  // 0: not sent
  // DrawNineGridCache, DrawGdiPlus
  uint32_t nine_grid_support = 0;
  uint16_t nine_grid_cache_kib = 0;
  uint16_t nine_grid_cache_entries = 0;
  uint32_t gdi_plus_support = 0;
  // MultifragmentUpdate, SurfaceCommands, FrameAcknowledge
  uint32_t multifragment_max = 0;
  uint32_t surface_command_flags = 0;  // 2 set bits, 0x10 frame marker, 0x40 stream bits
  uint32_t frame_acknowledge_max = 0;
  // BitmapCodecs
  std::vector<BitmapCodecDef> codecs;
};

// One set without its four-byte header. An unknown type is no error.
Status ParseCapability(uint16_t type, ByteView body, Capabilities* out);
// `count` sets with their headers.
Status ParseCapabilities(ByteView sets, uint16_t count, Capabilities* out);
// One element of supportedBitmapCodecs.
Status ParseBitmapCodec(ByteReader* reader, BitmapCodecDef* out);

struct ActivePdu {
  uint32_t share_id = 0;
  uint16_t originator = 0;  // confirm active only
  Capabilities caps;
};
Status ParseDemandActive(ByteView body, ActivePdu* out);
Status ParseConfirmActive(ByteView body, ActivePdu* out);

}  // namespace mullion

#endif  // MULLION_CODECS_WIRE_CAPS_H_
