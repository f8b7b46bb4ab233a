#include "codecs/bulk/zstd_stream.h"

#include <doctest/doctest.h>
#include <zstd.h>

#include <random>
#include <vector>

namespace mullion {
namespace {

using Payload = std::vector<uint8_t>;

// What a server does: one compressor, flushed after each payload.
class Server {
 public:
  explicit Server(int window_log = 0) {
    if (window_log != 0) ZSTD_CCtx_setParameter(zstd_, ZSTD_c_windowLog, window_log);
  }
  ~Server() { ZSTD_freeCCtx(zstd_); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Payload Send(const Payload& payload) {
    Payload out(ZSTD_compressBound(payload.size()) + 64);
    ZSTD_inBuffer source = {payload.data(), payload.size(), 0};
    ZSTD_outBuffer target = {out.data(), out.size(), 0};
    REQUIRE(ZSTD_compressStream2(zstd_, &target, &source, ZSTD_e_flush) == 0);
    out.resize(target.pos);
    return out;
  }

 private:
  ZSTD_CCtx* zstd_ = ZSTD_createCCtx();
};

Payload MakePayload(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Payload payload(size);
  for (size_t i = 0; i < size; ++i) {
    payload[i] = i % 97 < 40 ? static_cast<uint8_t>(i / 7) : static_cast<uint8_t>(random() % 5);
  }
  return payload;
}

TEST_CASE("payloads of one stream come back in order, of any size") {
  Server server;
  ZstdStream stream;
  uint32_t seed = 0;
  for (const size_t size : {0u, 1u, 100u, 70000u, 65536u, 1u, 65535u, 2000000u, 0u, 300u}) {
    const Payload payload = MakePayload(size, seed++ % 3);
    const Payload coded = server.Send(payload);
    ByteView out;
    REQUIRE(stream.Inflate(coded, size, &out).ok());
    CHECK(Payload(out.begin(), out.end()) == payload);
  }
}

TEST_CASE("a payload larger than allowed is a limit, and the stream is dead after it") {
  Server server;
  const Payload coded = server.Send(Payload(1 << 20, 7));
  ZstdStream stream;
  ByteView out;
  CHECK(stream.Inflate(coded, (1 << 20) - 1, &out).err == Err::kLimit);
  CHECK(out.empty());
  CHECK(stream.Inflate(server.Send(Payload(10, 7)), 100, &out).err == Err::kState);
  stream.Reset();
  Server fresh;
  CHECK(stream.Inflate(fresh.Send(Payload(10, 7)), 10, &out).ok());
}

TEST_CASE("a window larger than allowed is a limit") {
  Server server(24);
  const Payload coded = server.Send(MakePayload(1000, 1));
  ByteView out;
  ZstdStream small(20), large(24);
  CHECK(small.Inflate(coded, 1000, &out).err == Err::kLimit);
  CHECK(large.Inflate(coded, 1000, &out).ok());
}

TEST_CASE("truncated and changed payloads end in an error or in bytes, within the bound") {
  Server server;
  const Payload payload = MakePayload(3000, 2);
  const Payload coded = server.Send(payload);
  std::mt19937 random(3);
  for (size_t cut = 0; cut < coded.size(); ++cut) {
    ZstdStream stream;
    ByteView out;
    const Payload exact(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(cut));
    // zstd cannot know a cut from a pause; what it gives is less than the whole.
    if (stream.Inflate(exact, 4000, &out).ok()) CHECK(out.size() < payload.size());
  }
  for (int round = 0; round < 2000; ++round) {
    ZstdStream stream(20);
    Payload bad = coded;
    for (int i = 0; i < 3; ++i) bad[random() % bad.size()] = static_cast<uint8_t>(random());
    ByteView out;
    if (stream.Inflate(bad, 4000, &out).ok()) CHECK(out.size() <= 4000);
  }
}

}  // namespace
}  // namespace mullion
