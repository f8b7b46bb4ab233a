#include "bench/stream_file.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace mullion::bench {

bool ReadStream(const std::string& path, Stream* out, std::string* error) {
  constexpr uint32_t kMaxSide = 16384;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    *error = "cannot be opened";
    return false;
  }
  out->file.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  out->name = path.substr(path.find_last_of('/') + 1);
  ByteReader reader(out->file);
  const ByteView magic = reader.Take(8, "magic");
  if (!reader.ok() || std::string(magic.begin(), magic.end()) != "RDPBASE1") {
    *error = "not a stream file (no RDPBASE1)";
    return false;
  }
  for (const uint8_t c : reader.Take(16, "codec")) {
    if (c == 0) break;
    out->codec += static_cast<char>(c);
  }
  const uint32_t width = reader.U32("width");
  const uint32_t height = reader.U32("height");
  const uint32_t count = reader.U32("count");
  out->param = reader.U32("param");
  out->out_total = reader.U64("out_total");
  reader.Skip(16, "payload_total and reserved");
  if (width > kMaxSide || height > kMaxSide) {
    *error = "its picture is too large";
    return false;
  }
  out->width_px = static_cast<int32_t>(width);
  out->height_px = static_cast<int32_t>(height);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    Record record;
    record.x = reader.I32("x");
    record.y = reader.I32("y");
    record.w = reader.I32("w");
    record.h = reader.I32("h");
    record.flags = reader.U32("flags");
    const uint32_t len = reader.U32("len");
    record.out_len = reader.U32("outlen");
    const uint32_t second_len = reader.U32("len2");
    record.payload = reader.Take(len, "payload");
    record.second = reader.Take(second_len, "second payload");
    const bool inside = record.x >= 0 && record.y >= 0 && record.w >= 0 && record.h >= 0 &&
                        record.w <= out->width_px && record.x <= out->width_px - record.w &&
                        record.h <= out->height_px && record.y <= out->height_px - record.h;
    if (width != 0 && !inside) {
      *error = "record " + std::to_string(i) + " lies outside the picture";
      return false;
    }
    out->records.push_back(record);
  }
  if (reader.ok()) return true;
  *error = std::string("cut off in ") + reader.status().field;
  return false;
}

bool LookUpHash(const std::string& dir, const std::string& name, uint64_t* hash) {
  std::ifstream in(dir + "/hashes.tsv");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(name + "\t", 0) != 0) continue;
    *hash = std::strtoull(line.c_str() + line.find_last_of('\t') + 1, nullptr, 16);
    return true;
  }
  return false;
}

}  // namespace mullion::bench
