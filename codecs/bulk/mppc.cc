#include "codecs/bulk/mppc.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/bulk/bit_window.h"
#include "codecs/bulk/bulk_flags.h"
#include "codecs/bulk/match_copy.h"

namespace mullion {
namespace {

constexpr uint32_t kSizes[2] = {8192, 65536};
// Ones that may lead a length: 8191 is the longest match of RDP 4.0, 65535 of RDP 5.0.
constexpr unsigned kMaxOnes[2] = {11, 14};

struct OffsetCode {
  uint8_t bits;  // prefix and value
  uint16_t base;
  uint32_t mask;
};
using OffsetTable = std::array<OffsetCode, 32>;

// Indexed by the first five bits of a token, of which only those from 11000 on are copy-offsets.
consteval OffsetTable MakeOffsetTable(bool rdp5) {
  OffsetTable table{};
  for (unsigned top = 0b11000; top < 32; ++top) {
    if (rdp5) {
      table[top] = top < 0b11100   ? OffsetCode{19, 2368, 0xFFFF}
                   : top < 0b11110 ? OffsetCode{15, 320, 0x7FF}
                   : top < 0b11111 ? OffsetCode{13, 64, 0xFF}
                                   : OffsetCode{11, 0, 0x3F};
    } else {
      table[top] = top < 0b11100   ? OffsetCode{16, 320, 0x1FFF}
                   : top < 0b11110 ? OffsetCode{12, 64, 0xFF}
                                   : OffsetCode{10, 0, 0x3F};
    }
  }
  return table;
}
constexpr OffsetTable kOffsetTables[2] = {MakeOffsetTable(false), MakeOffsetTable(true)};

// Decodes tokens to `dst` and returns its new end, or null with *field set.
//
// Bit budget. Literals below 0x80 are whole bytes with a clear first bit, so a refilled window
// holds up to seven of them, and one count of leading zeros over the bytes' first bits says how
// many: eight bytes are stored at once and the pointer moves by that number. Other literals take 9
// bits. After a second refill a copy takes at most 19 + 30 = 49 of 56 bits. So an iteration is one
// run of ASCII and one other token, with two refills, which kFastMargin covers.
// A match may begin at the end of the history and may not run on into its start: no encoder emits
// that, and the peers read something else each.
// In the tail the zero padding would be taken for literals, so the run is cut at bits_left().
template <int kVariant, bool kTail>
inline uint8_t* DecodeTokens(MsbWindow* in, uint8_t* dst, const uint8_t* limit,
                             const char** field) {
  MsbWindow window = *in;
  while (kTail ? window.bits_left() >= 8 : window.bytes_ahead() >= kFastMargin) {
    window.Refill();
    const auto set = (window.bits & 0x8080808080808080u) | 1;
    auto run = static_cast<unsigned>(std::countl_zero(set)) >> 3;
    if constexpr (kTail) {
      run = std::min(run, static_cast<unsigned>(std::min<ptrdiff_t>(window.bits_left() >> 3, 7)));
    }
    StoreLittle64(dst, __builtin_bswap64(window.bits));
    dst += run;
    window.Consume(8 * run);
    if (dst > limit) [[unlikely]] {
      *field = "HistoryOffset";
      return nullptr;
    }
    if constexpr (kTail) {
      if (window.bits_left() < 8) break;
    }
    window.Refill();
    if ((window.bits >> 62) != 3) {
      if ((window.bits >> 62) != 2) continue;  // the run filled the window
      *dst++ = static_cast<uint8_t>(0x80 | ((window.bits >> 55) & 0x7F));
      window.Consume(9);
      continue;
    }
    const OffsetCode code = kOffsetTables[kVariant][window.bits >> 59];
    uint32_t distance =
        code.base + (static_cast<uint32_t>(window.bits >> (64 - code.bits)) & code.mask);
    window.Consume(code.bits);
    const uint32_t length = TakeLength(&window, kMaxOnes[kVariant]);
    // The offsets wrap, so 0 is as far back as the whole history.
    distance = ((distance - 1) & (kSizes[kVariant] - 1)) + 1;
    if (length == 0 || length > static_cast<size_t>(limit - dst)) [[unlikely]] {
      *field = length == 0 ? "LengthOfMatch" : "HistoryOffset";
      return nullptr;
    }
    const auto offset = static_cast<size_t>(dst - limit + kSizes[kVariant]);
    if (distance > offset && length > distance - offset) [[unlikely]] {
      *field = "CopyOffset";
      return nullptr;
    }
    CopyMatch(dst, distance, length);
    dst += length;
  }
  *in = window;
  if (dst > limit) {
    *field = "HistoryOffset";
    return nullptr;
  }
  return dst;
}

template <int kVariant>
uint8_t* DecodePacket(ByteView in, uint8_t* dst, const uint8_t* limit, Err* err,
                      const char** field) {
  MsbWindow window(in);
  *err = Err::kMalformed;
  dst = DecodeTokens<kVariant, false>(&window, dst, limit, field);
  if (dst == nullptr) return nullptr;
  PaddedTail tail;
  tail.MoveTo(&window);
  dst = DecodeTokens<kVariant, true>(&window, dst, limit, field);
  if (dst != nullptr && window.bits_left() < 0) {
    *err = Err::kTruncated;
    *field = "compressed data";
    return nullptr;
  }
  return dst;
}

}  // namespace

void MppcInflater::Lap::Fold(uint32_t offset) {
  std::memcpy(earlier(), current(), offset);
  dirty = std::max(dirty, offset);
}

void MppcInflater::Lap::Clear() {
  std::memset(earlier(), 0, dirty);
  dirty = 0;
}

void MppcInflater::Switch(Variant variant) {
  Lap& from = laps_[static_cast<int>(variant_)];
  Lap& to = laps_[static_cast<int>(variant)];
  variant_ = variant;
  if (from.bytes.allocated()) {
    from.Fold(offset_);
    std::memcpy(to.earlier(), from.earlier(), kSizes[0]);
    to.dirty = std::max(to.dirty, kSizes[0]);
  }
}

Status MppcInflater::Prepare(Variant variant, uint8_t flags) {
  Lap& lap = laps_[static_cast<int>(variant)];
  if (!lap.bytes.allocated()) {
    lap.size = kSizes[static_cast<int>(variant)];
    lap.bytes.Allocate(size_t{2} * lap.size + kCopySlack);
  }
  const bool switched = variant != variant_;
  if (switched) {
    Switch(variant);
  } else if ((flags & (kBulkAtFront | kBulkFlushed)) != 0) {
    lap.Fold(offset_);
  }
  if ((flags & kBulkFlushed) != 0) lap.Clear();
  if ((flags & (kBulkAtFront | kBulkFlushed)) != 0) offset_ = 0;
  if (offset_ > lap.size) {
    offset_ = lap.size;
    return Fail(Err::kState, "HistoryOffset");
  }
  if (switched) std::memcpy(lap.current(), lap.earlier(), offset_);
  return Ok();
}

Status MppcInflater::Inflate(Variant variant, uint8_t flags, ByteView in, ByteView* out) {
  *out = in;
  if ((flags & kBulkCompressed) == 0 && ((flags & (kBulkAtFront | kBulkFlushed)) == 0 ||
                                         !laps_[static_cast<int>(variant_)].bytes.allocated())) {
    return Ok();
  }
  MULLION_TRY(Prepare(variant, flags));
  if ((flags & kBulkCompressed) == 0) return Ok();

  const Lap& lap = laps_[static_cast<int>(variant)];
  uint8_t* const begin = lap.current() + offset_;
  const uint8_t* const limit = lap.current() + lap.size;
  Err err;
  const char* field = "";
  const uint8_t* const end = variant == Variant::kRdp4
                                 ? DecodePacket<0>(in, begin, limit, &err, &field)
                                 : DecodePacket<1>(in, begin, limit, &err, &field);
  *out = {};
  if (end == nullptr) return Fail(err, field);
  *out = ByteView(begin, end);
  offset_ += static_cast<uint32_t>(end - begin);
  return Ok();
}

}  // namespace mullion
