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

// Value of an entry with extra bits; `bits` are those before the entry is consumed.
inline uint32_t EntryValue(ncrush::Entry entry, uint64_t bits) {
  return (entry >> 16) + (Masked(bits, entry & 63) >> ((entry >> 8) & 31));
}

// Keeps the compilers from moving look-ups behind the branch that decides which one is used.
inline void MakeNow([[maybe_unused]] ncrush::Entry* a, [[maybe_unused]] ncrush::Entry* b) {
#if defined(__GNUC__)
  asm volatile("" : "+r"(*a), "+r"(*b));
#endif
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

template <bool kTail>
[[gnu::always_inline]] inline bool DecodeTokens(LsbWindow* in, Packet* packet) {
  LsbWindow window = *in;
  uint8_t* dst = packet->dst;
  uint64_t cache = packet->offset_cache;
  const uint8_t* const limit = packet->history + kHistorySize;
  bool ok = true;
  if (kTail || window.bytes_ahead() >= kFastMargin) window.Refill();
  while (kTail ? window.bits_left() > 0 : window.bytes_ahead() >= kFastMargin) {
    if (dst > limit) [[unlikely]] {
      packet->field = "HistoryOffset";
      ok = false;
      break;
    }
    ncrush::Entry entry = ncrush::kLec.first[Masked(window.bits, ncrush::kLecBits)];
    // What comes next, for either kind of symbol: a quarter of the matches follow literals, at
    // random, and a mispredicted branch finds its look-up done.
    uint64_t rest = window.bits >> (entry & 63);
    ncrush::Entry next = ncrush::kLec.first[Masked(rest, ncrush::kLecBits)];
    ncrush::Entry length_entry = ncrush::kLom[Masked(rest, ncrush::kLomBits)];
    MakeNow(&next, &length_entry);
    if ((entry & ncrush::kLiteral) != 0) {
      *dst++ = static_cast<uint8_t>(entry >> 16);
      window.Consume(entry & 63);
      window.Refill();
      if ((next & ncrush::kLiteral) != 0) {
        *dst++ = static_cast<uint8_t>(next >> 16);
        window.Consume(next & 63);
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
      window.Consume(entry & 63);
      window.Refill();
      cache = cache << 16 | distance;
    } else {
      if (entry >> 16 == ncrush::kLongCode) {
        entry = ncrush::kLec.second[Masked(window.bits >> ncrush::kLecBits, ncrush::kLecLongBits)];
      }
      const uint32_t value = entry >> 16;
      window.Consume(entry & 63);
      if ((entry & ncrush::kLiteral) != 0) {
        *dst++ = static_cast<uint8_t>(value);
        window.Refill();
        continue;
      }
      if ((entry & ncrush::kSpecial) == 0 || value == ncrush::kEndOfStream) {
        // The one copy-offset among the long codes stands for offset 0, which copies nothing.
        packet->ended = value == ncrush::kEndOfStream;
        packet->field = "CopyOffset";
        ok = packet->ended;
        break;
      }
      // A hit changes places with the latest offset.
      const unsigned shift = 16 * value;
      distance = static_cast<uint32_t>(cache >> shift) & 0xFFFF;
      const uint64_t difference = distance ^ (cache & 0xFFFF);
      cache ^= difference << shift;
      cache ^= difference;
      window.Refill();
    }
    const uint32_t length = EntryValue(length_entry, window.bits);
    window.Consume(length_entry & 63);
    if (distance == 0 || length == 0 || length > limit - dst) [[unlikely]] {
      packet->field = distance == 0 ? "CopyOffset"
                      : length == 0 ? "LengthOfMatch"
                                    : "HistoryOffset";
      ok = false;
      break;
    }
    const auto offset = static_cast<uint32_t>(dst - packet->history);
    if (distance <= offset) [[likely]] {
      CopyShortMatch(dst, distance, length);
    } else {
      // Back past the start, to the zeros at the end. It may not run on into the start.
      if (length > distance - offset) {
        packet->field = "CopyOffset";
        ok = false;
        break;
      }
      std::memset(dst, 0, length);
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

// The loop is half shifts by variable counts and masks of variable widths; BMI2 has them as single
// operations, so it gets a copy of its own.
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("bmi,bmi2"))) bool DecodeFastBmi2(LsbWindow* window, Packet* packet) {
  return DecodeTokens<false>(window, packet);
}
bool DecodeFast(LsbWindow* window, Packet* packet) {
  if (__builtin_cpu_supports("bmi2")) return DecodeFastBmi2(window, packet);
  return DecodeTokens<false>(window, packet);
}
#else
bool DecodeFast(LsbWindow* window, Packet* packet) { return DecodeTokens<false>(window, packet); }
#endif

bool DecodePacket(ByteView in, Packet* packet) {
  LsbWindow window(in);
  if (!DecodeFast(&window, packet)) return false;
  if (packet->ended) return true;
  PaddedTail tail;
  tail.MoveTo(&window);
  if (!DecodeTokens<true>(&window, packet)) return false;
  if (packet->ended && window.bits_left() >= 0) return true;
  packet->err = Err::kTruncated;
  packet->field = "end of stream";
  return false;
}

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
