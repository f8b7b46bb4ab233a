// Reads a file of encoded frames (../shared/streams): a header and records, each with its payload.
//
// Ownership: the file's bytes live in `bytes`; payloads are views into it. Errors: false.
#ifndef MULLION_TESTS_SUPPORT_RDPB_FILE_H_
#define MULLION_TESTS_SUPPORT_RDPB_FILE_H_

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion {

struct RdpbRecord {
  uint32_t x = 0, y = 0, w = 0, h = 0, flags = 0, out_size = 0;
  ByteView payload;
  ByteView payload2;
};

struct RdpbFile {
  std::vector<uint8_t> bytes;
  uint32_t width = 0, height = 0, param = 0;
  std::vector<RdpbRecord> records;

  bool Read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return false;
    bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    ByteReader reader(bytes);
    reader.Skip(24, "magic and codec");
    width = reader.U32("width");
    height = reader.U32("height");
    const uint32_t count = reader.U32("count");
    param = reader.U32("param");
    reader.Skip(24, "totals and reserved");
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      RdpbRecord record;
      record.x = reader.U32("x");
      record.y = reader.U32("y");
      record.w = reader.U32("w");
      record.h = reader.U32("h");
      record.flags = reader.U32("flags");
      const uint32_t size = reader.U32("len");
      record.out_size = reader.U32("outlen");
      const uint32_t size2 = reader.U32("len2");
      record.payload = reader.Take(size, "payload");
      record.payload2 = reader.Take(size2, "payload2");
      records.push_back(record);
    }
    return reader.ok();
  }
};

}  // namespace mullion

#endif  // MULLION_TESTS_SUPPORT_RDPB_FILE_H_
