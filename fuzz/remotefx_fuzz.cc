// RLGR against its plain twin (exact), and whole messages against libfreerdp2 (within 1).
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codecs/image/rlgr.h"
#include "codecs/simd/rfx_tile.h"
#include "fuzz/fuzz.h"
#include "tests/support/rfx_draw.h"
#ifdef MULLION_HAVE_ORACLE
#include "fuzz/oracle/remotefx_oracle.h"
#endif

namespace mullion {
namespace {

void FuzzRlgr(RfxEntropy mode, ByteView data) {
  int16_t fast[kRlgrCoefficients], plain[kRlgrCoefficients];
  const Status a = DecodeRlgr(mode, data, fast);
  const Status b = DecodeRlgrReference(mode, data, plain);
  MULLION_FUZZ_CHECK(a.err == b.err);
  if (a.ok()) MULLION_FUZZ_CHECK(std::memcmp(fast, plain, sizeof(fast)) == 0);
}

// The same bytes as three components that start and end at different ones.
void FuzzRlgrTile(RfxEntropy mode, ByteView data) {
  const size_t third = data.size() / 3;
  const ByteView components[3] = {data, data.subspan(third), data.subspan(third, third)};
  static uint16_t codes[3][kRlgrCoefficients];
  std::memset(codes, 0, sizeof(codes));
  const Status tile = DecodeRlgrTile(mode, components, {codes[0], codes[1], codes[2]});
  Status first;
  int16_t fast[kRlgrCoefficients], plain[kRlgrCoefficients];
  for (int i = 0; i < 3; ++i) {
    const Status status = DecodeRlgrReference(mode, components[i], plain);
    if (first.ok()) first = status;
    if (!status.ok()) continue;
    RfxUnfoldCodes(codes[i], fast);
    MULLION_FUZZ_CHECK(std::memcmp(fast, plain, sizeof(fast)) == 0);
  }
  MULLION_FUZZ_CHECK(tile.err == first.err);
}

constexpr int32_t kSize = 192;

// What libfreerdp2 can be asked about: it draws one frame per message, keeps tile positions in 16
// bits, and takes the entropy coder from the context (the specification says: from the tile set).
bool Comparable(const RfxMessage& message) {
  if (message.tile_sets.size() != 1) return false;
  return std::all_of(message.tiles.begin(), message.tiles.end(),
                     [](const RfxTile& tile) { return tile.x_idx < 512 && tile.y_idx < 512; });
}

}  // namespace

MULLION_FUZZ_TARGET(rlgr1) {
  FuzzRlgr(RfxEntropy::kRlgr1, data);
  FuzzRlgrTile(RfxEntropy::kRlgr1, data);
}
MULLION_FUZZ_TARGET(rlgr3) {
  FuzzRlgr(RfxEntropy::kRlgr3, data);
  FuzzRlgrTile(RfxEntropy::kRlgr3, data);
}

MULLION_FUZZ_TARGET(rfx_message) {
  std::vector<uint8_t> ours(kSize * kSize * 4);
  const PixelView view = {ours.data(), kSize, kSize, kSize * 4, PixelFormat::kBgrx32};
  RfxParser parser;
  RfxMessage message;
  Status status = parser.Parse(data, &message);
  const Status drawn = DrawRfxMessage(message, view);
  if (status.ok()) status = drawn;
#ifdef MULLION_HAVE_ORACLE
  if (!status.ok() || !Comparable(message)) return;
  const unsigned set_entropy = static_cast<unsigned>(message.tile_sets[0].entropy);
  std::vector<uint8_t> theirs(kSize * kSize * 4);
  oracle::RemoteFxOracle oracle(kSize, kSize);
  if (!oracle.Decode(data, {theirs.data(), kSize, kSize, kSize * 4, PixelFormat::kBgrx32})) return;
  if (static_cast<unsigned>(parser.context_entropy()) != set_entropy) return;
  for (size_t i = 0; i < ours.size(); ++i) {
    if (i % 4 != 3) MULLION_FUZZ_CHECK(std::abs(ours[i] - theirs[i]) <= 1);
  }
#endif
}

}  // namespace mullion
