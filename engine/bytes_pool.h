// The memory of packets, inflated updates and regions, for all sessions of an engine: what one has
// used up, the next one takes, so that steady state allocates nothing and idle sessions hold none.
//
// Ownership: outlives every Bytes that came from it. Bounds: kKeepBytes of free memory.
// Threads: any. Errors: std::bad_alloc.
// Under AddressSanitizer nothing is kept: a use after free is to be seen.
#ifndef MULLION_ENGINE_BYTES_POOL_H_
#define MULLION_ENGINE_BYTES_POOL_H_

#include "codecs/base/bytes.h"
#include "codecs/base/under_asan.h"
#include "engine/block_pool.h"

namespace mullion {

class BytesPool final : public BytesSource {
 public:
  static constexpr size_t kMinBytes = 256;
  static constexpr size_t kKeepBytes = kUnderAsan ? 0 : size_t{16} << 20;

  void* Take(size_t* size, uint32_t* size_class) override {
    *size_class = blocks_.ClassOf(*size);
    *size = blocks_.SizeOf(*size_class);
    return blocks_.Take(*size_class);
  }
  void Give(void* block, uint32_t size_class) override { blocks_.Give(block, size_class); }

 private:
  BlockPool blocks_{kMinBytes, kKeepBytes};
};

}  // namespace mullion

#endif  // MULLION_ENGINE_BYTES_POOL_H_
