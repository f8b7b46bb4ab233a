#include "codecs/base/byte_writer.h"

#include <doctest/doctest.h>

#include <vector>

namespace mullion {
namespace {

TEST_CASE("ByteWriter writes what ByteReader reads") {
  std::vector<uint8_t> bytes;
  ByteWriter writer(&bytes);
  writer.U8(0x12);
  writer.U16(0x3456);
  writer.U32(0x789ABCDE);
  writer.U64(0x0102030405060708);
  writer.U16Be(0x1122);
  writer.U32Be(0x33445566);
  writer.Zeros(2);
  const uint8_t tail[] = {9, 8};
  writer.Bytes(tail);
  CHECK(writer.size() == 25);

  ByteReader reader(bytes);
  CHECK(reader.U8("") == 0x12);
  CHECK(reader.U16("") == 0x3456);
  CHECK(reader.U32("") == 0x789ABCDE);
  CHECK(reader.U64("") == 0x0102030405060708);
  CHECK(reader.U16Be("") == 0x1122);
  CHECK(reader.U32Be("") == 0x33445566);
  CHECK(reader.U16("") == 0);
  CHECK(reader.U16Be("") == 0x0908);
  CHECK(reader.remaining() == 0);
}

TEST_CASE("ByteWriter patches earlier fields in place") {
  std::vector<uint8_t> bytes;
  ByteWriter writer(&bytes);
  writer.Zeros(10);
  writer.PatchU16(1, 0xAABB);
  writer.PatchU16Be(3, 0xCCDD);
  writer.PatchU32(5, 0x11223344);
  CHECK(bytes == std::vector<uint8_t>{0, 0xBB, 0xAA, 0xCC, 0xDD, 0x44, 0x33, 0x22, 0x11, 0});
}

}  // namespace
}  // namespace mullion
