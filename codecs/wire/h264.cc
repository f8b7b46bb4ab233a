#include "codecs/wire/h264.h"

#include <algorithm>
#include <cstring>

namespace mullion {
namespace {

// The first byte behind the next start code 00 00 01, or nothing.
ByteView BehindStartCode(ByteView bytes) {
  for (size_t i = 2; i < bytes.size();) {
    const void* one = std::memchr(bytes.data() + i, 1, bytes.size() - i);
    if (one == nullptr) break;
    i = static_cast<size_t>(static_cast<const uint8_t*>(one) - bytes.data());
    if (bytes[i - 1] == 0 && bytes[i - 2] == 0) return bytes.subspan(i + 1);
    ++i;
  }
  return {};
}

// Bits of an RBSP: emulation prevention bytes are left out. The first failure is kept.
class RbspReader {
 public:
  explicit RbspReader(ByteView nal) : nal_(nal) {}

  uint32_t Bit(const char* field) {
    if (bits_left_ == 0 && !NextByte(field)) return 0;
    return byte_ >> --bits_left_ & 1;
  }
  uint32_t Bits(int count, const char* field) {
    uint32_t value = 0;
    while (count-- > 0) value = value << 1 | Bit(field);
    return value;
  }
  // ue(v), at most `max`.
  uint32_t Ue(uint32_t max, const char* field) {
    int zeros = 0;
    while (status_.ok() && Bit(field) == 0) {
      if (++zeros == 32) return Bad(field);
    }
    const uint64_t value = (uint64_t{1} << zeros) - 1 + Bits(zeros, field);
    return status_.ok() && value <= max ? static_cast<uint32_t>(value) : Bad(field);
  }
  int32_t Se(const char* field) {
    const uint32_t code = Ue(0xFFFFFFFE, field);
    const int32_t half = static_cast<int32_t>(code / 2);
    return code % 2 != 0 ? half + 1 : -half;
  }
  // se(v), within a signed byte.
  int32_t SmallSe(const char* field) {
    const int32_t value = Se(field);
    return value >= -128 && value <= 127 ? value : static_cast<int32_t>(Bad(field));
  }
  Status status() const { return status_; }

 private:
  bool NextByte(const char* field) {
    if (zeros_ >= 2 && at_ < nal_.size() && nal_[at_] == 3) {
      ++at_;
      zeros_ = 0;
    }
    if (!status_.ok()) return false;
    if (at_ >= nal_.size()) {
      status_ = Fail(Err::kTruncated, field, at_);
      return false;
    }
    byte_ = nal_[at_++];
    zeros_ = byte_ == 0 ? zeros_ + 1 : 0;
    bits_left_ = 8;
    return true;
  }
  uint32_t Bad(const char* field) {
    if (status_.ok()) status_ = Fail(Err::kMalformed, field, at_);
    return 0;
  }

  ByteView nal_;
  size_t at_ = 0;
  int zeros_ = 0;
  unsigned byte_ = 0;
  int bits_left_ = 0;
  Status status_;
};

void SkipScalingList(int size, RbspReader* reader) {
  int32_t last = 8, next = 8;
  for (int i = 0; i < size && reader->status().ok(); ++i) {
    if (next != 0) next = (last + reader->SmallSe("delta_scale")) & 255;
    if (next != 0) last = next;
  }
}

void ReadHighProfileFields(RbspReader* reader, H264Sequence* out) {
  out->chroma_format = reader->Ue(3, "chroma_format_idc");
  if (out->chroma_format == 3) reader->Bit("separate_colour_plane_flag");
  const uint32_t luma = reader->Ue(6, "bit_depth_luma_minus8");
  const uint32_t chroma = reader->Ue(6, "bit_depth_chroma_minus8");
  out->bit_depth = 8 + std::max(luma, chroma);
  reader->Bit("qpprime_y_zero_transform_bypass_flag");
  if (reader->Bit("seq_scaling_matrix_present_flag") == 0) return;
  const int lists = out->chroma_format == 3 ? 12 : 8;
  for (int i = 0; i < lists; ++i) {
    if (reader->Bit("seq_scaling_list_present_flag") != 0) SkipScalingList(i < 6 ? 16 : 64, reader);
  }
}

void SkipPictureOrder(RbspReader* reader) {
  const uint32_t type = reader->Ue(2, "pic_order_cnt_type");
  if (type == 0) {
    reader->Ue(12, "log2_max_pic_order_cnt_lsb_minus4");
  } else if (type == 1) {
    reader->Bit("delta_pic_order_always_zero_flag");
    reader->Se("offset_for_non_ref_pic");
    reader->Se("offset_for_top_to_bottom_field");
    const uint32_t count = reader->Ue(255, "num_ref_frames_in_pic_order_cnt_cycle");
    for (uint32_t i = 0; i < count; ++i) reader->Se("offset_for_ref_frame");
  }
}

}  // namespace

H264NalUnits::H264NalUnits(ByteView annex_b) : rest_(BehindStartCode(annex_b)) {}

bool H264NalUnits::Next(ByteView* nal) {
  while (!rest_.empty()) {
    const ByteView next = BehindStartCode(rest_);
    // Up to the next start code; the first zero of one with four bytes is left on.
    *nal = next.data() == nullptr ? rest_ : rest_.first(rest_.size() - next.size() - 3);
    rest_ = next;
    if (!nal->empty()) return true;
  }
  return false;
}

Status ParseH264Sequence(ByteView nal, H264Sequence* out) {
  *out = H264Sequence();
  RbspReader reader(nal);
  reader.Bits(8, "nal_unit_type");
  const uint32_t profile = reader.Bits(8, "profile_idc");
  reader.Bits(16, "level_idc");
  reader.Ue(31, "seq_parameter_set_id");
  switch (profile) {
    case 66:  // Baseline, Main, Extended
    case 77:
    case 88:
      break;
    case 100:  // High, High 10, High 4:2:2, High 4:4:4 Predictive, CAVLC 4:4:4 Intra
    case 110:
    case 122:
    case 244:
    case 44:
      ReadHighProfileFields(&reader, out);
      break;
    default:
      MULLION_TRY(reader.status());
      return Fail(Err::kUnsupported, "profile_idc", 1);
  }
  reader.Ue(12, "log2_max_frame_num_minus4");
  SkipPictureOrder(&reader);
  out->reference_frames = reader.Ue(16, "max_num_ref_frames");
  reader.Bit("gaps_in_frame_num_value_allowed_flag");
  constexpr uint32_t kMaxMbs = 1055;  // of level 6.2, the largest (A.3.1)
  out->width_mbs = 1 + reader.Ue(kMaxMbs - 1, "pic_width_in_mbs_minus1");
  out->height_mbs = 1 + reader.Ue(kMaxMbs - 1, "pic_height_in_map_units_minus1");
  if (reader.Bit("frame_mbs_only_flag") == 0) out->height_mbs *= 2;
  return reader.status();
}

}  // namespace mullion
