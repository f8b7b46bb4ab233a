// Bulk decompression, ours and libfreerdp2's, on ../shared/streams and on made data.
//
// bytes_per_second counts inflated bytes. One inflater serves all rounds, as in a long session: the
// first packet of a round is flushed (ZGFX just goes on).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/stream_file.h"
#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zgfx.h"
#include "tests/codecs/bulk/zgfx_encoder.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/bulk_oracle.h"
#endif

namespace mullion {
namespace {

struct Packet {
  uint8_t flags;
  std::vector<uint8_t> bytes;
};

std::vector<Packet> LoadStream(const std::string& name) {
  bench::Stream stream;
  std::string why;
  std::vector<Packet> packets;
  const std::string path = MULLION_SOURCE_DIR "/../shared/streams/" + name + ".rdpb";
  if (!bench::ReadStream(path, &stream, &why)) return packets;
  for (const bench::Record& r : stream.records) {
    packets.push_back({static_cast<uint8_t>(r.flags), {r.payload.begin(), r.payload.end()}});
  }
  return packets;
}

constexpr size_t kMadeSize = 12000;
constexpr uint32_t kMadeCount = 100;

// Packets at the front of a flushed history: what the plain encoders of the tests can do.
std::vector<Packet> MakePackets(uint8_t type) {
  std::vector<Packet> packets;
  test::ZgfxEncoder zgfx;
  for (uint32_t i = 0; i < kMadeCount; ++i) {
    const auto data = test::MixedBytes(i, type == kBulkType8K ? 8000 : kMadeSize);
    test::Tokenizer tokenizer(65535, 3, 8191);
    const auto flags = static_cast<uint8_t>(kBulkCompressed | kBulkFlushed | type);
    if (type == kBulkTypeRdp8) {
      packets.push_back({0, zgfx.Encode(data, 65535)});
    } else if (type == kBulkTypeRdp6) {
      packets.push_back({flags, test::NcrushEncoder().Encode(tokenizer.Next(data))});
    } else {
      packets.push_back({flags, test::EncodeMppc(tokenizer.Next(data), type == kBulkType64K)});
    }
  }
  return packets;
}

struct Ours {
  BulkInflater bulk;
  ZgfxInflater zgfx;
  bool Bulk(uint8_t flags, ByteView in, ByteView* out) { return bulk.Inflate(flags, in, out).ok(); }
  bool Zgfx(ByteView in, ByteView* out) { return zgfx.Inflate(in, 64 << 20, out).ok(); }
};

#ifdef MULLION_HAVE_ORACLE
struct Peer {
  oracle::BulkOracle bulk;
  oracle::ZgfxOracle zgfx;
  bool Bulk(uint8_t flags, ByteView in, ByteView* out) {
    // The peer would parse an XCRUSH packet that is flushed only.
    return (flags & kBulkCompressed) == 0 ? (*out = in, true) : bulk.Inflate(flags, in, out);
  }
  bool Zgfx(ByteView in, ByteView* out) { return zgfx.Inflate(in, out); }
};
#endif

template <typename Inflater>
void Run(benchmark::State& state, const std::vector<Packet>& packets, bool is_zgfx) {
  if (packets.empty()) {
    state.SkipWithError("no such stream");
    return;
  }
  Inflater inflater;
  size_t bytes = 0;
  for (auto _ : state) {
    bool first = true;
    for (const Packet& packet : packets) {
      ByteView out;
      const auto flags =
          static_cast<uint8_t>(packet.flags | (first && packet.flags != 0 ? kBulkFlushed : 0));
      first = false;
      const bool ok =
          is_zgfx ? inflater.Zgfx(packet.bytes, &out) : inflater.Bulk(flags, packet.bytes, &out);
      if (!ok) {
        state.SkipWithError("does not inflate");
        return;
      }
      benchmark::DoNotOptimize(out.data());
      bytes += out.size();
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void Register(const std::string& name, const std::vector<Packet>& packets, bool is_zgfx) {
  benchmark::RegisterBenchmark(
      ("bulk/" + name + "/mullion").c_str(),
      [packets, is_zgfx](benchmark::State& state) { Run<Ours>(state, packets, is_zgfx); });
#ifdef MULLION_HAVE_ORACLE
  benchmark::RegisterBenchmark(
      ("bulk/" + name + "/freerdp").c_str(),
      [packets, is_zgfx](benchmark::State& state) { Run<Peer>(state, packets, is_zgfx); });
#endif
}

const bool kRegistered = [] {
  for (const char* name : {"mppc8k.text", "mppc64k.text", "mppc64k.bmpraw", "ncrush.text",
                           "xcrush.text", "xcrush.bmpraw", "zgfx.text", "zgfx.bmpraw"}) {
    const auto packets = LoadStream(name);
    if (!packets.empty()) Register(name, packets, std::string(name).starts_with("zgfx"));
  }
  Register("mppc8k.made", MakePackets(kBulkType8K), false);
  Register("mppc64k.made", MakePackets(kBulkType64K), false);
  Register("ncrush.made", MakePackets(kBulkTypeRdp6), false);
  Register("zgfx.made", MakePackets(kBulkTypeRdp8), true);
  return true;
}();

}  // namespace
}  // namespace mullion
