// remotefx, remotefx-pdu, rlgr, rfx-stages.
#include <algorithm>
#include <cstring>

#include "codecs/image/remotefx.h"
#include "codecs/image/rlgr.h"
#include "codecs/simd/rfx_tile.h"
#include "codecs/wire/rfx.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {
namespace {

bool Mentions(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

RfxEntropy EntropyOf(const Vector& vector) {
  const Json& params = vector.params();
  const std::string text = params["mode"].Str() + params["entropy"].Str() + vector.id;
  return Mentions(text, "RLGR1") || Mentions(text, "rlgr1") ? RfxEntropy::kRlgr1
                                                            : RfxEntropy::kRlgr3;
}

// Draws a message as a client does: every tile, clipped to its set's region.
Status Draw(const RfxMessage& message, const PixelView& surface) {
  std::vector<uint8_t> pixels(size_t{kRfxTilePx} * kRfxTilePx * 4);
  const PixelView tile_view = {pixels.data(), kRfxTilePx, kRfxTilePx, kRfxTilePx * 4,
                               surface.format};
  for (const RfxTileSet& set : message.tile_sets) {
    for (const RfxTile& tile : message.Tiles(set)) {
      MULLION_TRY(DecodeRfxTile(set.entropy, message.Quants(set), tile, tile_view));
      const Rect place = {tile.x_idx * kRfxTilePx, tile.y_idx * kRfxTilePx, kRfxTilePx, kRfxTilePx};
      for (const Rect& rect : message.Region(set)) {
        const Rect part = Intersect(Intersect(place, rect), surface.bounds());
        if (part.empty()) continue;
        const Rect source = {part.x - place.x, part.y - place.y, part.w, part.h};
        CopyPixels(tile_view.Sub(source), surface.Sub(part));
      }
    }
  }
  return Ok();
}

// The blocks that must stand before a block of `type`, as MS-RDPRFX 2.2.2 lays them out, with the
// smallest valid values.
std::vector<uint8_t> BlocksBefore(uint16_t type) {
  std::vector<uint8_t> out;
  const auto add = [&out](std::initializer_list<uint8_t> bytes) {
    for (const uint8_t byte : bytes) out.push_back(byte);
  };
  if (type == 0xCCC0) return out;
  add({0xC0, 0xCC, 12, 0, 0, 0, 0xCA, 0xAC, 0xCC, 0xCA, 0x00, 0x01});  // sync
  if (type < 0xCCC4) return out;
  add({0xC1, 0xCC, 10, 0, 0, 0, 1, 1, 0x00, 0x01});                 // codec versions
  add({0xC2, 0xCC, 12, 0, 0, 0, 1, 0, 0x00, 0x04, 0x00, 0x04});     // one channel, 1024 x 1024
  add({0xC3, 0xCC, 13, 0, 0, 0, 1, 0xFF, 0, 0x40, 0, 0x28, 0xA8});  // context: RLGR3
  if (type == 0xCCC4) return out;
  add({0xC4, 0xCC, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0});  // frame begin
  if (type == 0xCCC6) return out;
  add({0xC6, 0xCC, 15, 0, 0, 0, 1, 0, 1, 0, 0, 0xC1, 0xCA, 1, 0});  // an empty region
  if (type != 0xCCC5) return out;
  add({0xC7, 0xCC, 22, 0, 0, 0, 1, 0, 0xC2, 0xCA, 0, 0, 0x51, 0x50, 0, 0x40, 0, 0, 0, 0, 0, 0});
  return out;
}

}  // namespace

Outcome RunRemoteFx(const Vector& vector, Sequence* sequence) {
  if (vector.kind == "spec-example" && vector.params()["section"].Str() == "4.2.1") {
    return Skip("capabilities are a client's to write");
  }
  RfxMessage message;
  Status status = sequence->State<RfxParser>().Parse(vector.input, &message);
  if (!vector.has_output || !SaneSize(vector.width_px(), vector.height_px())) {
    if (vector.kind == "robustness") return Survived(vector, status);
    return status.ok() ? Pass() : Failed(Describe(status));
  }
  Canvas canvas(vector.width_px(), vector.height_px());
  if (status.ok()) status = Draw(message, canvas.view());
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  return CompareImage(vector, &canvas, {.max_difference = 2});
}

Outcome RunRemoteFxPdu(const Vector& vector, Sequence*) {
  const std::string name = vector.name();
  if (Mentions(name, "quantization_values")) return Skip("a table, not a block");
  if (Mentions(name, "y_data")) {
    std::vector<int16_t> coefficients(kRlgrCoefficients);
    const Status status = DecodeRlgr(EntropyOf(vector), vector.input, coefficients.data());
    return status.ok() ? Pass() : Failed(Describe(status));
  }
  ByteReader reader(vector.input);
  std::vector<uint8_t> bytes = BlocksBefore(reader.U16("blockType"));
  bytes.insert(bytes.end(), vector.input.begin(), vector.input.end());
  RfxParser parser;
  RfxMessage message;
  const Status status = parser.Parse(bytes, &message);
  if (vector.kind == "robustness") return Survived(vector, status);
  for (const char* bad : {"invalid", "zero_data", "big_data", "small_buffer", "incorrect", "bad"}) {
    if (Mentions(name, bad)) return status.ok() ? Failed("accepted, but is malformed") : Pass();
  }
  return status.ok() ? Pass() : Failed(Describe(status));
}

Outcome RunRlgr(const Vector& vector, Sequence*) {
  std::vector<int16_t> coefficients(kRlgrCoefficients);
  const Status status = DecodeRlgr(EntropyOf(vector), vector.input, coefficients.data());
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  const size_t bytes = std::min(vector.output.size(), coefficients.size() * sizeof(int16_t));
  return CompareBytes(vector.output, reinterpret_cast<const uint8_t*>(coefficients.data()), bytes);
}

namespace {

// The planes of the worked example MS-RDPRFX 4.2.4: its message stands in the remotefx group.
struct Example {
  std::vector<int16_t> planes[3];  // as the entropy decoder leaves them
  uint8_t shifts[3][kRfxBandCount];
};

bool LoadExample(const std::string& dir, Example* out) {
  std::vector<uint8_t> text, bytes;
  Json manifest;
  std::string error;
  if (!ReadFile(dir + "/manifest.json", &text) ||
      !ParseJson({reinterpret_cast<const char*>(text.data()), text.size()}, &manifest, &error)) {
    return false;
  }
  for (const Json& entry : manifest.array) {
    const std::string& id = entry["id"].Str();
    if (entry["codec"].Str() != "remotefx" ||
        (!Mentions(id, "msrdprfx-4.2") && !Mentions(id, "session-frame"))) {
      continue;
    }
    RfxParser parser;
    RfxMessage message;
    if (!ReadFile(dir + "/" + entry["input"].Str(), &bytes) ||
        !parser.Parse(bytes, &message).ok() || message.tiles.size() != 1) {
      continue;
    }
    const RfxTileSet& set = message.tile_sets[0];
    const RfxTile& tile = message.tiles[0];
    const ByteView data[3] = {tile.y, tile.cb, tile.cr};
    const RfxQuant quants[3] = {message.Quants(set)[tile.quant_y],
                                message.Quants(set)[tile.quant_cb],
                                message.Quants(set)[tile.quant_cr]};
    // Bands in the order of the coefficients, as indices into TS_RFX_CODEC_QUANT.
    static constexpr size_t kQuantOfBand[kRfxBandCount] = {8, 7, 9, 5, 4, 6, 2, 1, 3, 0};
    bool ok = true;
    for (size_t c = 0; c < 3; ++c) {
      out->planes[c].assign(kRlgrCoefficients, 0);
      ok = ok && DecodeRlgr(set.entropy, data[c], out->planes[c].data()).ok();
      for (size_t band = 0; band < kRfxBandCount; ++band) {
        out->shifts[c][band] = static_cast<uint8_t>(quants[c][kQuantOfBand[band]] - 1);
      }
    }
    return ok;
  }
  return false;
}

}  // namespace

Outcome RunRfxStages(const Vector& vector, Sequence*) {
  static constexpr const char* kBands[kRfxBandCount] = {"HL1", "LH1", "HH1", "HL2", "LH2",
                                                        "HH2", "HL3", "LH3", "HH3", "LL3"};
  const std::string& title = vector.params()["title"].Str();
  if (Mentions(title, "Inverse DWT")) return Skip("inside a level of our transform");
  Example example;
  if (!LoadExample(vector.dir, &example)) return Skip("needs the remotefx group's example");
  const size_t c = Mentions(title, "Cb") ? 1 : Mentions(title, "Cr") ? 2 : 0;
  std::vector<int16_t> plane = example.planes[c];
  std::vector<int16_t> samples;
  if (Mentions(title, "Component Data")) {
    samples = plane;
  } else {
    // 11.5 is our fixed point; 12.4 is the same with a bit less.
    const bool four = vector.params()["fixed_point"].Str() == "12.4";
    uint8_t shifts[kRfxBandCount];
    for (size_t band = 0; band < kRfxBandCount; ++band) {
      shifts[band] = static_cast<uint8_t>(example.shifts[c][band] - (four ? 1 : 0));
    }
    RfxDequantize(shifts, plane.data());
    if (Mentions(title, "Reconstructed")) {
      if (four) return Skip("rounded in another fixed point than ours");
      samples.resize(kRfxPlaneSize);
      RfxInverseDwtReference(plane.data(), samples.data());
    } else {
      const auto band = std::find_if(std::begin(kBands), std::end(kBands),
                                     [&title](const char* name) { return title == name; });
      if (band == std::end(kBands)) return Skip("a stage that ours does not have");
      const ptrdiff_t index = band - std::begin(kBands);
      samples.assign(plane.begin() + kRfxBandStart[index],
                     plane.begin() + kRfxBandStart[index + 1]);
    }
  }
  return CompareBytes(vector.output, reinterpret_cast<const uint8_t*>(samples.data()),
                      samples.size() * sizeof(int16_t));
}

}  // namespace mullion::vectors
