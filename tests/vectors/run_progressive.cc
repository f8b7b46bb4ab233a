// progressive: streams, and the entropy stages of MS-RDPEGFX 4.1.2.
#include <cstring>

#include "codecs/image/progressive.h"
#include "codecs/image/progressive_upgrade.h"
#include "codecs/image/rlgr.h"
#include "tests/support/progressive_draw.h"
#include "tests/vectors/groups.h"
#include "tests/vectors/image_compare.h"

namespace mullion::vectors {
namespace {

bool Mentions(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

std::vector<uint8_t> FromHex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Outcome CompareValues(const std::vector<uint8_t>& expected, const std::vector<int16_t>& got) {
  return CompareBytes(expected, reinterpret_cast<const uint8_t*>(got.data()),
                      got.size() * sizeof(int16_t));
}

Outcome RunSrl(const Vector& vector) {
  SrlReader srl(vector.input);
  const auto bits = static_cast<unsigned>(vector.params()["num_bits"].Int(1));
  if (bits < 1 || bits > 15) return Failed("num_bits is out of range");
  std::vector<int16_t> values;
  for (size_t i = 0; i < vector.output.size() / 2; ++i) {
    const bool zero = srl.Zeros(1) != 0;
    if (zero) srl.SkipZeros(1);
    values.push_back(zero ? int16_t{0} : static_cast<int16_t>(srl.Value(bits)));
  }
  return CompareValues(vector.output, values);
}

Outcome RunFirstPass(const Vector& vector) {
  std::vector<int16_t> coefficients(kRlgrCoefficients);
  const Status status = DecodeRlgr(RfxEntropy::kRlgr1, vector.input, coefficients.data());
  if (!status.ok()) return Failed(Describe(status));
  coefficients.resize(vector.output.size() / 2);
  return CompareValues(vector.output, coefficients);
}

// The worked example: passes over a toy tile of three bands.
class Example {
 public:
  explicit Example(const Json& json) : json_(json) {
    const auto size = [&json](const char* band) {
      return static_cast<int>(json["bands"][band].Int());
    };
    const int hl = size("HL");
    const int lh = hl + size("LH");
    const int ll = lh + size("LL");
    const int starts[11] = {0, hl, lh, lh, lh, lh, lh, lh, lh, lh, ll};
    std::memcpy(starts_, starts, sizeof(starts_));
  }

  Outcome Run() {
    for (const Json& pass : json_["passes"].array) {
      const ProgressiveQuant after = QuantOf(pass["quality"].Int());
      if (pass["type"].Str() == "FIRST") {
        if (!First(pass, after)) return Failed("the first pass was rejected");
      } else {
        // In 4.1.2.1.4 the specification's breakdown "01 | 101" of the SRL entries 0, 1, 1 leaves
        // out the first 1 (unary "01"): "0101 | 101" is what 3.1.8.1.5 writes, and what follows in
        // the example, down to the last coefficient, is right only with it.
        const bool erratum = pass["srl"].Str() == "800700169C";
        const auto srl = FromHex(erratum ? "80070015A700" : pass["srl"].Str());
        const auto raw = FromHex(pass["raw"].Str());
        const Status status = UpgradeProgressive({starts_, before_, after, srl, raw},
                                                 coefficients_.data(), signs_.data());
        if (!status.ok()) return Failed(Describe(status));
      }
      before_ = after;
      const std::string where = "frame " + std::to_string(pass["frame"].Int()) + " at " +
                                std::to_string(pass["quality"].Int()) + " %: ";
      for (size_t i = 0; i < pass["dwtq"].array.size(); ++i) {
        if (coefficients_[i] != pass["dwtq"].array[i].Int()) {
          return Failed(where + "coefficient " + std::to_string(i));
        }
      }
      for (size_t i = 0; i < pass["sign"].array.size(); ++i) {
        if (signs_[i] != pass["sign"].array[i].Int()) {
          return Failed(where + "sign " + std::to_string(i));
        }
      }
    }
    return Pass();
  }

 private:
  ProgressiveQuant QuantOf(long long quality) const {
    const Json& table = json_["prog_quant"][std::to_string(quality)];
    const auto bits = [&table](const char* band) {
      return static_cast<uint8_t>(table[band].Int());
    };
    return {bits("HL"), bits("LH"), 0, 0, 0, 0, 0, 0, 0, bits("LL")};
  }

  bool First(const Json& pass, const ProgressiveQuant& after) {
    std::vector<int16_t> values(kRlgrCoefficients);
    const auto bytes = FromHex(pass["rlgr1"].Str());
    if (!DecodeRlgr(RfxEntropy::kRlgr1, bytes, values.data()).ok()) return false;
    if (pass["diff"].Int() == 0) coefficients_.assign(kRlgrCoefficients, 0);
    int sum = 0;
    for (int band = 0; band < kProgressiveBands; ++band) {
      for (int i = starts_[band]; i < starts_[band + 1]; ++i) {
        const auto at = static_cast<size_t>(i);
        signs_[at] = static_cast<int8_t>(values[at] < 0 ? -1 : values[at] > 0 ? 1 : 0);
        sum += band == 9 ? values[at] : 0;
        const int value = band == 9 ? sum : values[at];
        coefficients_[at] = static_cast<int16_t>(coefficients_[at] +
                                                 value * (1 << after[static_cast<size_t>(band)]));
      }
    }
    return true;
  }

  const Json& json_;
  int starts_[11];
  ProgressiveQuant before_ = {};
  std::vector<int16_t> coefficients_ = std::vector<int16_t>(kRlgrCoefficients);
  std::vector<int8_t> signs_ = std::vector<int8_t>(kRlgrCoefficients);
};

struct Client {
  ProgressiveBudget budget{int64_t{1} << 30};
  ProgressiveContext context;
  std::unique_ptr<ProgressiveSurface> surface;
  std::unique_ptr<Canvas> canvas;
};

}  // namespace

Outcome RunProgressive(const Vector& vector, Sequence* sequence) {
  const std::string& stage = vector.params()["stage"].Str();
  if (!vector.input.empty() && vector.input[0] == '{') {
    Json json;
    std::string error;
    if (!ParseJson({reinterpret_cast<const char*>(vector.input.data()), vector.input.size()}, &json,
                   &error)) {
      return Failed(error);
    }
    return Example(json).Run();
  }
  if (stage.rfind("SRL", 0) == 0) return RunSrl(vector);
  if (Mentions(stage, "RLGR")) return RunFirstPass(vector);
  if (!stage.empty()) return Skip("a stage that ours does not have");
  if (!SaneSize(vector.width_px(), vector.height_px())) return Skip("no size to decode to");

  Client& client = sequence->State<Client>();
  if (client.surface == nullptr) {
    client.surface =
        std::make_unique<ProgressiveSurface>(vector.width_px(), vector.height_px(), &client.budget);
    client.canvas = std::make_unique<Canvas>(vector.width_px(), vector.height_px());
  }
  ProgressiveMessage message;
  Status status = ParseProgressive(vector.input, &client.context, &message);
  if (status.ok()) {
    status = DrawProgressive(message, client.surface.get(), client.canvas->view());
  }
  if (vector.kind == "robustness") return Survived(vector, status);
  if (!status.ok()) return Failed(Describe(status));
  if (!vector.has_output) return Pass();
  return CompareImage(vector, client.canvas.get(), {.max_difference = 2});
}

}  // namespace mullion::vectors
