// Reads the encoded streams that the stream benchmark decodes (`.rdpb`, RDPBASE1).
//
// Shapes: a 64-byte header, then records of 32 bytes plus payload, little endian.
// Ownership: a Stream owns its file; records borrow from it, so a Stream does not move.
// Threads: read-only after ReadStream. Errors: false, and why.
#ifndef MULLION_BENCH_STREAM_FILE_H_
#define MULLION_BENCH_STREAM_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion::bench {

struct Record {
  int32_t x = 0, y = 0, w = 0, h = 0;
  uint32_t flags = 0;
  uint32_t out_len = 0;
  ByteView payload;
  ByteView second;  // the auxiliary stream of AVC444
};

struct Stream {
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::string name;   // "rfx_rlgr1.desktop.rdpb"
  std::string codec;  // "rfx_rlgr1"
  int32_t width_px = 0;
  int32_t height_px = 0;
  uint32_t param = 0;
  uint64_t out_total = 0;
  std::vector<Record> records;
  std::vector<uint8_t> file;
};

bool ReadStream(const std::string& path, Stream* out, std::string* error);

// The hash of `name` in the hashes.tsv beside the streams; false if there is none.
bool LookUpHash(const std::string& dir, const std::string& name, uint64_t* hash);

// FNV-1a-64.
class Fnv {
 public:
  void Add(const uint8_t* bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) Add(bytes[i]);
  }
  void Add(uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace mullion::bench

#endif  // MULLION_BENCH_STREAM_FILE_H_
