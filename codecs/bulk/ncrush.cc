#include "codecs/bulk/ncrush.h"

#include <algorithm>
#include <cstring>

#include "codecs/bulk/bit_window.h"
#include "codecs/bulk/bulk_flags.h"
#include "codecs/bulk/match_copy.h"
#include "codecs/bulk/ncrush_tables.h"

namespace mullion {
namespace {

constexpr uint32_t kHistorySize = 65536;
constexpr uint32_t kHalf = kHistorySize / 2;

struct Packet {
  uint8_t* history;
  uint8_t* dst;
  uint64_t offset_cache;
  Err err = Err::kMalformed;
  const char* field = "";
  bool ended = false;
};

inline uint32_t Masked(uint64_t bits, unsigned count) {
  return static_cast<uint32_t>(bits & ((uint64_t{1} << count) - 1));
}

inline ncrush::Entry LookUp(uint64_t bits) {
  return ncrush::kLec.first[Masked(bits, ncrush::kLecBits)];
}

// Value of an entry with extra bits; `bits` are those before the entry is consumed.
inline uint32_t EntryValue(ncrush::Entry entry, uint64_t bits) {
  // Counted in a byte and masked in 64 bits, which compilers make one operation of BMI2.
  const uint64_t coded = bits & ((uint64_t{1} << static_cast<uint8_t>(entry)) - 1);
  return (entry >> 16) + static_cast<uint32_t>(coded >> (entry >> 8 & 63));
}

// A match that is longer than 16 bytes, or reaches back past the start: to the zeros at the end,
// from where it may not run on into the start. False if it may not be; *packet says why.
[[gnu::noinline]] bool CopyRareMatch(uint8_t* dst, uint32_t distance, uint32_t length,
                                     Packet* packet) {
  const auto offset = static_cast<uint32_t>(dst - packet->history);
  if (length == ncrush::kNoLength) {
    packet->field = "LengthOfMatch";
    return false;
  }
  if (offset + length > kHistorySize) {
    packet->field = "HistoryOffset";
    return false;
  }
  if (distance <= offset) {
    CopyMatch(dst, distance, length);
    return true;
  }
  if (length > distance - offset) {
    packet->field = "CopyOffset";
    return false;
  }
  std::memset(dst, 0, length);
  return true;
}

// Decodes tokens until end-of-stream, an error (returns false), or the margin's end.
//
// Bit budget. A literal takes at most 13 bits (10 in the first table), a copy-offset 8 + 14, a
// length 9 + 14. Behind a length 56 - 23 = 33 bits of a refilled window remain: enough for a
// copy-offset and the look-up of its length, or for two literals. The chain from one symbol to the
// next is: mask, load, shift. To keep refills out of it, the one of a match happens while its
// length is looked up.
static_assert(56 - ncrush::kMaxLomBits >= ncrush::kMaxOffsetBits + ncrush::kLomBits);
static_assert(56 - ncrush::kMaxLomBits >= 2 * ncrush::kLecBits);
//
// A match of up to 16 bytes is written as 16 without asking how much room is left: dst is at most
// two literals past the limit then, and the next round finds it there.
static_assert(2 + kShortMatch + kShortMatch <= kCopySlack);
template <bool kTail, class Copy>
[[gnu::always_inline]] inline bool DecodeTokens(LsbWindow* in, Packet* packet) {
  LsbWindow window = *in;
  uint8_t* dst = packet->dst;
  uint64_t cache = packet->offset_cache;
  const uint8_t* const history = packet->history;
  const uint8_t* const limit = history + kHistorySize;
  bool ok = true;
  if (kTail || window.bytes_ahead() >= kFastMargin) window.Refill();
  ncrush::Entry entry = LookUp(window.bits);
  while (kTail ? window.bits_left() > 0 : window.bytes_ahead() >= kFastMargin) {
    if (dst > limit) [[unlikely]] {
      packet->field = "HistoryOffset";
      ok = false;
      break;
    }
    uint64_t rest = window.bits >> (entry & 63);
    ncrush::Entry length_entry = ncrush::kLom[Masked(rest, ncrush::kLomBits)];
    if ((entry & ncrush::kLiteral) != 0) {
      *dst++ = static_cast<uint8_t>(entry >> 16);
      window.ConsumeEntry(entry);
      window.Refill();
      const ncrush::Entry next = LookUp(rest);
      if ((next & ncrush::kLiteral) != 0) {
        *dst++ = static_cast<uint8_t>(next >> 16);
        window.ConsumeEntry(next);
        entry = LookUp(window.bits);
        continue;
      }
      if constexpr (kTail) {
        if (window.bits_left() <= 0) break;
      }
      entry = next;
      rest = window.bits >> (entry & 63);
      length_entry = ncrush::kLom[Masked(rest, ncrush::kLomBits)];
    }
    uint32_t distance;
    if ((entry & ncrush::kSpecial) == 0) [[likely]] {
      distance = EntryValue(entry, window.bits);
      window.ConsumeEntry(entry);
      window.Refill();
      cache = cache << 16 | distance;
    } else {
      if (entry >> 16 == ncrush::kLongCode) [[unlikely]] {
        entry = ncrush::kLec.second[Masked(window.bits >> ncrush::kLecBits, ncrush::kLecLongBits)];
        window.ConsumeEntry(entry);
        if ((entry & ncrush::kLiteral) != 0) {
          *dst++ = static_cast<uint8_t>(entry >> 16);
          window.Refill();
          entry = LookUp(window.bits);
          continue;
        }
        // The one copy-offset among the long codes stands for offset 0, which copies nothing.
        packet->ended = (entry & ncrush::kSpecial) != 0;
        packet->field = "CopyOffset";
        ok = packet->ended;
        break;
      }
      // A hit changes places with the latest offset.
      const unsigned shift = 16 * (entry >> 16);
      distance = static_cast<uint32_t>(cache >> shift) & 0xFFFF;
      const uint64_t difference = distance ^ (cache & 0xFFFF);
      cache ^= difference << shift;
      cache ^= difference;
      window.ConsumeEntry(entry);
      window.Refill();
      if (distance == 0) [[unlikely]] {
        packet->field = "CopyOffset";
        ok = false;
        break;
      }
    }
    // The next symbol is looked up before this match is written: what is older in the program goes
    // first where operations compete, and the chain should not wait for the copy.
    const uint64_t length_bits = window.bits;
    window.ConsumeEntry(length_entry);
    entry = LookUp(window.bits);
    const uint32_t length = EntryValue(length_entry, length_bits);
    const bool inside = dst - history >= ptrdiff_t{distance};
    if (inside) [[likely]] {
      Copy::Short(dst, distance);
    }
    if (!inside || length > kShortMatch) [[unlikely]] {
      if (!CopyRareMatch(dst, distance, length, packet)) {
        ok = false;
        break;
      }
    }
    dst += length;
  }
  if (ok && dst > limit) {
    packet->field = "HistoryOffset";
    ok = false;
  }
  *in = window;
  packet->dst = dst;
  packet->offset_cache = cache;
  return ok;
}

template <class Copy>
[[gnu::always_inline]] inline bool DecodePacketWith(ByteView in, Packet* packet) {
  LsbWindow window(in);
  if (!DecodeTokens<false, Copy>(&window, packet)) return false;
  if (packet->ended) return true;
  PaddedTail tail;
  tail.MoveTo(&window);
  if (!DecodeTokens<true, Copy>(&window, packet)) return false;
  if (packet->ended && window.bits_left() >= 0) return true;
  packet->err = Err::kTruncated;
  packet->field = "end of stream";
  return false;
}

// The loop is half shifts by variable counts and masks of variable widths, and a match is one
// shuffle; AVX2 with BMI2 has them as single operations, so it gets a copy of its own.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2,bmi,bmi2"))) bool DecodePacketAvx2(ByteView in, Packet* packet) {
  return DecodePacketWith<ShuffleCopy>(in, packet);
}
bool DecodePacket(ByteView in, Packet* packet) {
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  return avx2 ? DecodePacketAvx2(in, packet) : DecodePacketWith<PatternCopy>(in, packet);
}
#else
bool DecodePacket(ByteView in, Packet* packet) { return DecodePacketWith<PatternCopy>(in, packet); }
#endif

}  // namespace

// The latest 32 KB become the first half; with less than that behind the offset, zeros precede it.
void NcrushInflater::SlideBack() {
  uint8_t* const history = history_.data();
  const uint32_t kept = std::min(offset_, kHalf);
  std::memmove(history + kHalf - kept, history + offset_ - kept, kept);
  std::memset(history, 0, kHalf - kept);
  offset_ = kHalf;
}

Status NcrushInflater::Inflate(uint8_t flags, ByteView in, ByteView* out) {
  *out = in;
  if (!history_.allocated()) {
    if ((flags & kBulkCompressed) == 0) return Ok();
    history_.Allocate(kHistorySize + kCopySlack);
  }
  if ((flags & kBulkFlushed) != 0) {
    offset_ = 0;
    offset_cache_ = 0;
  } else if ((flags & kBulkAtFront) != 0) {
    SlideBack();
  }
  if ((flags & kBulkCompressed) == 0) return Ok();

  *out = {};
  uint8_t* const begin = history_.data() + offset_;
  Packet packet{.history = history_.data(), .dst = begin, .offset_cache = offset_cache_};
  if (!DecodePacket(in, &packet)) return Fail(packet.err, packet.field);
  *out = ByteView(begin, packet.dst);
  offset_ += static_cast<uint32_t>(packet.dst - begin);
  offset_cache_ = packet.offset_cache;
  return Ok();
}

}  // namespace mullion
