#include "tests/support/interleaved_plain.h"

#include <algorithm>
#include <cstddef>

namespace mullion {
namespace {

class PlainDecoder {
 public:
  PlainDecoder(ByteView in, int bits_per_pixel, size_t width, size_t height)
      : in_(in), bpp_(bits_per_pixel), width_(width), pels_(width * height) {}

  bool Decode() {
    uint32_t foreground = White();
    bool insert = false, first_line = true;
    while (ok_ && at_ < in_.size()) {
      if (first_line && done_ >= width_) first_line = insert = false;
      const unsigned header = Byte();
      const unsigned code = header < 0xA0   ? header >> 5
                            : header < 0xC0 ? 0xFF
                            : header < 0xF0 ? header >> 4
                                            : header;
      const size_t count = Length(code, header);
      if (code == 0x0 || code == 0xF0) {
        size_t left = count;
        if (insert) {
          if (left == 0) return false;
          Put(Above(first_line) ^ foreground);
          --left;
        }
        while (left-- > 0 && ok_) Put(Above(first_line));
        insert = true;
        continue;
      }
      insert = false;
      if (code == 0xC || code == 0xF6 || code == 0xD || code == 0xF7) foreground = Pel();
      if (code == 0x1 || code == 0xF1 || code == 0xC || code == 0xF6) {
        for (size_t i = 0; i < count && ok_; ++i) Put(Above(first_line) ^ foreground);
      } else if (code == 0xE || code == 0xF8) {
        const uint32_t a = Pel(), b = Pel();
        for (size_t i = 0; i < count && ok_; ++i) Put(a), Put(b);
      } else if (code == 0x3 || code == 0xF3) {
        const uint32_t a = Pel();
        for (size_t i = 0; i < count && ok_; ++i) Put(a);
      } else if (code == 0x2 || code == 0xF2 || code == 0xD || code == 0xF7) {
        for (size_t i = 0; i < count && ok_; i += 8) {
          FgBg(first_line, Byte(), foreground, std::min<size_t>(8, count - i));
        }
      } else if (code == 0x4 || code == 0xF4) {
        for (size_t i = 0; i < count && ok_; ++i) Put(Pel());
      } else if (code == 0xF9) {
        FgBg(first_line, 0x03, foreground, 8);
      } else if (code == 0xFA) {
        FgBg(first_line, 0x05, foreground, 8);
      } else if (code == 0xFD) {
        Put(White());
      } else if (code == 0xFE) {
        Put(0);
      } else {
        return false;
      }
    }
    return ok_ && at_ > 0;  // pixels that no order reached stay black
  }

  std::vector<uint8_t> Pixels() const {
    std::vector<uint8_t> bytes;
    for (const uint32_t pel : pels_) {
      for (int b = 0; b < bpp_; b += 8) bytes.push_back(static_cast<uint8_t>(pel >> b));
    }
    return bytes;
  }

  size_t reached() const { return done_; }

 private:
  uint32_t White() const { return bpp_ == 8 ? 0xFF : bpp_ == 24 ? 0xFFFFFF : 0xFFFF; }
  unsigned Byte() {
    if (at_ >= in_.size()) ok_ = false;
    return ok_ ? in_[at_++] : 0u;
  }
  uint32_t Pel() {
    uint32_t pel = 0;
    for (int b = 0; b < bpp_; b += 8) pel |= static_cast<uint32_t>(Byte()) << b;
    return pel;
  }
  size_t Length(unsigned code, unsigned header) {
    if (code >= 0xF0) {
      if (code >= 0xF9) return 1;
      const unsigned low = Byte();
      return low | Byte() << 8;
    }
    const unsigned field = header & (code >= 0xC ? 0x0F : 0x1F);
    if (code == 0x2 || code == 0xD) return field != 0 ? field * 8 : Byte() + 1;
    return field != 0 ? field : Byte() + (code >= 0xC ? 16 : 32);
  }
  uint32_t Above(bool first_line) const {
    return first_line || done_ < width_ || done_ >= pels_.size() ? 0 : pels_[done_ - width_];
  }
  void Put(uint32_t pel) {
    if (done_ >= pels_.size()) ok_ = false;
    if (ok_) pels_[done_++] = pel;
  }
  void FgBg(bool first_line, unsigned bits, uint32_t foreground, size_t count) {
    for (size_t i = 0; i < count && ok_; ++i) {
      Put(Above(first_line) ^ (bits >> i & 1 ? foreground : 0));
    }
  }

  ByteView in_;
  int bpp_;
  size_t width_;
  std::vector<uint32_t> pels_;
  size_t at_ = 0;
  size_t done_ = 0;
  bool ok_ = true;
};

}  // namespace

bool DecodeInterleavedPlain(ByteView in, int bits_per_pixel, int width, int height,
                            std::vector<uint8_t>* pixels, size_t* reached) {
  PlainDecoder decoder(in, bits_per_pixel, static_cast<size_t>(width), static_cast<size_t>(height));
  const bool ok = decoder.Decode();
  *pixels = decoder.Pixels();
  if (reached != nullptr) *reached = decoder.reached();
  return ok;
}

std::vector<uint8_t> RandomInterleavedStream(std::mt19937* random, int bits_per_pixel, int width,
                                             int height) {
  std::vector<uint8_t> out;
  const auto pick = [&](size_t n) { return static_cast<size_t>((*random)()) % n; };
  const auto byte = [&](size_t v) { out.push_back(static_cast<uint8_t>(v)); };
  const auto pel = [&] {
    const size_t kind = pick(3);
    for (int b = 0; b < bits_per_pixel; b += 8) byte(kind == 0 ? 0 : kind == 1 ? 0x5A : pick(256));
  };
  const auto bits = [&](size_t count) {
    for (size_t i = 0; i < count; i += 8) byte(pick(256));
  };
  size_t left = static_cast<size_t>(width) * static_cast<size_t>(height);
  while (left > 0) {
    // Short runs mostly, now and then one over several rows or to the end.
    const size_t reach = pick(4) == 0 ? 600 : pick(3) == 0 ? 70 : 12;
    const size_t count = pick(200) == 0 ? left : std::min(left, 1 + pick(reach));
    const bool mega_mega = count > 0xFFFF ? false : pick(4) == 0;
    const auto header = [&](unsigned code, unsigned mega_code, bool lite) {
      const size_t top = lite ? 15 : 31;
      if (mega_mega || count > top + 1 + 255) {
        byte(mega_code), byte(count & 0xFF), byte(count >> 8);
      } else if (count <= top && count > 0) {
        byte(code << (lite ? 4 : 5) | count);
      } else {
        byte(code << (lite ? 4 : 5)), byte(count - top - 1);
      }
    };
    const auto image_header = [&](unsigned code, unsigned mega_code, bool lite) {
      const size_t top = lite ? 15 : 31;
      if (mega_mega || (count > 256 && count % 8 != 0) || (count % 8 == 0 && count / 8 > top)) {
        byte(mega_code), byte(count & 0xFF), byte(count >> 8);
      } else if (count % 8 == 0) {
        byte(code << (lite ? 4 : 5) | count / 8);
      } else {
        byte(code << (lite ? 4 : 5)), byte(count - 1);
      }
    };
    if (count > 0xFFFF) {  // one colour in steps
      byte(0xF3), byte(0xFF), byte(0xFF), pel();
      left -= 0xFFFF;
      continue;
    }
    size_t taken = count;
    switch (pick(12)) {
      case 0:
      case 1:
        header(0x0, 0xF0, false);
        break;
      case 2:
        header(0x1, 0xF1, false);
        break;
      case 3:
        header(0xC, 0xF6, true), pel();
        break;
      case 4:
        if (count % 2 != 0) continue;
        if (mega_mega || count / 2 > 15 + 256) {
          byte(0xF8), byte(count / 2 & 0xFF), byte(count / 2 >> 8);
        } else if (count / 2 <= 15) {
          byte(0xE0 | count / 2);
        } else {
          byte(0xE0), byte(count / 2 - 16);
        }
        pel(), pel();
        break;
      case 5:
        header(0x3, 0xF3, false), pel();
        break;
      case 6:
        image_header(0x2, 0xF2, false), bits(count);
        break;
      case 7:
        image_header(0xD, 0xF7, true), pel(), bits(count);
        break;
      case 8:
        header(0x4, 0xF4, false);
        for (size_t i = 0; i < count; ++i) pel();
        break;
      case 9:
      case 10:
        if (left < 8) continue;
        taken = 8;
        byte(pick(2) == 0 ? 0xF9 : 0xFA);
        break;
      default:
        taken = 1;
        byte(pick(2) == 0 ? 0xFD : 0xFE);
        break;
    }
    left -= taken;
  }
  return out;
}

}  // namespace mullion
