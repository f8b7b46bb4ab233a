// Files of bare graphics pipeline PDUs: recognised, taken apart, cut and bent.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "codecs/base/byte_writer.h"
#include "codecs/wire/egfx.h"
#include "io/capture/graphics_dump.h"
#include "tests/support/capture_recorder.h"

namespace mullion::test {
namespace {

namespace fs = std::filesystem;
using Octets = std::vector<uint8_t>;

const fs::path kPublic = fs::path(MULLION_SOURCE_DIR) / "../shared/captures/public";

void Pdu(EgfxCmd cmd, size_t body_size, Octets* out) {
  ByteWriter w(out);
  w.U16(static_cast<uint16_t>(cmd));
  w.U16(0);
  w.U32(static_cast<uint32_t>(8 + body_size));
  for (size_t i = 0; i < body_size; ++i) w.U8(static_cast<uint8_t>(i * 7));
}

// Two frames; the second has a picture larger than what is looked at to recognise the file.
Octets Dump() {
  Octets dump;
  Pdu(EgfxCmd::kResetGraphics, 332, &dump);
  Pdu(EgfxCmd::kCreateSurface, 7, &dump);
  Pdu(EgfxCmd::kMapToOutput, 12, &dump);
  Pdu(EgfxCmd::kStartFrame, 8, &dump);
  Pdu(EgfxCmd::kSolidFill, 16, &dump);
  Pdu(EgfxCmd::kEndFrame, 4, &dump);
  Pdu(EgfxCmd::kStartFrame, 8, &dump);
  Pdu(EgfxCmd::kWireToSurface1, 20000, &dump);
  Pdu(EgfxCmd::kEndFrame, 4, &dump);
  return dump;
}

Octets Joined(const std::vector<Octets>& pdus) {
  Octets all;
  for (const Octets& pdu : pdus) all.insert(all.end(), pdu.begin(), pdu.end());
  return all;
}

}  // namespace

TEST_CASE("a graphics dump is one connection, and its PDUs come one by one") {
  const Octets dump = Dump();
  CaptureRecorder recorder;
  const CaptureError error = ReadCaptureBytes(dump, &recorder);
  CHECK_MESSAGE(error.ok(), error.message);
  CHECK(recorder.AllClosed());
  REQUIRE(recorder.connections.size() == 1);
  const RecordedConnection& c = recorder.connections[0];
  CHECK(c.connection.client.empty());
  CHECK(c.bytes[0].empty());
  CHECK(c.error.ok());
  CHECK(c.graphics.size() == 9);
  CHECK(Joined(c.graphics) == dump);
}

TEST_CASE("what begins with the confirmed capabilities is a graphics dump too") {
  Octets dump;
  Pdu(EgfxCmd::kCapsConfirm, 12, &dump);
  CHECK(LooksLikeGraphicsDump(dump));
  Pdu(EgfxCmd::kResetGraphics, 332, &dump);
  CHECK(LooksLikeGraphicsDump(dump));
}

TEST_CASE("a graphics dump cut anywhere gives its whole PDUs, and an error that says where") {
  const Octets dump = Dump();
  int between = 0;
  for (size_t size = 8; size < dump.size(); size += size < 1024 ? 1 : 13) {
    // A copy of its own, so that an over-read is seen.
    const Octets cut(dump.begin(), dump.begin() + static_cast<ptrdiff_t>(size));
    CaptureRecorder recorder;
    const CaptureError error = ReadCaptureBytes(cut, &recorder);
    CHECK(recorder.AllClosed());
    if (size < 340) {
      CHECK(recorder.connections.empty());
    } else {
      REQUIRE(recorder.connections.size() == 1);
      const Octets all = Joined(recorder.connections[0].graphics);
      CHECK(all.size() <= size);
      CHECK(std::equal(all.begin(), all.end(), dump.begin()));
      CHECK(recorder.connections[0].error.ok() == error.ok());
    }
    if (error.ok()) {
      ++between;
    } else {
      CHECK(error.status.err == Err::kTruncated);
      CHECK(error.message.find("graphics pipeline PDU that begins at offset") != std::string::npos);
    }
  }
  CHECK(between == 7);  // behind each of the first seven PDUs
}

TEST_CASE("a PDU of an impossible length ends a graphics dump with its offset") {
  for (const auto& [length, err] : {std::pair<uint32_t, Err>{7, Err::kMalformed},
                                    {0, Err::kMalformed},
                                    {0xFFFFFFFF, Err::kLimit},
                                    {PacketFile::kMaxBlock + 1, Err::kLimit}}) {
    Octets dump = Dump();
    const size_t last = dump.size() - 12;  // END_FRAME
    ByteWriter(&dump).PatchU32(last + 4, length);
    CaptureRecorder recorder;
    const CaptureError error = ReadCaptureBytes(dump, &recorder);
    CHECK(error.status.err == err);
    CHECK(error.message.find(std::to_string(last)) != std::string::npos);
    CHECK(recorder.AllClosed());
    REQUIRE(recorder.connections.size() == 1);
    CHECK(recorder.connections[0].graphics.size() == 8);
  }
}

TEST_CASE("what only resembles a graphics dump is none") {
  CHECK_FALSE(LooksLikeGraphicsDump({}));
  const Octets dump = Dump();
  CHECK_FALSE(LooksLikeGraphicsDump(ByteView(dump).first(7)));
  CHECK(LooksLikeGraphicsDump(ByteView(dump).first(8)));
  Octets changed = dump;
  changed[2] = 1;  // flags
  CHECK_FALSE(LooksLikeGraphicsDump(changed));
  changed = dump;
  changed[4] = 0x50;  // pduLength
  CHECK_FALSE(LooksLikeGraphicsDump(changed));
  changed = dump;
  changed[340] = 0x99;  // the second PDU's cmdId
  CHECK_FALSE(LooksLikeGraphicsDump(changed));
  CHECK_FALSE(LooksLikeGraphicsDump(ByteView(dump).subspan(340)));  // begins with CREATE_SURFACE
}

TEST_CASE("flipped bits in a graphics dump never do harm") {
  const Octets dump = Dump();
  for (size_t i = 0; i < 1024 * 8; i += i < 512 ? 1 : 61) {
    Octets flipped = dump;
    flipped[i / 8] = static_cast<uint8_t>(flipped[i / 8] ^ 1u << i % 8);
    CaptureRecorder recorder;
    (void)ReadCaptureBytes(flipped, &recorder);
    CHECK(recorder.AllClosed());
  }
}

TEST_CASE("published graphics dumps give every byte, in whole PDUs") {
  for (const char* name : {"ironrdp-sample1_avc444", "ironrdp-sample1_avc444v2"}) {
    const fs::path path = kPublic / name / (std::string(name) + "-egfx.in.data");
    if (!fs::exists(path)) {
      std::printf("skipped: no %s\n", path.c_str());
      continue;
    }
    CaptureRecorder recorder;
    const CaptureError error = ReadCaptureFile(path, &recorder);
    CHECK_MESSAGE(error.ok(), error.message);
    REQUIRE(recorder.connections.size() == 1);
    CHECK(Joined(recorder.connections[0].graphics).size() == fs::file_size(path));
    CHECK(recorder.connections[0].graphics.front().size() == 340);
  }
}

}  // namespace mullion::test
