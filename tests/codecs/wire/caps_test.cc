// Demand active, confirm active and every capability set: the specification's example values.
#include <doctest/doctest.h>

#include <algorithm>

#include "codecs/wire/caps.h"
#include "codecs/wire/share.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

TEST_CASE("the specification's demand active") {
  const Buffer bytes = ReadVector("pdu/spec-ms-rdpbcgr-4.1.12-1-server-demand-active-pdu.in.bin");
  if (bytes.empty()) return;
  ShareControls pdus(bytes);
  ShareControl pdu;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.type == static_cast<uint8_t>(ShareType::kDemandActive));
  CHECK(pdu.source == 1002);
  ActivePdu active;
  REQUIRE(ParseDemandActive(pdu.body, &active).ok());
  CHECK(active.share_id == 66538);
  const Capabilities& caps = active.caps;
  for (const CapType type : {CapType::kShare, CapType::kGeneral, CapType::kBitmap, CapType::kOrder,
                             CapType::kPointer, CapType::kInput, CapType::kVirtualChannel}) {
    CHECK(caps.has(type));
  }
  CHECK(caps.os_major == 1);
  CHECK(caps.os_minor == 3);
  CHECK(caps.protocol_version == 0x200);
  CHECK(caps.extra_flags == 0x041D);
  CHECK(caps.refresh_rect);
  CHECK(caps.suppress_output);
  CHECK(caps.bits_per_pixel == 24);
  CHECK(caps.desktop_width == 1280);
  CHECK(caps.desktop_height == 1024);
  CHECK(caps.virtual_channel_flags == 2);
  CHECK_FALSE(pdus.Next(&pdu));
  CHECK(pdus.status().ok());
}

TEST_CASE("the specification's confirm active") {
  const Buffer bytes = ReadVector("pdu/spec-ms-rdpbcgr-4.1.13-1-client-confirm-active-pdu.in.bin");
  if (bytes.empty()) return;
  ShareControls pdus(bytes);
  ShareControl pdu;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.type == static_cast<uint8_t>(ShareType::kConfirmActive));
  CHECK(pdu.source == 1007);
  ActivePdu active;
  REQUIRE(ParseConfirmActive(pdu.body, &active).ok());
  CHECK(active.share_id == 66538);
  CHECK(active.originator == 1002);
  const Capabilities& caps = active.caps;
  CHECK(caps.has(CapType::kBitmapCacheRev2));
  CHECK(caps.bitmap_cache2_flags == 3);
  CHECK(caps.bitmap_cache2_cells == 3);
  CHECK(caps.bitmap_cache2_entries[0] == 120);
  CHECK(caps.bitmap_cache2_entries[2] == (2555u | 0x80000000u));
  CHECK(caps.color_pointer);
  CHECK(caps.color_pointer_cache == 20);
  CHECK(caps.pointer_cache == 21);
  CHECK(caps.input_flags == 0x15);
  CHECK(caps.brush_support == 1);
  CHECK(caps.glyph_cache[0].entries == 254);
  CHECK(caps.glyph_support == 3);
  CHECK(caps.offscreen_support == 1);
  CHECK(caps.offscreen_cache_kib == 7680);
  CHECK(caps.offscreen_cache_entries == 100);
  CHECK(caps.nine_grid_support == 2);
}

Capabilities ParseSet(CapType type, const std::string& name) {
  Capabilities caps;
  const Buffer bytes = ReadVector("caps/ironrdp-" + name + ".in.bin");
  if (!bytes.empty()) {
    CHECK(ParseCapability(static_cast<uint16_t>(type), bytes, &caps).ok());
    Capabilities cut;
    CHECK(ParseCapability(static_cast<uint16_t>(type), ByteView(bytes).first(1), &cut).err ==
          Err::kTruncated);
  }
  return caps;
}

TEST_CASE("single capability sets give their values") {
  if (ReadVector("caps/ironrdp-rdp.capability_sets.bitmap-bitmap_buffer.in.bin").empty()) return;
  const std::string p = "rdp.capability_sets.";
  Capabilities c = ParseSet(CapType::kBitmap, p + "bitmap-bitmap_buffer");
  CHECK(c.bits_per_pixel == 24);
  CHECK(c.desktop_width == 1280);
  CHECK(c.drawing_flags == 8);
  c = ParseSet(CapType::kBitmap, "src.capsets-client_bitmap_capability_set_32_bit");
  CHECK(c.bits_per_pixel == 32);
  CHECK(c.desktop_width == 800);
  CHECK(c.desktop_height == 600);
  CHECK(c.desktop_resize);
  c = ParseSet(CapType::kBitmapCache, p + "bitmap_cache-bitmap_cache_buffer");
  CHECK(c.bitmap_cache[0].entries == 200);
  CHECK(c.bitmap_cache[2].max_cell_bytes == 8192);
  c = ParseSet(CapType::kGeneral, p + "general-general_capset_buffer");
  CHECK(c.extra_flags == 0x041D);
  CHECK_FALSE(c.refresh_rect);
  c = ParseSet(CapType::kGlyphCache, p + "glyph_cache-glyph_cache_buffer");
  CHECK(c.glyph_cache[9].entries == 64);
  CHECK(c.glyph_cache[9].max_cell_bytes == 2048);
  CHECK(c.fragment_cache.entries == 256);
  CHECK(c.glyph_support == 3);
  c = ParseSet(CapType::kOffscreenCache,
               p + "offscreen_bitmap_cache-offscreen_bitmap_cache_buffer");
  CHECK(c.offscreen_cache_kib == 7680);
  c = ParseSet(CapType::kOrder, p + "order-order_buffer");
  CHECK(c.order_flags == 0x22);
  CHECK(c.order_support[0] == 1);
  CHECK(c.order_support[5] == 0);
  c = ParseSet(CapType::kSurfaceCommands, p + "surface_commands-surface_commands_buffer");
  CHECK(c.surface_command_flags == 0x52);
  c = ParseSet(CapType::kVirtualChannel, p + "virtual_channel-virtual_channel_buffer");
  CHECK(c.virtual_channel_chunk == 1600);
  c = ParseSet(CapType::kDrawNineGridCache,
               "src.capsets-client_draw_nine_grid_cache_capability_set");
  CHECK(c.nine_grid_support == 2);
  CHECK(c.nine_grid_cache_kib == 2560);
  CHECK(c.nine_grid_cache_entries == 256);
  c = ParseSet(CapType::kInput, "src.capsets-server_input_capability_set");
  CHECK(c.input_flags == 0x35);
}

TEST_CASE("the bitmap codecs set names codecs by GUID and keeps their ids") {
  const Buffer bytes =
      ReadVector("caps/ironrdp-rdp.capability_sets.bitmap_codecs-bitmap_codecs_buffer.in.bin");
  if (bytes.empty()) return;
  Capabilities caps;
  REQUIRE(ParseCapability(29, bytes, &caps).ok());
  REQUIRE(caps.codecs.size() == 2);
  CHECK(caps.codecs[0].codec == BitmapCodec::kRemoteFx);
  CHECK(caps.codecs[0].id == 3);
  CHECK(caps.codecs[0].properties.size() == 49);
  CHECK(caps.codecs[0].rfx_capture_flags == 1);
  CHECK(caps.codecs[1].codec == BitmapCodec::kNsCodec);
  CHECK(caps.codecs[1].id == 1);
  CHECK(caps.codecs[1].nsc_dynamic_fidelity);
  CHECK(caps.codecs[1].nsc_subsampling);
  CHECK(caps.codecs[1].nsc_color_loss_level == 3);
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(ParseCapability(29, ByteView(bytes).first(size), &caps).ok());
  }
}

TEST_CASE("QOI and QOIZ are known by IronRDP's GUIDs") {
  const Buffer qoi = {0xF8, 0x9A, 0xAE, 0x4D, 0x99, 0xB3, 0xF6, 0x4D, 0xB4, 0x3A,
                      0x66, 0x2F, 0xD9, 0xC0, 0xF5, 0xD6, 10,   0,    0};
  const Buffer qoiz = {0xDC, 0xC6, 0x9C, 0x22, 0x60, 0xA8, 0x52, 0x4B, 0xB4, 0xD8,
                       0x05, 0x3A, 0x22, 0xB3, 0x89, 0x2B, 11,   0,    0};
  BitmapCodecDef def;
  ByteReader first(qoi);
  REQUIRE(ParseBitmapCodec(&first, &def).ok());
  CHECK(def.codec == BitmapCodec::kQoi);
  CHECK(def.id == 10);
  ByteReader second(qoiz);
  REQUIRE(ParseBitmapCodec(&second, &def).ok());
  CHECK(def.codec == BitmapCodec::kQoiz);
  CHECK(std::string(BitmapCodecName(def.codec)) == "qoiz");
}

TEST_CASE("a short pointer set means no new pointers, and unknown sets are no error") {
  Capabilities caps;
  REQUIRE(ParseCapability(8, Buffer{1, 0, 20, 0}, &caps).ok());
  CHECK(caps.color_pointer_cache == 20);
  CHECK(caps.pointer_cache == 0);
  CHECK(ParseCapability(77, Buffer{1, 2, 3}, &caps).ok());
  CHECK(std::string(CapTypeName(77)) == "unknown");
  CHECK(std::string(CapTypeName(29)) == "bitmap_codecs");
}

TEST_CASE("a set whose length is shorter than its header is refused with its place") {
  Capabilities caps;
  const Status status = ParseCapabilities(Buffer{1, 0, 3, 0, 9, 9}, 1, &caps);
  CHECK(status.err == Err::kMalformed);
  CHECK(std::string(status.field) == "lengthCapability");
  CHECK(status.offset == 2);
}

}  // namespace
}  // namespace mullion::test
