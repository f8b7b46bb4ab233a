// The output path: fast path, share data, bitmap, palette, surface commands, pointers.
#include <doctest/doctest.h>

#include "codecs/wire/bitmap.h"
#include "codecs/wire/fastpath.h"
#include "codecs/wire/pointer.h"
#include "codecs/wire/share.h"
#include "codecs/wire/surface.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

void Words(ByteWriter* w, std::initializer_list<uint16_t> values) {
  for (const uint16_t v : values) w->U16(v);
}

TEST_CASE("a fast-path PDU yields its updates in order") {
  // Two-byte length; an update with compression flags; a fragment; an empty one.
  const Buffer pdu = {0x00, 0x80, 16, 0x81, 0x61, 2, 0, 'a', 'b', 0x21, 1, 0, 'c', 0x05, 0, 0};
  FastPathOutput output;
  REQUIRE(ParseFastPathOutput(pdu, &output).ok());
  FastPathUpdates updates(output.updates);
  FastPathUpdate update;
  REQUIRE(updates.Next(&update));
  CHECK(update.code == static_cast<uint8_t>(FastPathCode::kBitmap));
  CHECK(update.compression_flags == 0x61);
  CHECK(update.data.size() == 2);
  REQUIRE(updates.Next(&update));
  CHECK(update.fragmentation == Fragmentation::kFirst);
  CHECK(update.compression_flags == 0);
  CHECK(update.data.size() == 1);
  REQUIRE(updates.Next(&update));
  CHECK(update.code == static_cast<uint8_t>(FastPathCode::kPointerHidden));
  CHECK(update.data.empty());
  CHECK_FALSE(updates.Next(&update));
  CHECK(updates.status().ok());
}

TEST_CASE("fast-path headers that lie are refused") {
  FastPathOutput output;
  CHECK(ParseFastPathOutput(Buffer{0x00, 1}, &output).err == Err::kMalformed);
  CHECK(ParseFastPathOutput(Buffer{0x00, 9, 5}, &output).err == Err::kTruncated);
  CHECK(ParseFastPathOutput(Buffer{0x01, 3, 5}, &output).err == Err::kMalformed);
  CHECK(ParseFastPathOutput(Buffer{0x80, 3, 5}, &output).err == Err::kUnsupported);
  const Buffer short_update = {0x00, 6, 4, 200, 0, 1};
  REQUIRE(ParseFastPathOutput(short_update, &output).ok());
  FastPathUpdates updates(output.updates);
  FastPathUpdate update;
  CHECK_FALSE(updates.Next(&update));
  CHECK(updates.status().err == Err::kTruncated);
  CHECK(std::string(updates.status().field) == "updateData");
}

TEST_CASE("fragments join, within a limit") {
  FragmentAssembler assembler(6);
  ByteView whole;
  bool complete = false;
  const Buffer abc = {'a', 'b', 'c'};
  REQUIRE(assembler.Add(4, Fragmentation::kSingle, abc, &whole, &complete).ok());
  CHECK(complete);
  CHECK(whole.data() == abc.data());
  REQUIRE(assembler.Add(4, Fragmentation::kFirst, abc, &whole, &complete).ok());
  CHECK_FALSE(complete);
  REQUIRE(assembler.Add(4, Fragmentation::kNext, Buffer{'d'}, &whole, &complete).ok());
  REQUIRE(assembler.Add(4, Fragmentation::kLast, Buffer{'e'}, &whole, &complete).ok());
  REQUIRE(complete);
  CHECK(std::string(whole.begin(), whole.end()) == "abcde");
  CHECK(assembler.Add(4, Fragmentation::kLast, abc, &whole, &complete).err == Err::kMalformed);
  REQUIRE(assembler.Add(4, Fragmentation::kFirst, abc, &whole, &complete).ok());
  CHECK(assembler.Add(1, Fragmentation::kNext, abc, &whole, &complete).err == Err::kMalformed);
  CHECK(assembler.pending_bytes() == 0);
  REQUIRE(assembler.Add(4, Fragmentation::kFirst, abc, &whole, &complete).ok());
  REQUIRE(assembler.Add(4, Fragmentation::kNext, abc, &whole, &complete).ok());
  CHECK(assembler.Add(4, Fragmentation::kNext, Buffer{1}, &whole, &complete).err == Err::kLimit);
  CHECK(assembler.pending_bytes() == 0);
}

TEST_CASE("the bitmap vector: one rectangle with a compression header") {
  const Buffer bytes = ReadVector("pdu/ironrdp-basic_output.bitmap-bitmap_buffer.in.bin");
  if (bytes.empty()) return;
  BitmapRects rects(bytes);
  CHECK(rects.count() == 1);
  BitmapRect rect;
  REQUIRE(rects.Next(&rect));
  CHECK(rect.dest == RectFromEdges(1792, 1024, 1856, 1080));
  CHECK(rect.width_px == 64);
  CHECK(rect.height_px == 56);
  CHECK(rect.bits_per_pixel == 16);
  CHECK(rect.compressed());
  CHECK(rect.data.size() == 80);  // cbCompMainBodySize
  CHECK(rect.data[0] == 0x21);
  CHECK_FALSE(rects.Next(&rect));
  CHECK(rects.status().ok());
}

TEST_CASE("bitmap rectangles: no header when the flag says so, inverted edges refused") {
  Buffer bytes;
  ByteWriter w(&bytes);
  Words(&w, {1, 2});
  Words(&w, {10, 20, 13, 21, 4, 2, 24, 0x401, 3});
  w.Bytes(Buffer{7, 8, 9});
  Words(&w, {10, 20, 9, 21, 4, 2, 24, 0, 1});
  w.U8(1);
  BitmapRects rects(bytes);
  BitmapRect rect;
  REQUIRE(rects.Next(&rect));
  CHECK(rect.dest == Rect{10, 20, 4, 2});
  CHECK(rect.data.size() == 3);
  CHECK_FALSE(rects.Next(&rect));
  CHECK(rects.status().err == Err::kMalformed);
  CHECK(std::string(rects.status().field) == "destRight");
}

TEST_CASE("palette: 256 entries of red, green, blue; other counts within bounds") {
  Buffer bytes = {2, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6};
  PaletteUpdate palette;
  REQUIRE(ParsePalette(bytes, &palette).ok());
  CHECK(palette.count == 2);
  CHECK(palette.entries.size() == 6);
  CHECK(palette.entries[3] == 4);
  bytes[4] = 3;
  CHECK(ParsePalette(bytes, &palette).err == Err::kTruncated);
  bytes[4] = 0;
  CHECK(ParsePalette(bytes, &palette).err == Err::kMalformed);
  bytes[5] = 2;
  CHECK(ParsePalette(bytes, &palette).err == Err::kMalformed);
}

TEST_CASE("the fast-path palette vectors") {
  const Buffer header =
      ReadVector("fastpath/ironrdp-basic_output.fast_path-fast_path_palette_buffer.in.bin");
  if (header.empty()) return;
  FastPathUpdates updates(header);
  FastPathUpdate update;
  REQUIRE(updates.Next(&update));
  CHECK(update.code == static_cast<uint8_t>(FastPathCode::kPalette));
  CHECK(update.data.size() == 10);
  CHECK_FALSE(updates.Next(&update));
  CHECK(updates.status().ok());
}

TEST_CASE("the surface command vectors") {
  SurfaceCommand command;
  const Buffer marker =
      ReadVector("pdu/ironrdp-basic_output.surface_commands-frame_marker_buffer.in.bin");
  if (marker.empty()) return;
  SurfaceCommands markers(marker);
  REQUIRE(markers.Next(&command));
  CHECK(command.cmd == SurfaceCmd::kFrameMarker);
  CHECK_FALSE(command.marker.end);
  CHECK(command.marker.frame_id == 5);
  CHECK_FALSE(markers.Next(&command));

  const Buffer bits =
      ReadVector("pdu/ironrdp-basic_output.surface_commands-surface_bits_buffer.in.bin");
  SurfaceCommands commands(bits);
  REQUIRE(commands.Next(&command));
  CHECK(command.cmd == SurfaceCmd::kStreamSurfaceBits);
  CHECK(command.bits.dest == Rect{0, 0, 1920, 1080});
  CHECK(command.bits.bits_per_pixel == 32);
  CHECK(command.bits.codec_id == 3);
  CHECK(command.bits.width_px == 1920);
  CHECK(command.bits.height_px == 1080);
  CHECK_FALSE(command.bits.has_ex_header);
  CHECK(command.bits.data.size() == 1195);
  CHECK_FALSE(commands.Next(&command));
  CHECK(commands.status().ok());
}

TEST_CASE("a frame marker may end an update without its id; an unknown command ends the walk") {
  SurfaceCommand command;
  const Buffer keep = {4, 0, 1, 0};
  SurfaceCommands commands(keep);
  REQUIRE(commands.Next(&command));
  CHECK(command.marker.end);
  CHECK(command.marker.frame_id == 0);
  CHECK(commands.status().ok());
  const Buffer unknown = {5, 0, 1, 0};
  SurfaceCommands bad(unknown);
  CHECK_FALSE(bad.Next(&command));
  CHECK(bad.status().err == Err::kMalformed);
}

TEST_CASE("the extended bitmap header is read where the flag says so") {
  Buffer bytes;
  ByteWriter w(&bytes);
  Words(&w, {1, 5, 6, 9, 9});
  w.Bytes(Buffer{32, 1, 0, 1});
  w.U16(4);
  w.U16(3);
  w.U32(2);
  w.U32(11);
  w.U32(12);
  w.U64(13);
  w.U64(14);
  w.U16(0xBBAA);
  SurfaceCommands commands(bytes);
  SurfaceCommand command;
  REQUIRE(commands.Next(&command));
  CHECK(command.bits.dest == Rect{5, 6, 4, 3});
  CHECK(command.bits.has_ex_header);
  CHECK(command.bits.high_unique_id == 11);
  CHECK(command.bits.low_unique_id == 12);
  CHECK(command.bits.milliseconds == 13);
  CHECK(command.bits.seconds == 14);
  CHECK(command.bits.data.size() == 2);
}

TEST_CASE("the colour pointer vector, and the cached one") {
  const Buffer color = ReadVector("pointer/ironrdp-color_pointer_24bpp.in.bin");
  if (color.empty()) return;
  PointerUpdate pointer;
  REQUIRE(ParseFastPathPointer(9, color, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kShape);
  CHECK(pointer.xor_bpp == 24);
  CHECK(pointer.width_px == 41);
  CHECK(pointer.height_px == 39);
  CHECK(pointer.x == 3);
  CHECK(pointer.y == 11);
  CHECK(pointer.and_mask.size() == 234);  // 39 rows of six bytes
  CHECK(pointer.xor_mask.size() == 4836);
  const Buffer cached = ReadVector("pointer/ironrdp-cached_pointer.in.bin");
  REQUIRE(ParseFastPathPointer(10, cached, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kCached);
  CHECK(pointer.cache_index == 0);
}

TEST_CASE("slow-path pointers of every message type") {
  PointerUpdate pointer;
  REQUIRE(ParsePointerPdu(Buffer{1, 0, 0, 0, 0, 0, 0, 0}, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kHidden);
  REQUIRE(ParsePointerPdu(Buffer{1, 0, 0, 0, 0, 0x7F, 0, 0}, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kDefault);
  REQUIRE(ParsePointerPdu(Buffer{3, 0, 0, 0, 5, 0, 6, 1}, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kPosition);
  CHECK(pointer.x == 5);
  CHECK(pointer.y == 262);
  REQUIRE(ParsePointerPdu(Buffer{7, 0, 0, 0, 9, 0}, &pointer).ok());
  CHECK(pointer.cache_index == 9);
  const Buffer shape = {8, 0, 0, 0, 32, 0, 2, 0, 1, 0, 1, 0, 1,
                        0, 1, 0, 2, 0,  4, 0, 1, 2, 3, 4, 5, 6};
  REQUIRE(ParsePointerPdu(shape, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kShape);
  CHECK(pointer.xor_bpp == 32);
  CHECK(pointer.cache_index == 2);
  CHECK(pointer.xor_mask.size() == 4);
  CHECK(pointer.and_mask.size() == 2);
  CHECK(pointer.and_mask[0] == 5);
  for (size_t size = 0; size < shape.size(); ++size) {
    CHECK(ParsePointerPdu(ByteView(shape).first(size), &pointer).err == Err::kTruncated);
  }
  REQUIRE(ParsePointerPdu(Buffer{99, 0, 0, 0}, &pointer).ok());
  CHECK(pointer.kind == PointerKind::kUnknown);
}

TEST_CASE("a large pointer has 32-bit lengths and at most 384 pixels a side") {
  Buffer bytes;
  ByteWriter w(&bytes);
  Words(&w, {24, 1, 0, 0, 384, 384});
  w.U32(2);
  w.U32(3);
  w.Bytes(Buffer{1, 2, 3, 4, 5});
  PointerUpdate pointer;
  REQUIRE(ParseFastPathPointer(12, bytes, &pointer).ok());
  CHECK(pointer.width_px == 384);
  CHECK(pointer.xor_mask.size() == 3);
  bytes[8] = 0x81;  // 385
  CHECK(ParseFastPathPointer(12, bytes, &pointer).err == Err::kLimit);
}

TEST_CASE("several share PDUs in one payload, a short deactivate all, a flow PDU") {
  Buffer bytes = ShareDataPduBytes(0x02, {1, 0, 0, 0});
  Append(&bytes, Buffer{4, 0, 0x16, 0});                    // deactivate all of four bytes
  Append(&bytes, Buffer{0, 0x80, 0, 0x41, 0, 0, 0xEA, 3});  // flow
  Append(&bytes, ShareDataPduBytes(0x1B, {7, 0, 0, 0, 1, 0}, 0x21));
  Append(&bytes, Buffer{0, 0, 0});  // padding
  ShareControls pdus(bytes);
  ShareControl pdu;
  ShareDataPdu data;
  REQUIRE(pdus.Next(&pdu));
  REQUIRE(ParseShareData(pdu.body, &data).ok());
  CHECK(data.type2 == 0x02);
  CHECK(data.compressed_type == 0);
  CHECK(data.body.size() == 4);
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.type == static_cast<uint8_t>(ShareType::kDeactivateAll));
  CHECK(pdu.body.empty());
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.type == kShareFlow);
  REQUIRE(pdus.Next(&pdu));
  REQUIRE(ParseShareData(pdu.body, &data).ok());
  CHECK(data.type2 == 0x1B);
  CHECK(data.compressed_type == 0x21);
  CHECK(data.body.size() == 6);
  CHECK_FALSE(pdus.Next(&pdu));
  CHECK(pdus.status().ok());
}

TEST_CASE("the specification's finalisation PDUs have their types") {
  struct Row {
    const char* file;
    ShareData type2;
  };
  for (const Row& row :
       {Row{"4.1.19-1-server-synchronize-pdu", ShareData::kSynchronize},
        Row{"4.1.20-1-server-control-pdu-cooperate", ShareData::kControl},
        Row{"4.1.22-1-server-font-map-pdu", ShareData::kFontMap},
        Row{"4.1.16-1-client-control-pdu-request-control", ShareData::kControl},
        Row{"4.1.17-1-client-persistent-key-list-pdu", ShareData::kBitmapCachePersistentList},
        Row{"4.3.1-1-logon-info-version-2", ShareData::kSaveSessionInfo}}) {
    const Buffer bytes = ReadVector(std::string("pdu/spec-ms-rdpbcgr-") + row.file + ".in.bin");
    if (bytes.empty()) return;
    ShareControls pdus(bytes);
    ShareControl pdu;
    ShareDataPdu data;
    REQUIRE(pdus.Next(&pdu));
    REQUIRE(ParseShareData(pdu.body, &data).ok());
    CHECK(data.type2 == static_cast<uint8_t>(row.type2));
    CHECK(data.share_id == (row.type2 == ShareData::kSaveSessionInfo ? 0x203EA : 0x103EA));
    CHECK(std::string(SharePduName(data.type2)) != "unknown");
    CHECK_FALSE(pdus.Next(&pdu));
    CHECK(pdus.status().ok());
  }
}

}  // namespace
}  // namespace mullion::test
