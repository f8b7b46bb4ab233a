#include "codecs/bulk/zgfx.h"

#include <algorithm>
#include <cstring>

#include "codecs/bulk/bit_window.h"
#include "codecs/bulk/bulk_flags.h"
#include "codecs/bulk/match_copy.h"
#include "codecs/bulk/zgfx_tables.h"

namespace mullion {
namespace {

constexpr uint8_t kSingle = 0xE0;
constexpr uint8_t kMultipart = 0xE1;
constexpr size_t kJoinedKept = 16 * 1024;  // one message in 2.5 MB of them is joined
// 65535 is the longest match: fourteen ones.
constexpr unsigned kMaxOnes = 14;

struct Segment {
  ByteView data;  // the bit stream without its last byte
  ptrdiff_t unused_bits;
  uint8_t* ring;
  size_t lap_end;
  size_t history;
  uint8_t* dst;
  const uint8_t* limit;
  Err err = Err::kMalformed;
  const char* field = "";
};

// A match from the end of the earlier lap; it may run over into the start of the current one.
void CopyFromEarlierLap(const Segment& segment, uint8_t* dst, size_t distance, size_t length) {
  const auto index = static_cast<size_t>(dst - segment.ring);
  const size_t src = segment.lap_end + index - distance;
  const size_t first = std::min(length, segment.lap_end - src);
  // The places may overlap, but every byte is read before its place is written.
  std::memmove(dst, segment.ring + src, first);
  if (first < length) CopyMatch(dst + first, index + first, length - first);
}

// Decodes tokens until the margin's end (or in the tail the stream's end); false on an error.
//
// Bit budget. Most literals are nine bits that begin with 0, so of a refilled window of 56 bits one
// count of leading zeros over every ninth bit says how many of the next six tokens are such; four
// bytes are stored at once and the pointer moves by that number. After a second refill a match
// takes at most 8 + 21 + 30 = 59 bits, of which only lengths from 16384 on (28 bits) do not fit:
// those are rare enough for a third refill.
template <bool kTail>
inline bool DecodeTokens(MsbWindow* in, Segment* segment) {
  MsbWindow window = *in;
  uint8_t* dst = segment->dst;
  bool ok = true;
  while (kTail ? window.bits_left() > segment->unused_bits : window.bytes_ahead() >= kFastMargin) {
    if (dst > segment->limit) [[unlikely]] {
      segment->field = "uncompressed segment";
      ok = false;
      break;
    }
    window.Refill();
    if constexpr (!kTail) {
      constexpr uint64_t kEveryNinth = uint64_t{1} << 63 | uint64_t{1} << 54 | uint64_t{1} << 45 |
                                       uint64_t{1} << 36 | uint64_t{1} << 27;
      const uint64_t w = window.bits;
      const auto run_bits =
          static_cast<unsigned>(std::countl_zero((w & kEveryNinth) | uint64_t{1} << 27));
      const auto four = static_cast<uint32_t>(((w >> 55) & 0xFF) | ((w >> 46) & 0xFF) << 8 |
                                              ((w >> 37) & 0xFF) << 16 | ((w >> 28) & 0xFF) << 24);
      std::memcpy(dst, &four, sizeof(four));
      dst += run_bits * 57 >> 9;
      window.Consume(run_bits);
      window.Refill();
    }
    const zgfx::Entry entry = zgfx::kTable[window.bits >> (64 - zgfx::kTokenBits)];
    if (entry.literal) {
      *dst++ = static_cast<uint8_t>(entry.base);
      window.Consume(entry.bits);
      continue;
    }
    const uint64_t value_mask = (uint64_t{1} << entry.value_bits) - 1;
    const size_t distance = entry.base + ((window.bits >> (63 - entry.bits) >> 1) & value_mask);
    window.Consume(entry.bits);
    if (distance == 0) [[unlikely]] {
      if (entry.bits == 0) {
        segment->field = "token";
        ok = false;
        break;
      }
      // An unencoded run: a count, the rest of the byte, the bytes.
      const auto count = static_cast<size_t>(window.bits >> 49);
      window.Consume(15);
      const ptrdiff_t bytes_left = window.bits_left() >> 3;
      if (static_cast<ptrdiff_t>(count) > bytes_left) {
        segment->err = Err::kTruncated;
        segment->field = "unencoded bytes";
        ok = false;
        break;
      }
      if (dst > segment->limit || count > static_cast<size_t>(segment->limit - dst)) {
        segment->field = "uncompressed segment";
        ok = false;
        break;
      }
      const ByteView rest = segment->data.last(static_cast<size_t>(bytes_left));
      if (count > 0) std::memcpy(dst, rest.data(), count);
      dst += count;
      window = MsbWindow(rest.subspan(count));
      if constexpr (kTail) break;  // the caller pads anew
      continue;
    }
    if (entry.bits > 26) [[unlikely]]
      window.Refill();
    const size_t length = TakeLength(&window, kMaxOnes);
    if (length == 0 || distance > segment->history || dst > segment->limit ||
        length > static_cast<size_t>(segment->limit - dst)) [[unlikely]] {
      segment->field = length == 0                   ? "match length"
                       : distance > segment->history ? "match distance"
                                                     : "uncompressed segment";
      ok = false;
      break;
    }
    if (distance <= static_cast<size_t>(dst - segment->ring)) [[likely]] {
      CopyMatch(dst, distance, length);
    } else {
      CopyFromEarlierLap(*segment, dst, distance, length);
    }
    dst += length;
  }
  *in = window;
  segment->dst = dst;
  return ok;
}

bool DecodeSegment(Segment* segment) {
  MsbWindow window(segment->data);
  do {
    if (!DecodeTokens<false>(&window, segment)) return false;
    // An unencoded run takes the window back to the segment's own bytes, so there may be another
    // round, each with a token less.
    PaddedTail tail;
    tail.MoveTo(&window);
    if (!DecodeTokens<true>(&window, segment)) return false;
  } while (window.bits_left() > segment->unused_bits);
  if (window.bits_left() < segment->unused_bits) {
    segment->err = Err::kTruncated;
    segment->field = "compressed segment";
    return false;
  }
  if (segment->dst > segment->limit) {
    segment->field = "uncompressed segment";
    return false;
  }
  return true;
}

}  // namespace

const ZgfxInflater::Limits& ZgfxInflater::limits() const {
  static constexpr Limits kLimits[2] = {{2'500'000, 65535, kBulkTypeRdp8},
                                        {8192, 8192, kBulkTypeRdp8Lite}};
  return kLimits[static_cast<int>(variant_)];
}

// Room for one more segment, and its wide copies, behind the shortest lap.
size_t ZgfxInflater::ring_size() const {
  return size_t{limits().history} + limits().segment + 2 * kCopySlack;
}

void ZgfxInflater::Trim() {
  // Not `= {}`, which is an assignment of no elements and keeps the memory.
  if (joined_.capacity() > kJoinedKept) joined_ = std::vector<uint8_t>();
}

void ZgfxInflater::Reset() {
  ring_.Free();
  joined_ = std::vector<uint8_t>();
}

Status ZgfxInflater::InflateData(ByteView data, size_t offset, uint8_t* begin, uint8_t** end) {
  if (data.empty()) return Fail(Err::kTruncated, "RDP8_BULK_ENCODED_DATA::data", offset);
  // Its last byte counts the unused bits of the byte before; the upper five bits are reserved.
  const ptrdiff_t unused_bits = data.back() & 7;
  Segment segment{.data = data.first(data.size() - 1),
                  .unused_bits = unused_bits,
                  .ring = ring_.data(),
                  .lap_end = lap_end_,
                  .history = limits().history,
                  .dst = begin,
                  .limit = begin + limits().segment};
  if (segment.data.empty() && unused_bits > 0) {
    return Fail(Err::kTruncated, "compressed segment", offset);
  }
  if (!DecodeSegment(&segment)) return Fail(segment.err, segment.field, offset);
  *end = segment.dst;
  return Ok();
}

// Decodes one RDP8_BULK_ENCODED_DATA to the head of the ring.
Status ZgfxInflater::InflateSegment(ByteView segment, size_t offset, ByteView* out) {
  if (segment.empty()) return Fail(Err::kTruncated, "RDP8_BULK_ENCODED_DATA::header", offset);
  const uint8_t header = segment[0];
  const ByteView data = segment.subspan(1);
  if (head_ + limits().segment + kCopySlack > ring_size()) {
    lap_end_ = head_;
    head_ = 0;
  }
  uint8_t* const begin = ring_.data() + head_;
  uint8_t* end = begin;
  if ((header & kBulkCompressed) == 0) {
    if (data.size() > limits().segment) {
      return Fail(Err::kMalformed, "uncompressed segment", offset);
    }
    if (!data.empty()) std::memcpy(begin, data.data(), data.size());
    end += data.size();
  } else {
    if ((header & kBulkTypeMask) != limits().type) {
      return Fail(Err::kUnsupported, "RDP8_BULK_ENCODED_DATA::header", offset);
    }
    MULLION_TRY(InflateData(data, offset + 1, begin, &end));
  }
  head_ += static_cast<size_t>(end - begin);
  *out = ByteView(begin, end);
  return Ok();
}

Status ZgfxInflater::InflateSegments(ByteReader* reader, uint32_t count, size_t size,
                                     ByteView* out) {
  // As long as no lap ends, the segments stand one behind the other in the ring.
  const uint8_t* begin = nullptr;
  size_t total = 0;
  bool joining = false;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t segment_size = reader->U32("RDP_DATA_SEGMENT::size");
    const size_t offset = reader->offset();
    const ByteView segment = reader->Take(segment_size, "RDP_DATA_SEGMENT::bulkData");
    if (!reader->ok()) return reader->status();
    // Joins as soon as this segment might begin a new lap, while the old one is untouched.
    if (!joining && i > 0 && head_ + limits().segment + kCopySlack > ring_size()) {
      joined_.assign(begin, begin + total);
      joining = true;
    }
    ByteView bytes;
    MULLION_TRY(InflateSegment(segment, offset, &bytes));
    if (bytes.size() > size - total) return Fail(Err::kMalformed, "uncompressedSize", 3);
    if (i == 0) begin = bytes.data();
    if (joining) joined_.insert(joined_.end(), bytes.begin(), bytes.end());
    total += bytes.size();
  }
  if (total != size) return Fail(Err::kMalformed, "uncompressedSize", 3);
  *out = joining ? ByteView(joined_) : ByteView(begin, total);
  return Ok();
}

Status ZgfxInflater::Inflate(ByteView in, size_t max_size, ByteView* out) {
  *out = {};
  joined_.clear();
  Trim();
  if (!ring_.allocated()) {
    ring_.Allocate(ring_size());
    head_ = 0;
    // Before the first lap there are zeros.
    lap_end_ = ring_size();
  }
  ByteReader reader(in);
  const uint8_t descriptor = reader.U8("RDP_SEGMENTED_DATA::descriptor");
  if (!reader.ok()) return reader.status();
  if (descriptor == kSingle) {
    ByteView bytes;
    MULLION_TRY(InflateSegment(reader.TakeRest(), 1, &bytes));
    if (bytes.size() > max_size) return Fail(Err::kLimit, "uncompressed segment", 1);
    *out = bytes;
    return Ok();
  }
  if (descriptor != kMultipart) {
    return Fail(Err::kMalformed, "RDP_SEGMENTED_DATA::descriptor", 0);
  }
  const uint32_t count = reader.U16("segmentCount");
  const uint32_t size = reader.U32("uncompressedSize");
  if (!reader.ok()) return reader.status();
  if (size > max_size) return Fail(Err::kLimit, "uncompressedSize", 3);
  return InflateSegments(&reader, count, size, out);
}

Status ZgfxInflater::Inflate(ByteView in, size_t max_size, std::vector<uint8_t>* out) {
  ByteView bytes;
  MULLION_TRY(Inflate(in, max_size, &bytes));
  out->insert(out->end(), bytes.begin(), bytes.end());
  return Ok();
}

}  // namespace mullion
