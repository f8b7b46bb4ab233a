// libfreerdp2's bulk codecs on the same bytes: for differential tests, fuzzers and benchmarks.
//
// Shapes: as BulkInflater and ZgfxInflater; `flags` as on the wire.
// Ownership: views are valid until the next call. Threads: one at a time.
// Errors: false. The constructors turn the log of libfreerdp2 off.
#ifndef MULLION_FUZZ_ORACLE_BULK_ORACLE_H_
#define MULLION_FUZZ_ORACLE_BULK_ORACLE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/base/byte_reader.h"

namespace mullion::oracle {

// All four types in one session, as libfreerdp's bulk.c combines them.
class BulkOracle {
 public:
  BulkOracle();
  ~BulkOracle();
  bool Inflate(uint8_t flags, ByteView in, ByteView* out);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

// Compressors, of one type each. PRECONDITION: Deflate takes at most 16,000 bytes (8K: 8,000).
class BulkDeflater {
 public:
  explicit BulkDeflater(uint8_t type);
  ~BulkDeflater();
  bool Deflate(ByteView in, std::vector<uint8_t>* out, uint8_t* flags);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
  uint8_t type_;
};

class ZgfxOracle {
 public:
  ZgfxOracle();
  ~ZgfxOracle();
  bool Inflate(ByteView in, ByteView* out);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace mullion::oracle

#endif  // MULLION_FUZZ_ORACLE_BULK_ORACLE_H_
