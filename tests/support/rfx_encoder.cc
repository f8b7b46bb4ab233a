#include "tests/support/rfx_encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace mullion {
namespace {

class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>* out) : out_(out) {}
  void Bits(uint32_t value, int count) {
    while (count-- > 0) {
      if (used_ == 0) out_->push_back(0);
      out_->back() = static_cast<uint8_t>(out_->back() | (value >> count & 1) << (7 - used_));
      used_ = (used_ + 1) % 8;
    }
  }
  void Repeat(uint32_t bit, uint32_t count) {
    while (count-- > 0) Bits(bit, 1);
  }

 private:
  std::vector<uint8_t>* out_;
  int used_ = 0;
};

class RlgrEncoder {
 public:
  RlgrEncoder(RfxEntropy entropy, std::span<const int16_t> in, std::vector<uint8_t>* out)
      : entropy_(entropy), in_(in), bits_(out) {}

  void Encode() {
    while (next_ < in_.size()) {
      if (kp_ >= 8) {
        RunLength();
      } else if (entropy_ == RfxEntropy::kRlgr1) {
        const uint32_t code = Code(Next());
        GolombRice(code);
        Update(&kp_, code == 0 ? 3 : -3);
      } else {
        const uint32_t first = Code(Next());
        const uint32_t second = Code(Next());
        GolombRice(first + second);
        bits_.Bits(first, std::bit_width(first + second));
        if (first != 0 && second != 0) Update(&kp_, -6);
        if (first == 0 && second == 0) Update(&kp_, 6);
      }
    }
  }

 private:
  void RunLength() {
    uint32_t zeros = 0;
    while (next_ < in_.size() && in_[next_] == 0) ++zeros, ++next_;
    while (zeros >= (1u << (kp_ >> 3))) {
      bits_.Bits(0, 1);
      zeros -= 1u << (kp_ >> 3);
      Update(&kp_, 4);
    }
    bits_.Bits(1, 1);
    bits_.Bits(zeros, kp_ >> 3);
    if (next_ == in_.size()) return;
    const int value = Next();
    bits_.Bits(value < 0 ? 1 : 0, 1);
    GolombRice(static_cast<uint32_t>(std::abs(value) - 1));
    Update(&kp_, -6);
  }
  void GolombRice(uint32_t value) {
    const int kr = krp_ >> 3;
    const uint32_t ones = value >> kr;
    bits_.Repeat(1, ones);
    bits_.Bits(0, 1);
    bits_.Bits(value & ((1u << kr) - 1), kr);
    if (ones == 0) Update(&krp_, -2);
    if (ones > 1) Update(&krp_, static_cast<int>(std::min(ones, 80u)));
  }
  static void Update(int* parameter, int delta) {
    *parameter = std::clamp(*parameter + delta, 0, 80);
  }
  static uint32_t Code(int value) {
    return static_cast<uint32_t>(value < 0 ? -2 * value - 1 : 2 * value);
  }
  int Next() { return next_ < in_.size() ? in_[next_++] : 0; }

  RfxEntropy entropy_;
  std::span<const int16_t> in_;
  size_t next_ = 0;
  BitWriter bits_;
  int kp_ = 8, krp_ = 8;
};

// One level of forward lifting along a line of 2 * size samples.
void Lift(const int16_t* in, int in_step, int size, int16_t* low, int16_t* high, int out_step) {
  for (int n = 0; n < size; ++n) {
    const int even = in[2 * n * in_step];
    const int even_after = n + 1 < size ? in[(2 * n + 2) * in_step] : even;
    high[n * out_step] =
        static_cast<int16_t>((in[(2 * n + 1) * in_step] - ((even + even_after) >> 1)) >> 1);
  }
  for (int n = 0; n < size; ++n) {
    const int h = high[n * out_step];
    const int h_before = n > 0 ? high[(n - 1) * out_step] : h;
    low[n * out_step] = static_cast<int16_t>(in[2 * n * in_step] + ((h_before + h + 1) >> 1));
  }
}

// 2 size x 2 size samples to the level's bands HL, LH, HH; `samples` shrinks to LL.
void ForwardLevel(int size, std::vector<int16_t>* samples, int16_t* bands) {
  const int area = size * size;
  const int width = 2 * size;
  std::vector<int16_t> rows(static_cast<size_t>(4 * area));  // L rows, then H rows
  for (int x = 0; x < width; ++x) {
    Lift(samples->data() + x, width, size, rows.data() + x, rows.data() + 2 * area + x, width);
  }
  samples->resize(static_cast<size_t>(area));
  for (int y = 0; y < size; ++y) {
    Lift(rows.data() + y * width, 1, size, samples->data() + y * size, bands + y * size, 1);
    Lift(rows.data() + 2 * area + y * width, 1, size, bands + area + y * size,
         bands + 2 * area + y * size, 1);
  }
}

// Where a block starts in the growing message; its length is known at its end.
class Block {
 public:
  Block(uint16_t type, ByteWriter* out) : out_(out), start_(out->size()) {
    out->U16(type);
    out->U32(0);
    if (type >= 0xCCC3) {
      out->U8(1);
      out->U8(type == 0xCCC3 ? 0xFF : 0x00);
    }
  }
  ~Block() { out_->PatchU32(start_ + 2, static_cast<uint32_t>(out_->size() - start_)); }

 private:
  ByteWriter* out_;
  size_t start_;
};

}  // namespace

std::vector<uint8_t> EncodeRlgr(RfxEntropy entropy, std::span<const int16_t> coefficients) {
  std::vector<uint8_t> out;
  RlgrEncoder(entropy, coefficients, &out).Encode();
  return out;
}

std::vector<int16_t> TransformRfxComponent(std::span<const int16_t> samples,
                                           const RfxQuant& quant) {
  // Wire order of the bands, the quantisation value of each, and where the next band starts.
  struct BandInfo {
    int quant, end;
  };
  constexpr BandInfo kBands[] = {{8, 1024}, {7, 2048}, {9, 3072}, {5, 3328}, {4, 3584},
                                 {6, 3840}, {2, 3904}, {1, 3968}, {3, 4032}, {0, 4096}};
  std::vector<int16_t> out(4096);
  std::vector<int16_t> ll(samples.begin(), samples.end());
  ForwardLevel(32, &ll, out.data());
  ForwardLevel(16, &ll, out.data() + 3072);
  ForwardLevel(8, &ll, out.data() + 3840);
  std::copy(ll.begin(), ll.end(), out.begin() + 4032);
  int i = 0;
  for (const BandInfo& band : kBands) {
    const int shift = quant[static_cast<size_t>(band.quant)] - 1;
    for (; i < band.end; ++i) {
      int16_t& c = out[static_cast<size_t>(i)];
      c = static_cast<int16_t>((c + (1 << shift >> 1)) >> shift);
    }
  }
  for (size_t j = 4095; j > 4032; --j) out[j] = static_cast<int16_t>(out[j] - out[j - 1]);
  return out;
}

void WriteRfxHeaders(uint16_t width, uint16_t height, const RfxEncoderOptions& options,
                     ByteWriter* out) {
  {
    Block block(0xCCC0, out);
    out->U32(0xCACCACCA);
    out->U16(0x0100);
  }
  {
    Block block(0xCCC1, out);
    out->U8(1);
    out->U8(1);
    out->U16(0x0100);
  }
  {
    Block block(0xCCC2, out);
    out->U8(1);
    out->U8(0);
    out->U16(width);
    out->U16(height);
  }
  {
    Block block(0xCCC3, out);
    out->U8(0);
    out->U16(64);
    out->U16(static_cast<uint16_t>((options.image_mode ? 2 : 0) | 1 << 3 | 1 << 5 |
                                   static_cast<int>(options.entropy) << 9 | 1 << 13));
  }
}

void WriteRfxFrameBegin(uint32_t frame_idx, ByteWriter* out) {
  Block block(0xCCC4, out);
  out->U32(frame_idx);
  out->U16(1);
}

void WriteRfxRegion(std::span<const Rect> rects, ByteWriter* out) {
  Block block(0xCCC6, out);
  out->U8(1);
  out->U16(static_cast<uint16_t>(rects.size()));
  for (const Rect& rect : rects) {
    out->U16(static_cast<uint16_t>(rect.x));
    out->U16(static_cast<uint16_t>(rect.y));
    out->U16(static_cast<uint16_t>(rect.w));
    out->U16(static_cast<uint16_t>(rect.h));
  }
  out->U16(0xCAC1);
  out->U16(1);
}

void WriteRfxTileSet(RfxEntropy entropy, std::span<const RfxQuant> quants,
                     std::span<const RfxTile> tiles, ByteWriter* out) {
  Block block(0xCCC7, out);
  out->U16(0xCAC2);
  out->U16(0);
  out->U16(static_cast<uint16_t>(1 | 1 << 4 | 1 << 6 | static_cast<int>(entropy) << 10 | 1 << 14));
  out->U8(static_cast<uint8_t>(quants.size()));
  out->U8(64);
  out->U16(static_cast<uint16_t>(tiles.size()));
  size_t size = 0;
  for (const RfxTile& tile : tiles) size += 19 + tile.y.size() + tile.cb.size() + tile.cr.size();
  out->U32(static_cast<uint32_t>(size));
  for (const RfxQuant& quant : quants) {
    for (size_t i = 0; i < 10; i += 2) {
      out->U8(static_cast<uint8_t>(quant[i] | quant[i + 1] << 4));
    }
  }
  for (const RfxTile& tile : tiles) {
    out->U16(0xCAC3);
    out->U32(static_cast<uint32_t>(19 + tile.y.size() + tile.cb.size() + tile.cr.size()));
    out->U8(tile.quant_y);
    out->U8(tile.quant_cb);
    out->U8(tile.quant_cr);
    out->U16(tile.x_idx);
    out->U16(tile.y_idx);
    out->U16(static_cast<uint16_t>(tile.y.size()));
    out->U16(static_cast<uint16_t>(tile.cb.size()));
    out->U16(static_cast<uint16_t>(tile.cr.size()));
    out->Bytes(tile.y);
    out->Bytes(tile.cb);
    out->Bytes(tile.cr);
  }
}

void WriteRfxFrameEnd(ByteWriter* out) { Block block(0xCCC5, out); }

std::vector<uint8_t> EncodeRfxMessage(const PixelView& src, const RfxEncoderOptions& options) {
  std::vector<RfxTile> tiles;
  std::vector<std::array<std::vector<uint8_t>, 3>> data;
  for (int ty = 0; ty * 64 < src.height_px; ++ty) {
    for (int tx = 0; tx * 64 < src.width_px; ++tx) {
      std::array<std::vector<int16_t>, 3> samples;
      for (int i = 0; i < 4096; ++i) {
        const int x = std::min(tx * 64 + i % 64, src.width_px - 1);
        const int y = std::min(ty * 64 + i / 64, src.height_px - 1);
        const uint8_t* p = src.row(y) + 4 * x;
        const bool bgr = src.format == PixelFormat::kBgrx32;
        const double r = bgr ? p[2] : p[0], g = p[1], b = bgr ? p[0] : p[2];
        // 3.1.8.1.3, times 32 for the five fractional bits.
        samples[0].push_back(static_cast<int16_t>((.299 * r + .587 * g + .114 * b - 128) * 32));
        samples[1].push_back(static_cast<int16_t>((-.168935 * r - .331665 * g + .50059 * b) * 32));
        samples[2].push_back(static_cast<int16_t>((.499813 * r - .418531 * g - .081282 * b) * 32));
      }
      auto& component = data.emplace_back();
      for (size_t c = 0; c < 3; ++c) {
        component[c] =
            EncodeRlgr(options.entropy, TransformRfxComponent(samples[c], options.quant));
      }
      RfxTile tile;
      tile.x_idx = static_cast<uint16_t>(tx);
      tile.y_idx = static_cast<uint16_t>(ty);
      tiles.push_back(tile);
    }
  }
  for (size_t i = 0; i < tiles.size(); ++i) {
    tiles[i].y = data[i][0];
    tiles[i].cb = data[i][1];
    tiles[i].cr = data[i][2];
  }

  std::vector<uint8_t> out;
  ByteWriter writer(&out);
  if (options.headers) {
    WriteRfxHeaders(static_cast<uint16_t>(src.width_px), static_cast<uint16_t>(src.height_px),
                    options, &writer);
  }
  const std::vector<Rect> whole = {src.bounds()};
  WriteRfxFrameBegin(options.frame_idx, &writer);
  WriteRfxRegion(options.region.empty() ? whole : options.region, &writer);
  WriteRfxTileSet(options.entropy, std::span(&options.quant, 1), tiles, &writer);
  WriteRfxFrameEnd(&writer);
  return out;
}

}  // namespace mullion
