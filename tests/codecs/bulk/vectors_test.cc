// Every vector of the groups mppc, ncrush, xcrush and zgfx, and what is left of them when they are
// cut or bits flip.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codecs/bulk/bulk.h"
#include "codecs/bulk/zgfx.h"
#include "tests/support/json.h"

namespace mullion {
namespace {

const char kDir[] = MULLION_SOURCE_DIR "/../shared/vectors/";

std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Packet {
  std::string id;
  uint8_t flags = 0;
  std::vector<uint8_t> in, out;
};
// Packets that share a history, in order; `zgfx` of RDP_SEGMENTED_DATA.
struct Sequence {
  bool zgfx = false;
  std::vector<Packet> packets;
};

uint8_t FlagsOf(const Json& params) {
  if (!params["flags"].is_string()) return static_cast<uint8_t>(params["flags"].Int());
  return static_cast<uint8_t>(kBulkCompressed | params["type"].Int());  // the one of MS-RDPEGDI 4.7
}

std::vector<Sequence> LoadSequences() {
  const std::vector<uint8_t> text = ReadFile(std::string(kDir) + "manifest.json");
  if (text.empty()) {
    std::printf("skipped: no %smanifest.json\n", kDir);
    return {};
  }
  Json manifest;
  std::string error;
  REQUIRE(ParseJson({reinterpret_cast<const char*>(text.data()), text.size()}, &manifest, &error));
  std::map<std::string, std::map<int64_t, Packet>> by_name;
  for (const Json& entry : manifest.array) {
    const std::string& group = entry["codec"].Str();
    if (group != "mppc" && group != "ncrush" && group != "xcrush" && group != "zgfx") continue;
    const Json& params = entry["params"];
    const std::string& id = entry["id"].Str();
    const std::string name = group + "/" + (params.Has("sequence") ? params["sequence"].Str() : id);
    by_name[name][params["index"].Int()] = {id, group == "zgfx" ? uint8_t{0} : FlagsOf(params),
                                            ReadFile(kDir + entry["input"].Str()),
                                            ReadFile(kDir + entry["output"].Str())};
  }
  std::vector<Sequence> sequences;
  for (auto& [name, packets] : by_name) {
    Sequence sequence{name.starts_with("zgfx"), {}};
    for (auto& [index, packet] : packets) sequence.packets.push_back(std::move(packet));
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

// Both inflaters behind one face.
struct Inflater {
  explicit Inflater(const Sequence& sequence) : is_zgfx(sequence.zgfx) {}
  Status Inflate(uint8_t flags, ByteView in, ByteView* out) {
    return is_zgfx ? zgfx.Inflate(in, 1 << 20, out) : bulk.Inflate(flags, in, out);
  }
  bool is_zgfx;
  BulkInflater bulk;
  ZgfxInflater zgfx;
};

// A packet in memory of exactly its size, so that AddressSanitizer sees the first byte behind it.
struct Exact {
  explicit Exact(ByteView view) : size(view.size()), bytes(new uint8_t[view.size()]) {
    std::copy(view.begin(), view.end(), bytes.get());
  }
  ByteView view() const { return {bytes.get(), size}; }
  size_t size;
  std::unique_ptr<uint8_t[]> bytes;
};

TEST_CASE("every vector inflates to its output") {
  for (const Sequence& sequence : LoadSequences()) {
    Inflater inflater(sequence);
    for (const Packet& packet : sequence.packets) {
      INFO(packet.id);
      const Exact in(packet.in);
      ByteView out;
      const Status status = inflater.Inflate(packet.flags, in.view(), &out);
      INFO(status.field);
      REQUIRE(status.ok());
      CHECK(std::ranges::equal(out, packet.out));
    }
  }
}

TEST_CASE("a vector cut at any byte gives an error or a part of the output") {
  for (const Sequence& sequence : LoadSequences()) {
    // The packets before stand once; each cut runs on a fresh history, which decides nothing about
    // memory safety and keeps this quick.
    for (const Packet& packet : sequence.packets) {
      INFO(packet.id);
      for (size_t size = 0; size < packet.in.size(); ++size) {
        Inflater inflater(sequence);
        const Exact in(ByteView(packet.in).first(size));
        ByteView out;
        const Status status = inflater.Inflate(packet.flags, in.view(), &out);
        if (!status.ok()) {
          CHECK(status.field[0] != '\0');
          CHECK(out.empty());
        } else {
          CHECK(out.size() <= 200000);
        }
      }
    }
  }
}

TEST_CASE("flipped bits never reach out of bounds, and a flush mends the session") {
  std::mt19937 random(7);
  for (const Sequence& sequence : LoadSequences()) {
    for (int round = 0; round < 40; ++round) {
      Inflater inflater(sequence);
      for (const Packet& packet : sequence.packets) {
        std::vector<uint8_t> damaged = packet.in;
        for (int flips = 1 + static_cast<int>(random() % 3); flips > 0 && !damaged.empty();
             --flips) {
          damaged[random() % damaged.size()] ^= static_cast<uint8_t>(1u << random() % 8);
        }
        const Exact in(damaged);
        ByteView out;
        (void)inflater.Inflate(packet.flags, in.view(), &out);
        // Reads all of it, for AddressSanitizer.
        uint32_t sum = 0;
        for (const uint8_t byte : out) sum += byte;
        CHECK(sum <= 255u * out.size());
      }
      if (sequence.zgfx) {
        inflater.zgfx.Reset();
      } else if ((sequence.packets[0].flags & kBulkTypeMask) != kBulkTypeRdp61) {
        const Packet& first = sequence.packets[0];
        ByteView out;
        REQUIRE(inflater.Inflate(first.flags | kBulkFlushed, first.in, &out).ok());
        CHECK(std::ranges::equal(out, first.out));
      }
    }
  }
}

}  // namespace
}  // namespace mullion
