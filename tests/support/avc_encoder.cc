#include "tests/support/avc_encoder.h"

namespace mullion {
namespace {

class BitWriter {
 public:
  void Bits(uint32_t value, int count) {
    while (count-- > 0) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | ((value >> count & 1) << (7 - used_)));
      used_ = (used_ + 1) % 8;
    }
  }
  void Ue(uint32_t value) {
    int length = 0;
    while ((uint64_t{value} + 1) >> length > 1) ++length;
    Bits(0, length);
    Bits(static_cast<uint32_t>(uint64_t{value} + 1), length + 1);
  }
  void AlignZero() { used_ = 0; }
  void Byte(uint8_t value) { bytes_.push_back(value); }
  void Trailing() {
    Bits(1, 1);
    AlignZero();
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  int used_ = 0;
};

// Byte by byte: g++ 12 sees overflows that are not there in an inlined insert().
void Append(ByteView bytes, std::vector<uint8_t>* out) {
  for (const uint8_t byte : bytes) out->push_back(byte);
}

void AppendNal(uint8_t header, const std::vector<uint8_t>& rbsp, std::vector<uint8_t>* out) {
  out->insert(out->end(), {0, 0, 0, 1, header});
  int zeros = 0;
  for (const uint8_t byte : rbsp) {
    if (zeros == 2 && byte <= 3) {
      out->push_back(3);  // emulation_prevention_three_byte
      zeros = 0;
    }
    out->push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
}

void AppendPictureParameters(std::vector<uint8_t>* out) {
  BitWriter w;
  w.Ue(0);       // pic_parameter_set_id
  w.Ue(0);       // seq_parameter_set_id
  w.Bits(0, 2);  // CAVLC; no pictures order in fields
  w.Ue(0);       // one slice group
  w.Ue(0);       // reference indices
  w.Ue(0);
  w.Bits(0, 3);  // no weighted prediction
  w.Ue(0);       // QP, QS, chroma offset
  w.Ue(0);
  w.Ue(0);
  w.Bits(4, 3);  // deblocking control; no constrained intra prediction, no redundant pictures
  w.Trailing();
  AppendNal(0x68, w.bytes(), out);
}

void AppendU16(uint32_t value, std::vector<uint8_t>* out) {
  out->push_back(static_cast<uint8_t>(value));
  out->push_back(static_cast<uint8_t>(value >> 8));
}
void AppendU32(uint32_t value, std::vector<uint8_t>* out) {
  AppendU16(value & 0xFFFF, out);
  AppendU16(value >> 16, out);
}

}  // namespace

YuvPicture::YuvPicture(int32_t width, int32_t height, int shift)
    : width_px(width), height_px(height), chroma_shift(shift) {
  for (int p = 0; p < 3; ++p) {
    const int s = p == 0 ? 0 : shift;
    planes[p].resize(static_cast<size_t>(width >> s) * static_cast<size_t>(height >> s));
  }
}

void YuvPicture::Randomise(std::mt19937& random) {
  for (auto& plane : planes) {
    for (uint8_t& sample : plane) {
      const auto r = random();
      // Zeros, so that emulation prevention has work; extremes, noise.
      sample = r % 4 == 0 ? uint8_t{0} : r % 4 == 1 ? uint8_t{255} : static_cast<uint8_t>(r >> 8);
    }
  }
}

uint8_t& YuvPicture::At(int plane, int32_t x, int32_t y) {
  const int32_t stride = width_px >> (plane == 0 ? 0 : chroma_shift);
  return planes[plane]
               [static_cast<size_t>(y) * static_cast<size_t>(stride) + static_cast<size_t>(x)];
}
uint8_t YuvPicture::At(int plane, int32_t x, int32_t y) const {
  return const_cast<YuvPicture*>(this)->At(plane, x, y);
}

YuvView YuvPicture::view() const {
  return {{planes[0].data(), planes[1].data(), planes[2].data()},
          {width_px, width_px / 2, width_px / 2},
          width_px,
          height_px};
}

std::vector<uint8_t> WriteAvcSequence(const AvcSequence& sequence) {
  BitWriter w;
  w.Bits(static_cast<uint32_t>(sequence.profile), 8);
  w.Bits(0, 8);   // constraint flags
  w.Bits(51, 8);  // level
  w.Ue(0);        // seq_parameter_set_id
  if (sequence.profile >= 100) {
    w.Ue(static_cast<uint32_t>(sequence.chroma_format));
    if (sequence.chroma_format == 3) w.Bits(0, 1);
    w.Ue(static_cast<uint32_t>(sequence.bit_depth - 8));
    w.Ue(static_cast<uint32_t>(sequence.bit_depth - 8));
    w.Bits(0, 2);  // no bypass, no scaling matrix
  }
  w.Ue(0);  // frame numbers of four bits
  w.Ue(2);  // output order is decoding order
  w.Ue(sequence.reference_frames);
  w.Bits(0, 1);  // no gaps in frame numbers
  w.Ue(sequence.width_mbs - 1);
  w.Ue(sequence.height_mbs - 1);
  w.Bits(sequence.frame_mbs_only ? 1 : 0, 1);
  if (!sequence.frame_mbs_only) w.Bits(0, 1);
  w.Bits(1, 1);  // direct_8x8_inference
  w.Bits(sequence.crop ? 1 : 0, 1);
  if (sequence.crop) {
    w.Ue(0);
    w.Ue(1);
    w.Ue(0);
    w.Ue(1);
  }
  w.Bits(0, 1);  // no VUI
  w.Trailing();
  std::vector<uint8_t> out;
  AppendNal(0x67, w.bytes(), &out);
  return out;
}

std::vector<uint8_t> EncodeAvcPcm(const YuvPicture& picture, bool crop) {
  AvcSequence sequence;
  sequence.width_mbs = static_cast<uint32_t>(picture.width_px / 16);
  sequence.height_mbs = static_cast<uint32_t>(picture.height_px / 16);
  sequence.crop = crop;
  std::vector<uint8_t> out = WriteAvcSequence(sequence);
  AppendPictureParameters(&out);
  BitWriter w;
  w.Ue(0);       // first_mb_in_slice
  w.Ue(7);       // I slices only
  w.Ue(0);       // pic_parameter_set_id
  w.Bits(0, 4);  // frame_num
  w.Ue(0);       // idr_pic_id
  w.Bits(0, 2);  // dec_ref_pic_marking
  w.Ue(0);       // slice_qp_delta
  w.Ue(1);       // no deblocking
  for (int32_t y = 0; y < picture.height_px; y += 16) {
    for (int32_t x = 0; x < picture.width_px; x += 16) {
      w.Ue(25);  // I_PCM
      w.AlignZero();
      for (int p = 0; p < 3; ++p) {
        const int shift = p == 0 ? 0 : 1;
        for (int32_t row = 0; row < 16 >> shift; ++row) {
          for (int32_t column = 0; column < 16 >> shift; ++column) {
            w.Byte(picture.At(p, (x >> shift) + column, (y >> shift) + row));
          }
        }
      }
    }
  }
  w.Trailing();
  AppendNal(0x65, w.bytes(), &out);
  return out;
}

std::vector<uint8_t> EncodeAvcRepeat(uint32_t macroblocks, uint32_t frame_num) {
  BitWriter w;
  w.Ue(0);  // first_mb_in_slice
  w.Ue(5);  // P slices only
  w.Ue(0);  // pic_parameter_set_id
  w.Bits(frame_num % 16, 4);
  w.Bits(0, 1);       // as many references as the parameter set says
  w.Bits(0, 1);       // in their own order
  w.Bits(0, 1);       // no marking commands
  w.Ue(0);            // slice_qp_delta
  w.Ue(1);            // no deblocking
  w.Ue(macroblocks);  // skipped
  w.Trailing();
  std::vector<uint8_t> out;
  AppendNal(0x61, w.bytes(), &out);
  return out;
}

AvcViews SplitYuv444(Yuv444Layout layout, const YuvPicture& picture) {
  const int32_t width = picture.width_px, height = picture.height_px;
  AvcViews views = {YuvPicture(width, height), YuvPicture(width, height)};
  YuvPicture& main = views.main;
  YuvPicture& aux = views.aux;
  main.planes[0] = picture.planes[0];  // B1
  for (int c = 1; c <= 2; ++c) {
    for (int32_t y = 0; y < height / 2; ++y) {
      for (int32_t x = 0; x < width / 2; ++x) {  // B2, B3
        const int sum = picture.At(c, 2 * x, 2 * y) + picture.At(c, 2 * x + 1, 2 * y) +
                        picture.At(c, 2 * x, 2 * y + 1) + picture.At(c, 2 * x + 1, 2 * y + 1);
        main.At(c, x, y) = static_cast<uint8_t>(sum / 4);
      }
    }
    if (layout == Yuv444Layout::kV1) {
      for (int32_t mb = 0; mb < height; mb += 16) {
        for (int32_t y = 0; y < 8; ++y) {
          for (int32_t x = 0; x < width; ++x) {  // B4, B5
            aux.At(0, x, mb + (c == 1 ? 0 : 8) + y) = picture.At(c, x, mb + 2 * y + 1);
          }
        }
      }
      for (int32_t y = 0; y < height / 2; ++y) {
        for (int32_t x = 0; x < width / 2; ++x) {  // B6, B7
          aux.At(c, x, y) = picture.At(c, 2 * x + 1, 2 * y);
        }
      }
      continue;
    }
    const int32_t half = c == 1 ? 0 : width / 2, quarter = c == 1 ? 0 : width / 4;
    for (int32_t y = 0; y < height; ++y) {
      for (int32_t x = 0; x < width / 2; ++x) {  // B4, B5
        aux.At(0, half + x, y) = picture.At(c, 2 * x + 1, y);
      }
    }
    for (int32_t y = 0; y < height / 2; ++y) {
      for (int32_t x = 0; x < width / 4; ++x) {  // B6 to B9
        aux.At(1, quarter + x, y) = picture.At(c, 4 * x, 2 * y + 1);
        aux.At(2, quarter + x, y) = picture.At(c, 4 * x + 2, 2 * y + 1);
      }
    }
  }
  return views;
}

std::vector<uint8_t> WriteAvc420Stream(std::span<const Rect> region, ByteView bitstream) {
  std::vector<uint8_t> out;
  AppendU32(static_cast<uint32_t>(region.size()), &out);
  for (const Rect& rect : region) {
    for (const int32_t edge : {rect.x, rect.y, rect.right(), rect.bottom()}) {
      AppendU16(static_cast<uint32_t>(edge), &out);
    }
  }
  for (size_t i = 0; i < region.size(); ++i) AppendU16(0x6416, &out);  // QP 22, quality 100
  Append(bitstream, &out);
  return out;
}

std::vector<uint8_t> WriteAvc444Stream(uint32_t lc, ByteView first, ByteView second) {
  std::vector<uint8_t> out;
  AppendU32(lc << 30 | (lc == 2 ? 0 : static_cast<uint32_t>(first.size())), &out);
  Append(first, &out);
  if (lc == 0) Append(second, &out);
  return out;
}

}  // namespace mullion
