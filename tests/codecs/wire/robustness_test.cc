// Every parser on every PDU vector: cut at every byte, every bit flipped, and IronRDP's crash
// files.
//
// Each input lies in a buffer of exactly its size, so that the sanitizers see one byte too many.
// The walks (fuzz/wire_walk.h) check the promises of the headers; here it matters that they return.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "fuzz/wire_walk.h"
#include "tests/support/session_writer.h"
#include "tests/support/vector_file.h"

namespace mullion::test {
namespace {

namespace fs = std::filesystem;
const fs::path kVectors = MULLION_SOURCE_DIR "/../shared/vectors";

constexpr size_t kMaxFlippedBytes = 700;  // the interesting fields lie at the front

size_t RunAll(ByteView bytes) {
  size_t count = 0;
  const fuzz::WireWalk* walks = fuzz::AllWireWalks(&count);
  auto exact = std::make_unique<uint8_t[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  size_t parsed = 0;
  for (size_t i = 0; i < count; ++i) parsed += walks[i].run({exact.get(), bytes.size()}).ok();
  return parsed;
}

void Torture(const Buffer& bytes) {
  size_t runs = 0;
  for (size_t size = 0; size < bytes.size(); ++size, ++runs) {
    (void)RunAll(ByteView(bytes).first(size));
    if (size > kMaxFlippedBytes) size += 16;  // long payloads: every byte matters less
  }
  Buffer flipped = bytes;
  for (size_t i = 0; i < std::min(bytes.size(), kMaxFlippedBytes); ++i) {
    for (int bit = 0; bit < 8; ++bit, ++runs) {
      flipped[i] = static_cast<uint8_t>(bytes[i] ^ 1 << bit);
      (void)RunAll(flipped);
    }
    flipped[i] = bytes[i];
  }
  CHECK(runs > 0);
}

TEST_CASE("every vector, cut and flipped, is survived by every parser") {
  if (!fs::is_directory(kVectors)) {
    std::printf("skipped: no %s\n", kVectors.c_str());
    return;
  }
  for (const char* group : {"connect", "caps", "pdu", "fastpath", "licence", "autodetect",
                            "pointer", "dvc", "egfx", "fuzz"}) {
    for (const auto& entry : fs::directory_iterator(kVectors / group)) {
      const std::string name = entry.path().filename().string();
      if (name.size() < 7 || name.substr(name.size() - 7) != ".in.bin") continue;
      CAPTURE(name);
      Torture(ReadVector(std::string(group) + "/" + name));
    }
  }
}

TEST_CASE("the PDUs of a synthetic session, cut and flipped, are survived by every parser") {
  for (const DirectedPdu& pdu : SessionStart(800, 600)) Torture(pdu.bytes);
  Torture(ShareDataPduBytes(0x02, {1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 24, 0, 1, 4}));
  Torture(ShareDataPduBytes(0x37, Buffer(44)));
}

}  // namespace
}  // namespace mullion::test
