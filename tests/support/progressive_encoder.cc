#include "tests/support/progressive_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "codecs/simd/progressive_tile.h"
#include "tests/support/rfx_encoder.h"

namespace mullion {
namespace {

class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>* out) : out_(out) {}
  void Put(uint32_t value, unsigned count) {
    while (count-- > 0) {
      if (used_ % 8 == 0) out_->push_back(0);
      out_->back() = static_cast<uint8_t>(out_->back() | (value >> count & 1) << (7 - used_ % 8));
      ++used_;
    }
  }

 private:
  std::vector<uint8_t>* out_;
  size_t used_ = 0;
};

// MS-RDPEGFX 3.1.8.1.5.
class SrlWriter {
 public:
  explicit SrlWriter(std::vector<uint8_t>* out) : out_(out), bits_(out) {}

  void Put(int value, unsigned bit_count) {
    if (value == 0) {
      ++zeros_;
      return;
    }
    Run();
    bits_.Put(value < 0, 1);
    const int magnitude = std::abs(value);
    for (int i = 1; i < magnitude; ++i) bits_.Put(0, 1);
    if (magnitude != (1 << bit_count) - 1) bits_.Put(1, 1);
    any_ = true;
  }
  // Zeros at the end need no terminated run: a "0" for each full one, as 4.1.2.1.5 has it.
  void Finish() {
    while (zeros_ > 0) {
      bits_.Put(0, 1);
      zeros_ -= std::min(zeros_, 1u << (kp_ / 8));
      kp_ = std::min(kp_ + 4, 80u);
      any_ = true;
    }
    if (any_) out_->push_back(0);
  }

 private:
  void Run() {
    while (zeros_ >= 1u << (kp_ / 8)) {
      bits_.Put(0, 1);
      zeros_ -= 1u << (kp_ / 8);
      kp_ = std::min(kp_ + 4, 80u);
    }
    bits_.Put(1, 1);
    bits_.Put(zeros_, kp_ / 8);
    zeros_ = 0;
    kp_ -= std::min(kp_, 6u);
    any_ = true;
  }

  std::vector<uint8_t>* out_;
  BitWriter bits_;
  uint32_t zeros_ = 0;
  uint32_t kp_ = 8;
  bool any_ = false;
};

using Line = std::vector<int>;

// Forward 5/3 lifting of one line, MS-RDPRFX 3.1.8.1.4; an even line of the reduce-extrapolate
// variant gets one sample more, on the straight line through its last two.
void Lift(Line line, bool extrapolate, Line* low, Line* high) {
  const size_t size = line.size();
  if (extrapolate && size % 2 == 0) line.push_back(2 * line[size - 1] - line[size - 2]);
  const size_t last = line.size() - 1;
  const auto at = [&](size_t i) { return line[i <= last ? i : 2 * last - i]; };
  Line all_high;
  for (size_t n = 0; 2 * n + 1 < line.size(); ++n) {
    all_high.push_back((line[2 * n + 1] - ((line[2 * n] + at(2 * n + 2)) >> 1)) >> 1);
  }
  low->clear();
  for (size_t n = 0; 2 * n < line.size(); ++n) {
    const int before = all_high[n == 0 ? 0 : n - 1];
    const int after = n < all_high.size() ? all_high[n] : all_high.back();
    low->push_back(line[2 * n] + ((before + after + 1) >> 1));
  }
  *high = all_high;
  if (extrapolate && size % 2 == 0) high->pop_back();  // zero by construction
}

struct Image {
  size_t width, height;
  Line samples;
};

// Splits rows (or, transposed, columns).
void Split(const Image& in, bool columns, bool extrapolate, Image* low, Image* high) {
  const size_t lines = columns ? in.width : in.height;
  const size_t size = columns ? in.height : in.width;
  std::vector<Line> lows(lines), highs(lines);
  for (size_t i = 0; i < lines; ++i) {
    Line line(size);
    for (size_t k = 0; k < size; ++k) {
      line[k] = columns ? in.samples[k * in.width + i] : in.samples[i * in.width + k];
    }
    Lift(line, extrapolate, &lows[i], &highs[i]);
  }
  const auto join = [&](const std::vector<Line>& parts, Image* out) {
    const size_t part = parts[0].size();
    *out = {columns ? lines : part, columns ? part : lines, Line(lines * part)};
    for (size_t i = 0; i < lines; ++i) {
      for (size_t k = 0; k < part; ++k) {
        out->samples[columns ? k * lines + i : i * part + k] = parts[i][k];
      }
    }
  };
  join(lows, low);
  join(highs, high);
}

// 64x64 samples to ten bands in wire order.
Line ForwardDwt(const Line& samples, bool extrapolate) {
  Line out;
  Image ll = {64, 64, samples};
  for (int level = 1; level <= 3; ++level) {
    Image low, high, next, hl, lh, hh;
    Split(ll, true, extrapolate, &low, &high);  // columns first
    Split(low, false, extrapolate, &next, &hl);
    Split(high, false, extrapolate, &lh, &hh);
    for (const Image* band : {&hl, &lh, &hh}) {
      out.insert(out.end(), band->samples.begin(), band->samples.end());
    }
    ll = next;
  }
  out.insert(out.end(), ll.samples.begin(), ll.samples.end());
  return out;
}

// One component of one pixel, 11.5 fixed point.
int Sample(const uint8_t* bgrx, size_t component) {
  static constexpr double kMatrix[3][3] = {
      {0.299, 0.587, 0.114}, {-0.168935, -0.331665, 0.50059}, {0.499813, -0.418531, -0.081282}};
  const double* m = kMatrix[component];
  const double value = m[0] * bgrx[2] + m[1] * bgrx[1] + m[2] * bgrx[0];
  return static_cast<int>(std::lround(32 * (component == 0 ? value - 128 : value)));
}

int Sign(int value) { return (value > 0) - (value < 0); }

void WriteQuant(const ProgressiveQuant& quant, ByteWriter* out) {
  static constexpr size_t kWire[kProgressiveBands] = {9, 6, 7, 8, 3, 4, 5, 0, 1, 2};
  for (size_t i = 0; i < 5; ++i) {
    out->U8(static_cast<uint8_t>(quant[kWire[2 * i]] | quant[kWire[2 * i + 1]] << 4));
  }
}

}  // namespace

std::vector<ProgressiveQuality> TwoQualities() {
  ProgressiveQuality low, middle;
  low.bit_pos = {{{5, 5, 6, 4, 4, 5, 3, 3, 3, 1},
                  {6, 6, 6, 4, 4, 4, 2, 2, 3, 2},
                  {6, 5, 6, 4, 3, 4, 2, 2, 3, 0}}};
  middle.bit_pos = {{{2, 2, 3, 1, 1, 2, 1, 1, 1, 0},
                     {3, 6, 2, 2, 2, 1, 0, 1, 1, 1},
                     {2, 2, 0, 1, 1, 1, 2, 1, 0, 0}}};
  return {low, middle};
}

ProgressiveEncoder::ProgressiveEncoder(int32_t width_px, int32_t height_px,
                                       const ProgressiveEncoderOptions& options)
    : width_px_(width_px),
      height_px_(height_px),
      grid_width_((width_px + 63) / 64),
      options_(options),
      band_start_(ProgressiveBandStart(options.reduce_extrapolate)),
      tiles_(static_cast<size_t>(grid_width_ * ((height_px + 63) / 64))) {}

const ProgressiveQuality& ProgressiveEncoder::QualityOf(uint8_t index) const {
  static const ProgressiveQuality kFull;
  return index == ProgressiveTile::kFullQuality ? kFull : options_.qualities[index];
}

void ProgressiveEncoder::Transform(const PixelView& picture) {
  for (size_t t = 0; t < tiles_.size(); ++t) {
    const int32_t left = static_cast<int32_t>(t) % grid_width_ * 64;
    const int32_t top = static_cast<int32_t>(t) / grid_width_ * 64;
    for (size_t c = 0; c < 3; ++c) {
      Line samples;
      for (int32_t y = top; y < top + 64; ++y) {
        for (int32_t x = left; x < left + 64; ++x) {
          const uint8_t* row = picture.row(std::min(y, height_px_ - 1));
          samples.push_back(Sample(row + std::min(x, width_px_ - 1) * 4, c));
        }
      }
      const Line bands = ForwardDwt(samples, options_.reduce_extrapolate);
      for (size_t band = 0; band < kProgressiveBands; ++band) {
        const int shift = options_.quant[band] - 1;
        for (int i = band_start_[band]; i < band_start_[band + 1]; ++i) {
          const int value = bands[static_cast<size_t>(i)];
          const int magnitude = (std::abs(value) + (1 << shift >> 1)) >> shift;
          tiles_[t][c].target[static_cast<size_t>(i)] =
              static_cast<int16_t>(value < 0 ? -magnitude : magnitude);
        }
      }
    }
  }
}

std::vector<uint8_t> ProgressiveEncoder::FirstPass(Component* c, const ProgressiveQuant& bit_pos,
                                                   bool difference) {
  if (!difference) std::fill(c->reference.begin(), c->reference.end(), int16_t{0});
  std::vector<int16_t> entries;
  int ll_before = 0;
  for (size_t band = 0; band < kProgressiveBands; ++band) {
    for (int i = band_start_[band]; i < band_start_[band + 1]; ++i) {
      const auto at = static_cast<size_t>(i);
      const int sb = c->target[at] - c->reference[at];
      const bool ll = band == kLl3;
      const int prog = ll ? sb >> bit_pos[band] : Sign(sb) * (std::abs(sb) >> bit_pos[band]);
      c->sign[at] = static_cast<int8_t>(Sign(prog));
      c->reference[at] = static_cast<int16_t>(c->reference[at] + prog * (1 << bit_pos[band]));
      entries.push_back(static_cast<int16_t>(ll ? prog - ll_before : prog));
      if (ll) ll_before = prog;
    }
  }
  c->bit_pos = bit_pos;
  return EncodeRlgr(RfxEntropy::kRlgr1, entries);
}

void ProgressiveEncoder::UpgradePass(Component* c, const ProgressiveQuant& bit_pos,
                                     std::vector<uint8_t>* srl, std::vector<uint8_t>* raw) {
  SrlWriter srl_writer(srl);
  BitWriter raw_writer(raw);
  for (size_t band = 0; band < kProgressiveBands; ++band) {
    const unsigned bits = static_cast<unsigned>(c->bit_pos[band] - bit_pos[band]);
    if (bits == 0) continue;
    for (int i = band_start_[band]; i < band_start_[band + 1]; ++i) {
      const auto at = static_cast<size_t>(i);
      const int drs = c->target[at] - c->reference[at];
      int upgrade = Sign(drs) * (std::abs(drs) >> bit_pos[band]);
      if (band == kLl3) {
        upgrade = drs >> bit_pos[band];
        raw_writer.Put(static_cast<uint32_t>(upgrade), bits);
      } else if (c->sign[at] != 0) {
        raw_writer.Put(static_cast<uint32_t>(std::abs(upgrade)), bits);
      } else {
        srl_writer.Put(upgrade, bits);
        c->sign[at] = static_cast<int8_t>(Sign(upgrade));
      }
      c->reference[at] = static_cast<int16_t>(c->reference[at] + upgrade * (1 << bit_pos[band]));
    }
  }
  srl_writer.Finish();
  c->bit_pos = bit_pos;
}

std::vector<uint8_t> ProgressiveEncoder::WriteFirst(const PixelView& picture, bool simple,
                                                    uint8_t quality, bool difference) {
  Transform(picture);
  std::vector<uint8_t> blocks;
  ByteWriter out(&blocks);
  for (size_t t = 0; t < tiles_.size(); ++t) {
    std::vector<uint8_t> data[3];
    for (size_t c = 0; c < 3; ++c) {
      data[c] = FirstPass(&tiles_[t][c], QualityOf(quality).bit_pos[c], difference);
    }
    const size_t header = simple ? 22 : 23;
    out.U16(simple ? 0xCCC5 : 0xCCC6);
    out.U32(static_cast<uint32_t>(header + data[0].size() + data[1].size() + data[2].size()));
    out.Zeros(3);
    out.U16(static_cast<uint16_t>(t % static_cast<size_t>(grid_width_)));
    out.U16(static_cast<uint16_t>(t / static_cast<size_t>(grid_width_)));
    out.U8(difference ? 1 : 0);
    if (!simple) out.U8(quality);
    for (const auto& bytes : data) out.U16(static_cast<uint16_t>(bytes.size()));
    out.U16(0);
    for (const auto& bytes : data) out.Bytes(bytes);
  }
  return WriteStream(blocks);
}

std::vector<uint8_t> ProgressiveEncoder::Simple(const PixelView& picture, bool difference) {
  return WriteFirst(picture, true, ProgressiveTile::kFullQuality, difference);
}
std::vector<uint8_t> ProgressiveEncoder::First(const PixelView& picture, uint8_t quality,
                                               bool difference) {
  return WriteFirst(picture, false, quality, difference);
}

std::vector<uint8_t> ProgressiveEncoder::Upgrade(uint8_t quality) {
  std::vector<uint8_t> blocks;
  ByteWriter out(&blocks);
  for (size_t t = 0; t < tiles_.size(); ++t) {
    std::vector<uint8_t> data[6];
    uint32_t size = 26;
    for (size_t c = 0; c < 3; ++c) {
      UpgradePass(&tiles_[t][c], QualityOf(quality).bit_pos[c], &data[2 * c], &data[2 * c + 1]);
      size += static_cast<uint32_t>(data[2 * c].size() + data[2 * c + 1].size());
    }
    out.U16(0xCCC7);
    out.U32(size);
    out.Zeros(3);
    out.U16(static_cast<uint16_t>(t % static_cast<size_t>(grid_width_)));
    out.U16(static_cast<uint16_t>(t / static_cast<size_t>(grid_width_)));
    out.U8(quality);
    for (const auto& bytes : data) out.U16(static_cast<uint16_t>(bytes.size()));
    for (const auto& bytes : data) out.Bytes(bytes);
  }
  return WriteStream(blocks);
}

std::vector<uint8_t> ProgressiveEncoder::WriteStream(const std::vector<uint8_t>& blocks) const {
  std::vector<uint8_t> stream;
  ByteWriter out(&stream);
  out.U16(0xCCC0);  // sync
  out.U32(12);
  out.U32(0xCACCACCA);
  out.U16(0x0100);
  out.U16(0xCCC3);  // context
  out.U32(10);
  out.U8(0);
  out.U16(64);
  out.U8(options_.subband_diffing ? 1 : 0);
  out.U16(0xCCC1);  // frame begin
  out.U32(12);
  out.U32(0);
  out.U16(1);
  const size_t qualities = options_.qualities.size();
  out.U16(0xCCC4);  // region
  out.U32(static_cast<uint32_t>(18 + 8 + 5 + 16 * qualities + blocks.size()));
  out.U8(64);
  out.U16(1);
  out.U8(1);
  out.U8(static_cast<uint8_t>(qualities));
  out.U8(options_.reduce_extrapolate ? 1 : 0);
  out.U16(static_cast<uint16_t>(tiles_.size()));
  out.U32(static_cast<uint32_t>(blocks.size()));
  out.U32(0);
  out.U16(static_cast<uint16_t>(width_px_));
  out.U16(static_cast<uint16_t>(height_px_));
  WriteQuant(options_.quant, &out);
  for (const ProgressiveQuality& quality : options_.qualities) {
    out.U8(50);
    for (const ProgressiveQuant& bit_pos : quality.bit_pos) WriteQuant(bit_pos, &out);
  }
  out.Bytes(blocks);
  out.U16(0xCCC2);  // frame end
  out.U32(6);
  return stream;
}

}  // namespace mullion
