#include "codecs/bulk/xcrush.h"

#include <algorithm>
#include <cstring>

#include "codecs/bulk/bulk_flags.h"
#include "codecs/bulk/match_copy.h"

namespace mullion {
namespace {

constexpr uint32_t kHistorySize = 2'000'000;

constexpr uint8_t kL1Compressed = 0x01;
constexpr uint8_t kL1NoCompression = 0x02;
constexpr uint8_t kL1AtFront = 0x04;
constexpr uint8_t kL1InnerCompression = 0x10;

}  // namespace

// Memory traffic: nothing here but copies, each byte read once and written once. They are exact,
// because what stands ahead of the offset is an older part of the history and may be referred to.
Status XcrushInflater::InflateLevel1(uint8_t flags, ByteView in, ByteView* out) {
  if ((flags & kL1AtFront) != 0) offset_ = 0;
  uint8_t* const history = history_.data();
  const uint32_t begin = offset_;
  uint32_t at = begin;

  ByteReader reader(in);
  ByteView literals = in;
  ByteReader matches{ByteView{}};
  uint32_t match_count = 0;
  if ((flags & kL1NoCompression) == 0) {
    if ((flags & kL1Compressed) == 0) return Fail(Err::kMalformed, "Level1ComprFlags");
    match_count = reader.U16("MatchCount");
    matches = ByteReader(reader.Take(size_t{match_count} * 8, "MatchDetails"));
    literals = reader.TakeRest();
    if (!reader.ok()) return reader.status();
  }
  for (uint32_t i = 0; i < match_count; ++i) {
    const uint32_t length = matches.U16("MatchLength");
    const uint32_t output_offset = matches.U16("MatchOutputOffset");
    const uint32_t history_offset = matches.U32("MatchHistoryOffset");
    const size_t field_offset = 2 + size_t{i} * 8;
    if (output_offset < at - begin) {
      return Fail(Err::kMalformed, "MatchOutputOffset", field_offset);
    }
    const uint32_t literal_count = output_offset - (at - begin);
    if (literal_count > literals.size()) return Fail(Err::kTruncated, "Literals", field_offset);
    if (literal_count + length > kHistorySize - at) {
      return Fail(Err::kMalformed, "HistoryOffset", field_offset);
    }
    if (history_offset > kHistorySize || length > kHistorySize - history_offset) {
      return Fail(Err::kMalformed, "MatchHistoryOffset", field_offset);
    }
    if (literal_count > 0) std::memcpy(history + at, literals.data(), literal_count);
    literals = literals.subspan(literal_count);
    at += literal_count;
    CopyMatchExactly(history + at, history + history_offset, length);
    at += length;
    dirty_ = std::max(dirty_, at);
  }
  if (literals.size() > kHistorySize - at) return Fail(Err::kMalformed, "HistoryOffset");
  if (!literals.empty()) std::memcpy(history + at, literals.data(), literals.size());
  at += static_cast<uint32_t>(literals.size());
  dirty_ = std::max(dirty_, at);
  offset_ = at;
  *out = ByteView(history + begin, at - begin);
  return Ok();
}

Status XcrushInflater::Inflate(uint8_t flags, ByteView in, ByteView* out) {
  *out = in;
  if (!history_.allocated()) {
    if ((flags & kBulkCompressed) == 0) return Ok();
    history_.Allocate(kHistorySize);
  }
  if ((flags & kBulkFlushed) != 0) {
    std::memset(history_.data(), 0, dirty_);
    dirty_ = 0;
    offset_ = 0;
  }
  if ((flags & kBulkCompressed) == 0) return Ok();

  *out = {};
  ByteReader reader(in);
  const uint8_t level1_flags = reader.U8("Level1ComprFlags");
  const uint8_t level2_flags = reader.U8("Level2ComprFlags");
  ByteView data = reader.TakeRest();
  if (!reader.ok()) return reader.status();
  if ((level1_flags & kL1InnerCompression) != 0) {
    MULLION_TRY(level2_.Inflate(MppcInflater::Variant::kRdp5, level2_flags, data, &data));
  }
  return InflateLevel1(level1_flags, data, out);
}

}  // namespace mullion
