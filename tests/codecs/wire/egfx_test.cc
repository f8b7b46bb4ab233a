// The PDUs of the graphics pipeline: every field, every cut, every forbidden value.
#include "codecs/wire/egfx.h"

#include <doctest/doctest.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

using Body = std::vector<uint8_t>;

// Little-endian fields of 1, 2, 4 or 8 bytes.
struct Field {
  int size;
  uint64_t value;
};
constexpr Field B(uint64_t v) { return {1, v}; }
constexpr Field W(uint64_t v) { return {2, v}; }
constexpr Field D(uint64_t v) { return {4, v}; }
constexpr Field Q(uint64_t v) { return {8, v}; }

Body Make(std::initializer_list<Field> fields) {
  Body body;
  for (const Field& f : fields) {
    for (int i = 0; i < f.size; ++i) body.push_back(static_cast<uint8_t>(f.value >> (8 * i)));
  }
  return body;
}

Body Pdu(uint16_t cmd, const Body& body) {
  Body pdu = Make({W(cmd), W(0), D(8 + body.size())});
  pdu.insert(pdu.end(), body.begin(), body.end());
  return pdu;
}

// Parses `body` cut at every byte, from buffers of exactly that size: all of it is needed.
void CheckEveryCut(const Body& body, const std::function<Status(ByteView)>& parse) {
  CHECK(parse(body).ok());
  for (size_t size = 0; size < body.size(); ++size) {
    const auto exact = std::make_unique<uint8_t[]>(size);
    std::copy_n(body.begin(), size, exact.get());
    CAPTURE(size);
    const Status status = parse({exact.get(), size});
    CHECK(status.err == Err::kTruncated);
    CHECK(status.offset <= size);
  }
  Body longer = body;
  longer.push_back(0xAA);
  CHECK(parse(longer).ok());
}

// The function that parses into a T that nobody looks at.
template <typename T>
std::function<Status(ByteView)> Into(Status (*parse)(ByteView, T*)) {
  return [parse](ByteView body) {
    T out{};
    return parse(body, &out);
  };
}

void CheckStatus(const Status& status, Err err, const std::string& field, uint32_t offset) {
  CHECK(status.err == err);
  CHECK(status.field == field);
  CHECK(status.offset == offset);
}

TEST_CASE("a message is a run of PDUs, whatever their command") {
  Body message = Pdu(0x0B, Make({D(7), D(8)}));
  const Body unknown = Pdu(0x1234, {1, 2, 3});
  const Body empty = Pdu(0x1A, {});
  message.insert(message.end(), unknown.begin(), unknown.end());
  message.insert(message.end(), empty.begin(), empty.end());
  EgfxPdus pdus(message);
  EgfxPdu pdu;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kStartFrame);
  CHECK(pdu.body.size() == 8);
  REQUIRE(pdus.Next(&pdu));
  CHECK(static_cast<int>(pdu.cmd) == 0x1234);
  CHECK(pdu.body.size() == 3);
  CHECK(pdu.body[2] == 3);
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kWatermark);
  CHECK(pdu.body.empty());
  CHECK_FALSE(pdus.Next(&pdu));
  CHECK(pdus.status().ok());
}

TEST_CASE("a PDU's length is at least its header's and ends inside the message") {
  EgfxPdu pdu;
  for (const uint32_t length : {0u, 7u}) {
    const Body bytes = Make({D(0), D(9), W(1), W(5), D(length), D(0)});
    EgfxPdus pdus(ByteView(bytes).subspan(8));
    CHECK_FALSE(pdus.Next(&pdu));
    CheckStatus(pdus.status(), Err::kMalformed, "pduLength", 4);
    CHECK_FALSE(pdus.Next(&pdu));
  }
  for (const uint32_t length : {13u, 0x80000000u, 0xFFFFFFFFu}) {
    const Body bytes = Make({W(1), W(0), D(length), D(0)});
    EgfxPdus pdus(bytes);
    CHECK_FALSE(pdus.Next(&pdu));
    CHECK(pdus.status().err == Err::kTruncated);
  }
  const Body whole = Pdu(0x0C, Make({D(1)}));
  for (size_t size = 1; size < whole.size(); ++size) {
    EgfxPdus pdus(ByteView(whole).first(size));
    CHECK_FALSE(pdus.Next(&pdu));
    CHECK(pdus.status().err == Err::kTruncated);
  }
}

TEST_CASE("wire to surface 1") {
  const Body body = Make({W(3), W(8), B(0x21), W(1), W(2), W(11), W(32), D(3), B(7), B(8), B(9)});
  EgfxWireToSurface1 out;
  REQUIRE(ParseEgfxWireToSurface1(body, &out).ok());
  CHECK(out.surface_id == 3);
  CHECK(out.codec == EgfxCodec::kClear);
  CHECK(out.format == EgfxPixelFormat::kArgb);
  CHECK(out.dest == Rect{1, 2, 10, 30});
  CHECK(Body(out.data.begin(), out.data.end()) == Body{7, 8, 9});
  CheckEveryCut(body, Into(ParseEgfxWireToSurface1));
  Body bad = body;
  bad[4] = 0x22;
  CheckStatus(ParseEgfxWireToSurface1(bad, &out), Err::kMalformed, "pixelFormat", 4);
  bad = body;
  bad[9] = 0;  // right 0, left 1
  CheckStatus(ParseEgfxWireToSurface1(bad, &out), Err::kMalformed, "destRect", 5);
  bad = body;
  bad[9] = 1;  // empty
  CHECK(ParseEgfxWireToSurface1(bad, &out).ok());
  CHECK(out.dest.empty());
}

TEST_CASE("wire to surface 2, and the end of its context") {
  const Body body = Make({W(3), W(9), D(0x01020304), B(0x20), D(1), B(5)});
  EgfxWireToSurface2 out;
  REQUIRE(ParseEgfxWireToSurface2(body, &out).ok());
  CHECK(out.surface_id == 3);
  CHECK(out.codec == EgfxCodec::kProgressive);
  CHECK(out.context_id == 0x01020304);
  CHECK(out.format == EgfxPixelFormat::kXrgb);
  CHECK(out.data.size() == 1);
  CheckEveryCut(body, Into(ParseEgfxWireToSurface2));
  const Body end = Make({W(3), D(77)});
  EgfxDeleteEncodingContext context;
  REQUIRE(ParseEgfxDeleteEncodingContext(end, &context).ok());
  CHECK(context.surface_id == 3);
  CHECK(context.context_id == 77);
  CheckEveryCut(end, Into(ParseEgfxDeleteEncodingContext));
}

TEST_CASE("solid fill: a colour and rectangles, all of them looked at") {
  const Body body = Make(
      {W(3), B(1), B(2), B(3), B(4), W(2), W(0), W(0), W(65535), W(65535), W(5), W(6), W(5), W(6)});
  EgfxSolidFill out;
  REQUIRE(ParseEgfxSolidFill(body, &out).ok());
  CHECK(out.surface_id == 3);
  CHECK(out.b == 1);
  CHECK(out.g == 2);
  CHECK(out.r == 3);
  CHECK(out.xa == 4);
  REQUIRE(out.rects.size() == 2);
  CHECK(out.rects[0] == Rect{0, 0, 65535, 65535});
  CHECK(out.rects[1] == Rect{5, 6, 0, 0});
  CheckEveryCut(body, Into(ParseEgfxSolidFill));
  Body bad = body;
  bad[22] = 5;  // the second one's bottom above its top
  CheckStatus(ParseEgfxSolidFill(bad, &out), Err::kMalformed, "fillRects", 16);
  const Body none = Make({W(3), D(0), W(0)});
  REQUIRE(ParseEgfxSolidFill(none, &out).ok());
  CHECK(out.rects.size() == 0);
}

TEST_CASE("copies: surface to surface, to the cache, and from it") {
  const Body copy =
      Make({W(3), W(4), W(1), W(2), W(11), W(32), W(2), W(0x8000), W(0x7FFF), W(0xFFFF), W(6)});
  EgfxSurfaceToSurface out;
  REQUIRE(ParseEgfxSurfaceToSurface(copy, &out).ok());
  CHECK(out.source_id == 3);
  CHECK(out.dest_id == 4);
  CHECK(out.source == Rect{1, 2, 10, 30});
  REQUIRE(out.points.size() == 2);
  CHECK(out.points[0] == EgfxPoint{-32768, 32767});
  CHECK(out.points[1] == EgfxPoint{-1, 6});
  CheckEveryCut(copy, Into(ParseEgfxSurfaceToSurface));
  Body bad = copy;
  bad[8] = 0;
  CheckStatus(ParseEgfxSurfaceToSurface(bad, &out), Err::kMalformed, "rectSrc", 4);

  const Body keep = Make({W(3), Q(0x1122334455667788), W(25600), W(1), W(2), W(11), W(32)});
  EgfxSurfaceToCache cache;
  REQUIRE(ParseEgfxSurfaceToCache(keep, &cache).ok());
  CHECK(cache.surface_id == 3);
  CHECK(cache.key == 0x1122334455667788);
  CHECK(cache.slot == 25600);
  CHECK(cache.source == Rect{1, 2, 10, 30});
  CheckEveryCut(keep, Into(ParseEgfxSurfaceToCache));
  bad = keep;
  bad[18] = 1;
  CheckStatus(ParseEgfxSurfaceToCache(bad, &cache), Err::kMalformed, "rectSrc", 12);

  const Body show = Make({W(9), W(3), W(1), W(5), W(0xFFFE)});
  EgfxCacheToSurface back;
  REQUIRE(ParseEgfxCacheToSurface(show, &back).ok());
  CHECK(back.slot == 9);
  CHECK(back.surface_id == 3);
  REQUIRE(back.points.size() == 1);
  CHECK(back.points[0] == EgfxPoint{5, -2});
  CheckEveryCut(show, Into(ParseEgfxCacheToSurface));

  uint16_t slot = 0;
  REQUIRE(ParseEgfxEvictCacheEntry(Make({W(9)}), &slot).ok());
  CHECK(slot == 9);
  CheckEveryCut(Make({W(9)}), Into(ParseEgfxEvictCacheEntry));
}

TEST_CASE("surfaces and frames begin and end") {
  const Body create = Make({W(3), W(640), W(480), B(0x20)});
  EgfxCreateSurface surface;
  REQUIRE(ParseEgfxCreateSurface(create, &surface).ok());
  CHECK(surface.surface_id == 3);
  CHECK(surface.width_px == 640);
  CHECK(surface.height_px == 480);
  CHECK(surface.format == EgfxPixelFormat::kXrgb);
  CheckEveryCut(create, Into(ParseEgfxCreateSurface));
  Body bad = create;
  bad[6] = 0;
  CheckStatus(ParseEgfxCreateSurface(bad, &surface), Err::kMalformed, "pixelFormat", 6);
  uint16_t id = 0;
  REQUIRE(ParseEgfxDeleteSurface(Make({W(3)}), &id).ok());
  CHECK(id == 3);
  CheckEveryCut(Make({W(3)}), Into(ParseEgfxDeleteSurface));

  const Body start = Make({D(0x059BE8F7), D(5)});
  EgfxStartFrame frame;
  REQUIRE(ParseEgfxStartFrame(start, &frame).ok());
  CHECK(frame.timestamp == 0x059BE8F7);
  CHECK(frame.frame_id == 5);
  CheckEveryCut(start, Into(ParseEgfxStartFrame));
  uint32_t frame_id = 0;
  REQUIRE(ParseEgfxEndFrame(Make({D(5)}), &frame_id).ok());
  CHECK(frame_id == 5);
  CheckEveryCut(Make({D(5)}), Into(ParseEgfxEndFrame));
}

TEST_CASE("reset graphics: monitors left of and above the origin, with and without padding") {
  const Body body = Make({D(3840), D(1080), D(2), D(0), D(0), D(1919), D(1079), D(1), D(-1920ull),
                          D(-5ull), D(-1ull), D(1074), D(0)});
  EgfxResetGraphics out;
  Body padded = body;
  padded.resize(332);
  for (const Body& bytes : {body, padded}) {
    REQUIRE(ParseEgfxResetGraphics(bytes, &out).ok());
    CHECK(out.width_px == 3840);
    CHECK(out.height_px == 1080);
    REQUIRE(out.monitor_count == 2);
    CHECK(out.monitors[0].primary);
    CHECK(out.monitors[0].area == Rect{0, 0, 1920, 1080});
    CHECK_FALSE(out.monitors[1].primary);
    CHECK(out.monitors[1].area == Rect{-1920, -5, 1920, 1080});
  }
  CheckEveryCut(body, Into(ParseEgfxResetGraphics));
  Body most = Make({D(32766), D(1), D(16)});
  for (int i = 0; i < 16; ++i) {
    const Body monitor = Make({D(0), D(0), D(0), D(0), D(0)});
    most.insert(most.end(), monitor.begin(), monitor.end());
  }
  REQUIRE(ParseEgfxResetGraphics(most, &out).ok());
  CHECK(out.monitor_count == 16);
  const auto Parse = [&](std::initializer_list<Field> fields) {
    return ParseEgfxResetGraphics(Make(fields), &out);
  };
  CheckStatus(Parse({D(0), D(1), D(0)}), Err::kMalformed, "width", 0);
  CheckStatus(Parse({D(32767), D(1), D(0)}), Err::kMalformed, "width", 0);
  CheckStatus(Parse({D(1), D(0), D(0)}), Err::kMalformed, "height", 4);
  CheckStatus(Parse({D(1), D(0xFFFFFFFF), D(0)}), Err::kMalformed, "height", 4);
  CheckStatus(Parse({D(1), D(1), D(17)}), Err::kLimit, "monitorCount", 8);
  CheckStatus(Parse({D(1), D(1), D(1), D(2), D(0), D(1), D(0), D(0)}), Err::kMalformed,
              "monitorDef.right", 20);
}

TEST_CASE("maps to the output and to windows, plain and scaled") {
  const Body output = Make({W(3), W(0), D(100), D(0xFFFFFFFF), D(50), D(60)});
  EgfxMapToOutput out;
  REQUIRE(ParseEgfxMapToScaledOutput(output, &out).ok());
  CHECK(out.surface_id == 3);
  CHECK(out.x == 100);
  CHECK(out.y == 0xFFFFFFFF);
  CHECK(out.scaled);
  CHECK(out.target_width == 50);
  CHECK(out.target_height == 60);
  CheckEveryCut(output, Into(ParseEgfxMapToScaledOutput));
  REQUIRE(ParseEgfxMapToOutput(output, &out).ok());
  CHECK_FALSE(out.scaled);
  CHECK(out.target_width == 0);
  CheckEveryCut(Body(output.begin(), output.begin() + 12), Into(ParseEgfxMapToOutput));

  const Body window = Make({W(3), Q(0x1122334455667788), D(10), D(20), D(30), D(40)});
  EgfxMapToWindow win;
  REQUIRE(ParseEgfxMapToScaledWindow(window, &win).ok());
  CHECK(win.surface_id == 3);
  CHECK(win.window_id == 0x1122334455667788);
  CHECK(win.mapped_width == 10);
  CHECK(win.mapped_height == 20);
  CHECK(win.scaled);
  CHECK(win.target_width == 30);
  CHECK(win.target_height == 40);
  CheckEveryCut(window, Into(ParseEgfxMapToScaledWindow));
  REQUIRE(ParseEgfxMapToWindow(window, &win).ok());
  CHECK_FALSE(win.scaled);
  CheckEveryCut(Body(window.begin(), window.begin() + 18), Into(ParseEgfxMapToWindow));
}

TEST_CASE("capability sets are written as they are read") {
  const EgfxCapset kSets[] = {{kEgfxVersion8, kEgfxThinClient},
                              {kEgfxVersion101, 0},
                              {kEgfxVersion107, kEgfxAvcDisabled | kEgfxScaledMapDisable}};
  Body pdu_bytes;
  ByteWriter writer(&pdu_bytes);
  WriteEgfxCapsAdvertise(kSets, &writer);
  EgfxPdus pdus(pdu_bytes);
  EgfxPdu pdu;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kCapsAdvertise);
  CHECK(pdu.body.size() == 2 + 12 + 24 + 12);
  EgfxCapsets capsets(pdu.body);
  EgfxCapset capset;
  for (const EgfxCapset& set : kSets) {
    REQUIRE(capsets.Next(&capset));
    CHECK(capset.version == set.version);
    CHECK(capset.flags == set.flags);
  }
  CHECK_FALSE(capsets.Next(&capset));
  CHECK(capsets.status().ok());
  CheckEveryCut(Body(pdu.body.begin(), pdu.body.end()), [](ByteView body) {
    EgfxCapsets sets(body);
    EgfxCapset set;
    while (sets.Next(&set)) {
    }
    return sets.status();
  });
}

TEST_CASE("a confirmed set may be of a version that nobody knows") {
  EgfxCapset out;
  const Body known = Make({D(kEgfxVersion106Err), D(4), D(0x20)});
  REQUIRE(ParseEgfxCapsConfirm(known, &out).ok());
  CHECK(out.version == kEgfxVersion106Err);
  CHECK(out.flags == kEgfxAvcDisabled);
  CheckEveryCut(known, Into(ParseEgfxCapsConfirm));
  REQUIRE(ParseEgfxCapsConfirm(Make({D(0x000B0101), D(8), D(7), D(8)}), &out).ok());
  CHECK(out.flags == 7);
  REQUIRE(ParseEgfxCapsConfirm(Make({D(0x000B0101), D(3), B(1), B(1), B(1)}), &out).ok());
  CHECK(out.flags == 0);
  REQUIRE(ParseEgfxCapsConfirm(Make({D(kEgfxVersion101), D(16), Q(~0ull), Q(~0ull)}), &out).ok());
  CHECK(out.flags == 0);
  CHECK(ParseEgfxCapsConfirm(Make({D(kEgfxVersion8), D(0xFFFFFFFF), D(0)}), &out).err ==
        Err::kTruncated);
}

TEST_CASE("acknowledgements are written as they are read") {
  Body bytes;
  ByteWriter writer(&bytes);
  WriteEgfxFrameAck({kEgfxQueueDepthUnavailable, 5, 6}, &writer);
  WriteEgfxFrameAck({kEgfxSuspendFrameAck, 7, 8}, &writer);
  WriteEgfxQoeFrameAck({9, 10, 11, 12}, &writer);
  EgfxPdus pdus(bytes);
  EgfxPdu pdu;
  EgfxFrameAck ack;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kFrameAck);
  REQUIRE(ParseEgfxFrameAck(pdu.body, &ack).ok());
  CHECK(ack.queue_depth == 0);
  CHECK(ack.frame_id == 5);
  CHECK(ack.total_frames_decoded == 6);
  CheckEveryCut(Body(pdu.body.begin(), pdu.body.end()), Into(ParseEgfxFrameAck));
  REQUIRE(pdus.Next(&pdu));
  REQUIRE(ParseEgfxFrameAck(pdu.body, &ack).ok());
  CHECK(ack.queue_depth == 0xFFFFFFFF);
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kQoeFrameAck);
  EgfxQoeFrameAck qoe;
  REQUIRE(ParseEgfxQoeFrameAck(pdu.body, &qoe).ok());
  CHECK(qoe.frame_id == 9);
  CHECK(qoe.timestamp_ms == 10);
  CHECK(qoe.time_diff_se == 11);
  CHECK(qoe.time_diff_edr == 12);
  CheckEveryCut(Body(pdu.body.begin(), pdu.body.end()), Into(ParseEgfxQoeFrameAck));
  CHECK_FALSE(pdus.Next(&pdu));
}

TEST_CASE("the cache is offered and taken over") {
  const EgfxCacheEntry kEntries[] = {{0x1122334455667788, 9}, {1, 0xFFFFFFFF}};
  Body bytes;
  ByteWriter writer(&bytes);
  WriteEgfxCacheImportOffer(kEntries, &writer);
  EgfxPdus pdus(bytes);
  EgfxPdu pdu;
  REQUIRE(pdus.Next(&pdu));
  CHECK(pdu.cmd == EgfxCmd::kCacheImportOffer);
  EgfxCacheEntries entries;
  REQUIRE(ParseEgfxCacheImportOffer(pdu.body, &entries).ok());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].key == 0x1122334455667788);
  CHECK(entries[0].size_bytes == 9);
  CHECK(entries[1].size_bytes == 0xFFFFFFFF);
  CheckEveryCut(Body(pdu.body.begin(), pdu.body.end()), Into(ParseEgfxCacheImportOffer));
  Body many = Make({W(5462)});
  many.resize(2 + 5462 * 12);
  CheckStatus(ParseEgfxCacheImportOffer(many, &entries), Err::kMalformed, "cacheEntriesCount", 0);
  many[0] = static_cast<uint8_t>(many[0] - 1);
  CHECK(ParseEgfxCacheImportOffer(many, &entries).ok());
  CHECK(entries.size() == kMaxEgfxCacheOffer);

  const Body reply = Make({W(3), W(6), W(9), W(2)});
  EgfxCacheSlots slots;
  REQUIRE(ParseEgfxCacheImportReply(reply, &slots).ok());
  REQUIRE(slots.size() == 3);
  CHECK(slots[0] == 6);
  CHECK(slots[2] == 2);
  CheckEveryCut(reply, Into(ParseEgfxCacheImportReply));
}

TEST_CASE("every command, codec and version that is known has a name") {
  for (const int cmd : {0, 0x14, 0x1B, 0xFFFF}) {
    CHECK(std::string(EgfxCmdName(static_cast<uint16_t>(cmd))) == "unknown");
  }
  for (int cmd = 1; cmd <= 0x1A; ++cmd) {
    if (cmd != 0x14) CHECK(std::string(EgfxCmdName(static_cast<uint16_t>(cmd))) != "unknown");
  }
  CHECK(std::string(EgfxCmdName(1)) == "wire_to_surface_1");
  CHECK(std::string(EgfxCodecName(0)) == "uncompressed");
  CHECK(std::string(EgfxCodecName(0xF)) == "avc444v2");
  CHECK(std::string(EgfxCodecName(1)) == "unknown");
  CHECK(std::string(EgfxVersionName(kEgfxVersion81)) == "8.1");
  CHECK(std::string(EgfxVersionName(0x000A0601)) == "10.6");
  CHECK(std::string(EgfxVersionName(0x000B0101)) == "unknown");
}

TEST_CASE("IronRDP's messages have the values of its tests") {
  const std::string kDir = "egfx/ironrdp-src.graphics_messages-";
  Body bytes = ReadVector(kDir + "surface_to_surface_buffer.in.bin");
  if (bytes.empty()) return;
  EgfxSurfaceToSurface copy;
  REQUIRE(ParseEgfxSurfaceToSurface(bytes, &copy).ok());
  CHECK(copy.source == RectFromEdges(200, 60, 676, 148));
  REQUIRE(copy.points.size() == 1);
  CHECK(copy.points[0] == EgfxPoint{128, 60});
  bytes = ReadVector(kDir + "cache_to_surface_buffer.in.bin");
  EgfxCacheToSurface show;
  REQUIRE(ParseEgfxCacheToSurface(bytes, &show).ok());
  CHECK(show.slot == 2);
  CHECK(show.points[0] == EgfxPoint{768, 320});
  bytes = ReadVector(kDir + "capabilities_confirm_buffer.in.bin");
  EgfxCapset capset;
  REQUIRE(ParseEgfxCapsConfirm(bytes, &capset).ok());
  CHECK(capset.version == kEgfxVersion105);
  CHECK(capset.flags == kEgfxAvcDisabled);
  bytes = ReadVector(kDir + "map_surface_to_output_buffer.in.bin");
  EgfxMapToOutput map;
  REQUIRE(ParseEgfxMapToOutput(bytes, &map).ok());
  CHECK(map.x == 1);
  CHECK(map.y == 2);
}

}  // namespace
}  // namespace mullion::test
